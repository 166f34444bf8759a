package dialect

import "github.com/sluice-gateway/sluice/jsontree"

// Withheld is what stands in the place of a whole answer that is not to be shown, where its
// status has gone and cannot become an error's: an answer that says nothing, for the reason
// that the dialect has for that. Who it is from and what it has used are as they were.
func Withheld(op Op, body []byte) []byte {
	out := "{"
	if whole, err := jsontree.Parse(body); err == nil {
		for _, name := range [...]string{"id", "object", "type", "role", "created", "created_at", "model", "usage"} {
			if v := whole.Get(name); v.Present() {
				out += `"` + name + `":` + string(v.Raw()) + ","
			}
		}
	}
	rest := `"choices":[{"index":0,"message":{"role":"assistant","content":null,"refusal":null},"logprobs":null,"finish_reason":"content_filter"}]}`
	switch op {
	case Messages:
		rest = `"content":[],"stop_reason":"refusal","stop_sequence":null}`
	case Responses:
		rest = `"status":"incomplete","incomplete_details":{"reason":"content_filter"},"error":null,"output":[]}`
	case Completions:
		rest = `"choices":[{"index":0,"text":"","logprobs":null,"finish_reason":"content_filter"}]}`
	}
	return []byte(out + rest)
}
