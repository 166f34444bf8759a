package injection

import "github.com/sluice-gateway/sluice/guard/match"

// layer is a text under the heuristics: what is written, or what that hides.
type layer struct {
	groups, looks *match.Matcher
	seen          []uint8 // by rule
	progress      []trace // by step, over all rules
	stopped       int     // the word before which a sentence has ended
}

// How a rule was seen.
const (
	plainly = 1 << iota
	quoted
)

// trace says where the steps of a rule up to one were taken: bit k is set when one ended k words before word at. What began
// behind a quotation mark is apart.
type trace struct {
	at   int
	ends [2]uint64
}

func newLayer(h *Heuristics) *layer {
	return &layer{groups: h.groups.NewMatcher(), looks: h.looks.NewMatcher(), seen: make([]uint8, len(rules)), progress: make([]trace, len(steps))}
}

func (l *layer) reset() {
	l.groups.Reset()
	l.looks.Reset()
	clear(l.seen)
	clear(l.progress)
	l.stopped = 0
}

func (l *layer) write(p []byte) {
	l.take(l.groups.Write(p))
	l.see(l.looks.Write(p))
}

func (l *layer) end() {
	l.take(l.groups.End())
	l.see(l.looks.End())
}

func (l *layer) see(finds []match.Find) {
	for _, find := range finds {
		l.seen[looks[find.Rule]] |= plainly
	}
}

func (l *layer) take(finds []match.Find) {
	for _, find := range finds {
		if find.Rule == stop {
			l.stopped = find.Word + 1
			continue
		}
		for _, i := range uses[find.Rule] {
			l.step(int(i), find)
		}
	}
}

// step takes step i of the list, if the one before it ended at most its gap before.
func (l *layer) step(i int, find match.Find) {
	s := &steps[i]
	end := find.Word + find.Words
	var took [2]bool
	switch {
	case s.first:
		took[0], took[1] = !find.Quoted, find.Quoted
	default:
		before := &l.progress[i-1]
		since := end - before.at // words
		// The step before ended within [from, find.Word].
		from := max(find.Word-int(s.gap), l.stopped)
		if since > 63 || from > find.Word {
			return
		}
		for k := range took {
			ends := before.ends[k] << since >> find.Words
			took[k] = ends&(1<<(find.Word-from+1)-1) != 0
		}
	}
	now := &l.progress[i]
	for k := range took {
		now.ends[k] <<= min(end-now.at, 64)
		if took[k] {
			now.ends[k] |= 1
			if s.last {
				l.seen[s.rule] |= plainly << k
			}
		}
	}
	now.at = end
}
