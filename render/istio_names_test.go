package render_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/internal/istiotest"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/render"
)

// meshObject is what tests look at of an object.
type meshObject struct {
	Kind     string
	Metadata struct {
		Name, Namespace string
		Labels          map[string]string
	}
	Spec struct {
		Hosts []string
		Host  string
	}
}

func (o meshObject) id() string { return o.Kind + "/" + o.Metadata.Namespace + "/" + o.Metadata.Name }

func meshObjects(t *testing.T, text string) (all []meshObject) {
	t.Helper()
	for documents := yaml.NewDecoder(strings.NewReader(text)); ; {
		var o meshObject
		err := documents.Decode(&o)
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		all = append(all, o)
	}
}

// leftOver is the selector of the step that deletes the upstreams of the file before.
var leftOver = regexp.MustCompile(`-l app\.kubernetes\.io/component=(\S+),app\.kubernetes\.io/version!=(\S+)`)

// Two renderings in one namespace are two: no object of one has the name of one of the other's, no
// host that it makes known is the other's, and what deletes the upstreams that one has left over
// deletes none of the other's.
func TestTwoInOneNamespace(t *testing.T) {
	// One of the names below begins another, and these providers fill the difference.
	providers := strings.NewReplacer("openai_two:", "a-b:", "openai-two:", "b:")
	of := map[string]*policy.Policy{"full": parsed(t, providers.Replace(meshPolicy)), "plugin": parsed(t, pluginPolicy)}
	options := map[string]render.IstioOptions{"full": fullOptions(), "plugin": pluginOptions()}
	for shape, o := range options {
		t.Run(shape, func(t *testing.T) {
			ids, hosts := map[string]string{}, map[string]string{}
			components := map[string]string{}
			for _, name := range []string{"", "sluice-a", "sluice-companion", "a", strings.Repeat("n", 53)} {
				o.Name = name
				p := of[shape]
				p.Companion.Endpoint = o.CompanionService()
				text := istio(t, p, o)
				said, good := istiotest.Validate(t, text)
				require.True(t, good, "%q:\n%s", name, said)
				component := ""
				if shape == "full" {
					found := leftOver.FindStringSubmatch(text)
					require.NotNil(t, found, "the step that deletes")
					component = found[1]
					require.NotContains(t, components, component)
					components[component] = name
				}
				for _, object := range meshObjects(t, text) {
					other, is := ids[object.id()]
					require.False(t, is, "%s is of %q and of %q", object.id(), other, name)
					ids[object.id()] = name
					if object.Kind == "ServiceEntry" {
						for _, host := range object.Spec.Hosts {
							require.NotContains(t, hosts, host, "of %q", name)
							hosts[host] = name
						}
					}
					if of := object.Metadata.Labels["app.kubernetes.io/component"]; of != "" {
						require.Equal(t, component, of)
					}
					if object.Kind == "Service" {
						require.LessOrEqual(t, len(object.Metadata.Name), 63)
					}
				}
			}
		})
	}
}

// The hosts that a rendering with a name makes up are where the providers are, and prove to be them.
func TestMadeUpHosts(t *testing.T) {
	o := pluginOptions()
	o.Name = "team-a"
	text := istio(t, parsed(t, pluginPolicy), o)
	const host = "openai-31c226e5.team-a.external"
	require.Contains(t, text, "  hosts:\n    - "+host+"\n")
	require.Contains(t, text, "  resolution: DNS\n  endpoints:\n    - {address: api.openai.com}\n")
	require.Contains(t, text, "  host: "+host+"\n")
	require.Contains(t, text, "      sni: api.openai.com\n")
	require.Contains(t, text, "            host: "+host+"\n            port: {number: 443}\n")
	require.Contains(t, text, "        authority: api.openai.com\n")

	o.Gateways = nil
	text = istio(t, parsed(t, pluginPolicy), o)
	require.Contains(t, text, "  hosts:\n    - api.openai.com\n", "without a route of ours it is callers who name the host")
	require.NotContains(t, text, ".external")

	full := fullOptions()
	full.Name, full.CompanionImage = "team-a", ""
	text = istio(t, parsed(t, meshPolicy), full)
	require.Contains(t, text, "  resolution: STATIC\n  endpoints:\n    - {address: 10.0.0.7}\n")
}

// A rendering's route, and what is in its pods for that route, have its name: at the pods of
// another it is the 503 that a route without its filter is.
func TestTheNameOfTheRoute(t *testing.T) {
	o := fullOptions()
	o.Name = "team-a"
	text := istio(t, parsed(t, meshPolicy), o)
	require.Contains(t, text, "route: {name: team-a}")
	require.Contains(t, text, `xds.route_name == "team-a"`)
	require.Contains(t, text, "sidecar.istio.io/bootstrapOverride: team-a-bootstrap")
	require.NotRegexp(t, `(?m)^\s+(- )?name: sluice$`, strings.ReplaceAll(text, "name: sluice\n          ", ""), "but for the filter's own")
}

func TestBadNames(t *testing.T) {
	for want, change := range map[string]func(*render.IstioOptions){
		`name: "Team": want small letters`:                              func(o *render.IstioOptions) { o.Name = "Team" },
		`name: "1st": want small letters, digits and -, a letter first`: func(o *render.IstioOptions) { o.Name = "1st" },
		`name: "a-": want`:       func(o *render.IstioOptions) { o.Name = "a-" },
		`name: "a.b": want`:      func(o *render.IstioOptions) { o.Name = "a.b" },
		`and at most 53 of them`: func(o *render.IstioOptions) { o.Name = strings.Repeat("a", 54) },
		`selector: "a=2": there is a=1 already, and a pod has one value of a label`: func(o *render.IstioOptions) { o.Selector = []string{"a=1", "a=2"} },
		`selector: "a=b c": want a label of the pods, NAME=VALUE`:                   func(o *render.IstioOptions) { o.Selector = []string{"x=y", "a=b c"} },
		`selector: "istio=edge/x": want`:                                            func(o *render.IstioOptions) { o.Selector = []string{"istio=edge/x"} },
		`selector: "a_=b": want`:                                                    func(o *render.IstioOptions) { o.Selector = []string{"a_=b"} },
		`selector: "istio=": the label has no value`:                                func(o *render.IstioOptions) { o.Selector = []string{"istio="} },
		`gateway: mesh is Istio's word for all sidecars`:                            func(o *render.IstioOptions) { o.Gateways = []string{"mesh"} },
		`host: a.example is named twice`:                                            func(o *render.IstioOptions) { o.Hosts = []string{"a.example", "b.example", "a.example"} },
		`host: * has a.example in it already`:                                       func(o *render.IstioOptions) { o.Hosts = []string{"*", "a.example"} },
		`host: *.example.com has a.example.com in it already, and Istio takes no VirtualService with both; leave a.example.com out`: func(o *render.IstioOptions) {
			o.Hosts = []string{"a.example.com", "*.example.com"}
		},
		`host: *.example.com has *.llm.example.com in it already`: func(o *render.IstioOptions) { o.Hosts = []string{"*.example.com", "*.llm.example.com"} },
		`path: "/v1/*": it is the beginning of paths, in which *`: func(o *render.IstioOptions) { o.Paths = []string{"/v1/*"} },
		`selector: "=b": want`:                                func(o *render.IstioOptions) { o.Selector = []string{"=b"} },
		`selector: "": want`:                                  func(o *render.IstioOptions) { o.Selector = []string{"a=b", ""} },
		`selector: "A.example/b=c": want`:                     func(o *render.IstioOptions) { o.Selector = []string{"A.example/b=c"} },
		`selector: "a/b/c=d": want`:                           func(o *render.IstioOptions) { o.Selector = []string{"a/b/c=d"} },
		`selector: "a=` + strings.Repeat("b", 64) + `": want`: func(o *render.IstioOptions) { o.Selector = []string{"a=" + strings.Repeat("b", 64)} },
		`gateway: "": want NAME or`:                           func(o *render.IstioOptions) { o.Gateways = []string{"llm", ""} },
		`gateway: llm is named twice`:                         func(o *render.IstioOptions) { o.Gateways = []string{"llm", "llm"} },
	} {
		o := fullOptions()
		change(&o)
		require.ErrorContains(t, render.Istio(&bytes.Buffer{}, parsed(t, meshPolicy), o), want)
	}
	o := fullOptions()
	o.Selector = []string{"app.kubernetes.io/name=Edge_1.x"}
	said, good := istiotest.Validate(t, istio(t, parsed(t, meshPolicy), o))
	require.True(t, good, said)
}

// Clients may come in by several Gateways, and a plugin may be attached to several things.
func TestSeveral(t *testing.T) {
	for _, o := range []render.IstioOptions{fullOptions(), pluginOptions()} {
		o.Gateways = []string{"llm", "edge/inside"}
		p := parsed(t, map[render.Shape]string{"": meshPolicy, render.Plugin: pluginPolicy}[o.Shape])
		text := istio(t, p, o)
		require.Contains(t, text, "  gateways:\n    - llm\n    - edge/inside\n")
		said, good := istiotest.Validate(t, text)
		require.True(t, good, said)
	}
	o := pluginOptions()
	o.Selector, o.Gateways, o.Targets = nil, nil, []string{"Service/vllm", "ServiceEntry/openai", "Gateway/llm"}
	for _, o.API = range []string{"WasmPlugin", "TrafficExtension"} {
		text := istio(t, parsed(t, pluginPolicy), o)
		require.Contains(t, text, `  targetRefs:
    - group: ""
      kind: Service
      name: vllm
    - group: networking.istio.io
      kind: ServiceEntry
      name: openai
    - group: gateway.networking.k8s.io
      kind: Gateway
      name: llm
`)
		said, good := istiotest.Validate(t, text)
		require.True(t, good, said)
	}
	o.Targets = []string{"Service/vllm", "Service/vllm"}
	require.ErrorContains(t, render.Istio(&bytes.Buffer{}, parsed(t, pluginPolicy), o), "target: Service/vllm is named twice")
	o.Targets = []string{"Service/vllm", "Pod/x"}
	require.ErrorContains(t, render.Istio(&bytes.Buffer{}, parsed(t, pluginPolicy), o), `target: "Pod/x": want Gateway/NAME`)
	o.Targets = nil
	for n := range 17 {
		o.Targets = append(o.Targets, "Service/s"+string(rune('a'+n)))
	}
	require.ErrorContains(t, render.Istio(&bytes.Buffer{}, parsed(t, pluginPolicy), o), "target: there are 17, and a plugin takes 16")
}

// The page's alert finds the metrics of what is rendered: Prometheus has the name of the resource
// in that of the metric, and in the full set's the digits of the machine.
func TestTheAlertOnWhatWasRefused(t *testing.T) {
	page, err := os.ReadFile("../docs/istio.md")
	require.NoError(t, err)
	expressions := regexp.MustCompile(`__name__=~"([^"]+)"`).FindAllStringSubmatch(string(page), -1)
	require.Len(t, expressions, 2)
	text := istio(t, parsed(t, meshPolicy), fullOptions())
	provider := regexp.MustCompile(`name: (sluice_provider@[0-9a-f]{8})\n`).FindStringSubmatch(text)
	require.NotNil(t, provider)
	metric := func(of, resource string) string {
		return "envoy_extension_config_discovery_" + of + "_" + regexp.MustCompile(`[^a-zA-Z0-9_]`).ReplaceAllString(resource, "_") + "_update_rejected"
	}
	for _, e := range expressions {
		whole := regexp.MustCompile(`^(?:` + e[1] + `)$`)
		for _, name := range []string{metric("http_filter", "sluice"), metric("upstream_http_filter", provider[1]),
			metric("http_filter", "extensions.istio.io/trafficextension/llm.sluice~istio-translated-wasmplugin")} {
			require.Regexp(t, whole, name)
		}
		require.NotRegexp(t, whole, "envoy_extension_config_discovery_http_filter_sluice_update_success")
	}
	for _, m := range regexp.MustCompile(`envoy_extension_config_discovery_upstream_http_filter_[a-z0-9_]+`).FindAllString(string(page), -1) {
		require.Regexp(t, `_sluice_provider_[0-9a-f]{8}_update_rejected$`, m, "the resource has a digest")
	}
}
