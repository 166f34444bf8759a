package render

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
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

	// Selector are the labels of the pods, as name=value.
	Selector []string
	// Target is what a plugin is attached to in place of pods: Gateway/NAME, GatewayClass/NAME,
	// Service/NAME or ServiceEntry/NAME.
	Target string

	// Paths begin the paths that come to Sluice, of shape full; none = all.
	Paths []string

	// Gateway is the Istio Gateway that clients come in by, NAME or NAMESPACE/NAME; "" = the
	// routes are somebody else's, which only a plugin allows.
	Gateway string
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

// IstioWarnings names what is seldom meant: endpoints that are the proxy's own pod in a mesh, and
// nowhere else, and a plugin that most meshes would apply to nothing.
func IstioWarnings(p *policy.Policy, opt IstioOptions) (found []policy.Problem) {
	opt = opt.withDefaults()
	warn := func(path, host, what string) {
		if ownPod(host) {
			found = append(found, policy.Problem{Path: path, Message: host + " is the gateway's own pod, where another container would have to be; " + what})
		}
	}
	for _, v := range p.Providers {
		warn("providers."+v.Name+".endpoint", v.Endpoint.Host, "write the name of its Service or its host")
	}
	if p.UsesCompanion() {
		warn("companion.endpoint", p.Companion.Endpoint.Host, "render it with --companion-image, or name one with --companion")
	}
	if strings.HasPrefix(opt.Target, "GatewayClass/") && opt.Namespace != rootNamespace {
		found = append(found, policy.Problem{Path: "target", Message: opt.Target + " is taken from Istio's root namespace alone, and " + opt.Namespace +
			" is that only if meshConfig.rootNamespace says so: else nothing passes through the plugin; write --namespace " + rootNamespace})
	}
	if opt.Shape == Plugin && opt.Traffic == "server" && opt.Gateway == "" && slices.ContainsFunc(opt.Selector, isGatewayLabel) {
		found = append(found, policy.Problem{Path: "traffic", Message: "these look like the pods of a gateway, whose listeners are client's alone: then nothing passes through the plugin; leave it out"})
	}
	return found
}

// IstioDifferences are the settings that a shape does not keep by itself.
func IstioDifferences(p *policy.Policy, opt IstioOptions) (found []policy.Problem) {
	_, differs := host.Check(p, opt.withDefaults().Shape.Host())
	for _, w := range differs {
		if w.Path != "limits.stream" || opt.Gateway == "" { // the route that is written keeps it
			found = append(found, w)
		}
	}
	return found
}

// rootNamespace is where Istio takes what is for the whole mesh from, unless its meshConfig says
// another.
const rootNamespace = "istio-system"

// isGatewayLabel tells the labels that Istio's charts give the pods of their gateways.
func isGatewayLabel(label string) bool {
	return label == "istio=ingressgateway" || label == "istio=egressgateway" || label == "istio=ingress" || label == "istio=egress"
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
	p = named(p, opt.Namespace)
	e, err := newEnvoy(p, Options{CAFile: opt.CAFile})
	if err != nil {
		return nil, err
	}
	if e.module, err = opt.module(); err != nil {
		return nil, err
	}
	e.onlyFor = ` && xds.route_name == "` + routeName + `"`
	i := &istio{envoy: e, opt: opt, hosts: meshHosts(p.Providers)}
	e.inside = i.insideListener
	if opt.Shape == Full {
		if e.machine, err = e.machineOf(); err != nil {
			return nil, err
		}
	}
	for _, label := range opt.Selector {
		name, value, ok := strings.Cut(label, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("selector: %q: want a label of the pods, as in istio=ingressgateway", label)
		}
		i.selector = append(i.selector, at(name, value))
	}
	return i, opt.check(p)
}

// kubernetesName is a name of an object: RFC 1123, as subdomains are.
var kubernetesName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)

// dnsName is one of clients' names for the gateway, and an object's that may have dots.
var dnsName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)

// checkNames refuses what is no name, which Kubernetes would, or worse, Istio would take for
// another one.
func (o *IstioOptions) checkNames() error {
	for _, host := range o.Hosts {
		if host != "*" && !dnsName.MatchString(strings.TrimPrefix(host, "*.")) {
			return fmt.Errorf("host: %q: want the name that clients call the gateway by, in lower case and without a port, as in llm.example.com", host)
		}
	}
	for _, path := range o.Paths {
		if !strings.HasPrefix(path, "/") || strings.ContainsAny(path, "?# ") {
			return fmt.Errorf("path: %q: want the beginning of a path, as in /v1/", path)
		}
	}
	if o.Gateway == "" {
		return nil
	}
	name := o.Gateway
	if namespace, after, found := strings.Cut(name, "/"); found && kubernetesName.MatchString(namespace) {
		name = after
	}
	if !dnsName.MatchString(name) {
		return fmt.Errorf("gateway: %q: want NAME or NAMESPACE/NAME of an Istio Gateway", o.Gateway)
	}
	return nil
}

// checkCompanion refuses a companion that could not do what the policy wants.
func (o *IstioOptions) checkCompanion(p *policy.Policy) error {
	judges := p.UsesCompanion() && o.CompanionImage != "" && p.Cache != nil && p.Cache.Enabled && p.Cache.Judge != nil
	if judges && o.JudgeURL == "" {
		return errors.New("cache.judge: the companion asks it through this gateway, and does not know where that is; say so with judge-url, as in http://llm-gateway.llm.svc.cluster.local, or remove it")
	}
	if !judges && o.JudgeURL != "" {
		return errors.New("judge-url belongs to companion-image and a policy with cache.judge")
	}
	if o.JudgeURL == "" {
		return nil
	}
	to, err := url.Parse(o.JudgeURL)
	switch {
	case err != nil || to.Scheme != "http" && to.Scheme != "https" || to.Hostname() == "":
		return fmt.Errorf("judge-url: %q: want http:// or https:// and a host", o.JudgeURL)
	case !slices.Contains(o.Hosts, "*") && !slices.Contains(o.Hosts, to.Hostname()):
		return fmt.Errorf("judge-url: the gateway's route has no name %s; add it with host", to.Hostname())
	}
	return nil
}

// check refuses options that lead nowhere.
func (o *IstioOptions) check(p *policy.Policy) error {
	if err := errors.Join(o.checkNames(), o.checkCompanion(p)); err != nil {
		return err
	}
	switch {
	case !kubernetesName.MatchString(o.Namespace):
		return fmt.Errorf("namespace: %q is no name of a namespace", o.Namespace)
	case (len(o.Selector) == 0) == (o.Target == ""):
		return errors.New("say which pods, with one of selector (as in istio=ingressgateway) and target (as in Gateway/llm)")
	}
	if o.Shape == Plugin && (o.CompanionImage != "" || len(o.Paths) > 0) {
		return errors.New("companion-image and path belong to shape full: a plugin asks no companion, and all that the pods serve passes through it")
	}
	if o.Shape == Plugin {
		return o.checkPlugin()
	}
	switch {
	case o.Target != "":
		return errors.New("target: shape full is for the pods of an Istio Gateway: name them with selector. A Gateway of the Gateway API, a Service and a waypoint take shape plugin")
	case o.Gateway == "":
		return errors.New("gateway: shape full has the gateway's route: name the Istio Gateway that clients come in by")
	case o.API != wasmPlugin || o.Traffic != "" || o.Priority != 0 || o.PullSecret != "":
		return errors.New("api, traffic, priority and pull secret belong to shape plugin")
	case o.Unfiltered != "refuse" && o.Unfiltered != "pass":
		return fmt.Errorf("unfiltered: %q: there are refuse and pass", o.Unfiltered)
	case o.Unfiltered == "pass" && p.DefaultProvider == "":
		return errors.New("unfiltered: pass is to the policy's default_provider, and it has none")
	case p.UsesCompanion() && o.CompanionImage != "" && p.Companion.CredentialEnv == "":
		return errors.New("companion.credential: the companion is another pod, which serves nobody without a token; write companion: {credential: {env: NAME}}")
	}
	return o.checkHosts(p)
}

// checkHosts refuses providers that a route with names cannot lead to. Sluice writes a provider's
// host into :authority, where Envoy then looks for one of the names that Istio has given the
// route: an IPv6 address is in brackets there and none in Istio's, and Istio takes localhost for
// a Service of this namespace.
func (o *IstioOptions) checkHosts(p *policy.Policy) error {
	if slices.Contains(o.Hosts, "*") {
		return nil
	}
	for _, v := range p.Providers {
		switch host := v.Endpoint.Host; {
		case isAddress(host) && strings.Contains(host, ":"):
			return fmt.Errorf("providers.%s.endpoint: %s: a route for certain hosts cannot lead to an IPv6 address, which Istio writes without its brackets; give the server a name, or leave host out", v.Name, host)
		case ownPod(host) && !isAddress(host):
			return fmt.Errorf("providers.%s.endpoint: %s: Istio takes it for a Service where the route is for certain hosts; write 127.0.0.1", v.Name, host)
		}
	}
	return nil
}

func (o *IstioOptions) checkPlugin() error {
	kind, name, _ := strings.Cut(o.Target, "/")
	switch {
	case o.Target == "":
	case targetGroups[kind] == nil || !kubernetesName.MatchString(name):
		return fmt.Errorf("target: %q: want Gateway/NAME, GatewayClass/NAME, Service/NAME or ServiceEntry/NAME", o.Target)
	case kind == "GatewayClass" && name != waypointClass:
		return fmt.Errorf("target: %q: Istio takes a plugin for the class %s and no other; name a Gateway with Gateway/NAME", o.Target, waypointClass)
	case o.Gateway != "":
		return fmt.Errorf("gateway: it writes a VirtualService for an Istio Gateway, and the proxies of %s take their routes from the Gateway API or the mesh; leave it out, or name the gateway's pods with selector", o.Target)
	case kind == "Gateway" && o.Traffic != "":
		return fmt.Errorf("traffic: the proxies of %s have one kind of listeners, which client means for a gateway and server for a waypoint; leave it out", o.Target)
	case o.Traffic == "client":
		return fmt.Errorf("traffic: client: %s is a waypoint's, all of whose listeners are server's: nothing would pass through the plugin; leave it out", o.Target)
	}
	switch {
	case o.Gateway != "" && o.Traffic == "server":
		return errors.New("traffic: server: the listeners of a gateway are client's alone: nothing would pass through the plugin; leave it out")
	case o.API != wasmPlugin && o.API != trafficExtension:
		return fmt.Errorf("api: %q: there are %s and %s", o.API, wasmPlugin, trafficExtension)
	case o.Traffic != "" && o.Traffic != "client" && o.Traffic != "server":
		return fmt.Errorf("traffic: %q: there are client and server", o.Traffic)
	case o.Unfiltered != "refuse":
		return errors.New("unfiltered belongs to shape full: without its plugin, a route of this shape leads to the provider")
	}
	return nil
}

func (i *istio) objects() (all []*yaml.Node, err error) {
	all = i.upstreamObjects()
	clients := at("hosts", texts(i.opt.Hosts...))
	if i.opt.Shape == Plugin {
		if i.opt.Gateway != "" {
			all = append(all, i.virtualService("sluice", clients, i.pluginRoute()))
		}
		return append(all, i.plugin()), nil
	}
	if i.policy.UsesCompanion() && i.opt.CompanionImage != "" {
		all = append(all, i.companionObjects()...)
	}
	bootstrap, err := i.bootstrap()
	return append(all, bootstrap, i.virtualService("sluice", clients, i.fullRoute(i.opt.Paths...)), i.envoyFilter()), err
}

func (i *istio) banner() string {
	env := "None is needed in the proxy's environment."
	if names := i.credentials(); len(names) > 0 {
		env = "The proxy's container must have in its environment: " + strings.Join(names, ", ") + "."
	}
	return "Written by \"sluice render --for istio\" from a policy: change the policy and render again.\n" +
		"No key is in this file. " + env + i.companionKeys()
}

// labels are on every object, to find them by: kubectl get -A -l app.kubernetes.io/part-of=sluice.
func labels(more ...field) field {
	return at("labels", object(append([]field{at("app.kubernetes.io/part-of", "sluice")}, more...)...))
}

// kubernetes is an object of the cluster.
func (i *istio) kubernetes(api, kind, name string, rest ...field) *yaml.Node {
	return with(object(
		at("apiVersion", api),
		at("kind", kind),
		at("metadata", object(
			at("name", name),
			at("namespace", i.opt.Namespace),
			labels(),
		)),
	), rest...)
}
