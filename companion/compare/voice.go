package compare

import "strings"

// Who is invaded does not invade: a verb in the passive has before it what it has behind it, or
// would have, in the active. Without a "by" nothing else tells the two from one another: when did
// France invade, when was France invaded.

// beForms stand before what is done to something.
var beForms = set{"is", "are", "was", "were", "be", "been", "being", "am", "get", "gets", "got"}

// unchanged are verbs whose participle is the verb itself.
var unchanged = set{"hit", "put", "cut", "cast", "shut", "set", "let", "read", "hurt", "split", "spread", "beat", "bet", "bid", "burst", "shed", "broadcast", "forecast", "reset", "upset", "run", "overrun", "overcome", "outbid"}

// ergative are verbs that something does that it is done to: the shop opens, it is opened.
var ergative = set{
	"open", "close", "start", "end", "begin", "stop", "break", "change", "move", "finish", "crash", "freeze", "load", "cook", "boil", "bake", "grow", "turn", "run", "work", "connect", "disconnect", "update", "install", "ship", "arrive", "expire",
	"melt", "burn", "dry", "sink", "heat", "cool", "improve", "increase", "decrease", "reduce", "spread", "split", "divide", "separate", "mix", "develop", "form", "transfer", "renew", "process", "print", "play", "ring", "reboot", "restart", "synchronize", "sync", "share", "relate", "translate", "count", "total", "apply", "mean", "compile", "fix", "graduate", "marry", "divorce", "retire", "locate", "base", "situate", "interest", "differ", "compose", "consist",
}

// participle tells a form that can be what is done to something.
func (l *lexicon) participle(t *token) bool {
	v := verbIn(t)
	if v.kind != word || !l.isVerb(v.lemma) && !strings.HasSuffix(v.text, "ed") {
		return false
	}
	return unchanged.has(v.text) || strings.HasSuffix(v.text, "ed") && len(v.text) > 4 || pastForm(v) && (!pasts[v.text] || participles.has(v.text))
}

// participles are pasts that are participles too.
var participles = set{"won", "told", "said", "thought", "bought", "caught", "taught", "felt", "kept", "met", "sold", "sent", "spent", "stood", "understood"}

// otherVoice finds a verb that is in the active in one text and in the passive in the other, with
// the same before it.
func (l *lexicon) otherVoice(a, b *reading, p *pairing) (verb, before *token, found bool) {
	for v, w := range p.to {
		if w < 0 || p.a[v].passive == p.b[w].passive {
			continue
		}
		done, does, at, in := p.a, p.b, v, w
		whose, other := a, b
		to := func(k int) int { return p.to[k] }
		if p.b[w].passive {
			done, does, at, in = p.b, p.a, w, v
			whose, other = b, a
			to = func(k int) int { return sourceOf(p, k) }
		}
		active := verbIn(&does[in])
		if ergative.has(active.lemma) || does[in].article || does[in].mark != "" || pastForm(active) && !unchanged.has(active.text) && !does[in].someone || !l.isVerb(active.lemma) && !inflects(active.text, verbIn(&done[at]).text) {
			continue
		}
		s := l.subjectOf(done, at)
		if me := done[at].someone || s < 0 && whose.objects.has("i"); me && !other.objects.has("me") && (does[in].someone || l.subjectOf(does, in) < 0) {
			return &done[at], &does[in], true // can I sue, can I be sued
		}
		if s < 0 || to(s) < 0 {
			continue
		}
		if k := to(s); k > in && does[k].mark != "" && does[k].mark != "'s" && does[k].mark != done[s].mark {
			return &done[at], &done[s], true // a box is packed, I pack in a box
		}
		if does[in].someone {
			if past := a.tenses.has("past") || b.tenses.has("past") || a.tenses.has("perfect") || b.tenses.has("perfect"); past && !other.generic {
				return &done[at], &does[in], true // it was cancelled, I cancelled it
			}
			continue
		}
		if k := to(s); k < in && does[k].mark == "" && does[k].part == does[in].part && l.subjectOf(does, in) == k {
			return &done[at], &done[s], true
		}
	}
	return nil, nil, false
}

// turnedVoice tells that a verb is in the passive in one text only, with who does it behind "by".
func (p *pairing) turnedVoice() bool {
	turned, by := false, false
	for i, j := range p.to {
		if j >= 0 {
			turned = turned || p.a[i].passive != p.b[j].passive
			by = by || (p.a[i].mark == "by") != (p.b[j].mark == "by")
		}
	}
	return turned && by
}

// subjectOf is what stands before a verb without a preposition, the nearest of these.
func (l *lexicon) subjectOf(in []token, v int) int {
	for k := v - 1; k >= 0 && in[k].part == in[v].part && in[k].ends == none; k-- {
		if t := &in[k]; t.mark == "" && !t.free && (t.kind != word || t.name || t.article || l.thing(t)) {
			return k
		}
	}
	return -1
}

// voiced tells that the one of two tokens is a verb in the active in one text, with the other
// behind it, and in the passive in the other text, with the other before it.
func (l *lexicon) voiced(p *pairing, i, j int) bool {
	ai, aj, bi, bj := &p.a[i], &p.a[j], &p.b[p.to[i]], &p.b[p.to[j]]
	object := func(x, y *token) bool {
		return x.mark == "" && (y.mark == "" || y.mark == "'s") || x.under == y.under && x.mark == y.mark
	}
	switch { // in a the order is i j, in b it is j i
	case bi.passive && !ai.passive && l.participle(bi):
		return object(aj, bj)
	case aj.passive && !bj.passive && l.participle(aj):
		return object(ai, bi)
	}
	return false
}
