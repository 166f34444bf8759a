package render

import (
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/gateway"
)

// attempts are the clusters that requests go to which may need more than one attempt, or
// another dialect than their client's: one for each order in which providers may be asked.
//
// Why a composite cluster, and not an aggregate one with previous_priorities: it sends
// attempt n to the n-th of its clusters and nowhere else, whatever Envoy thinks of their
// health, so that the order is the one that the filter has chosen for this request. An
// aggregate cluster begins with the first that it holds for healthy.
func (e *envoy) attempts() []*yaml.Node {
	var clusters []*yaml.Node
	for _, providers := range gateway.AttemptOrders(e.policy) {
		clusters = append(clusters, e.attemptsCluster(providers))
	}
	return clusters
}

func (e *envoy) attemptsCluster(providers []string) *yaml.Node {
	inside := list()
	for _, name := range providers {
		inside.Content = append(inside.Content, flow(object(at("name", gateway.ClusterPrefix+name))))
	}
	return object(
		at("name", gateway.AttemptsCluster(providers)+e.machine).
			why("A request that may need several attempts goes to "+gateway.AttemptsPrefix+"FIRST~SECOND…: each\nattempt to the next of these providers. One that only needs another dialect has one."),
		at("cluster_type", extension("envoy.clusters.composite", "envoy.extensions.clusters.composite.v3.ClusterConfig",
			at("clusters", inside),
		)),
		at("lb_policy", "CLUSTER_PROVIDED"),
		at("connect_timeout", 5*time.Second),
		at("per_connection_buffer_limit_bytes", e.buffer),
		at("circuit_breakers", object(
			at("thresholds", list(object(
				at("max_connections", manyStreams),
				at("max_pending_requests", manyStreams),
				at("max_requests", manyStreams),
				at("max_retries", manyStreams).
					why("While one provider is down every request to it needs a second attempt at the same\ntime. How many attempts one request makes is for the policy to say. (A retry_budget would\nbe a share of this cluster's requests, which Envoy counts at the providers' own.)"),
			))),
		)),
		at("typed_extension_protocol_options", object(
			at("envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
				typed("envoy.extensions.upstreams.http.v3.HttpProtocolOptions", object(
					at("explicit_http_config", object(
						at("http_protocol_options", flow(object())),
					)).why("Of no effect: a connection is made as its provider's own cluster says."),
					at("http_filters", list(
						e.providerFilter(),
						extension("envoy.filters.http.upstream_codec", "envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec"),
					)).why("Run once for each attempt, with the provider known: dialect, path and credential go\non here, and an answer is held until it is one."),
				))),
		)),
	)
}

// outliers has Envoy keep count of failing connections, for its admin interface. Who is
// asked is for the filter to decide, which knows a provider's limits from its failures,
// and never leaves a model without a target.
func outliers() field {
	return at("outlier_detection", flow(object(
		at("split_external_local_origin_errors", true),
		at("consecutive_local_origin_failure", int64(5)),
		at("enforcing_consecutive_5xx", int64(0)),
		at("enforcing_consecutive_gateway_failure", int64(0)),
		at("enforcing_success_rate", int64(0)),
		at("base_ejection_time", 5*time.Second),
	))).why("Ejects a provider that cannot be connected to; being the cluster's only endpoint it is\nasked all the same. See it at /clusters. What a provider answers is judged by the filter.")
}
