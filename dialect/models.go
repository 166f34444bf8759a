package dialect

import (
	"strings"

	"github.com/sluice-gateway/sluice/policy"
)

// AsksForModels tells whether a request asks which models there are, and for which one:
// "" is all of them. Both APIs have the same paths for it.
func AsksForModels(method, path string) (model string, ok bool) {
	if method != "GET" {
		return "", false
	}
	if end := strings.IndexAny(path, "?#"); end >= 0 {
		path = path[:end]
	}
	if path == "/v1/models" {
		return "", true
	}
	model, ok = strings.CutPrefix(path, "/v1/models/")
	if !ok || model == "" {
		return "", false
	}
	return string(percentDecode(model)), true
}

// ModelList is the answer to a request for all models: the first page, and the last.
// https://platform.openai.com/docs/api-reference/models/list and
// https://docs.anthropic.com/en/api/models-list
func ModelList(d policy.Dialect, names []string) []byte {
	out := []byte(`{"data":[`)
	for i, name := range names {
		if i > 0 {
			out = append(out, ',')
		}
		out = AppendModel(out, d, name)
	}
	if d != policy.Anthropic {
		return append(out, `],"object":"list"}`...)
	}
	out = append(out, `],"has_more":false,"first_id":`...)
	first, last := "", ""
	if len(names) > 0 {
		first, last = names[0], names[len(names)-1]
	}
	out = appendStringOrNull(out, first)
	out = append(out, `,"last_id":`...)
	out = appendStringOrNull(out, last)
	return append(out, '}')
}

// AppendModel appends one model. When it was made nobody here knows, for which both APIs
// have the epoch.
func AppendModel(out []byte, d policy.Dialect, name string) []byte {
	if d == policy.Anthropic {
		out = append(out, `{"type":"model","id":`...)
		out = appendString(out, name)
		out = append(out, `,"display_name":`...)
		out = appendString(out, name)
		return append(out, `,"created_at":"1970-01-01T00:00:00Z"}`...)
	}
	out = append(out, `{"id":`...)
	out = appendString(out, name)
	return append(out, `,"object":"model","created":0,"owned_by":"sluice"}`...)
}
