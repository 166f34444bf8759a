package pricing

import (
	"slices"
	"strings"
)

// Override is a price that replaces the shipped one, or adds a model that the shipped
// table does not have. Its fields are those of the policy's `prices`.
type Override struct {
	Model       string
	Input       int64
	Output      int64
	CachedInput int64
}

// Catalogue is the shipped table with overrides on top. The zero value is the shipped
// table alone. It never changes after NewCatalogue and may be shared.
type Catalogue struct {
	overrides []Model // sorted by name
}

// NewCatalogue puts overrides over the shipped table. Of two for one name the later
// counts.
//
// An overridden model keeps what an override cannot say: its limits, and its
// cache-write prices in the proportion that the shipped ones have to the shipped
// input price (vendors publish them as multiples of it). It has no long-request tier:
// the given price is the price. For a name unknown to the shipped table writes cost
// what input costs and no limits are known.
func NewCatalogue(overrides []Override) *Catalogue {
	c := &Catalogue{overrides: make([]Model, 0, len(overrides))}
	for _, o := range overrides {
		m := o.model()
		if at, found := find(c.overrides, o.Model); found {
			c.overrides[at] = m
		} else {
			c.overrides = append(c.overrides, Model{})
			copy(c.overrides[at+1:], c.overrides[at:])
			c.overrides[at] = m // slices.Insert is 6 KB of the module
		}
	}
	return c
}

func (o Override) model() Model {
	m := Model{
		Name:           o.Model,
		Input:          o.Input,
		Output:         o.Output,
		CachedInput:    o.CachedInput,
		CacheWrite:     o.Input,
		CacheWriteLong: o.Input,
		Source:         "policy",
	}
	if shipped, ok := Lookup(o.Model); ok {
		m.Context, m.MaxOutput = shipped.Context, shipped.MaxOutput
		m.WriteOnRequest = shipped.WriteOnRequest
		m.CacheWrite = proportion(o.Input, shipped.CacheWrite, shipped.Input)
		m.CacheWriteLong = proportion(o.Input, shipped.CacheWriteLong, shipped.Input)
	}
	return m
}

// proportion is input × part / whole, rounded up; input where whole is 0.
func proportion(input, part, whole int64) int64 {
	if whole == 0 {
		return input
	}
	var s sum
	s.add(max(input, 0), part)
	return s.dividedBy(uint64(whole))
}

// Lookup finds a model by the name a request asks for, in two steps; in each an
// override comes before the shipped table:
//
//  1. exactly;
//  2. without the suffix that vendors put on a snapshot of a model: `-2024-08-06`
//     (OpenAI), `-20250929` (Anthropic) or `-latest`.
//
// The Model's Name says which entry answered. Snapshots that are priced unlike their
// model (gpt-4o-2024-05-13) are entries of their own and found by step 1.
//
// Nothing else is guessed: case counts, a `provider/` prefix is part of the name, and
// a name with any other suffix (gpt-4o-mini-tuned, ft:gpt-4o:acme) is another model,
// whose price is not known.
func (c *Catalogue) Lookup(model string) (Model, bool) {
	if m, ok := c.exact(model); ok {
		return m, true
	}
	if base, ok := withoutSnapshot(model); ok {
		return c.exact(base)
	}
	return Model{}, false
}

func (c *Catalogue) exact(model string) (Model, bool) {
	if c != nil {
		if at, found := find(c.overrides, model); found {
			return c.overrides[at], true
		}
	}
	if at, found := find(openaiModels[:], model); found {
		return openaiModels[at], true
	}
	if at, found := find(anthropicModels[:], model); found {
		return anthropicModels[at], true
	}
	return Model{}, false
}

// Lookup finds a model in the shipped table, by the rules of Catalogue.Lookup.
func Lookup(model string) (Model, bool) {
	return (*Catalogue)(nil).Lookup(model)
}

func find(sorted []Model, name string) (int, bool) {
	return slices.BinarySearchFunc(sorted, name, func(m Model, name string) int {
		return strings.Compare(m.Name, name)
	})
}

// withoutSnapshot cuts a snapshot's suffix off, and says whether there was one.
func withoutSnapshot(model string) (string, bool) {
	if base, ok := strings.CutSuffix(model, "-latest"); ok {
		return base, base != ""
	}
	for _, layout := range [...]string{"-yyyy-mm-dd", "-yyyymmdd"} {
		at := len(model) - len(layout)
		if at > 0 && isDate(model[at:], layout) {
			return model[:at], true
		}
	}
	return "", false
}

// isDate says whether s is a date of this century in the layout. The layout's letters
// stand for digits, its other bytes for themselves.
func isDate(s, layout string) bool {
	var year, month, day int
	for i := range len(layout) {
		digit := int(s[i]) - '0'
		if layout[i] != '-' && (digit < 0 || digit > 9) {
			return false
		}
		switch layout[i] {
		case 'y':
			year = year*10 + digit
		case 'm':
			month = month*10 + digit
		case 'd':
			day = day*10 + digit
		default:
			if s[i] != layout[i] {
				return false
			}
		}
	}
	return year/100 == 20 && 1 <= month && month <= 12 && 1 <= day && day <= 31
}
