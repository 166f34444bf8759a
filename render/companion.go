package render

import (
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/policy"
)

// companion is the cluster that the filter's own calls go to. What they ask for can be
// done without, so that everything here is short: nothing waits for the companion that
// the filter would not have given up on.
func (e *envoy) companion() *yaml.Node {
	to := e.policy.Companion.Endpoint
	cluster := object(at("name", gateway.CompanionCluster), discovery(to))
	with(cluster,
		at("connect_timeout", 250*time.Millisecond).
			why("The companion is beside the gateway or near it; a request goes on without it."),
		at("circuit_breakers", object(
			at("thresholds", list(flow(object(
				at("max_connections", int64(1024)),
				at("max_pending_requests", companionCalls),
				at("max_requests", companionCalls),
				at("max_retries", int64(0)),
			)))),
		)).why("The calls of all workers that may be under way. One more fails at once, which is a miss."),
		at("typed_extension_protocol_options", object(
			at("envoy.extensions.upstreams.http.v3.HttpProtocolOptions", companionProtocol(to)),
		)),
	)
	if to.TLS {
		with(cluster, at("transport_socket", e.tls(to, e.companionCertificate()...)))
	}
	return with(cluster, assignment(gateway.CompanionCluster, endpoint(to)))
}

// companionProtocol is HTTP/2: calls that wait share a connection with those that do not.
func companionProtocol(to policy.Endpoint) *yaml.Node {
	if to.TLS {
		return protocol(to)
	}
	return typed("envoy.extensions.upstreams.http.v3.HttpProtocolOptions", object(
		at("explicit_http_config", object(
			at("http2_protocol_options", flow(object())),
		)),
	))
}

// companionCalls bounds what a companion that is slow can pile up. Requests that wait for
// an answer to the same are among them, each for as long as cache.wait.
const companionCalls = int64(8192)
