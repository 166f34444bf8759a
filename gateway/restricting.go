package gateway

import (
	"strconv"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/policy"
)

// restrict holds what a request is made of, as the client sent it, against the policy's
// limits. All that it is over are noted; the first is what it is refused for.
func (r *Request) restrict() *dialect.Error {
	q, l := r.asked, &r.g.policy.Guards.Requests
	refusal := r.most("max_messages", "message", q.Turns(), l.MaxMessages)
	for _, e := range [...]*dialect.Error{
		r.most("max_tools", "tool", q.ToolCount, l.MaxTools),
		r.most("max_images", "picture", r.input.pictures(), l.MaxImages),
		r.restrictSystem(l.System),
	} {
		if refusal == nil {
			refusal = e
		}
	}
	return refusal
}

// restrictSystem looks for a system prompt, which completions and embeddings have not.
func (r *Request) restrictSystem(rule policy.SystemRule) *dialect.Error {
	switch has := r.asked.HasSystem; {
	case !r.op.Chat():
	case rule == policy.SystemRequired && !has:
		return r.breach("system", "it has no system prompt, and the gateway's policy requires one")
	case rule == policy.SystemForbidden && has:
		return r.breach("system", "it has a system prompt, and the gateway's policy takes none from clients")
	}
	return nil
}

// tooLong tells whether the request's input is over guards.requests.max_input_tokens, as it
// was counted, or as its bytes were.
func (r *Request) tooLong() bool {
	g := r.g.policy.Guards
	return g != nil && g.Requests.MaxInputTokens >= 0 && r.spend.input > g.Requests.MaxInputTokens
}

// restrictLength notes that it is.
func (r *Request) restrictLength() *dialect.Error {
	return r.most("max_input_tokens", "input token", r.spend.input, r.g.policy.Guards.Requests.MaxInputTokens)
}

// most notes where a request has more of something than it may; limit < 0: any number.
func (r *Request) most(name, what string, has, limit int64) *dialect.Error {
	if limit < 0 || has <= limit {
		return nil
	}
	if has != 1 {
		what += "s"
	}
	return r.breach(name, "it has "+strconv.FormatInt(has, 10)+" "+what+", and the gateway's policy allows "+strconv.FormatInt(limit, 10))
}

// breach notes that a limit is not kept. The request is refused for it where there is a
// result.
func (r *Request) breach(name, why string) *dialect.Error {
	l := &r.g.policy.Guards.Requests
	r.guarding.over.Add("requests."+name, l.Action, l.Shadow)
	if l.Action != policy.GuardBlock || l.Shadow {
		return nil
	}
	return blocked(why + " (guards.requests." + name + ")")
}
