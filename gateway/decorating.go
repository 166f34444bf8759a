package gateway

import (
	"strings"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/policy"
)

// decoration is guards.decorate: messages that are put in front of conversations and behind
// them.
type decoration struct{ before, after []template }

// template is one message.
type template struct {
	role   string
	pieces []templatePiece
}

// templatePiece is a text, or where there is none a variable.
type templatePiece struct {
	text string
	part int // a place in policy.Identity; theModel for the model asked for
}

func newDecoration(p *policy.Policy) decoration {
	d := p.Guards.Decorate
	if d == nil {
		return decoration{}
	}
	return decoration{newTemplates(p, d.Prepend), newTemplates(p, d.Append)}
}

func newTemplates(p *policy.Policy, messages []policy.Message) []template {
	out := make([]template, len(messages))
	for i := range messages {
		out[i].role = messages[i].Role
		for _, piece := range messages[i].Content {
			part := theModel
			for at := range p.Identity {
				if policy.IdentityPrefix+p.Identity[at].Name == piece.Variable {
					part = at
				}
			}
			out[i].pieces = append(out[i].pieces, templatePiece{piece.Text, part})
		}
	}
	return out
}

// turns are templates with this request's values. What a value says is text: a variable in
// it is none.
func (r *Request) turns(templates []template) []dialect.Turn {
	out := make([]dialect.Turn, len(templates))
	for i := range templates {
		var b strings.Builder
		for _, p := range templates[i].pieces {
			switch {
			case p.text != "":
				b.WriteString(p.text)
			case p.part == theModel:
				b.WriteString(r.asked.ModelName)
			default:
				b.WriteString(r.identity[p.part].value) // empty where there is none
			}
		}
		out[i] = dialect.Turn{Role: templates[i].role, Text: b.String()}
	}
	return out
}

// decorated puts the policy's messages into the request, once. It tells whether that has
// made another body of it. The guards have looked at what the client says, and do not look
// at what the policy does.
func (r *Request) decorated(size int, read Read) bool {
	s, d := &r.guarding, &r.g.decorate
	if s.decorated || len(d.before)+len(d.after) == 0 {
		return false
	}
	s.decorated = true
	edits := r.asked.Decorate(r.turns(d.before), r.turns(d.after))
	if len(edits) == 0 {
		return false
	}
	s.body = jsonscan.Apply(nil, read(0, size), edits)
	r.asked.Move(edits)
	return true
}
