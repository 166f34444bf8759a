package render

import (
	"net/netip"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/policy"
)

// clusters are the providers, in the policy's order, the companion, and the user's own.
func (e *envoy) clusters() *yaml.Node {
	all := list()
	for _, provider := range e.policy.Providers {
		all.Content = append(all.Content, e.cluster(provider))
	}
	all.Content = append(all.Content, e.attempts()...)
	if e.policy.UsesCompanion() {
		all.Content = append(all.Content, e.companion())
	}
	all.Content = append(all.Content, e.own.clusters...)
	return all
}

func (e *envoy) cluster(p policy.Provider) *yaml.Node {
	name := gateway.ClusterPrefix + p.Name
	cluster := object(at("name", name), e.discovery(name, p.Endpoint))
	with(cluster,
		at("connect_timeout", 5*time.Second),
		at("per_connection_buffer_limit_bytes", e.buffer).
			why("What the filter may hold of one answer: as much as of a request."),
		outliers(),
	)
	if e.listenerInside(name, p.Endpoint) == "" {
		with(cluster, keepalive())
	}
	with(cluster,
		at("circuit_breakers", object(
			at("thresholds", list(flow(object(
				at("max_connections", manyStreams),
				at("max_pending_requests", manyStreams),
				at("max_requests", manyStreams),
			)))),
		)).why("Envoy's default of 1024 is soon used up by streams that last minutes."),
		at("typed_extension_protocol_options", object(
			at("envoy.extensions.upstreams.http.v3.HttpProtocolOptions", protocol(p.Endpoint)),
		)),
	)
	if p.Endpoint.TLS {
		with(cluster, at("transport_socket", e.tls(peer{host: e.proves(name, p.Endpoint), roots: e.roots()})))
	}
	return with(cluster, assignment(name, with(e.endpoint(name, p.Endpoint), at("metadata", object(
		at("filter_metadata", object(
			at("sluice", flow(object(at("provider", p.Name)))),
		)),
	)))))
}

// manyStreams is no bound on the work, which the policy's budgets and the
// listener's connection limit give, but an end to a runaway.
const manyStreams = int64(100_000)

func keepalive() field {
	return at("upstream_connection_options", object(
		at("tcp_keepalive", flow(object(
			at("keepalive_probes", int64(3)),
			at("keepalive_time", int64(30)),
			at("keepalive_interval", int64(10)),
		))),
	)).why("Finds out that a provider is gone while a stream is silent.")
}

// listenerInside is the internal listener by which a cluster reaches its endpoint, "" = none.
func (e *envoy) listenerInside(cluster string, to policy.Endpoint) string {
	if e.inside == nil {
		return ""
	}
	return e.inside(cluster, to)
}

// discovery says how the address of a cluster's endpoint is found.
func (e *envoy) discovery(cluster string, to policy.Endpoint) field {
	if isAddress(to.Host) || e.listenerInside(cluster, to) != "" {
		return at("type", "STATIC")
	}
	return at("cluster_type", extension("envoy.clusters.dns", "envoy.extensions.clusters.dns.v3.DnsCluster",
		at("dns_lookup_family", "ALL"),
		at("respect_dns_ttl", true),
		at("all_addresses_in_single_endpoint", true),
	)).why("A large provider's name has many and changing addresses: new connections go to the\nnewest answer, to whichever of IPv6 and IPv4 connects first, and old ones live on.")
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// protocol is HTTP/2 or HTTP/1.1, as the server chooses in the TLS handshake, and
// HTTP/1.1 where there is no TLS to choose in.
func protocol(to policy.Endpoint) *yaml.Node {
	options := object(
		at("common_http_protocol_options", object(
			at("idle_timeout", time.Minute).
				why("Shorter than any provider's own, so that no request meets a connection that is\njust being closed."),
		)),
	)
	if !to.TLS {
		with(options, at("explicit_http_config", object(
			at("http_protocol_options", flow(object())),
		)))
	} else {
		with(options, at("auto_config", object(
			at("http_protocol_options", flow(object())),
			at("http2_protocol_options", object(
				at("connection_keepalive", flow(object(
					at("interval", 30*time.Second),
					at("timeout", 10*time.Second),
				))),
			)),
		)).why("HTTP/2 where the provider offers it in the TLS handshake, else HTTP/1.1."))
	}
	return typed("envoy.extensions.upstreams.http.v3.HttpProtocolOptions", options)
}

// endpoint is the one address of a cluster.
func (e *envoy) endpoint(cluster string, to policy.Endpoint) *yaml.Node {
	where := socket(address{host: to.Host, port: int64(to.Port)})
	if name := e.listenerInside(cluster, to); name != "" {
		where = object(at("envoy_internal_address", flow(object(at("server_listener_name", name)))))
	}
	return object(at("endpoint", object(at("address", where))))
}

func assignment(cluster string, endpoint *yaml.Node) field {
	return at("load_assignment", object(
		at("cluster_name", cluster),
		at("endpoints", list(object(
			at("lb_endpoints", list(endpoint)),
		))),
	))
}
