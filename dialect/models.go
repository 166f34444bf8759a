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

// Models is the answer to such a request, where names are all models: a list of one page,
// or one of them. It is nil where there is none of that name.
// https://platform.openai.com/docs/api-reference/models and
// https://docs.anthropic.com/en/api/models-list
//
// When a model was made nobody here knows, for which both APIs have the epoch.
func Models(d policy.Dialect, names []string, model string) []byte {
	one := `{"id":$,"object":"model","created":0,"owned_by":"sluice"}`
	all := `{"object":"list","data":[$]}`
	if d == policy.Anthropic {
		one = `{"type":"model","id":$,"created_at":"1970-01-01T00:00:00Z","display_name":$}`
		all = `{"data":[$],"has_more":false,"first_id":$,"last_id":$}`
	}
	var list []byte
	for _, name := range names {
		if model != "" && model != name {
			continue
		}
		if len(list) > 0 {
			list = append(list, ',')
		}
		id := quoted(name)
		list = fill(list, one, id, id)
	}
	if model != "" {
		return list
	}
	return fill(nil, all, string(list), quoted(names[0]), quoted(names[len(names)-1]))
}
