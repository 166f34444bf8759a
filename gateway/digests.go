package gateway

import "github.com/sluice-gateway/sluice/budget"

// digests remembers the keys of a rule's budgets by the callers that they are for, since a
// digest takes thirty times as long as a look at this table. It is bounded: of callers with
// long names nothing is remembered, and all is forgotten when there have been many.
type digests map[string]budget.Digest

const (
	mostDigests   = 256
	longestCaller = 128 // bytes
)

// digest is the key of the rule's budget for these parts.
func (g *Gateway) digest(b *rule, parts []budget.Part) budget.Digest {
	name := g.name[:0]
	for i := range parts {
		mark := byte(0)
		if parts[i].Present {
			mark = 1
		}
		name = appendName(name, mark, parts[i].Value)
	}
	g.name = name
	key, ok := b.digests[string(name)]
	if ok {
		return key
	}
	key = budget.Key(b.key, parts)
	if len(name) <= longestCaller {
		if len(b.digests) >= mostDigests {
			clear(b.digests)
		}
		b.digests[string(name)] = key
	}
	return key
}

// appendName appends one part of what something is looked up by, so that no two lists of
// parts look alike.
func appendName(b []byte, mark byte, part string) []byte {
	return append(append(b, mark, byte(len(part)), byte(len(part)>>8)), part...)
}
