package translate

import (
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/jsontree"
)

// claude is what a model takes of the members that not all of Anthropic's take alike.
type claude uint16

const (
	thinksNever   claude = 1 << iota // not at all
	thinksBudget                     // when given a budget in tokens
	thinksAsked                      // when asked to, as much as it wants to
	thinksAlways                     // and then no tool can be forced on it
	noXHigh                          // no effort xhigh
	noSampling                       // no temperature and no top_p
	oneOfSampling                    // temperature or top_p, not both
)

// claudes are the models by what their names have in them, the first that fits. One
// that is not here thinks unless told otherwise.
// https://platform.claude.com/docs/en/build-with-claude/thinking,
// https://platform.claude.com/docs/en/build-with-claude/effort and the migration guides
// of https://platform.claude.com/docs/en/about-claude/models/migration-guide.
var claudes = [...]struct {
	has string
	is  claude
}{
	{"fable", thinksAlways | noSampling}, {"mythos", thinksAlways | noSampling},
	{"opus-5-5", thinksAlways | noSampling}, {"sonnet-5-5", thinksAlways | noSampling},
	{"opus-5", noSampling}, {"sonnet-5", noSampling}, {"haiku-5", noSampling},
	{"-4-8", thinksAsked | noSampling}, {"-4-7", thinksAsked | noSampling},
	{"-4-6", thinksAsked | noXHigh | oneOfSampling},
	{"-4-5", thinksBudget | oneOfSampling}, {"opus-4-1", thinksBudget | oneOfSampling},
	{"opus-4", thinksBudget}, {"sonnet-4", thinksBudget}, {"haiku-4", thinksBudget},
	{"claude-3-7", thinksBudget},
	{"claude-3", thinksNever}, {"claude-2", thinksNever}, {"claude-instant", thinksNever},
}

func claudeOf(model string) claude {
	for _, m := range claudes {
		if strings.Contains(model, m.has) {
			return m.is
		}
	}
	return 0
}

// efforts are OpenAI's words for how much to think. A budget is the least that is worth
// the word, and never more than half the cap: the answer has to fit too.
var efforts = [...]struct {
	name   string
	budget int64 // 0 = it shall not think
}{{"none", 0}, {"minimal", 0}, {"low", 1024}, {"medium", 4096}, {"high", 16384}, {"xhigh", 32768}, {"max", 32768}}

const leastBudget = 1024 // https://platform.claude.com/docs/en/build-with-claude/extended-thinking

// thinking writes whether the model is to think, and how much.
func (c *chatBody) thinking() {
	const path = "reasoning_effort"
	c.readChoice()
	if c.target&thinksAlways != 0 && c.forced() {
		c.without("tool_choice", "asks for the use of a tool, which this model, since it always thinks, does not take")
		c.choice = "auto"
	}
	asked := c.root.Get(path)
	if !isPresent(asked) {
		return
	}
	word, budget := "", int64(0)
	for _, e := range efforts {
		if isWord(asked, e.name) {
			word, budget = e.name, e.budget
		}
	}
	switch {
	case word == "":
		c.wrong(path, "is none of none, minimal, low, medium, high, xhigh and max")
		return
	case budget == 0:
	case c.target&thinksNever != 0:
		c.without(path, "is asked of a model that does not think")
		return
	case c.forced():
		budget = 0
		c.without(path, "has the model think, with which Anthropic takes no tool_choice that forces a tool")
	case c.target&thinksBudget != 0 && c.outputCap <= leastBudget:
		c.without(path, "needs a cap above "+strconv.Itoa(leastBudget)+" output tokens, the least that Anthropic has this model think; the cap is "+strconv.FormatInt(c.outputCap, 10))
		return
	}
	c.thinks = budget > 0
	switch {
	case c.target&thinksBudget != 0 && c.thinks:
		c.out.number(`,"thinking":{"type":"enabled","budget_tokens":`, max(leastBudget, min(budget, c.outputCap/2)))
		c.out.put("}")
	case c.target&(thinksBudget|thinksNever) != 0:
	case c.thinks:
		c.out.put(`,"thinking":{"type":"adaptive"}`)
		c.effort = word
		if word == "xhigh" && c.target&noXHigh != 0 {
			c.effort = "high" // rather than more than was asked for
		}
	case c.target&thinksAlways != 0:
		if word == "none" {
			c.without(path, "is none, and this model always thinks")
			return
		}
		c.effort = "low"
	case c.target&thinksAsked == 0:
		c.out.put(`,"thinking":{"type":"disabled"}`)
	}
}

const one = 1_000_000 // in millionths

// sampling writes temperature and top_p. 1 is both APIs' default of both. Thinking takes
// no other temperature, and top_p from 0.95.
func (c *chatBody) sampling() {
	both := false
	for _, s := range [...]struct {
		name       string
		most, from int64 // the largest of OpenAI's; from where it goes with thinking; in millionths
	}{{"temperature", 2 * one, one}, {"top_p", one, 950_000}} {
		v := c.root.Get(s.name)
		if !isPresent(v) {
			continue
		}
		n := int64(-1)
		if kindOf(v) == jsontree.Number {
			n = jsonscan.Millionths(v.Raw())
		}
		if n < 0 || n > s.most {
			c.wrong(s.name, "is not a number from 0 to "+strconv.FormatInt(s.most/one, 10))
			return
		}
		why, most := "", false
		switch {
		case n == one:
			continue
		case c.target&noSampling != 0:
			why = "takes no value but 1 on this model"
		case c.thinks && n < s.from:
			why = "is too low for a model that is to think"
		case c.thinks && n > one:
			why = "has to be 1 for a model that is to think"
		case both && c.target&oneOfSampling != 0:
			why = "does not go with a temperature on this model"
		case n > one:
			// What may be left out is what is above 1.
			c.without(s.name, "is above 1, the most that Anthropic takes")
			most = true
		}
		if why != "" {
			c.without(s.name, why)
			continue
		}
		both = true
		c.out.quoted(",", s.name)
		if most {
			c.out.put(":1")
		} else {
			c.out.raw(":", v)
		}
	}
}
