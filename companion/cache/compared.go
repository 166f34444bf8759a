package cache

import (
	"sync"

	"github.com/sluice-gateway/sluice/companion/compare"
)

// compared are verdicts on pairs of prompts. A question that is asked often in other words
// meets the same neighbours each time, and to compare them again is most of what the
// companion does for such a hit. Two prompts are always told apart in the same way, so that
// nothing in here is ever out of date.
type compared struct {
	mu       sync.Mutex
	now, old map[pair]compare.Verdict // two generations: what is not asked for again is forgotten
}

// comparedKept is how many verdicts are kept, of at most 300 bytes each.
const comparedKept = 20_000

func (e *Engine) compare(entry, asked string) compare.Verdict {
	c, key := &e.compared, pairOf("", entry, asked)
	c.mu.Lock()
	v, ok := c.now[key]
	if !ok {
		if v, ok = c.old[key]; ok {
			c.keep(key, v)
		}
	}
	c.mu.Unlock()
	if ok {
		return v
	}
	v = e.c.Compare(entry, asked)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep(key, v)
	return v
}

func (c *compared) keep(key pair, v compare.Verdict) {
	if c.now == nil || len(c.now) >= comparedKept/2 {
		c.old, c.now = c.now, map[pair]compare.Verdict{}
	}
	c.now[key] = v
}
