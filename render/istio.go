package render

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/host"
)

// Shape is which objects Sluice is given to Istio as.
type Shape string

// The shapes. What one of them cannot do is in package host.
const (
	// Full is an EnvoyFilter with all that Sluice does in a stock Envoy, on the pods of an
	// Istio gateway, and the objects around it.
	Full Shape = "full"
	// Plugin is a WasmPlugin, or a TrafficExtension, wherever Istio takes one: gateways,
	// sidecars, waypoints. Nothing in it can hold headers, add a cluster, or make another
	// attempt.
	Plugin Shape = "plugin"
)

// IstioOptions is what the policy does not say, because it is a matter of the cluster.
type IstioOptions struct {
	Shape     Shape  // "" = Full
	Namespace string // of the workload that Sluice runs in, and of all objects; "" = istio-ingress
	// Name is that of this rendering, with which the names of all objects begin: of two in one
	// namespace each has its own; "" = sluice.
	Name string

	// Selector are the labels of the pods, as name=value.
	Selector []string
	// Targets are what a plugin is attached to in place of pods: Gateway/NAME, GatewayClass/NAME,
	// Service/NAME or ServiceEntry/NAME.
	Targets []string

	// Paths begin the paths that come to Sluice, of shape full; none = all.
	Paths []string

	// Gateways are the Istio Gateways that clients come in by, NAME or NAMESPACE/NAME; none = the
	// routes are somebody else's, which only a plugin allows.
	Gateways []string
	// Hosts are the names that clients call the gateway by; none = every name.
	Hosts []string

	// Module is the URL of the module: oci://, https://, http:// or file://. SHA256 is its
	// checksum, of an image the digest of its manifest.
	Module, SHA256 string
	// PullSecret is the Secret with the registry's credentials. Only a plugin has one.
	PullSecret string

	// API is the kind of the plugin: WasmPlugin or TrafficExtension; "" = WasmPlugin.
	API string
	// Traffic says which of a sidecar's listeners a plugin is for: client, those of calls that
	// the pod makes, or server, those of calls to it; "" = both. A gateway has but one kind.
	Traffic string
	// Priority orders a plugin among others of its phase, the highest first.
	Priority int64

	// Unfiltered says what becomes of requests while the EnvoyFilter is not there, or no longer
	// matches: refuse (503) or pass, to the default provider; "" = refuse.
	Unfiltered string

	// CAFile is the path of the root certificates in the proxy's container.
	CAFile string
	// CompanionTLS is what a companion behind https:// is shown and verified with, by paths in the
	// proxy's container.
	CompanionTLS CompanionTLS
	// CompanionImage is the companion's image; "" = it is somewhere else.
	CompanionImage string
	// JudgeURL is where that companion finds this gateway, to ask the policy's cache.judge.
	JudgeURL string
}

func (o IstioOptions) withDefaults() IstioOptions {
	if o.Shape == "" {
		o.Shape = Full
	}
	if o.Namespace == "" {
		o.Namespace = "istio-ingress"
	}
	if o.Name == "" {
		o.Name = defaultName
	}
	if o.API == "" {
		o.API = wasmPlugin
	}
	if o.Unfiltered == "" {
		o.Unfiltered = "refuse"
	}
	if len(o.Hosts) == 0 {
		o.Hosts = []string{"*"}
	}
	return o
}

const (
	wasmPlugin       = "WasmPlugin"
	trafficExtension = "TrafficExtension"
)

// Host is the gateway that a shape is, for what it cannot do.
func (s Shape) Host() host.Host {
	if s == Plugin {
		return host.Host{Name: host.WasmPlugin}
	}
	return host.Host{Name: host.Istio}
}

// Istio writes the objects that put a policy into an Istio mesh, in the order in which they
// are to be applied.
func Istio(w io.Writer, p *policy.Policy, opt IstioOptions) error {
	i, err := newIstio(p, opt)
	if err != nil {
		return err
	}
	objects, err := i.objects()
	if err != nil {
		return err
	}
	banner := i.banner()
	if opt.Shape != Plugin {
		banner += "\n\n" + i.steps()
	}
	return writeAll(w, banner, objects...)
}

// istio is what the parts are made from.
type istio struct {
	*envoy
	opt      IstioOptions
	selector []field
	hosts    []*meshHost // of the providers outside the mesh
	version  string      // of the upstreams, once they are there
}

func newIstio(p *policy.Policy, opt IstioOptions) (*istio, error) {
	opt = opt.withDefaults()
	if opt.Shape != Full && opt.Shape != Plugin {
		return nil, fmt.Errorf("shape: %q: there are full and plugin", opt.Shape)
	}
	refusals, _ := host.Check(p, opt.Shape.Host())
	if problems := policy.Problems(refusals); len(problems) > 0 {
		return nil, &problems
	}
	module, noModule := opt.module()
	selector, noLabels := parseLabels(opt.Selector)
	if err := errors.Join(noModule, noLabels, opt.check(p)); err != nil {
		return nil, err
	}
	whole, written := named(p, opt.Namespace)
	e, err := newEnvoy(whole, Options{CAFile: opt.CAFile, CompanionTLS: opt.CompanionTLS})
	if err != nil {
		return nil, err
	}
	e.module = module
	e.onlyFor = ` && xds.route_name == "` + opt.Name + `"`
	i := &istio{envoy: e, opt: opt, selector: selector, hosts: opt.meshHosts(whole.Providers)}
	e.inside, e.written = i.insideListener, written
	if opt.Shape == Full {
		e.machine, err = e.machineOf()
	}
	return i, err
}

func (i *istio) objects() (all []*yaml.Node, err error) {
	all = i.upstreamObjects()
	clients := at("hosts", texts(i.opt.Hosts...))
	if i.opt.Shape == Plugin {
		if len(i.opt.Gateways) > 0 {
			all = append(all, i.virtualService(i.opt.Name, clients, i.pluginRoute()))
		}
		return append(all, i.plugin()), nil
	}
	if i.policy.UsesCompanion() && i.opt.CompanionImage != "" {
		all = append(all, i.companionObjects()...)
	}
	bootstrap, err := i.bootstrap()
	return append(all, bootstrap, i.virtualService(i.opt.Name, clients, i.fullRoute(i.opt.Paths...)), i.envoyFilter()), err
}

func (i *istio) banner() string {
	env := "None is needed in the proxy's environment."
	if names := i.credentials(); len(names) > 0 {
		env = "The proxy's container must have in its environment: " + strings.Join(names, ", ") + "."
	}
	return "Written by \"sluice render --for istio\" from a policy: change the policy and render again.\n" +
		"No key is in this file. " + env + i.companionKeys()
}

// labels are on every object, to find those of one rendering by: kubectl get -A -l
// app.kubernetes.io/part-of=NAME.
func (i *istio) labels(more ...field) field {
	return at("labels", object(append([]field{at("app.kubernetes.io/part-of", i.opt.Name)}, more...)...))
}

// kubernetes is an object of the cluster.
func (i *istio) kubernetes(api, kind, name string, rest ...field) *yaml.Node {
	return with(object(
		at("apiVersion", api),
		at("kind", kind),
		at("metadata", object(
			at("name", name),
			at("namespace", i.opt.Namespace),
			i.labels(),
		)),
	), rest...)
}
