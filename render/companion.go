package render

import (
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/gateway"
)

// companion is the cluster that the filter's own calls go to. All but guards that must be
// heard can be done without, so that everything here is short: nothing waits for the
// companion that the filter would not have given up on.
func (e *envoy) companion() *yaml.Node {
	to := e.policy.Companion.Endpoint
	cluster := object(at("name", gateway.CompanionCluster), e.discovery(gateway.CompanionCluster, to))
	with(cluster,
		at("connect_timeout", 250*time.Millisecond).
			why("The companion is beside the gateway or near it. A request goes on without it, unless a guard\nthat must be heard (on_error: deny) is asked through it."),
		at("circuit_breakers", object(
			at("thresholds", list(flow(object(
				at("max_connections", companionCalls),
				at("max_pending_requests", companionCalls),
				at("max_requests", companionCalls),
				at("max_retries", int64(0)),
			)))),
		)).why("The calls of all workers that may be under way, over HTTP/1.1 each on a connection of its\nown. One more fails at once, which is a miss."),
		at("typed_extension_protocol_options", object(
			at("envoy.extensions.upstreams.http.v3.HttpProtocolOptions", protocol(to)),
		)),
	)
	if to.TLS {
		with(cluster, at("transport_socket", e.tls(e.companionPeer(to))))
	}
	return with(cluster, assignment(gateway.CompanionCluster, e.endpoint(gateway.CompanionCluster, to)))
}

// companionCalls bounds what a companion that is slow can pile up. Requests that wait for
// an answer to the same are among them, each for as long as cache.wait.
const companionCalls = int64(8192)
