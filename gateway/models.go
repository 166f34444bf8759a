package gateway

import (
	"strconv"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/policy"
)

// listModels answers a request for the list of models, or for one of them, from the
// policy: what its `models` name is what clients may ask for, whatever the providers
// call it and have besides. It is nil for every other request, and where the policy
// names no models, so that the list is the default provider's.
//
// The two APIs have the same paths for it. Anthropic's clients send their version.
func (r *Request) listModels(h Headers) *Reply {
	name, ok := dialect.AsksForModels(r.method, r.path)
	models := r.g.policy.Models
	if !ok || len(models) == 0 {
		return nil
	}
	d := policy.OpenAI
	if _, version := h.Get("anthropic-version"); version {
		d = policy.Anthropic
	}
	names := make([]string, len(models))
	for i := range models {
		names[i] = models[i].Name
	}
	// By its id the rendered configuration knows an answer of ours from one of Envoy's
	// own, whose body it replaces.
	id := [2]string{"x-sluice-id", r.id}
	body := dialect.Models(d, names, name)
	if body == nil {
		return replyWith(&dialect.Error{Status: 404, Kind: dialect.NotFound, Code: "model_not_found", Param: "model",
			Message: "model " + strconv.Quote(name) + " is not in the gateway's policy"}, d, [][2]string{id})
	}
	return &Reply{Status: 200, Headers: [][2]string{{"content-type", "application/json"}, id}, Body: body, Details: detailsPrefix + "models"}
}
