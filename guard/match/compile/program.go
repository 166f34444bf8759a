package compile

import (
	"encoding/base64"
	"encoding/binary"
	"hash/fnv"
)

// writer writes a program, which match.Load reads:
//
//	sluice-match:1:<base64url, without padding, of>
//	  numbers are unsigned and of 7 bits a byte, the lowest first
//	  options      1 folded alike, 2 leet, 4 spans, 8 literals by case, 16 every literal
//	  rules        how many
//	  automata     how many; each an automaton, then its sets: how many, and for each how many rules and the rules
//	  spans        0, or 1, forward, backward, rows, columns, the table's bits by row, the row of each labelled state
//	               of forward, the column of each state of backward
//	  lists        nodes; how many lists; for each its rule, how many literals, and for each how many bytes it shares with
//	               the one before, how many are its own, and these
//	  checksum     FNV-1a of 32 bits of all before
//
// An automaton is its classes; of 256 bytes the class, as (class, how many bytes); states, those without label first; how many have
// one; four starts; the labels; the rows, each as how many states before it is one with a row much like it, 0 for none, and the runs
// in which it is not like that: how many, and for each the classes to skip, how many are alike, and the state.
type writer struct {
	rules   int
	options Options

	detectors []byte
	spanners  []byte
}

// Prefix begins a program's text. The number is the format's.
const prefix = "sluice-match:1:"

func (w *writer) detect(automata []*automaton) {
	w.detectors = number7(nil, len(automata))
	for _, a := range automata {
		w.detectors = a.write(w.detectors)
		w.detectors = number7(w.detectors, len(a.sets))
		for _, set := range a.sets {
			w.detectors = number7(w.detectors, len(set))
			for _, rule := range set {
				w.detectors = number7(w.detectors, rule)
			}
		}
	}
}

func (w *writer) span(s *spanner) {
	out := s.forward.write([]byte{1})
	out = s.backward.write(out)
	out = number7(out, len(s.longer))
	out = number7(out, len(s.longer[0]))
	bits, n := make([]byte, (len(s.longer)*len(s.longer[0])+7)/8), 0
	for _, line := range s.longer {
		for _, longer := range line {
			if longer {
				bits[n/8] |= 1 << (n % 8)
			}
			n++
		}
	}
	out = append(out, bits...)
	for state, label := range s.forward.label {
		if label != 0 {
			out = number7(out, int(s.row[state]))
		}
	}
	for _, column := range s.column {
		out = number7(out, int(column))
	}
	w.spanners = out
}

func (w *writer) text(lists []list) string {
	options := int(w.options.fold())
	if w.options.Spans {
		options |= 4
	}
	if w.options.CaseSensitive || w.options.Normalise { // folded text has one case
		options |= 8
	}
	if w.options.Every {
		options |= 16
	}
	out := number7(nil, options)
	out = number7(out, w.rules)
	if w.detectors == nil {
		w.detectors = []byte{0}
	}
	if w.spanners == nil {
		w.spanners = []byte{0}
	}
	out = append(append(out, w.detectors...), w.spanners...)
	out = number7(out, prefixes(lists))
	out = number7(out, len(lists))
	for _, l := range lists {
		out = number7(out, l.rule)
		out = number7(out, len(l.literals))
		before := ""
		for _, literal := range l.literals {
			shared := 0
			for shared < len(before) && shared < len(literal) && before[shared] == literal[shared] {
				shared++
			}
			out = number7(out, shared)
			out = number7(out, len(literal)-shared)
			out = append(out, literal[shared:]...)
			before = literal
		}
	}
	sum := fnv.New32a()
	sum.Write(out)
	return prefix + base64.RawURLEncoding.EncodeToString(sum.Sum(out))
}

func (a *automaton) write(out []byte) []byte {
	out = number7(out, a.classes)
	for b := 0; b < 256; {
		n := 1
		for b+n < 256 && a.class[b+n] == a.class[b] {
			n++
		}
		out = number7(number7(out, a.class[b]), n)
		b += n
	}
	labelled := 0
	for _, label := range a.label {
		if label != 0 {
			labelled++
		}
	}
	out = number7(out, a.states())
	out = number7(out, labelled)
	for _, start := range a.starts {
		out = number7(out, int(start))
	}
	for _, label := range a.label[a.states()-labelled:] {
		out = number7(out, int(label))
	}
	for state := range a.states() {
		best, runs := 0, a.unlike(state, -1)
		for like := max(0, state-nearby); like < state; like++ {
			if other := a.unlike(state, like); len(other) < len(runs) {
				best, runs = state-like, other
			}
		}
		out = append(number7(out, best), runs...)
	}
	return out
}

// nearby is how many states back one is looked for whose row is much like another's.
const nearby = 300

// unlike writes where the row of a state is not like another's; -1 is all zero.
func (a *automaton) unlike(state, like int) (runs []byte) {
	row, usual := a.row(state), make([]int32, a.classes)
	if like >= 0 {
		usual = a.row(like)
	}
	n := 0
	for c, from := 0, 0; c < a.classes; {
		if row[c] == usual[c] {
			c++
			continue
		}
		end := c + 1
		for end < a.classes && row[end] == row[c] && row[end] != usual[end] {
			end++
		}
		runs = number7(number7(number7(runs, c-from), end-c), int(row[c]))
		c, from, n = end, end, n+1
	}
	return append(number7(nil, n), runs...)
}

func number7(out []byte, n int) []byte { return binary.AppendUvarint(out, uint64(n)) }
