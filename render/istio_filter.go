package render

import (
	"bytes"
	"encoding/json"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/gateway"
)

// envoyFilter is Sluice in the pods of an Istio gateway: the filter in its two roles, and what
// the gateway's listeners and the route need for them. Its clusters are in istio_upstreams.go.
func (i *istio) envoyFilter() *yaml.Node {
	patches := list(
		i.extension(i.wasmFilter(), "The filter of the gateway's listeners, as a resource of its own."),
		i.insert(),
		i.onListener(),
		i.onConnectionManager(),
		i.onRoute(),
	)
	return i.kubernetes("networking.istio.io/v1alpha3", "EnvoyFilter", i.opt.Name, i.inThePods(patches))
}

func (i *istio) inThePods(patches *yaml.Node) field {
	return at("spec", object(
		at("workloadSelector", object(at("labels", object(i.selector...)))).
			why("The gateway's pods. An EnvoyFilter without it would be in every pod of the namespace."),
		at("configPatches", patches),
	))
}

// patch is one change of the configuration that Istio makes of everything else.
func patch(where string, match []field, operation string, value *yaml.Node) *yaml.Node {
	return object(
		at("applyTo", where),
		at("match", object(append([]field{at("context", "GATEWAY")}, match...)...)),
		at("patch", object(
			at("operation", operation),
			at("value", value),
		)),
	)
}

func (i *istio) extension(filter *yaml.Node, why string) *yaml.Node {
	p := patch("EXTENSION_CONFIG", nil, "ADD", filter)
	p.Content[0].HeadComment = why
	return p
}

// inListener matches the HTTP connection managers of the gateway, and in them a filter.
func inListener(filter ...field) []field {
	return []field{at("listener", object(
		at("filterChain", object(
			at("filter", object(append([]field{at("name", "envoy.filters.network.http_connection_manager")}, filter...)...)),
		)),
	))}
}

// insert puts the filter in front of the router, behind Istio's own: authentication and
// authorization have been by then.
func (i *istio) insert() *yaml.Node {
	filter := discovered(edgeName, at("type_urls", texts(wasmType)).
		why("And nothing else. Istio's agent puts an RBAC that refuses everybody in the place of a\nmodule that it could not fetch: Envoy does not take that, and keeps the module that it\nhas. Without one it answers 500."),
		at("disabled", true).why("Only the route below turns it on: what else this gateway serves does not pass through\nSluice."))
	return patch("HTTP_FILTER", inListener(at("subFilter", flow(object(at("name", "envoy.filters.http.router"))))), "INSERT_BEFORE", filter)
}

func (i *istio) onListener() *yaml.Node {
	return patch("LISTENER", nil, "MERGE", object(
		at("per_connection_buffer_limit_bytes", i.buffer).
			why("What the filter may hold of one body over HTTP/1: the policy's larger body limit and\n1 MiB, so that it is the filter that answers 413, in the client's dialect. It is a bound\nfor all that these listeners serve."),
	))
}

func (i *istio) onConnectionManager() *yaml.Node {
	fields := []field{i.http2Windows(), ownHeaderOff()}
	if i.policy.Records.AccessLog {
		fields = append(fields, at("access_log", i.accessLog()).
			why("The policy's records.access_log: one decision record a request, one JSON object a\nline, on stdout, beside the mesh's own access log."))
	}
	fields = append(fields, at("local_reply_config", i.localReplies()).
		why("What Envoy answers by itself on Sluice's route has the form that the caller's client\nlibrary reads."))
	return patch("NETWORK_FILTER", inListener(), "MERGE", object(
		at("name", "envoy.filters.network.http_connection_manager"),
		at("typed_config", typed("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", object(fields...))),
	))
}

// ownHeaderOff keeps clients from choosing a cluster. The filter drops what a client sends as the
// header that the route goes by, but the patch that puts the filter there and the one that changes
// the route can match one without the other.
func ownHeaderOff() field {
	return at("early_header_mutation_extensions", list(extension("envoy.http.early_header_mutation.header_mutation",
		"envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
		at("mutations", list(flow(object(at("remove", gateway.ClusterHeader))))),
	))).why("Before any filter: should a new Istio put the filter below nowhere and still change the\nroute, it leads to no cluster (503), and never to one that a client names.")
}

func (i *istio) http2Windows() field {
	return at("http2_protocol_options", object(
		at("initial_stream_window_size", i.buffer).
			why("Over HTTP/2 this is what the filter may hold of one body."),
		at("initial_connection_window_size", i.buffer),
	))
}

// onRoute turns the filter on, and lets it say where a request goes.
func (i *istio) onRoute() *yaml.Node {
	stream := i.policy.Limits.Stream
	return patch("HTTP_ROUTE", []field{at("routeConfiguration", object(
		at("vhost", object(at("route", flow(object(at("name", i.opt.Name)))))),
	))}, "MERGE", object(
		at("route", object(append(i.destination(),
			at("auto_host_rewrite", false).
				why("In the place of the name that the route writes while the EnvoyFilter is not there: Sluice\nwrites that of the provider which it has chosen."),
			at("timeout", time.Duration(0)).
				why("No limit on the whole answer but the next two, the policy's limits.stream: a model that\nthinks may be silent for minutes."),
			at("idle_timeout", stream),
			at("max_stream_duration", flow(object(at("max_stream_duration", stream)))),
			retryPolicy(),
		)...)),
		at("request_headers_to_remove", texts("expect")).
			why("Istio's gateways leave the answer to expect: 100-continue to the server behind. By the\ntime that a request leaves Sluice its body has come."),
		at("typed_per_filter_config", object(
			at(edgeName, object(
				at("@type", "type.googleapis.com/envoy.config.route.v3.FilterConfig"),
				at("is_optional", true),
				at("config", flow(object(at("@type", "type.googleapis.com/envoy.config.core.v3.Metadata")))),
			)).why("Turns the filter on here. Envoy wants a config for that, and takes an empty one for none;\nIstio cannot say an empty one, so that it is one of a type that no filter has, and optional."),
		)),
	))
}

// bootstrapName is the name of the ConfigMap with what Envoy reads when it starts.
func (o *IstioOptions) bootstrapName() string { return o.Name + "-bootstrap" }

// bootstrap has the filter's metrics have labels. No EnvoyFilter reaches what a proxy starts
// with: the gateway's pods name this ConfigMap in an annotation, and Istio's injection puts it
// there.
func (i *istio) bootstrap() (*yaml.Node, error) {
	var settings any
	if err := object(i.stats()).Decode(&settings); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(settings); err != nil {
		return nil, err
	}
	return i.kubernetes("v1", "ConfigMap", i.opt.bootstrapName(), at("data", object(
		at("custom_bootstrap.json", block(out.String())).
			why("A filter can only give a metric a name, so Sluice's carry their labels inside it, and\nthese rules take them out again. Envoy reads them when it starts, in pods with the annotation\nsidecar.istio.io/bootstrapOverride: "+i.opt.bootstrapName()),
	))), nil
}
