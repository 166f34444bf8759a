package gateway

import (
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/policy"
)

// decorated puts the policy's messages into the request, once. It tells whether that has
// made another body of it. The guards have looked at what the client says, and do not look
// at what the policy does.
func (r *Request) decorated(size int, read Read) bool {
	s, g := &r.guarding, r.g.policy.Guards
	if g == nil || s.decorated {
		return false
	}
	s.decorated = true
	edits := r.asked.Decorate(r.turns(g.Decorate.Prepend), r.turns(g.Decorate.Append))
	if len(edits) == 0 {
		return false
	}
	s.body = jsonscan.Apply(nil, read(0, size), edits)
	r.asked.Move(edits)
	return true
}

// turns are messages of the policy's with this request's values. What a value says is text:
// a variable in it is none.
func (r *Request) turns(messages []policy.Message) []dialect.Turn {
	turns := make([]dialect.Turn, len(messages))
	for i := range messages {
		text := ""
		for at, piece := range messages[i].Content {
			switch {
			case at%2 == 0:
			case piece == policy.ModelPart:
				piece = r.asked.ModelName
			default:
				piece, _ = r.identityPart(piece[len(policy.IdentityPrefix):])
			}
			text += piece
		}
		turns[i] = dialect.Turn{Role: messages[i].Role, Text: text}
	}
	return turns
}
