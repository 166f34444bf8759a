package compare

import "slices"

// foreign tells a text that is not English: most of its words are on no list. The tables
// say nothing of such a text.
func (l *lexicon) foreign(in []token) bool {
	words, unknown := 0, 0
	for _, t := range in {
		if t.kind != word {
			continue
		}
		words++
		if !l.known(t.text) && !l.known(l.lemma(t.text)) && !l.known(l.american(t.text)) || abroad[t.text] {
			unknown++
		}
	}
	return words > 1 && unknown*2 > words
}

// abroad are words of other languages that are also English ones, or a list has.
var abroad = map[string]bool{
	"die": true, "der": true, "das": true, "was": false, "wie": true, "ist": true, "ich": true, "ein": true, "eine": true, "und": true, "mein": true, "meine": true, "man": false, "von": true, "mit": true, "nach": true, "auf": true, "im": true,
	"comment": false, "le": true, "la": true, "les": true, "un": true, "une": true, "mon": true, "ma": true, "est": true, "et": true, "de": true, "du": true, "des": true, "je": true, "pour": true,
	"el": true, "los": true, "mi": true, "como": true, "es": true, "que": true, "por": true, "para": true, "se": true, "il": true, "si": true, "che": true, "di": true, "per": false,
}

// polite are the politenesses of some languages, which add nothing.
var polite = set{
	"hallo", "guten", "tag", "bitte", "danke", "vielen", "dank", "moin", "mal", "eben",
	"bonjour", "salut", "merci", "svp", "hola", "gracias", "buenos", "dias", "días", "ciao", "grazie", "prego", "obrigado",
}

// compareForeign takes two texts for the same whose words are, in the same order, but for
// case, punctuation and a word of thanks.
func compareForeign(a, b []token) Verdict {
	x, y := said2(a), said2(b)
	if slices.Equal(x, y) {
		return Verdict{Same: true, Reason: "same but for: case, punctuation, politeness"}
	}
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return Verdict{Reason: printable("unexplained: not english: " + pairOf(clip(x[i]), clip(y[i])))}
		}
	}
	return unexplained("not english")
}

func said2(in []token) []string {
	var out []string
	for i := range in {
		t := &in[i]
		if t.kind == word && polite.has(t.text) {
			continue
		}
		if t.kind == quoted {
			out = append(out, t.raw)
			continue
		}
		if t.kind == symbol && t.text == "-" {
			continue
		}
		out = append(out, said(t))
	}
	return out
}
