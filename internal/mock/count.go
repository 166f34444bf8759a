package mock

import "github.com/sluice-gateway/sluice/tokenizer"

// inputTokens is what the provider counts for the prompt, by the rules of package
// tokenizer. A picture counts as the smallest there is, since its size is not looked
// at. For Anthropic's models, whose tokenizer is not public, it is the count of
// OpenAI's vocabulary as it is; input_scale in a script makes it differ.
func inputTokens(q *query) int64 {
	family := tokenizer.ForModel(q.model)
	e, o := family.Encoding, &family.Overhead
	n := 0
	for i := range q.inputs {
		n += e.CountString(q.inputs[i].text) + len(q.inputs[i].tokens)
	}
	if len(q.messages) == 0 {
		return int64(n)
	}
	for i := range q.messages {
		m := &q.messages[i]
		n += e.CountString(m.text) + m.parts*o.Images.Tokens(1, 1, "low")
		if q.op.anthropic() {
			if m.role != "system" { // which is no message there
				n += o.PerMessage
			}
			continue
		}
		n += o.PerMessage + e.CountString(m.role)
		if m.name != "" {
			n += o.PerName + e.CountString(m.name)
		}
	}
	forced := q.toolChoice != "" && q.toolChoice != "none"
	return int64(n + o.PerReply + o.Tools.Tokens(e, q.toolJSON, forced))
}
