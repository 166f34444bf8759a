package compare

import "strings"

// What is to be translated, corrected or answered is taken by the letter, also where it has no
// quotation marks: in "translate into French: thank you" the thanks are no politeness.

// workings are verbs of what is done with a text that is given behind a colon.
var workings = set{
	"translate", "say", "write", "rewrite", "rephrase", "reword", "paraphrase", "correct", "proofread", "reply", "respond", "answer", "simplify", "shorten", "conjugate", "pronounce", "spell", "improve", "edit", "polish",
	"translation", "reply to", "make", "fix", "check", "transcribe", "punctuate", "capitalize", "decode", "encode", "encrypt", "reverse", "repeat",
}

// literal makes quotations of the words behind such a colon, of courtesies behind any, and of what
// is to be said in another language.
func (l *lexicon) literal(in []token) []token {
	works := false
	for i := range in {
		t := &in[i]
		works = works || t.kind == word && workings.has(l.lemma(t.text))
		if t.colon && i+1 < len(in) && i <= 40 && (works || !l.framed(in[:i+1]) && l.framed(in[i+1:])) {
			quote(in[i+1:])
			return in
		}
		if t.ends == stop {
			works = false
		}
		if t.kind == word && (t.text == "say" || t.text == "translate") && t.ends == none {
			quote(in[i+1 : i+1+l.inSpeech(in[i+1:], t.text)])
		}
	}
	return in
}

// inSpeech is how many words stand before "in Korean", which are to be said in it.
func (l *lexicon) inSpeech(in []token, verb string) int {
	if len(in) == 0 || in[0].kind != word || (set{"this", "that", "it", "something", "the", "my", "following", "these", "from", "to", "into", "in", "how", "what"}).has(in[0].text) && !(verb == "say" && in[0].text == "the") {
		return 0
	}
	for i := 1; i+1 < len(in); i++ {
		if in[i-1].ends != none {
			return 0
		}
		if p := in[i].text; (p == "in" || p == "to" || p == "into") && l.names[in[i+1].text] == "speech" {
			return i
		}
	}
	return 0
}

func quote(in []token) {
	for k := range in {
		if in[k].kind == word || in[k].kind == ident {
			in[k].kind, in[k].text = quoted, strings.ToLower(in[k].raw)
		}
	}
}

// speaking are verbs whose object is words.
var speaking = set{"say", "says", "said", "saying", "write", "writing", "spell", "pronounce", "mean", "means", "word", "phrase", "translate", "type"}
