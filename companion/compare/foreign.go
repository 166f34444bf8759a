package compare

import (
	"slices"
	"strings"
)

// foreign tells a text that is not English: most of its words are on no list. The tables
// say nothing of such a text.
func (l *lexicon) foreign(in []token) bool {
	words, unknown, clear := 0, 0, 0
	for _, t := range in {
		if t.kind != word {
			continue
		}
		words++
		if abroad.has(t.text) || abroad.has(strings.ToLower(t.raw)) {
			clear++
		}
		if abroad.has(t.text) || !l.everyday(t.text) && !l.everyday(l.lemma(t.text)) && !l.everyday(l.american(t.text)) {
			unknown++
		}
	}
	return words > 1 && (unknown*2 > words || clear > 1 && set{"comment", "wie", "hoe", "como"}.has(in[0].text))
}

func (l *lexicon) everyday(w string) bool {
	parts, rare := l.words.find(w)
	return parts != "" && parts != "p" && !rare
}

// abroad are words of other languages that are English ones as well.
var abroad = set{
	"die", "der", "das", "wie", "ist", "ich", "ein", "eine", "und", "mein", "meine", "von", "mit", "nach", "auf", "im",
	"comment", "le", "la", "les", "un", "une", "mon", "ma", "est", "et", "de", "du", "des", "je", "pour",
	"el", "los", "mi", "como", "es", "que", "por", "para", "se", "il", "si", "che", "di",
}

// compareForeign takes two texts for the same whose words are, in the same order, but for
// case, accents, punctuation, articles, small numbers and politeness. Nothing is known of
// how their language builds a sentence, so no word may move.
func compareForeign(a, b []token) Verdict {
	x, y := wordsAbroad(a), wordsAbroad(b)
	if slices.Equal(x, y) {
		return Verdict{Same: true, Reason: "same but for: case, punctuation, politeness"}
	}
	if strings.Join(x, "") == strings.Join(y, "") && !strings.ContainsAny(strings.Join(x, ""), "0123456789") {
		return Verdict{Same: true, Reason: "same but for: compound"}
	}
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return Verdict{Reason: printable("unexplained: not english: " + pairOf(clip(x[i]), clip(y[i])))}
		}
	}
	return unexplained("not english")
}

// small are words that say nothing about what is asked.
var small = set{
	"hello", "hi", "please", "thanks", "hallo", "guten", "tag", "morgen", "abend", "bitte", "danke", "vielen", "dank", "moin", "mal", "eben", "eigentlich", "denn", "der", "die", "das", "den", "dem", "ein", "eine", "einen", "einem", "einer",
	"bonjour", "salut", "merci", "svp", "le", "la", "les", "un", "une", "hola", "gracias", "buenos", "dias", "el", "los", "las", "una", "ciao", "grazie", "prego", "il", "lo", "i", "gli", "hoi", "graag", "bedankt", "de", "het", "een",
}

// spelledAbroad are small numbers, and contractions.
var spelledAbroad = map[string]string{
	"zwei": "2", "drei": "3", "vier": "4", "fuenf": "5", "sechs": "6", "sieben": "7", "acht": "8", "neun": "9", "zehn": "10", "elf": "11", "zwoelf": "12",
	"deux": "2", "trois": "3", "quatre": "4", "cinq": "5", "sept": "7", "huit": "8", "neuf": "9", "dix": "10",
	"dos": "2", "tres": "3", "cuatro": "4", "cinco": "5", "seis": "6", "siete": "7", "ocho": "8", "nueve": "9", "diez": "10",
	"due": "2", "tre": "3", "quattro": "4", "cinque": "5", "sei": "6", "sette": "7", "otto": "8", "nove": "9", "dieci": "10",
	"'s": "es", "lange": "lang", "gerne": "gern",
}

// framesAbroad are ways to begin a question that add nothing and put the rest in no other
// order.
var framesAbroad = []string{
	"pourriez vous me dire", "pouvez vous me dire", "peux tu me dire", "pourrais tu me dire", "podria decirme", "puedes decirme", "me puedes decir", "puede decirme", "me puede decir", "potrebbe dirmi", "puoi dirmi", "mi puoi dire",
	"also", "ich wollte nur kurz fragen", "ich wollte kurz fragen", "ich wollte nur fragen", "ich wollte fragen", "kurze frage", "ich habe kurze frage", "frage", "sag mir", "dime", "dis moi", "dimmi",
}

func wordsAbroad(in []token) []string {
	var out []string
	for i := range in {
		t := &in[i]
		switch {
		case t.kind == quoted:
			out = append(out, t.raw)
			continue
		case t.kind == symbol && t.text == "-":
			continue
		}
		w := unaccented(said(t))
		if n := spelledAbroad[w]; n != "" {
			w = n
		}
		if t.kind != word || !small.has(w) {
			out = append(out, w)
		}
	}
	text := " " + strings.Join(out, " ") + " "
	text = strings.ReplaceAll(text, " z b ", " zum beispiel ")
	for _, please := range [...]string{" sil vous plait ", " por favor ", " per favore ", " alstublieft ", " alsjeblieft ", " sil te plait "} {
		text = strings.ReplaceAll(text, please, " ")
	}
	for range 3 {
		for _, f := range framesAbroad {
			if rest, ok := strings.CutPrefix(text, " "+f+" "); ok {
				text = " " + rest
			}
		}
	}
	return strings.Fields(howAbroad(text))
}

// unaccented writes letters as they are typed without the keys for them.
var unaccented = strings.NewReplacer(
	"ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "é", "e", "è", "e", "ê", "e", "à", "a", "á", "a", "í", "i", "ó", "o", "ú", "u", "ç", "c",
	"ô", "o", "î", "i", "û", "u", "ù", "u", "â", "a", "ò", "o", "ì", "i").Replace
