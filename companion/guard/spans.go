package guard

import (
	"cmp"
	"slices"
)

// bytesOf turns two offsets in code points, which is how Python counts, into bytes. ok is
// false where they are not within the text, or there is nothing between them.
func bytesOf(text string, start, end int) (from, to int, ok bool) {
	if start < 0 || end <= start {
		return 0, 0, false
	}
	from, to = -1, -1
	n := 0
	for at := range text {
		if n == start {
			from = at
		}
		if n == end {
			return from, at, true
		}
		n++
	}
	return from, len(text), from >= 0 && n == end
}

// apart puts spans in order and makes one of those that overlap: of what each has covered
// nothing is left out, and it is of the kind that was surest, or longest.
func apart(spans []Span) []Span {
	slices.SortFunc(spans, func(a, b Span) int {
		return cmp.Or(cmp.Compare(a.Text, b.Text), cmp.Compare(a.Start, b.Start), cmp.Compare(b.Score, a.Score),
			cmp.Compare(b.End, a.End), cmp.Compare(a.Kind, b.Kind))
	})
	out := spans[:0]
	length := 0 // of the find that the last one's kind is of
	for _, s := range spans {
		last := len(out) - 1
		if last < 0 || out[last].Text != s.Text || out[last].End <= s.Start {
			out, length = append(out, s), s.End-s.Start
			continue
		}
		if n := s.End - s.Start; cmp.Or(cmp.Compare(s.Score, out[last].Score), cmp.Compare(n, length)) > 0 {
			out[last].Kind, out[last].Score, length = s.Kind, s.Score, n
		}
		out[last].End = max(out[last].End, s.End)
	}
	return out
}
