package render

import (
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/gateway"
)

// ListenerName is the rendered listener's name.
const ListenerName = "sluice"

// listener is where clients connect.
func (e *envoy) listener() *yaml.Node {
	return object(
		at("name", ListenerName),
		at("address", socket(e.listen)),
		at("per_connection_buffer_limit_bytes", e.buffer).
			why("What the filter may hold of one body over HTTP/1: the policy's larger body limit and\n1 MiB, so that it is the filter that answers 413, in the client's dialect."),
		at("filter_chains", list(object(
			at("filters", list(
				extension("envoy.filters.network.http_connection_manager",
					"envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
					e.connectionManager()...,
				),
			)),
		))),
	)
}

// connectionManager is HTTP on the listener: HTTP/1.1 and HTTP/2, whichever the
// client speaks.
func (e *envoy) connectionManager() []field {
	fields := []field{
		at("stat_prefix", "sluice"),
		at("codec_type", "AUTO"),
	}
	fields = append(fields, e.timeouts()...)
	fields = append(fields, e.http2())
	fields = append(fields, e.hardening()...)
	fields = append(fields, e.transparency()...)
	if e.policy.Records.AccessLog {
		fields = append(fields, at("access_log", e.accessLog()).
			why("The policy's records.access_log: one decision record a request, one JSON object a\nline, on stdout. Envoy writes it out every 10 s unless it is started with\n--file-flush-interval-msec."))
	}
	return append(fields,
		at("local_reply_config", e.localReplies()).
			why("What Envoy answers by itself has the form that the caller's client library reads."),
		at("http_filters", list(append(e.own.filters, e.wasmFilter(), router())...)).
			why("The filter that authenticates your callers belongs in front of sluice: the policy's\nidentity is only as good as what sets it. \"sluice render --filters FILE\" puts it there."),
		at("route_config", e.routes()),
	)
}

func router() *yaml.Node {
	return extension("envoy.filters.http.router", "envoy.extensions.filters.http.router.v3.Router",
		at("suppress_envoy_headers", true).
			why("Neither providers nor clients need Envoy's x-envoy-* headers."),
	)
}

// timeouts bounds everything a client or a provider can make Envoy wait for.
func (e *envoy) timeouts() []field {
	stream := e.policy.Limits.Stream
	return []field{
		at("common_http_protocol_options", object(
			at("max_stream_duration", stream).
				why("The policy's limits.stream: no request lives longer, answer included."),
			at("idle_timeout", 15*time.Minute).
				why("A client's connection without any request on it."),
			at("headers_with_underscores_action", "ALLOW").
				why("x_team is another header than x-team to the filter. Do not let a system behind this\none read them as the same."),
		)),
		at("stream_idle_timeout", stream).
			why("A model that thinks may be silent for minutes, so silence is bounded by the same\nlimit (Envoy's default of 5 minutes would break such streams)."),
		at("request_headers_timeout", 10*time.Second).
			why("Slow senders: headers, and then the whole request."),
		at("request_timeout", 5*time.Minute),
	}
}

// http2 sizes HTTP/2 for bodies that are held. A stream's window is also the limit
// of what filters may hold of it, whatever the listener's limit says: with Envoy's
// usual edge setting of 64 KiB every longer prompt would be refused.
func (e *envoy) http2() field {
	return at("http2_protocol_options", object(
		at("max_concurrent_streams", int64(100)),
		at("initial_stream_window_size", e.buffer).
			why("Over HTTP/2 this is what the filter may hold of one body."),
		at("initial_connection_window_size", e.buffer),
	))
}

// hardening is what Envoy recommends for an edge.
func (e *envoy) hardening() []field {
	return []field{
		at("use_remote_address", true).
			why("Clients are not trusted: Envoy drops the x-envoy-* headers that they send."),
		at("normalize_path", true).
			why("The path that the filter judges is the path that the provider gets: /v1/./chat, //v1\nand %63hat cannot smuggle a call by. A path that is already normal stays as it is,\nbyte for byte; %2F stays, since names of models contain it."),
		at("merge_slashes", true),
		at("path_with_escaped_slashes_action", "KEEP_UNCHANGED"),
	}
}

// transparency keeps Envoy out of what the client and the provider tell each other.
func (e *envoy) transparency() []field {
	return []field{
		at("skip_xff_append", true).
			why("What the client and the provider say to each other stays as it is: no address of\nyours to the provider, no request id of Envoy's, the server header of the provider."),
		at("generate_request_id", false),
		at("preserve_external_request_id", true),
		at("server_header_transformation", "PASS_THROUGH"),
	}
}

// endsHere are the request headers that no provider gets: what is the filter's, what
// Envoy adds for systems of its own kind, among it the client's address, and what
// the gateway's authentication has set.
func (e *envoy) endsHere() []string {
	headers := []string{
		gateway.ClusterHeader, "x-sluice-cache", "x-sluice-id",
		"x-forwarded-proto", "x-envoy-external-address", "x-envoy-internal",
	}
	for _, part := range e.policy.Identity {
		if part.Verified && !carriesCredential(part.Header) && !slices.Contains(headers, part.Header) {
			headers = append(headers, part.Header)
		}
	}
	return headers
}

// carriesCredential says whether a provider's credential may be in the header: then
// it must arrive, whatever else the header was good for.
func carriesCredential(header string) bool {
	switch header {
	case "authorization", "x-api-key", "api-key":
		return true
	}
	return false
}

// destination is where the route sends a request: to the cluster that the filter names, or,
// where its headers go before the filter has read what it wants, to the one provider.
func (e *envoy) destination() []field {
	if e.policy.HoldHeaders || len(e.policy.Providers) == 0 {
		return []field{at("cluster_header", gateway.ClusterHeader).
			why("The filter drops what a client sends under this name and sets it itself.")}
	}
	v := e.policy.Providers[0]
	return []field{
		at("cluster", gateway.ClusterPrefix+v.Name).
			why("The policy has hold_headers: false, so that the route is chosen before the filter has\nread a request: there is one provider."),
		at("host_rewrite_literal", v.Endpoint.Authority()),
	}
}

// routes sends each request to the cluster that the filter has named.
func (e *envoy) routes() *yaml.Node {
	return object(
		at("name", "sluice"),
		at("virtual_hosts", list(object(
			at("name", "sluice"),
			at("domains", texts("*")),
			at("routes", list(object(
				at("match", flow(object(at("prefix", "/")))),
				at("request_headers_to_remove", texts(e.endsHere()...)).
					why("Ours, Envoy's and your authentication's: no provider's business."),
				at("route", object(append(e.destination(),
					at("timeout", time.Duration(0)).
						why("No limit on the whole answer: max_stream_duration is the limit."),
					retryPolicy(),
				)...)),
			))),
		))),
	)
}

func retryPolicy() field {
	return at("retry_policy", object(
		at("retry_back_off", flow(object(
			at("base_interval", time.Millisecond),
			at("max_interval", time.Millisecond),
		))),
	)).why("Whether there is another attempt, and when, the filter says for each request. The\nfailures that it does not see, such as a connection refused, are followed at once.")
}
