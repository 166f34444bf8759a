package strict

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/policy"
)

// parseTemplate takes a text apart at its variables: {{name}}, with spaces inside the braces
// or without. What it makes is policy.Message's Content. open is the offset of a variable
// that begins and does not end; -1 = there is none.
func parseTemplate(text string) (content []string, open int) {
	for rest := text; ; {
		before, behind, found := strings.Cut(rest, "{{")
		content = append(content, before)
		if !found {
			return content, -1
		}
		name, after, closed := strings.Cut(behind, "}}")
		if !closed {
			return content, len(text) - len(behind) - len("{{")
		}
		content = append(content, strings.TrimSpace(name))
		rest = after
	}
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
	content, open := parseTemplate(template.text)
	if open >= 0 {
		c.reject(template, "the {{ at its byte "+strconv.Itoa(open+1)+" begins a variable, and no }} ends it; write }} behind the variable's name")
		return
	}
	known := []string{policy.ModelPart}
	for i := range identity.kids {
		known = append(known, policy.IdentityPrefix+identity.kids[i].key)
	}
	for i := 1; i < len(content); i += 2 {
		if name := content[i]; !slices.Contains(known, name) {
			c.reject(template, "unknown variable {{"+oneLine(shorten(name))+"}}; the variables here are "+enumerate(known, "and"))
		}
	}
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
