package strict

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/policy"
)

// parseTemplate takes a text apart at its variables: {{name}}, with spaces inside the braces
// or without. open is the offset of a variable that begins and does not end; -1 = there is
// none.
func parseTemplate(text string) (pieces []policy.Piece, open int) {
	for at := 0; at < len(text); {
		begin := strings.Index(text[at:], "{{")
		if begin < 0 {
			return append(pieces, policy.Piece{Text: text[at:]}), -1
		}
		if begin > 0 {
			pieces = append(pieces, policy.Piece{Text: text[at : at+begin]})
		}
		name, rest, closed := strings.Cut(text[at+begin+len("{{"):], "}}")
		if !closed {
			return pieces, at + begin
		}
		pieces = append(pieces, policy.Piece{Variable: strings.TrimSpace(name)})
		at = len(text) - len(rest)
	}
	return pieces, -1
}

// decorateRules looks at the templates of what is put into conversations.
func (c *checker) decorateRules(decorate, identity *node) {
	if !decorate.ok() {
		return
	}
	for _, name := range [...]string{"prepend", "append"} {
		list := decorate.at(name)
		for i := range list.kids {
			if message := &list.kids[i]; message.ok() {
				c.templateRules(message.at("content"), identity)
			}
		}
	}
}

// templateRules: every variable is one that there is.
func (c *checker) templateRules(template, identity *node) {
	if !template.ok() || identity.bad {
		return
	}
	pieces, open := parseTemplate(template.text)
	if open >= 0 {
		c.reject(template, "the {{ at its byte "+strconv.Itoa(open+1)+" begins a variable, and no }} ends it; write }} behind the variable's name")
		return
	}
	known := []string{policy.ModelPart}
	for i := range identity.kids {
		known = append(known, policy.IdentityPrefix+identity.kids[i].key)
	}
	for i := range pieces {
		if name := pieces[i].Variable; pieces[i].Text == "" && !slices.Contains(known, name) {
			c.reject(template, "unknown variable {{"+oneLine(shorten(name))+"}}; the variables here are "+enumerate(known, "and"))
		}
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
