package compare

import "strings"

// known tells a word of English, or a name that the tables have, in any of its forms.
func (l *lexicon) known(w string) bool {
	return l.parts(w) != "" || l.irregular[w] != ""
}

// american spells a word as the lists do: colour, organise, travelled, theatre.
func (l *lexicon) american(w string) string {
	if len(w) < 4 || l.parts(w) != "" && !l.rare(w) {
		return w
	}
	for _, s := range spellings {
		at := strings.LastIndex(w, s.british)
		if at < 1 {
			continue
		}
		if try := w[:at] + s.american + w[at+len(s.british):]; l.parts(try) != "" && !l.rare(try) {
			return try
		}
	}
	return w
}

var spellings = []struct{ british, american string }{
	{"our", "or"}, {"is", "iz"}, {"ys", "yz"}, {"re", "er"}, {"ogue", "og"}, {"ence", "ense"}, {"lled", "led"}, {"lling", "ling"}, {"ller", "ler"},
	{"ae", "e"}, {"oe", "e"}, {"mme", "m"}, {"lment", "llment"}, {"lful", "llful"}, {"ewellery", "ewelry"}, {"grey", "gray"}, {"tyre", "tire"}, {"cheque", "check"}, {"aluminium", "aluminum"}, {"oeuvre", "euver"}, {"que", "k"}, {"ough", "ow"}, {"oea", "ea"}, {"rrhoe", "rrhe"}, {"gey", "gy"}, {"mould", "mold"}, {"kerb", "curb"}, {"pyjama", "pajama"},
}

// lemma is the word that a form is of: the one thing of several, the doing of what was
// done. It looks no further than English grammar does.
func (l *lexicon) lemma(w string) string {
	if to := l.irregular[w]; to != "" && w != "does" {
		return to
	}
	n := len(w)
	if n < 4 {
		return w
	}
	switch {
	case strings.HasSuffix(w, "ies") && n > 4:
		if try := w[:n-3] + "y"; l.parts(try) != "" {
			return try
		}
		return w[:n-1]
	case strings.HasSuffix(w, "ss") || strings.HasSuffix(w, "us") || strings.HasSuffix(w, "is"):
		return w
	case strings.HasSuffix(w, "es") && n > 4:
		if try := w[:n-1]; l.parts(try) != "" {
			return try
		}
		if try := w[:n-2]; l.parts(try) != "" && strings.ContainsRune("sxzho", rune(try[len(try)-1])) {
			return try
		}
		if l.parts(w) == "" && l.parts(w[:n-2]) != "" {
			return w // requestes
		}
		return w[:n-1]
	case strings.HasSuffix(w, "s"):
		if try := w[:n-1]; l.parts(try) != "" || l.parts(w) == "" {
			return try
		}
		return w
	case strings.HasSuffix(w, "ied"):
		if try := w[:n-3] + "y"; l.isVerb(try) {
			return try
		}
	case strings.HasSuffix(w, "ed"):
		return l.verbOf(w, w[:n-2])
	case strings.HasSuffix(w, "ing") && n > 5:
		return l.verbOf(w, w[:n-3])
	}
	return w
}

// verbOf undoes -ed and -ing: walk, hope, stop.
func (l *lexicon) verbOf(w, stem string) string {
	n := len(stem)
	if n < 2 {
		return w
	}
	if n > 2 && stem[n-1] == stem[n-2] && l.isVerb(stem[:n-1]) && !l.isVerb(stem) {
		return stem[:n-1]
	}
	if l.isVerb(stem+"e") && !(l.isVerb(stem) && (stem[n-1] != 's' && stem[n-1] != 'c' && stem[n-1] != 'v' && !(n > 1 && stem[n-2] == 'i'))) {
		return stem + "e"
	}
	if l.isVerb(stem) {
		return stem
	}
	return w
}

func (l *lexicon) isVerb(w string) bool { return strings.Contains(l.parts(w), "v") }

// isNominal tells a word that can stand for a thing.
func (l *lexicon) isNominal(w string) bool {
	p := l.parts(w)
	return p == "" || strings.ContainsAny(p, "np-")
}

// near tells that one word is the other with a typing error or two: a letter too many,
// too few, wrong or two in the wrong order.
func near(a, b string, within int) bool {
	if d := len(a) - len(b); d > within || -d > within {
		return false
	}
	if a == b {
		return true
	}
	if len(a) > 40 || len(b) > 40 {
		return false
	}
	var rows [3][42]int
	for j := range len(b) + 1 {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row := &rows[(i+2)%3], &rows[i%3], &rows[(i+1)%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return rows[(len(a)+1)%3][len(b)] <= within
}
