package strict

import (
	"strconv"
	"unicode/utf8"

	"github.com/sluice-gateway/sluice/guard/match/compile"
	"github.com/sluice-gateway/sluice/guardclient"
	"github.com/sluice-gateway/sluice/policy"
)

// The most examples of a list, and their length in characters: one is a sentence, and has to
// be within what the embedder reads.
const maxExamples, maxExample = 64, 200

func speaksByMeaning(rule *node) bool {
	return rule.has("deny_like") && (rule.at("deny_like").given || rule.at("allow_like").given)
}

func allowsByMeaning(rule *node) bool { return rule.has("allow_like") && rule.at("allow_like").given }

// meaningRules checks the rules of prompts that are by meaning.
func (c *checker) meaningRules(guards, companion *node) {
	asked := len(guards.at("external").kids)
	c.programs.allow = map[string]string{}
	for i := range guards.at("prompts").kids {
		rule := &guards.at("prompts").kids[i]
		if rule.bad {
			continue
		}
		if !speaksByMeaning(rule) {
			for _, field := range []string{"similarity", "timeout", "on_error"} {
				if n := rule.at(field); n.given {
					c.reject(n, "belongs to deny_like and allow_like, of which there is neither; remove it")
				}
			}
			continue
		}
		for _, field := range []string{"deny_like", "allow_like"} {
			if n := rule.at(field); n.given && !companion.given {
				c.reject(n, "the companion is asked what is like the examples, and the policy has none; write companion: {endpoint: …}, as in companion: {endpoint: http://127.0.0.1:8090}")
			}
			c.exampleRules(rule.at(field))
		}
		if asked++; asked == guardclient.MaxGuards+1 {
			c.reject(rule, "there are more than "+strconv.Itoa(guardclient.MaxGuards)+" external guards and rules by meaning, which are all that the companion is asked for at once; put examples of several rules into one")
		}
		c.programs.allow[rule.path] = c.allowProgram(rule)
	}
}

func (c *checker) exampleRules(list *node) {
	if !list.ok() {
		return
	}
	if n := len(list.kids); n > maxExamples {
		c.reject(list, "has "+strconv.Itoa(n)+" examples; at most "+strconv.Itoa(maxExamples)+" are compared: leave out those that are like others")
	}
	for i := range list.kids {
		if example := &list.kids[i]; example.ok() && utf8.RuneCountInString(example.text) > maxExample {
			c.reject(example, "has more than "+strconv.Itoa(maxExample)+" characters; an example is one sentence: write several")
		}
	}
}

// allowProgram is what allows a text by words and patterns where examples do too.
func (c *checker) allowProgram(rule *node) string {
	patterns, words := rule.at("allow"), rule.at("allow_words")
	if !allowsByMeaning(rule) || patterns.bad || words.bad {
		return ""
	}
	var all []compile.Rule
	var places []*node
	for i := range patterns.kids {
		all, places = append(all, compile.Rule{Pattern: patterns.kids[i].text}), append(places, &patterns.kids[i])
	}
	if len(words.kids) > 0 {
		all, places = append(all, compile.Rule{Literals: words.texts()}), append(places, words)
	}
	return c.program(rule, all, places, compile.Options{Normalise: true})
}

// buildMeaning are the parts of rules of prompts that the companion is asked about.
func buildMeaning(prompts *node, programs programs) []policy.ExternalGuard {
	var guards []policy.ExternalGuard
	for i := range prompts.kids {
		n := &prompts.kids[i]
		if !speaksByMeaning(n) {
			continue
		}
		guards = append(guards, policy.ExternalGuard{
			Name:    n.at("name").text,
			Action:  policy.GuardAction(n.at("action").text),
			Roles:   n.at("roles").texts(),
			Timeout: n.at("timeout").duration(),
			OnError: policy.ErrorAction(n.at("on_error").text),
			Shadow:  n.at("mode").text == "shadow",
			Service: policy.Service{
				Type:         policy.Meaning,
				MinScore:     float64(n.at("similarity").num) / 1e6,
				DenyLike:     n.at("deny_like").texts(),
				AllowLike:    n.at("allow_like").texts(),
				AllowProgram: programs.allow[n.path],
			},
		})
	}
	return guards
}
