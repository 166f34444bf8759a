package compare

import "strings"

// A verb behind another one means another thing in each of its forms: to stop smoking, to
// stop to smoke, to stop and smoke, to stop somebody from smoking.

// governors are verbs of which that is so. With start, begin, continue, like, love, hate and
// prefer "to do" and "doing" are the same, so they are not here.
var governors = set{
	"stop", "quit", "cease", "keep", "keep on", "go on", "avoid", "try", "attempt", "remember", "forget", "regret", "mean", "help", "need",
	"prevent", "block", "ban", "bar", "prohibit", "forbid", "discourage", "deter", "restrain", "dissuade", "hinder", "protect", "save", "finish", "delay", "postpone", "miss", "risk", "resist", "restrict", "exclude", "disable",
}

// hinderers are those with which "the dog barking" is "the dog from barking". With keep it is
// the contrary.
var hinderers = set{"stop", "prevent", "avoid", "ban", "block", "prohibit"}

// govern notes of verbs behind a governor in which form they are there.
func (l *lexicon) govern(in []token) []token {
	for i := range in {
		v := in[i].lemma
		if in[i].kind != word || i > 0 && determiners[in[i-1].text] || in[i].ends != none {
			continue
		}
		next := i + 1
		if (v == "go" || v == "keep") && next < len(in) && in[next].text == "on" {
			v, next = v+" on", next+1
		}
		if !governors.has(v) {
			continue
		}
		for j := next; j < len(in) && j < i+12; j++ {
			t, before := &in[j], &in[j-1]
			ing := strings.HasSuffix(t.text, "ing") && t.text != t.lemma && l.isVerb(t.lemma)
			form := ""
			switch {
			case t.kind != word:
			case before.text == "to" && l.isVerb(t.text):
				form = "to"
			case before.text == "from" && ing:
				form = "from"
			case (before.text == "and" || before.text == "or" || before.text == "then") && l.isVerb(t.lemma):
				if form = "and"; ing && j > next+1 && in[j-2].governed == "ing" {
					form = "ing" // stop smoking and drinking
				}
			case ing && j == next:
				if form = "ing"; v == "stop" && i > 1 && in[i-1].text == "to" && caused(in[:i-1]) {
					form = "from" // get the dog to stop barking
				}
			case ing && !prepositions[before.text] && !determiners[before.text]:
				form = "while"
				if hinderers.has(v) {
					form = "from"
				}
			}
			if form != "" && t.governed == "" {
				t.governed = form
			}
			if form != "" && form != "and" && form != "ing" || t.ends != none {
				break
			}
		}
	}
	return in
}

// caused tells that somebody is made to do what follows "to": get the dog to.
func caused(in []token) bool {
	for k := len(in) - 1; k >= 0 && k > len(in)-5 && in[k].ends == none; k-- {
		if v := in[k].lemma; v == "get" || v == "cause" || v == "teach" || v == "train" {
			return k < len(in)-1
		}
	}
	return false
}

// otherwiseGoverned finds a verb that stands behind another one in both texts, in two forms
// that mean two things.
func (p *pairing) otherwiseGoverned() (form string, found bool) {
	for i, j := range p.to {
		if j < 0 {
			continue
		}
		x, y := verbIn(&p.a[i]).governed, verbIn(&p.b[j]).governed
		if x != y && x != "" && y != "" {
			return pairOf(x, y) + " " + p.a[i].lemma, true
		}
		if x != y && (x == "from" || y == "from") && p.a[i].text == p.b[j].text {
			return "from " + p.a[i].lemma, true
		}
	}
	return "", false
}
