package render

import (
	"slices"
	"strings"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/host"
)

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
		if to := v.Endpoint; opt.Shape == Plugin && len(opt.Gateways) > 0 && to.TLS && inMesh(to.Host) && !ownPod(to.Host) {
			found = append(found, policy.Problem{Path: "providers." + v.Name + ".endpoint", Message: "the route leads to Istio's own cluster for the Service " + to.Host +
				", which speaks the mesh's TLS or none; for the server's own a DestinationRule of yours must say tls: {mode: SIMPLE, sni: " + to.Host + "}"})
		}
	}
	if p.UsesCompanion() {
		warn("companion.endpoint", p.Companion.Endpoint.Host, "render it with --companion-image, or name one with --companion")
	}
	for _, target := range opt.Targets {
		if !strings.HasPrefix(target, "GatewayClass/") || opt.Namespace == rootNamespace {
			continue
		}
		found = append(found, policy.Problem{Path: "target", Message: target + " is taken from Istio's root namespace alone, and " + opt.Namespace +
			" is that only if meshConfig.rootNamespace says so: else nothing passes through the plugin; write --namespace " + rootNamespace})
	}
	if opt.Shape == Plugin && opt.Traffic == "server" && len(opt.Gateways) == 0 && slices.ContainsFunc(opt.Selector, isGatewayLabel) {
		found = append(found, policy.Problem{Path: "traffic", Message: "these look like the pods of a gateway, whose listeners are client's alone: then nothing passes through the plugin; leave it out"})
	}
	return found
}

// IstioDifferences are the settings that a shape does not keep by itself.
func IstioDifferences(p *policy.Policy, opt IstioOptions) (found []policy.Problem) {
	_, differs := host.Check(p, opt.withDefaults().Shape.Host())
	for _, w := range differs {
		if w.Path != "limits.stream" || len(opt.Gateways) == 0 { // the route that is written keeps it
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
