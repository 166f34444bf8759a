package render

import "go.yaml.in/yaml/v3"

// localReplies gives the errors that Envoy makes by itself the form that the caller's
// client library raises its own exceptions from: a provider that breaks an answer off
// while the filter holds it, a header block that is too large, a request that takes
// too long, a worker whose virtual machine is being replaced. Most of them never reach
// the filter, or reach it no more.
func (e *envoy) localReplies() *yaml.Node {
	return object(
		at("mappers", list(
			mapper(ofOthers+e.onlyFor+` && request.path.startsWith("/v1/messages")`, object(
				at("type", "error"),
				at("error", object(
					at("type", "api_error"),
					at("message", ownError),
				)),
			)),
			mapper(ofOthers+e.onlyFor, object(
				at("error", object(
					at("message", ownError),
					at("type", "server_error"),
					at("param", plain("!!null", "null")),
					at("code", "gateway_error"),
				)),
			)),
		)),
	)
}

// ofOthers is true of an answer that the filter has not made: its own all have an id.
const ofOthers = `!("x-sluice-id" in response.headers)`

// ownError names Envoy's reason, as response_code_details has it, and nothing of
// addresses.
const ownError = "the gateway has no answer to this request: %RESPONSE_CODE_DETAILS%"

// mapper gives the errors for which an expression holds the form of a JSON object. The status
// is looked at before: an answer from the cache is a local reply too, and would otherwise pay
// for the expressions.
func mapper(expression string, form *yaml.Node) *yaml.Node {
	return object(
		at("filter", object(
			at("and_filter", object(at("filters", list(
				object(at("status_code_filter", object(at("comparison", flow(object(
					at("op", "GE"),
					at("value", flow(object(at("default_value", int64(400)), at("runtime_key", "sluice.local_errors_from")))),
				)))))),
				object(at("extension_filter", extension("envoy.access_loggers.extension_filters.cel",
					"envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter",
					at("expression", expression),
				))),
			)))),
		)),
		at("body_format_override", object(
			at("json_format", form),
		)),
	)
}
