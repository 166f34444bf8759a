package render_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/istiotest"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/host"
	"github.com/sluice-gateway/sluice/policy/source"
	"github.com/sluice-gateway/sluice/policy/strict"
	"github.com/sluice-gateway/sluice/render"
)

const someDigest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// meshPolicy has every kind of endpoint, two providers at one host, failover, and all that
// the companion is asked for.
const meshPolicy = `
version: 1
providers:
  openai:      {dialect: openai,    endpoint: "https://api.openai.com", credential: {env: OPENAI_API_KEY}}
  openai_two:  {dialect: openai,    endpoint: "https://api.openai.com", credential: {env: OPENAI_KEY_TWO}}
  openai-two:  {dialect: openai,    endpoint: "http://api.openai.com:8080"}
  anthropic:   {dialect: anthropic, endpoint: "https://api.anthropic.com:8443", credential: {env: ANTHROPIC_API_KEY}}
  address:     {dialect: openai,    endpoint: "https://10.0.0.7"}
  plain:       {dialect: openai,    endpoint: "http://192.0.2.8:8000/base"}
  vllm:        {dialect: openai,    endpoint: "http://vllm.models.svc.cluster.local:8000"}
  pod:         {dialect: openai,    endpoint: "http://127.0.0.1:9"}
models:
  house: {targets: [{provider: openai, model: gpt-4o-mini}, {provider: anthropic, model: claude-haiku-4-5}], retry: {attempts: 2}}
default_provider: openai
identity: {team: {header: x-team, verified: true}}
budgets: [{name: team-month, per: [team], unit: usd, limit: 500, calendar: month}]
companion: {credential: {env: SLUICE_COMPANION_TOKEN}}
cache: {scope: [team]}
records: {companion: true}
guards:
  prompts:
    - {name: law, deny_like: ["Can I sue my landlord?"]}
  external:
    - {name: names, type: presidio, endpoint: "http://presidio.guards.svc:3000"}
    - {name: hate, type: moderation, endpoint: "https://api.openai.com", credential: {env: MODERATION_KEY}}
`

// pluginPolicy is one that needs nothing that a WasmPlugin lacks.
const pluginPolicy = `
version: 1
providers:
  openai: {dialect: openai, endpoint: "https://api.openai.com", credential: {env: OPENAI_API_KEY}}
models:
  'on': {targets: [{provider: openai, model: gpt-4o-mini}]}
default_provider: openai
identity: {team: {header: x-team, verified: true}}
budgets:
  - {name: team-month, per: [team], unit: usd, limit: 999999999.999999, calendar: month}
  - {name: many, per: [team], unit: tokens, limit: 1000000000000000, every: 1h}
guards: {pii: {restore: false}, prompts: [{name: p, deny: ['\bx"y\\']}]}
hold_headers: false
`

func parsed(t *testing.T, text string) *policy.Policy {
	t.Helper()
	p, err := source.Policy([]byte(text))
	require.NoError(t, err)
	require.Empty(t, strict.Unsupported(p))
	return p
}

func fullOptions() render.IstioOptions {
	return render.IstioOptions{
		Module: "oci://registry.example/sluice:1.0", SHA256: someDigest, CompanionImage: "registry.example/sluice-companion:1.0",
		Selector: []string{"istio=ingress", "app=gateway"}, Gateways: []string{"llm"}, Hosts: []string{"llm.example.com"},
	}
}

func pluginOptions() render.IstioOptions {
	return render.IstioOptions{
		Shape: render.Plugin, Module: "registry.example/sluice@sha256:" + someDigest, Namespace: "llm",
		Selector: []string{"istio=ingress"}, Gateways: []string{"gateways/llm"}, PullSecret: "registry",
	}
}

func istio(t *testing.T, p *policy.Policy, opt render.IstioOptions) string {
	t.Helper()
	var out, again bytes.Buffer
	require.NoError(t, render.Istio(&out, p, opt))
	require.NoError(t, render.Istio(&again, p, opt))
	require.Equal(t, out.String(), again.String())
	return out.String()
}

// rendered are the shapes that Istio's own validation looks at, by their golden files.
func meshFiles(t *testing.T) map[string]string {
	full := parsed(t, meshPolicy)
	full.Companion.Endpoint = render.IstioOptions{}.CompanionService()
	passes := fullOptions()
	passes.Unfiltered, passes.Hosts, passes.CompanionImage, passes.Module, passes.SHA256 = "pass", nil, "", "file:///opt/sluice.wasm", ""
	target, extension := pluginOptions(), pluginOptions()
	target.Selector, target.Targets, target.Gateways, target.Traffic = nil, []string{"Service/vllm"}, nil, "server"
	addressed := parsed(t, strings.Replace(meshPolicy, "192.0.2.8", "[2001:db8::1]", 1))
	addressed.Companion.Endpoint = render.IstioOptions{}.CompanionService()
	extension.API, extension.Priority = "TrafficExtension", 10
	return map[string]string{
		"istio-full.yaml":      istio(t, full, fullOptions()),
		"istio-pass.yaml":      istio(t, addressed, passes),
		"istio-plugin.yaml":    istio(t, parsed(t, pluginPolicy), pluginOptions()),
		"istio-target.yaml":    istio(t, parsed(t, pluginPolicy), target),
		"istio-extension.yaml": istio(t, parsed(t, pluginPolicy), extension),
	}
}

func TestIstioGolden(t *testing.T) {
	for file, text := range meshFiles(t) {
		golden(t, "testdata/"+file, text)
	}
}

func TestTheIstioExamples(t *testing.T) {
	for file, text := range istioExamples(t) {
		golden(t, file, text)
	}
}

// istioExamples are what the commands that examples/istio/README.md gives write.
func istioExamples(t *testing.T) map[string]string {
	p, err := source.Load("../examples/istio/sluice.yaml")
	require.NoError(t, err)
	require.Empty(t, strict.Unsupported(p))
	p.Companion.Endpoint = render.IstioOptions{Namespace: "llm"}.CompanionService()
	full := render.IstioOptions{
		Module: "oci://registry.example.com/sluice:latest", SHA256: strings.Repeat("0", 64), Namespace: "llm",
		Selector: []string{"istio=llm-gateway"}, Gateways: []string{"llm"}, Hosts: []string{"llm.example.com"},
		CompanionImage: "registry.example.com/sluice-companion:latest",
	}
	plain, err := source.Load("../examples/istio/plugin/sluice.yaml")
	require.NoError(t, err)
	require.Empty(t, strict.Unsupported(plain))
	for _, w := range strict.Warnings(plain) {
		require.Equal(t, "default_provider", w.Path, "it is sent files and the like past the guards, and nothing else is worth a warning")
	}
	plugin := full
	plugin.Shape, plugin.CompanionImage = render.Plugin, ""
	return map[string]string{
		"../examples/istio/istio.yaml":        istio(t, p, full),
		"../examples/istio/plugin/istio.yaml": istio(t, plain, plugin),
	}
}

// What a shape cannot do is refused, each by its path, with the way out.
func TestIstioProblems(t *testing.T) {
	lines := func(p *policy.Policy, shape render.Shape) (all []string) {
		refusals, _ := host.Check(p, shape.Host())
		for _, problem := range refusals {
			all = append(all, problem.String())
		}
		return all
	}
	full, plain := parsed(t, meshPolicy), parsed(t, pluginPolicy)
	require.Empty(t, lines(full, render.Full))
	require.Empty(t, lines(plain, render.Plugin))
	require.Equal(t, []string{"hold_headers: false is for a WasmPlugin, which cannot hold them; write true, or render it with --shape plugin"}, lines(plain, render.Full))
	const cluster = ": asks the companion through Envoy's cluster sluice_companion, which a WasmPlugin cannot add; remove it, or render it with --shape full"
	require.Equal(t, []string{
		"hold_headers: a WasmPlugin has no allow_on_headers_stop_iteration: a request whose headers are held would hang; write false, where one provider and no retries are enough, or render it with --shape full",
		"cache" + cluster, "records.companion" + cluster, "guards.external[0]" + cluster, "guards.external[1]" + cluster,
		"guards.prompts" + cluster,
	}, lines(full, render.Plugin))
	var out bytes.Buffer
	require.ErrorContains(t, render.Istio(&out, full, pluginOptions()), "hold_headers: a WasmPlugin has no")
	require.Zero(t, out.Len())
}

func TestIstioWarnings(t *testing.T) {
	p := parsed(t, meshPolicy)
	var got []string
	for _, w := range render.IstioWarnings(p, fullOptions()) {
		got = append(got, w.String())
	}
	require.Equal(t, []string{
		"providers.pod.endpoint: 127.0.0.1 is the gateway's own pod, where another container would have to be; write the name of its Service or its host",
		"companion.endpoint: 127.0.0.1 is the gateway's own pod, where another container would have to be; render it with --companion-image, or name one with --companion",
	}, got)
	p.Companion.Endpoint = render.IstioOptions{}.CompanionService()
	p.Providers = p.Providers[:1]
	require.Empty(t, render.IstioWarnings(p, fullOptions()))

	inside := parsed(t, strings.Replace(pluginPolicy, "https://api.openai.com", "https://vllm.models.svc:8443", 1))
	warnings := render.IstioWarnings(inside, pluginOptions())
	require.Len(t, warnings, 1)
	require.Contains(t, warnings[0].String(), "providers.openai.endpoint: the route leads to Istio's own cluster for the Service vllm.models.svc, which speaks the mesh's TLS or none")

	for want, change := range map[string]func(*render.IstioOptions){
		"target: GatewayClass/istio-waypoint is taken from Istio's root namespace alone, and llm is that only if meshConfig.rootNamespace says so": func(o *render.IstioOptions) {
			o.Selector, o.Targets = nil, []string{"GatewayClass/istio-waypoint"}
		},
		"traffic: these look like the pods of a gateway": func(o *render.IstioOptions) {
			o.Selector, o.Traffic = []string{"app=x", "istio=ingressgateway"}, "server"
		},
	} {
		o := pluginOptions()
		o.Gateways = nil
		change(&o)
		warnings := render.IstioWarnings(p, o)
		require.Len(t, warnings, 1)
		require.Contains(t, warnings[0].String(), want)
		require.NoError(t, render.Istio(&bytes.Buffer{}, parsed(t, pluginPolicy), o))
		o.Namespace, o.Traffic = "istio-system", ""
		require.Empty(t, render.IstioWarnings(p, o))
	}
}

func TestIstioDifferences(t *testing.T) {
	differs := func(policy string, o render.IstioOptions) (paths []string) {
		for _, w := range render.IstioDifferences(parsed(t, policy), o) {
			paths = append(paths, w.Path)
		}
		return paths
	}
	require.Empty(t, differs(meshPolicy, fullOptions()))
	o := pluginOptions()
	require.Equal(t, []string{"limits.request_body", "records.access_log"}, differs(pluginPolicy, o), "the route that is rendered has limits.stream")
	o.Gateways = nil
	require.Equal(t, []string{"limits.stream", "limits.request_body", "records.access_log"}, differs(pluginPolicy, o))
	require.Equal(t, []string{"limits.stream"}, differs(pluginPolicy+"limits: {request_body: 1MiB}\nrecords: {access_log: false}\n", o))
}

func TestBadIstioOptions(t *testing.T) {
	for want, change := range map[string]func(*render.IstioOptions){
		`shape: "half": there are full and plugin`:                                             func(o *render.IstioOptions) { o.Shape = "half" },
		`namespace: "A" is no name of a namespace`:                                             func(o *render.IstioOptions) { o.Namespace = "A" },
		`selector: say which pods Sluice runs in, by their labels`:                             func(o *render.IstioOptions) { o.Selector = nil },
		`target: shape full is for the pods`:                                                   func(o *render.IstioOptions) { o.Targets = []string{"Gateway/x"} },
		`companion-image: "y z": want the name of an image`:                                    func(o *render.IstioOptions) { o.CompanionImage = "y z" },
		`module: "oci://r.example.com/s p:1": want the name of an image`:                       func(o *render.IstioOptions) { o.Module = "oci://r.example.com/s p:1" },
		`module: "https://r.example.com/s p": a URL has no blanks`:                             func(o *render.IstioOptions) { o.Module = "https://r.example.com/s p" },
		`ca: "ca.pem": want where the file is in the proxy's container, from the root on`:      func(o *render.IstioOptions) { o.CAFile = "ca.pem" },
		`companion-ca: "ca.crt": want where the file is`:                                       func(o *render.IstioOptions) { o.CompanionTLS.CAFile = "ca.crt" },
		`companion-cert: "tls.crt": want where`:                                                func(o *render.IstioOptions) { o.CompanionTLS.Cert = "tls.crt" },
		`companion-key: "tls.key": want where`:                                                 func(o *render.IstioOptions) { o.CompanionTLS.Key = "tls.key" },
		`selector: "istio": want a label of the pods`:                                          func(o *render.IstioOptions) { o.Selector = []string{"istio"} },
		`target: shape full is for the pods of an Istio Gateway`:                               func(o *render.IstioOptions) { o.Selector, o.Targets = nil, []string{"Gateway/x"} },
		`gateway: shape full has the gateway's route`:                                          func(o *render.IstioOptions) { o.Gateways = nil },
		`api, traffic, priority and pull secret belong to shape plugin`:                        func(o *render.IstioOptions) { o.PullSecret = "x" },
		`unfiltered: "x": there are refuse and pass`:                                           func(o *render.IstioOptions) { o.Unfiltered = "x" },
		`host: "Foo Bar": want the name`:                                                       func(o *render.IstioOptions) { o.Hosts = []string{"Foo Bar"} },
		`host: "x:8080": want the name`:                                                        func(o *render.IstioOptions) { o.Hosts = []string{"x:8080"} },
		`gateway: "Bad_Name": want NAME or`:                                                    func(o *render.IstioOptions) { o.Gateways = []string{"Bad_Name"} },
		`gateway: "a/b/c": want NAME or`:                                                       func(o *render.IstioOptions) { o.Gateways = []string{"a/b/c"} },
		`path: "v1": want the beginning of a path`:                                             func(o *render.IstioOptions) { o.Paths = []string{"v1"} },
		`judge-url belongs to companion-image and`:                                             func(o *render.IstioOptions) { o.JudgeURL = "http://llm.example.com" },
		`module: name its URL`:                                                                 func(o *render.IstioOptions) { o.Module = "" },
		`module: "ftp://x/y": there are oci://, https://, http:// and file://`:                 func(o *render.IstioOptions) { o.Module = "ftp://x/y" },
		`module: "oci:///x" has no host`:                                                       func(o *render.IstioOptions) { o.Module = "oci:///x" },
		`module: "file://x/y": want a path in the proxy's container`:                           func(o *render.IstioOptions) { o.Module = "file://x/y" },
		`sha256: nobody checks it of a file; remove it`:                                        func(o *render.IstioOptions) { o.Module = "file:///x" },
		`sha256: "": want the 64 hexadecimal digits that "make oci" prints`:                    func(o *render.IstioOptions) { o.SHA256 = "" },
		`sha256: "": want the 64 hexadecimal`:                                                  func(o *render.IstioOptions) { o.Module, o.SHA256 = "https://m.example.com/sluice.wasm", "" },
		`sha256: "` + strings.ToUpper(someDigest) + `": want`:                                  func(o *render.IstioOptions) { o.SHA256 = strings.ToUpper(someDigest) },
		`sha256: ` + someDigest + ` is another one than the URL's, ` + strings.Repeat("1", 64): func(o *render.IstioOptions) { o.Module = "r.example/s@sha256:" + strings.Repeat("1", 64) },
	} {
		o := fullOptions()
		change(&o)
		var out bytes.Buffer
		require.ErrorContains(t, render.Istio(&out, parsed(t, meshPolicy), o), want)
		require.Zero(t, out.Len())
	}
	for want, change := range map[string]func(*render.IstioOptions){
		`target: "Pod/x": want Gateway/NAME`:                  func(o *render.IstioOptions) { o.Selector, o.Targets = nil, []string{"Pod/x"} },
		`target: "Gateway": want Gateway/NAME`:                func(o *render.IstioOptions) { o.Selector, o.Targets = nil, []string{"Gateway"} },
		`say which pods, with one of`:                         func(o *render.IstioOptions) { o.Targets = []string{"Service/x"} },
		`pull-secret: "A b": want the name of a Secret`:       func(o *render.IstioOptions) { o.PullSecret = "A b" },
		`pull-secret: "ns/x": want the name of a Secret`:      func(o *render.IstioOptions) { o.PullSecret = "ns/x" },
		`priority: 99999999999: Istio takes a number of 32`:   func(o *render.IstioOptions) { o.Priority = 99999999999 },
		`ca belongs to shape full`:                            func(o *render.IstioOptions) { o.CAFile = "/etc/ca.pem" },
		`host: without a gateway a plugin has no route`:       func(o *render.IstioOptions) { o.Gateways, o.Hosts = nil, []string{"llm.example.com"} },
		`api: "x": there are WasmPlugin and TrafficExtension`: func(o *render.IstioOptions) { o.API = "x" },
		`traffic: "x": there are client and server`:           func(o *render.IstioOptions) { o.Traffic = "x" },
		`companion-image and path belong to`:                  func(o *render.IstioOptions) { o.CompanionImage = "x" },
		`and path belong to shape full`:                       func(o *render.IstioOptions) { o.Paths = []string{"/v1/"} },
		`unfiltered belongs to shape full`:                    func(o *render.IstioOptions) { o.Unfiltered = "pass" },
		// What Istio takes and applies to nothing, so that all would pass uncounted.
		`target: "GatewayClass/foo": Istio takes a plugin for the class istio-waypoint and no other`: func(o *render.IstioOptions) {
			o.Selector, o.Gateways, o.Targets = nil, nil, []string{"GatewayClass/foo"}
		},
		`gateway: it writes a VirtualService for an Istio Gateway, and the proxies of Gateway/x take`: func(o *render.IstioOptions) { o.Selector, o.Targets = nil, []string{"Gateway/x"} },
		`traffic: the proxies of Gateway/x have one kind of listeners`: func(o *render.IstioOptions) {
			o.Selector, o.Gateways, o.Targets, o.Traffic = nil, nil, []string{"Gateway/x"}, "server"
		},
		`traffic: client: Service/x is a waypoint's`: func(o *render.IstioOptions) {
			o.Selector, o.Gateways, o.Targets, o.Traffic = nil, nil, []string{"Service/x"}, "client"
		},
		`traffic: server: the listeners of a gateway are client's alone`: func(o *render.IstioOptions) { o.Traffic = "server" },
	} {
		o := pluginOptions()
		change(&o)
		require.ErrorContains(t, render.Istio(&bytes.Buffer{}, parsed(t, pluginPolicy), o), want)
	}
	for want, endpoint := range map[string]string{
		"providers.plain.endpoint: 2001:db8::1: a route for certain hosts cannot lead to an IPv6 address": "http://[2001:db8::1]:8000/base",
		"providers.plain.endpoint: localhost: Istio takes it for a Service":                               "http://localhost:8000",
	} {
		p, o := parsed(t, strings.Replace(meshPolicy, "http://192.0.2.8:8000/base", endpoint, 1)), fullOptions()
		require.ErrorContains(t, render.Istio(&bytes.Buffer{}, p, o), want)
		o.Hosts = nil
		require.NoError(t, render.Istio(&bytes.Buffer{}, p, o))
	}
	// All that is missing is said at once.
	var o render.IstioOptions
	err := render.Istio(&bytes.Buffer{}, parsed(t, meshPolicy), o)
	for _, want := range []string{"module: name its URL", "selector: say which pods", "gateway: shape full has the gateway's route"} {
		require.ErrorContains(t, err, want)
	}
	require.NotContains(t, err.Error(), "target")
	// An image that nothing would ask.
	require.ErrorContains(t, render.Istio(&bytes.Buffer{}, parsed(t, strings.Replace(pluginPolicy, "hold_headers: false", "hold_headers: true", 1)), fullOptions()),
		"companion-image: nothing in the policy needs a companion")
	for _, image := range []string{"localhost:5000/x", "r.example/a__b/c-d.e:V1.0", "x", "[::1]:5000/x/y@sha256:" + someDigest} {
		o := fullOptions()
		o.CompanionImage = image
		require.NoError(t, render.Istio(&bytes.Buffer{}, parsed(t, meshPolicy), o), image)
	}
	p := parsed(t, meshPolicy)
	p.Companion.CredentialEnv = ""
	require.ErrorContains(t, render.Istio(&bytes.Buffer{}, p, fullOptions()), "companion.credential: the companion is another pod")
	p = parsed(t, meshPolicy)
	p.DefaultProvider = ""
	o = fullOptions()
	o.Unfiltered = "pass"
	require.ErrorContains(t, render.Istio(&bytes.Buffer{}, p, o), "unfiltered: pass is to the policy's default_provider")
}

// A companion that runs already behind https:// has its files in the proxy's container; one that is
// rendered has no use for them, and a plugin asks none.
func TestFilesForTheCompanion(t *testing.T) {
	p, o := parsed(t, meshPolicy), fullOptions()
	p.Companion.Endpoint = policy.Endpoint{TLS: true, Host: "companion.internal", Port: 8443}
	o.CompanionTLS = render.CompanionTLS{CAFile: "/etc/companion/ca.pem", Cert: "/etc/companion/tls.crt", Key: "/etc/companion/tls.key"}
	require.ErrorContains(t, render.Istio(&bytes.Buffer{}, p, o), "companion-ca and companion-cert are for a companion that runs already")
	o.CompanionImage = ""
	text := istio(t, p, o)
	said, good := istiotest.Validate(t, text)
	require.True(t, good, said)
	require.Equal(t, 1, strings.Count(text, "trusted_ca: {filename: /etc/companion/ca.pem}"))
	require.Equal(t, 4, strings.Count(text, "trusted_ca: {filename: /etc/ssl/certs/ca-certificates.crt}"), "the providers'")
	require.Regexp(t, `certificate_chain: \{filename: /etc/companion/tls.crt\}\n\s+private_key: \{filename: /etc/companion/tls.key\}`, text)
	plugin := pluginOptions()
	plugin.CompanionTLS = o.CompanionTLS
	require.ErrorContains(t, render.Istio(&bytes.Buffer{}, parsed(t, pluginPolicy), plugin), "nothing in the policy needs a companion")
}

// A claim is where Istio leaves it, and the policy's own is as it was.
func TestClaims(t *testing.T) {
	const claim = "identity: {team: {claim: team}}"
	p := parsed(t, strings.Replace(pluginPolicy, "identity: {team: {header: x-team, verified: true}}", claim, 1))
	require.Regexp(t, `metadata"?,\s*"?filter_metadata"?,\s*"?envoy.filters.http.jwt_authn"?,\s*"?payload"?,\s*"?team"?\]`, istio(t, p, pluginOptions()))
	p.HoldHeaders = true
	full := fullOptions()
	full.CompanionImage = ""
	require.Contains(t, istio(t, p, full), `"property":["metadata","filter_metadata","envoy.filters.http.jwt_authn","payload","team"]`)
	require.Equal(t, "team", p.Identity[0].Claim)
}

// A judge is asked by the companion, through the gateway, and is not lost.
func TestTheJudge(t *testing.T) {
	p := parsed(t, strings.Replace(meshPolicy, "cache: {scope: [team]}", "cache: {scope: [team], judge: {model: house}}", 1))
	p.Companion.Endpoint = render.IstioOptions{}.CompanionService()
	o := fullOptions()
	require.ErrorContains(t, render.Istio(&bytes.Buffer{}, p, o), "cache.judge: the companion asks it through this gateway, and does not know where that is")
	o.JudgeURL = "http://llm-gateway.llm.svc.cluster.local"
	require.ErrorContains(t, render.Istio(&bytes.Buffer{}, p, o), "the gateway's route has no name llm-gateway.llm.svc.cluster.local; add it with host")
	o.Hosts = append(o.Hosts, "llm-gateway.llm.svc.cluster.local")
	text := istio(t, p, o)
	require.Contains(t, text, "- --judge-url\n            - http://llm-gateway.llm.svc.cluster.local\n            - --judge-key-env\n            - SLUICE_JUDGE_KEY\n")
	require.Contains(t, text, "secretKeyRef: {name: sluice-companion, key: sluice-judge-key}")
	require.Contains(t, text, "# The Secret sluice-companion must have: token, moderation-key, sluice-judge-key; and seal")
	require.Contains(t, text, "# The gateway, through which the judge is asked.\n    - to:\n        - podSelector:\n            matchLabels:\n              istio: ingress\n")
}

// What comes to Sluice may be some paths alone, of clients' names; what it has let go comes by
// any, and by the header that no client can send.
func TestPaths(t *testing.T) {
	o := fullOptions()
	o.Paths = []string{"/v1/", "/llm/"}
	text := istio(t, parsed(t, meshPolicy), o)
	said, good := istiotest.Validate(t, text)
	require.True(t, good, said)
	require.Equal(t, 1, strings.Count(text, "        - {uri: {prefix: /v1/}}\n        - {uri: {prefix: /llm/}}\n        - {headers: {x-sluice-cluster: {prefix: sluice_}}}\n"))
}

// Two policies' upstreams can be there side by side: their names are of what they lead to, and
// the label tells which are left over.
func TestUpstreams(t *testing.T) {
	const objects = `(?m)^kind: (.*)\nmetadata:\n  name: (.*)\n(?:.*\n){3}    app.kubernetes.io/component: sluice-upstreams\n    app.kubernetes.io/version: (.*)$`
	read := func(text string) (specs map[string]string, versions map[string]bool) {
		specs, versions = map[string]string{}, map[string]bool{}
		for _, document := range strings.Split(text, "---\n") {
			if found := regexp.MustCompile(objects).FindStringSubmatch(document); found != nil {
				_, spec, _ := strings.Cut(document, "\nspec:\n")
				require.NotContains(t, specs, found[1]+found[2])
				specs[found[1]+found[2]] = spec
				versions[found[3]] = true
			}
		}
		require.Len(t, versions, 1)
		return specs, versions
	}
	o := fullOptions()
	p := parsed(t, meshPolicy)
	was, version := read(istio(t, p, o))
	fewer := parsed(t, meshPolicy)
	fewer.Models = nil
	is, another := read(istio(t, fewer, o))
	require.NotEqual(t, version, another)
	require.Less(t, len(is), len(was))
	for name, spec := range is {
		require.Equal(t, was[name], spec, name)
	}
	o.SHA256 = strings.Repeat("b", 64)
	_, another = read(istio(t, p, o))
	require.NotEqual(t, version, another, "another module has another machine")
	o = fullOptions()
	p.Budgets = nil
	_, another = read(istio(t, p, o))
	require.Equal(t, version, another, "what leads nowhere else is no other upstreams")
}

// kubectl reads YAML 1.1, where a plain yes is a boolean and 1_0 a number.
func TestOldYAML(t *testing.T) {
	o := fullOptions()
	o.Selector = []string{"on=yes", "n=1_0", "b=v1"}
	text := istio(t, parsed(t, meshPolicy), o)
	for _, want := range []string{"'on': 'yes'\n", "'n': '1_0'\n", "b: v1\n"} {
		require.Contains(t, text, want)
	}
}

// A Service has its whole name wherever it is rendered: Istio gives a route that, and Envoy looks
// in the route's names for what Sluice writes into :authority.
func TestServicesByTheirWholeNames(t *testing.T) {
	for endpoint, want := range map[string]string{
		"http://vllm:8000":                          "vllm.llm.svc.cluster.local",
		"http://vllm.models.svc:8000":               "vllm.models.svc.cluster.local",
		"http://vllm.models.svc.cluster.local:8000": "vllm.models.svc.cluster.local",
	} {
		o := fullOptions()
		o.Namespace, o.CompanionImage = "llm", ""
		text := istio(t, parsed(t, "version: 1\nproviders: {own: {dialect: openai, endpoint: \""+endpoint+"\"}}\ndefault_provider: own\n"), o)
		require.Contains(t, text, "\n  hosts:\n    - "+want+"\n", "the route's names")
		require.Contains(t, text, `"host":"`+want+`"`, "what Sluice writes into :authority")
		require.Contains(t, text, "cluster: outbound|8000||"+want+"\n", "Istio's own cluster")
		require.NotContains(t, text, "ServiceEntry")
		require.NotContains(t, text, "socket_address", "nothing goes past the mesh")
	}
}

// What a companion that is rendered may reach is what the guards that it asks need.
func TestWhatACompanionReaches(t *testing.T) {
	egress := func(external string) string {
		p := parsed(t, strings.Replace(meshPolicy, `    - {name: names, type: presidio, endpoint: "http://presidio.guards.svc:3000"}
    - {name: hate, type: moderation, endpoint: "https://api.openai.com", credential: {env: MODERATION_KEY}}
`, external, 1))
		p.Companion.Endpoint = render.IstioOptions{}.CompanionService()
		text := istio(t, p, fullOptions())
		_, after, found := strings.Cut(text, "\n  egress:")
		require.True(t, found)
		rules, _, _ := strings.Cut(after, "\n---\n")
		return rules
	}
	require.Equal(t, " []", egress("    []\n"), "it asks nobody: no DNS either")
	addressed := egress("    - {name: names, type: presidio, endpoint: \"http://10.0.0.9:3000\"}\n")
	require.NotContains(t, addressed, "53")
	require.Contains(t, addressed, "port: 3000")
	named := egress("    - {name: names, type: presidio, endpoint: \"http://presidio.guards.svc:3000\"}\n")
	require.Contains(t, named, "kube-dns")
	require.Contains(t, named, "port: 53")
}
