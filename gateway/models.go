package gateway

import (
	"slices"
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
func (g *Gateway) listModels(method, path string, h Headers) *Reply {
	name, ok := dialect.AsksForModels(method, path)
	if !ok || len(g.policy.Models) == 0 {
		return nil
	}
	d := policy.OpenAI
	if _, version := h.Get("anthropic-version"); version {
		d = policy.Anthropic
	}
	names := make([]string, len(g.policy.Models))
	for i := range g.policy.Models {
		names[i] = g.policy.Models[i].Name
	}
	reply := &Reply{Status: 200, Headers: [][2]string{{"content-type", "application/json"}}, Details: detailsPrefix + "models"}
	switch {
	case name == "":
		reply.Body = dialect.ModelList(d, names)
	case slices.Contains(names, name):
		reply.Body = dialect.AppendModel(nil, d, name)
	default:
		return replyWith(&dialect.Error{Status: 404, Kind: dialect.NotFound, Code: "model_not_found", Param: "model",
			Message: "model " + strconv.Quote(name) + " is not in the gateway's policy"}, d, nil)
	}
	return reply
}
