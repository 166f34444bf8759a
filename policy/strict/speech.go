package strict

import (
	"errors"
	"slices"

	"github.com/sluice-gateway/sluice/guard/match/compile"
)

// programs are what the guards look for, as package guard/match runs it.
type programs struct {
	custom, prompts, answers string
	allow                    map[string]string // of a rule that allows by meaning too, by its path
}

// entries is how many entries of a program the two fields of a rule make: each pattern is
// one, and all words together are one.
func entries(n *node, patterns, words string) int64 {
	count := int64(len(n.at(patterns).kids))
	if len(n.at(words).kids) > 0 {
		count++
	}
	return count
}

// wordsRules compiles the words and patterns of the guards.
func (c *checker) wordsRules(guards *node) {
	if pii := guards.at("pii"); pii.ok() {
		c.programs.custom = c.compile(pii.at("custom"), compile.Options{Spans: true}, [2]string{"patterns", "words"})
	}
	says := [][2]string{{"deny", "deny_words"}, {"allow", "allow_words"}}
	c.programs.prompts = c.compile(guards.at("prompts"), compile.Options{Normalise: true}, says...)
	c.programs.answers = c.compile(guards.at("answers"), compile.Options{Normalise: true}, says...)
}

// compile compiles a list of rules, each of which has patterns and words in these fields.
func (c *checker) compile(rules *node, o compile.Options, fields ...[2]string) string {
	if rules.bad {
		return ""
	}
	var all []compile.Rule
	var places []*node // of each of all
	for i := range rules.kids {
		rule := &rules.kids[i]
		if rule.bad {
			return ""
		}
		some := speaksByMeaning(rule)
		for _, f := range fields {
			patterns, words := rule.at(f[0]), rule.at(f[1])
			some = some || patterns.given || words.given
			if f[0] == "allow" && allowsByMeaning(rule) {
				continue // the companion looks for them, beside what it allows by meaning
			}
			if misread(patterns) || misread(words) {
				return ""
			}
			for j := range patterns.kids {
				all, places = append(all, compile.Rule{Pattern: patterns.kids[j].text}), append(places, &patterns.kids[j])
			}
			if len(words.kids) > 0 {
				all, places = append(all, compile.Rule{Literals: words.texts()}), append(places, words)
			}
		}
		if !some {
			var names []string
			for _, f := range fields {
				names = append(names, f[0], f[1])
			}
			if rule.has("deny_like") {
				names = append(names, "deny_like", "allow_like")
			}
			c.reject(rule, "says nothing; it needs at least one of "+enumerate(names, "and"))
			return ""
		}
	}
	return c.program(rules, all, places, o)
}

// misread tells whether a list, or an element of it, has been rejected already.
func misread(list *node) bool {
	return list.bad || slices.ContainsFunc(list.kids, func(n node) bool { return n.bad })
}

// program compiles rules, of which each stands at a place of the list.
func (c *checker) program(list *node, all []compile.Rule, places []*node, o compile.Options) string {
	if len(all) == 0 {
		return ""
	}
	program, err := compile.Compile(all, o)
	if err == nil {
		return program.Text
	}
	var wrong *compile.Error
	if !errors.As(err, &wrong) || wrong.Rule < 0 {
		c.reject(list, err.Error())
		return ""
	}
	message := wrong.Reason
	if wrong.Remedy != "" {
		message += "; " + wrong.Remedy
	}
	c.reject(places[wrong.Rule], message)
	return ""
}
