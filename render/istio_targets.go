package render

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/policy"
)

// targetGroups are the API groups of what a plugin can be attached to; a Service has none.
var targetGroups = map[string]string{
	"Gateway":      "gateway.networking.k8s.io",
	"GatewayClass": "gateway.networking.k8s.io",
	"Service":      "",
	"ServiceEntry": "networking.istio.io",
}

// waypointClass is the one GatewayClass that a plugin can be attached to, and in Istio's root
// namespace alone: its ShouldAttachPolicy knows no other.
const waypointClass = "istio-waypoint"

// mostTargets is the length of targetRefs that Istio's definitions of both kinds allow.
const mostTargets = 16

// targetRefs are what a plugin is attached to, as Istio has them.
func targetRefs(targets []string) *yaml.Node {
	refs := list()
	for _, target := range targets {
		kind, name, _ := strings.Cut(target, "/")
		refs.Content = append(refs.Content, object(
			at("group", targetGroups[kind]),
			at("kind", kind),
			at("name", name),
		))
	}
	return refs
}

// checkTargets refuses what no plugin can be attached to, and what Istio would take and then apply
// to nothing, so that all would pass uncounted.
func (o *IstioOptions) checkTargets() error {
	if len(o.Targets) > mostTargets {
		return fmt.Errorf("target: there are %d, and a plugin takes %d; render the others with another --name", len(o.Targets), mostTargets)
	}
	for n, target := range o.Targets {
		kind, name, _ := strings.Cut(target, "/")
		_, known := targetGroups[kind]
		switch {
		case !known || !kubernetesName.MatchString(name):
			return fmt.Errorf("target: %q: want Gateway/NAME, GatewayClass/NAME, Service/NAME or ServiceEntry/NAME", target)
		case slices.Contains(o.Targets[:n], target):
			return fmt.Errorf("target: %s is named twice", target)
		case kind == "GatewayClass" && name != waypointClass:
			return fmt.Errorf("target: %q: Istio takes a plugin for the class %s and no other; name a Gateway with Gateway/NAME", target, waypointClass)
		case len(o.Gateways) > 0:
			return fmt.Errorf("gateway: it writes a VirtualService for an Istio Gateway, and the proxies of %s take their routes from the Gateway API or the mesh; leave it out, or name the gateway's pods with selector", target)
		case kind == "Gateway" && o.Traffic != "":
			return fmt.Errorf("traffic: the proxies of %s have one kind of listeners, which client means for a gateway and server for a waypoint; leave it out", target)
		case o.Traffic == "client":
			return fmt.Errorf("traffic: client: %s is a waypoint's, all of whose listeners are server's: nothing would pass through the plugin; leave it out", target)
		}
	}
	return nil
}

// checkPlugin refuses options that shape plugin cannot keep.
func (o *IstioOptions) checkPlugin(*policy.Policy) error {
	if err := o.checkTargets(); err != nil {
		return err
	}
	switch {
	case o.CompanionImage != "" || len(o.Paths) > 0:
		return errors.New("companion-image and path belong to shape full: a plugin asks no companion, and all that the pods serve passes through it")
	case o.CAFile != "":
		return errors.New("ca belongs to shape full: a plugin's route has Istio verify the provider, by the roots of the proxy's own system; leave it out")
	case len(o.Gateways) == 0 && !o.everyHost():
		return errors.New("host: without a gateway a plugin has no route written, and all that its proxies serve passes through it; name the gateway, or leave host out")
	case o.Priority < math.MinInt32 || o.Priority > math.MaxInt32:
		return fmt.Errorf("priority: %d: Istio takes a number of 32 bits, at most %d", o.Priority, math.MaxInt32)
	case o.PullSecret != "" && (!dnsName.MatchString(o.PullSecret) || len(o.PullSecret) > 253):
		return fmt.Errorf("pull-secret: %q: want the name of a Secret, which is in the plugin's own namespace, as in registry", o.PullSecret)
	case len(o.Gateways) > 0 && o.Traffic == "server":
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
