package render

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/policy"
)

// meshHost is a host outside the mesh, with the ports that providers have there.
type meshHost struct {
	name    string // of its objects
	host    string // as the mesh knows it
	address string // where it is, if that is not the name that the mesh knows: an address, or its name for DNS
	ports   []meshPort
}

type meshPort struct {
	number int
	tls    bool
}

// meshHosts are the providers' hosts, each once, in the policy's order.
//
// The only rendering of a namespace makes them known by their own names, which other routes there
// can use. One with a name of its own makes names up where its own routes are what leads there: of
// two ServiceEntries for one host Istio takes the older's ports, and of two DestinationRules the
// older's policy, so that one gateway would reach its providers as the other's policy has them.
func (o *IstioOptions) meshHosts(providers []policy.Provider) (all []*meshHost) {
	byHost, taken := map[string]*meshHost{}, map[string]bool{}
	for _, p := range providers {
		to := p.Endpoint
		if inMesh(to.Host) {
			continue
		}
		h := byHost[to.Host]
		if h == nil {
			h = &meshHost{name: o.hostName(p.Name, taken), host: to.Host}
			switch {
			case o.Name != defaultName && (o.Shape == Full || len(o.Gateways) > 0):
				h.address, h.host = to.Host, strings.TrimPrefix(h.name, o.Name+"-")+"."+o.Name+madeUp
			case isAddress(to.Host):
				h.address, h.host = to.Host, h.name+madeUp
			}
			byHost[to.Host] = h
			all = append(all, h)
		}
		if port := (meshPort{to.Port, to.TLS}); !slices.Contains(h.ports, port) {
			h.ports = append(h.ports, port)
		}
	}
	return all
}

// checkHosts refuses providers that a route with names cannot lead to. Sluice writes a provider's
// host into :authority, where Envoy then looks for one of the names that Istio has given the
// route: an IPv6 address is in brackets there and none in Istio's, and Istio takes localhost for
// a Service of this namespace.
func (o *IstioOptions) checkHosts(p *policy.Policy) error {
	if o.everyHost() {
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

// inMesh tells whether a name is one of the cluster's own, or of the pod itself: such a host
// is registered already, or is none of the mesh's.
func inMesh(host string) bool {
	if ownPod(host) || isAddress(host) {
		return ownPod(host)
	}
	return !strings.Contains(host, ".") || strings.HasSuffix(host, ".svc") || strings.HasSuffix(host, ".svc.cluster.local")
}

// ownPod tells whether a host is the one that asks.
func ownPod(host string) bool {
	if address, err := netip.ParseAddr(host); err == nil {
		return address.IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// madeUp ends the names of hosts that nobody else knows by them.
const madeUp = ".external"

// hostName makes a provider's name one of an object, and each another one.
func (o *IstioOptions) hostName(provider string, taken map[string]bool) string {
	if o.Name != defaultName {
		return o.upstreamName("sluice_" + provider)
	}
	base := "sluice-" + strings.Trim(strings.ReplaceAll(provider, "_", "-"), "-")
	base = strings.TrimRight(base[:min(len(base), 58)], "-")
	name := base
	for n := 2; taken[name]; n++ {
		name = base + "-" + strconv.Itoa(n)
	}
	taken[name] = true
	return name
}

func (h *meshHost) tls() bool {
	return slices.ContainsFunc(h.ports, func(p meshPort) bool { return p.tls })
}

// serviceEntry makes a provider known to the mesh.
func (i *istio) serviceEntry(h *meshHost) *yaml.Node {
	ports := list()
	for _, p := range h.ports {
		protocol := "HTTP"
		if p.tls {
			protocol = "HTTPS"
		}
		ports.Content = append(ports.Content, flow(object(
			at("number", int64(p.number)),
			at("name", strings.ToLower(protocol)+"-"+strconv.Itoa(p.number)),
			at("protocol", protocol),
		)))
	}
	spec := object(
		at("hosts", texts(h.host)),
		at("location", "MESH_EXTERNAL"),
		at("exportTo", texts(".")).why("This namespace's own: what others may call is not for this file to say."),
		at("ports", ports),
	)
	resolution := "DNS"
	if isAddress(h.address) {
		resolution = "STATIC"
	}
	with(spec, at("resolution", resolution))
	if h.address != "" {
		with(spec, at("endpoints", list(flow(object(at("address", h.address))))))
	}
	why := "The provider, as the mesh knows it: routes can lead there, telemetry has a name for it."
	if i.opt.Name != defaultName && strings.HasSuffix(h.host, madeUp) {
		why += "\nThe name is made up, so that it is no other rendering's."
	}
	if i.opt.Shape == Full {
		why += "\nSluice's own requests go through the clusters of the EnvoyFilter below, which know which\nprovider an attempt is for; of two providers at one host this entry could not tell."
	}
	return i.kubernetes("networking.istio.io/v1", "ServiceEntry", h.name, at("spec", spec).why(why))
}

// destinationRule has the mesh speak TLS to a provider, and see that it is the one.
func (i *istio) destinationRule(h *meshHost) *yaml.Node {
	proves := h.address
	if proves == "" {
		proves = h.host
	}
	fields := []field{at("mode", "SIMPLE")}
	if !isAddress(proves) {
		fields = append(fields, at("sni", proves))
	}
	fields = append(fields, at("subjectAltNames", texts(proves)).
		why("The roots are the proxy's own (its operating system's); the name is checked here."))
	tls := object(fields...)
	traffic := object(at("tls", tls))
	if slices.ContainsFunc(h.ports, func(p meshPort) bool { return !p.tls }) {
		perPort := list()
		for _, p := range h.ports {
			if p.tls {
				perPort.Content = append(perPort.Content, object(at("port", flow(object(at("number", int64(p.number))))), at("tls", tls)))
			}
		}
		traffic = object(at("portLevelSettings", perPort))
	}
	return i.kubernetes("networking.istio.io/v1", "DestinationRule", h.name, at("spec", object(
		at("host", h.host),
		at("exportTo", texts(".")),
		at("trafficPolicy", traffic),
	)))
}

// virtualService is how clients' requests find the provider, or Sluice.
func (i *istio) virtualService(name string, hosts field, route *yaml.Node) *yaml.Node {
	return i.kubernetes("networking.istio.io/v1", "VirtualService", name, at("spec", object(
		hosts,
		at("gateways", texts(i.opt.Gateways...)),
		at("exportTo", texts(".")),
		at("http", list(route)),
	)))
}

// headers are taken off on the way, by a route.
func (i *istio) headersOff() field {
	return at("headers", object(
		at("request", object(at("remove", texts(i.endsInTheMesh()...)))).
			why("Ours, Envoy's, the mesh's and your authentication's: no provider's business."),
		at("response", object(at("remove", texts("x-envoy-upstream-service-time", "x-envoy-decorator-operation")))),
	))
}

// endsInTheMesh are the request headers that no provider gets.
func (i *istio) endsInTheMesh() []string {
	return append(i.endsHere(),
		"x-forwarded-for", "x-forwarded-host", "x-forwarded-client-cert", "x-request-id",
		"x-envoy-attempt-count", "x-envoy-decorator-operation", "x-envoy-peer-metadata", "x-envoy-peer-metadata-id")
}

// toProvider is a route's destination at a provider.
func (i *istio) toProvider(p policy.Provider) []field {
	host := p.Endpoint.Host
	for _, h := range i.hosts {
		if h.address == host {
			host = h.host
		}
	}
	return []field{
		at("rewrite", object(at("authority", p.Endpoint.Authority()))),
		at("timeout", i.policy.Limits.Stream).why("The policy's limits.stream: no request lives longer, answer included."),
		at("retries", flow(object(at("attempts", int64(0))))).
			why("Of further attempts Sluice would not know what they cost."),
		at("route", list(object(at("destination", object(
			at("host", host),
			at("port", flow(object(at("number", int64(p.Endpoint.Port))))),
		))))),
	}
}

// pluginRoute leads to the policy's one provider.
func (i *istio) pluginRoute() *yaml.Node {
	return with(object(at("name", i.opt.Name), i.headersOff()), i.toProvider(i.policy.Providers[0])...)
}

// fullRoute is what the EnvoyFilter changes. By itself it lets nothing by, or all.
func (i *istio) fullRoute(paths ...string) *yaml.Node {
	route := object(at("name", i.opt.Name).why("The EnvoyFilter finds the route by this name."))
	if len(paths) > 0 {
		match := list()
		for _, path := range paths {
			match.Content = append(match.Content, flow(object(at("uri", flow(object(at("prefix", path)))))))
		}
		match.Content = append(match.Content, flow(object(at("headers", flow(object(at(gateway.ClusterHeader, flow(object(at("prefix", "sluice_"))))))))))
		with(route, at("match", match).why("What comes to Sluice. And what it has let go, by then with the provider's path: Envoy looks\nfor the route again. No client can send that header."))
	} else {
		route.Content[0].HeadComment += " Every path of the hosts comes\nto Sluice: what is no call that it knows goes on to default_provider, or is 404 (--path)."
	}
	with(route, i.headersOff())
	if i.opt.Unfiltered == "pass" {
		for _, p := range i.policy.Providers {
			if p.Name == i.policy.DefaultProvider {
				to := i.toProvider(p)
				to[0] = to[0].why("Where requests go while the EnvoyFilter below is not there: unchanged, uncounted,\nwithout the gateway's key. With it, Sluice says where to.")
				return with(route, to...)
			}
		}
	}
	return with(route, at("directResponse", object(
		at("status", int64(503)),
		at("body", flow(object(at("string", `{"error":{"message":"the gateway is not ready: its filter is not in place","type":"server_error","param":null,"code":"gateway_error"}}`)))),
	)).why("What clients get while the EnvoyFilter below is not there or, after an upgrade of Istio,\nno longer matches: nothing passes unguarded and uncounted. (--unfiltered pass)"))
}
