package compare

import "strings"

// leastPassage is how many words two texts must have in common in one run for it to be
// taken out as a passage: a pasted text, a log, a listing. Shorter runs are compared as
// they are.
const leastPassage = 24

// cutPassages replaces the long runs of words that both texts have by one token each, so
// that a question about a pasted page is compared as the question that it is. A passage
// begins and ends with a line or a sentence. The work is linear: a run is looked up by its
// first words.
func cutPassages(a, b string) (left, right []piece) {
	wa, wb := fields(a), fields(b)
	if len(wa) < leastPassage || len(wb) < leastPassage {
		return []piece{{text: a}}, []piece{{text: b}}
	}
	const probe = 8
	at := make(map[string]int, len(wa)) // of the first time
	for i := 0; i+probe <= len(wa); i++ {
		key := a[wa[i].from:wa[i+probe-1].to]
		if len(key) > 400 {
			continue
		}
		if _, seen := at[key]; !seen {
			at[key] = i
		}
	}
	usedA, usedB := 0, 0
	for j := 0; j+probe <= len(wb); {
		key := b[wb[j].from:wb[j+probe-1].to]
		i, ok := at[key]
		if !ok || i < usedA {
			j++
			continue
		}
		n := 0
		for i+n < len(wa) && j+n < len(wb) && a[wa[i+n].from:wa[i+n].to] == b[wb[j+n].from:wb[j+n].to] {
			n++
		}
		before, after := 0, n
		for before < n && !(startsSentence(a, wa, i+before) && startsSentence(b, wb, j+before)) {
			before++
		}
		for after > before && !(endsSentence(a, wa, i+after-1) && endsSentence(b, wb, j+after-1)) {
			after--
		}
		if after-before < leastPassage {
			j += max(n, 1)
			continue
		}
		left = append(left, piece{text: a[end(wa, usedA):wa[i+before].from]}, piece{passage: true})
		right = append(right, piece{text: b[end(wb, usedB):wb[j+before].from]}, piece{passage: true})
		usedA, usedB = i+after, j+after
		j = usedB
	}
	return append(left, piece{text: a[end(wa, usedA):]}), append(right, piece{text: b[end(wb, usedB):]})
}

// piece is a part of a text: its own words, or a passage that the other text has too.
type piece struct {
	text    string
	passage bool
}

type span struct{ from, to int }

// fields is strings.Fields with the places.
func fields(s string) []span {
	var out []span
	from := -1
	for i := 0; i <= len(s); i++ {
		space := i == len(s) || s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r'
		if space && from >= 0 {
			out = append(out, span{from, i})
			from = -1
		} else if !space && from < 0 {
			from = i
		}
	}
	return out
}

func end(w []span, used int) int {
	if used == 0 {
		return 0
	}
	return w[used-1].to
}

func startsSentence(s string, w []span, i int) bool {
	return i == 0 || endsSentence(s, w, i-1)
}

func endsSentence(s string, w []span, i int) bool {
	if i == len(w)-1 || strings.Contains(s[w[i].to:w[i+1].from], "\n") {
		return true
	}
	return strings.ContainsAny(s[w[i].to-1:w[i].to], `.!?:"`)
}
