package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"unicode"

	"github.com/sluice-gateway/sluice/internal/benchguard/labelled"
)

// score is how a finder did on some texts.
type score struct {
	kinds      map[string]*kindScore
	negatives  int // texts in which nothing is to be found
	falseFinds map[string]int
	falseTexts int
	wrong      []mistake
}

// kindScore has finds that have a label's span to the character, and finds that overlap one.
type kindScore struct {
	exact, overlap tally
	values         int
	slipped        int // labels of which letters or digits would have left, whatever kind they were taken for
}

type tally struct{ right, wrong, missed int }

func (t tally) precision() float64 { return share(t.right, t.right+t.wrong) }
func (t tally) recall() float64    { return share(t.right, t.right+t.missed) }

func (t tally) f1() float64 { return share(2*t.right, 2*t.right+t.wrong+t.missed) }

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

type mistake struct {
	what string // missed, found, slipped
	kind string
	more string // the generator of the value, or the finder's word for it
	text labelled.Text
	from int
	to   int
}

// judge has a finder look at every text.
func judge(texts []labelled.Text, find func(labelled.Text) []found) *score {
	s := &score{kinds: map[string]*kindScore{}, falseFinds: map[string]int{}}
	for _, kind := range labelled.Kinds() {
		s.kinds[kind] = &kindScore{}
	}
	for _, t := range texts {
		finds := find(t)
		if t.Negative() {
			s.negatives++
			if len(finds) > 0 {
				s.falseTexts++
			}
			for _, f := range finds {
				s.falseFinds[f.Kind]++
			}
		}
		s.match(t, finds)
	}
	return s
}

func (s *score) match(t labelled.Text, finds []found) {
	exact := func(f found, l labelled.Span) bool { return f.Start == l.Start && f.End == l.End }
	overlap := func(f found, l labelled.Span) bool { return f.Start < l.End && l.Start < f.End }
	for pass, fits := range []func(found, labelled.Span) bool{exact, overlap} {
		taken := make([]bool, len(finds))
		for _, l := range t.Spans {
			k := s.kinds[l.Kind]
			counted := []*tally{&k.exact, &k.overlap}[pass]
			i := slices.IndexFunc(finds, func(f found) bool { return f.Kind == l.Kind && fits(f, l) })
			for i >= 0 && taken[i] {
				next := slices.IndexFunc(finds[i+1:], func(f found) bool { return f.Kind == l.Kind && fits(f, l) })
				if next < 0 {
					i = -1
					break
				}
				i += 1 + next
			}
			if i < 0 {
				counted.missed++
				if pass == 0 {
					s.wrong = append(s.wrong, mistake{"missed", l.Kind, l.What, t, l.Start, l.End})
				}
				continue
			}
			taken[i] = true
			counted.right++
		}
		for i, f := range finds {
			if taken[i] {
				continue
			}
			[]*tally{&s.kinds[f.Kind].exact, &s.kinds[f.Kind].overlap}[pass].wrong++
			if pass == 0 {
				s.wrong = append(s.wrong, mistake{"found", f.Kind, f.What, t, f.Start, f.End})
			}
		}
	}
	chars := []rune(t.Text)
	for _, l := range t.Spans {
		s.kinds[l.Kind].values++
		if slips(chars, l, finds) {
			s.kinds[l.Kind].slipped++
			s.wrong = append(s.wrong, mistake{"slipped", l.Kind, l.What, t, l.Start, l.End})
		}
	}
}

// slips reports whether a letter or a digit of a value is in no find.
func slips(chars []rune, l labelled.Span, finds []found) bool {
	for at := l.Start; at < l.End; at++ {
		if !unicode.IsLetter(chars[at]) && !unicode.IsDigit(chars[at]) {
			continue
		}
		if !slices.ContainsFunc(finds, func(f found) bool { return f.Start <= at && at < f.End }) {
			return true
		}
	}
	return false
}

// list prints what went wrong, by kind, and how often by generator.
func (s *score) list(w io.Writer) {
	counts := map[string]int{}
	for _, m := range s.wrong {
		counts[fmt.Sprintf("%-8s %-12s %s", m.what, m.kind, m.more)]++
		chars := []rune(m.text.Text)
		before, after := max(0, m.from-30), min(len(chars), m.to+20)
		fmt.Fprintf(w, "%-8s %-12s %-16s %-28s %q [%s] %q\n", m.what, m.kind, m.more, m.text.Name, string(chars[before:m.from]), string(chars[m.from:min(m.to, m.from+90)]), string(chars[m.to:after]))
	}
	for _, line := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(w, "%5d  %s\n", counts[line], line)
	}
}
