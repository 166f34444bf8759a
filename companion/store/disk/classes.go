package disk

import (
	"maps"
	"slices"

	"github.com/sluice-gateway/sluice/companion/store"
)

// classFields is what Delete and Nearest ask of an entry and many entries share.
type classFields struct {
	scope  store.Key
	space  string
	model  string
	labels []store.Label
}

// classes numbers the different ones, and forgets those without an entry.
type classes struct {
	list    []class // by number
	free    []uint32
	numbers map[string]uint32 // by id
}

type class struct {
	classFields
	id      string
	entries int
}

// id is equal for equal fields alone: every text comes with its length.
func (f classFields) id() string {
	b := append([]byte(nil), f.scope[:]...)
	text := func(s string) { b = append(little.AppendUint32(b, uint32(len(s))), s...) }
	text(f.space)
	text(f.model)
	for _, l := range f.labels {
		text(l.Name)
		text(l.Value)
	}
	return string(b)
}

// enter counts one more entry of a class, which shares no memory with f's maker.
func (c *classes) enter(f classFields) uint32 {
	id := f.id()
	n, ok := c.numbers[id]
	if !ok {
		if len(c.free) == 0 {
			c.free = append(c.free, uint32(len(c.list)))
			c.list = append(c.list, class{})
		}
		n = c.free[len(c.free)-1]
		c.free = c.free[:len(c.free)-1]
		f.labels = slices.Clone(f.labels)
		c.list[n] = class{classFields: f, id: id}
		c.numbers[id] = n
	}
	c.list[n].entries++
	return n
}

func (c *classes) leave(n uint32) {
	if c.list[n].entries--; c.list[n].entries == 0 {
		delete(c.numbers, c.list[n].id)
		c.list[n] = class{}
		c.free = append(c.free, n)
	}
}

// labelNames are the names of all labels, in order.
func (c *classes) labelNames() []string {
	names := map[string]bool{}
	for n := range c.list {
		for _, l := range c.list[n].labels {
			names[l.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// selected tells for each number whether a filter's fields of the class hold.
func (c *classes) selected(f store.Filter) []bool {
	selected := make([]bool, len(c.list))
	for n := range c.list {
		l := &c.list[n]
		selected[n] = l.entries > 0 && (f.Scope == nil || *f.Scope == l.scope) && (f.Model == "" || f.Model == l.model) &&
			!slices.ContainsFunc(f.Labels, func(want store.Label) bool { return !slices.Contains(l.labels, want) })
	}
	return selected
}
