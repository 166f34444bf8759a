package compare

import (
	"slices"
	"strings"
)

// foreign tells a text that is not English: most of its words are on no list. The tables
// say nothing of such a text.
func (l *lexicon) foreign(in []token) bool {
	words, unknown := 0, 0
	for _, t := range in {
		if t.kind != word {
			continue
		}
		words++
		if !l.everyday(t.text) && !l.everyday(l.lemma(t.text)) && !l.everyday(l.american(t.text)) || abroad[t.text] {
			unknown++
		}
	}
	return words > 1 && unknown*2 > words
}

func (l *lexicon) everyday(w string) bool {
	return l.parts(w) != "" && l.parts(w) != "p" && !l.rare(w)
}

// abroad are words of other languages that are also English ones, or a list has.
var abroad = map[string]bool{
	"die": true, "der": true, "das": true, "was": false, "wie": true, "ist": true, "ich": true, "ein": true, "eine": true, "und": true, "mein": true, "meine": true, "man": false, "von": true, "mit": true, "nach": true, "auf": true, "im": true,
	"comment": true, "le": true, "la": true, "les": true, "un": true, "une": true, "mon": true, "ma": true, "est": true, "et": true, "de": true, "du": true, "des": true, "je": true, "pour": true,
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

// unaccented writes letters as they are typed without the keys for them.
var unaccented = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "é", "e", "è", "e", "ê", "e", "à", "a", "á", "a", "í", "i", "ó", "o", "ú", "u", "ç", "c", "ô", "o", "î", "i", "û", "u", "ù", "u", "â", "a").Replace

// framesAbroad are ways to begin a question that add nothing, in languages that do not put
// the rest in another order for it.
var framesAbroad = []string{"pourriez vous me dire", "pouvez vous me dire", "peux tu me dire", "est ce que vous pouvez me dire", "podria decirme", "puedes decirme", "me puedes decir", "puede decirme", "me puede decir", "potrebbe dirmi", "puoi dirmi"}

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
		out = append(out, unaccented(said(t)))
	}
	text := strings.TrimSuffix(strings.Join(out, " "), " sil vous plait")
	for _, f := range framesAbroad {
		text = strings.TrimPrefix(text, f+" ")
	}
	return strings.Fields(text)
}
