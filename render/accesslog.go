package render

import "go.yaml.in/yaml/v3"

// RecordState is the filter state that the filter leaves its decision record in,
// as Envoy names it: what a wasm filter sets is under `wasm.`.
const RecordState = "wasm.sluice_record"

// accessLog writes the decision records, one JSON object a line, on stdout.
func (e *envoy) accessLog() *yaml.Node {
	return list(
		object(
			at("name", "sluice_records"),
			at("filter", object(
				at("extension_filter", extension("envoy.access_loggers.extension_filters.cel",
					"envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter",
					at("expression", `"`+RecordState+`" in filter_state`),
				)),
			)).why("A request that never reached the filter has no record, and gets no line."),
			at("typed_config", typed("envoy.extensions.access_loggers.stream.v3.StdoutAccessLog", object(
				at("log_format", object(
					at("text_format_source", object(
						at("inline_string", "%FILTER_STATE("+RecordState+":PLAIN)%\n"),
					)),
				)),
			))),
		),
	)
}
