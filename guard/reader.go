package guard

import (
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/guard/injection"
	"github.com/sluice-gateway/sluice/guard/match"
	"github.com/sluice-gateway/sluice/guard/pii"
	"github.com/sluice-gateway/sluice/guard/placeholder"
)

// reader is what looking at one request's prompts takes: it is borrowed, since tables and
// buffers are worth keeping.
type reader struct {
	g *Guards

	// The text at hand.
	undo
	shown int   // so much of it has been handed on
	finds queue // what the scanner has found in it
	owns  queue // the policy's own kinds in it: they come at times of their own

	// What is to leave of it.
	changed []byte             // as far as it is another
	placed  int                // so much of the text, as it was written, is in that
	spans   []placeholder.Span // what is to be replaced behind it, from there
	out     []byte             // their placeholders

	raw   []byte // where it is JSON, as far as that is here: text is one of its strings then
	inner inner  // reads it there

	seek    *seeker // nil but where the request is read again
	scanner *pii.Scanner
	custom  *match.Matcher
	matcher *match.Matcher
	attacks *injection.Scanner

	message account  // of the message at hand
	alone   account  // of a text that somebody else says, or that stands in no message
	account *account // the one that the text at hand goes to
}

// account is what has been said so far.
type account struct {
	spoke   bool
	denied  []bool // by rule
	allowed []bool
	score   int // of the worst attack, per cent
}

// begin forgets it.
func (a *account) begin() {
	a.spoke, a.score = false, 0
	clear(a.denied)
	clear(a.allowed)
}

// find is a value that was found.
type find struct {
	placeholder.Span
	kind string
}

// queue is finds in the order in which they begin.
type queue struct {
	finds []find
	next  int // the first that has not been dealt with
}

func (q *queue) begin() { q.finds, q.next = q.finds[:0], 0 }

// first is the queue whose next find begins first: at the same byte, the scanner's. It is nil
// where all have been dealt with.
func (r *reader) first() *queue {
	a, b := &r.finds, &r.owns
	if a.next == len(a.finds) || b.next < len(b.finds) && b.finds[b.next].Start < a.finds[a.next].Start {
		a = b
	}
	if a.next == len(a.finds) {
		return nil
	}
	return a
}

// usualText is the longest text whose memory is kept for the next, in bytes.
const usualText = 64 << 10

// usualFinds is the same of finds.
const usualFinds = 256

// maxReaders bounds the readers that wait to be borrowed.
const maxReaders = 4

func (g *Guards) take() *reader {
	if n := len(g.readers); n > 0 {
		r := g.readers[n-1]
		g.readers = g.readers[:n-1]
		return r
	}
	r := &reader{g: g}
	r.account = &r.message
	r.inner.init()
	if p := g.pii; p != nil {
		r.scanner = pii.New(p.options)
		if p.custom != nil {
			r.custom = p.custom.NewMatcher()
		}
	}
	if s := g.prompts; s != nil {
		r.matcher = s.set.NewMatcher()
		for _, a := range [...]*account{&r.message, &r.alone} {
			a.denied, a.allowed = make([]bool, len(s.Rules)), make([]bool, len(s.Rules))
		}
	}
	if in := g.injection; in != nil {
		r.attacks = in.heuristics.NewScanner()
	}
	return r
}

func (g *Guards) give(r *reader) {
	if len(g.readers) >= maxReaders {
		return
	}
	r.shrink()
	r.begin()
	r.message.begin()
	r.alone.begin()
	for _, b := range [...][]byte{r.text, r.as, r.held, r.raw, r.out, r.changed} {
		clear(b[:cap(b)])
	}
	clear(r.spans[:cap(r.spans)])
	clear(r.inner.edits[:cap(r.inner.edits)])
	g.readers = append(g.readers, r)
}

// begin begins a text.
func (r *reader) begin() {
	r.undo.begin()
	r.shown, r.placed, r.spans, r.out, r.changed = 0, 0, r.spans[:0], r.out[:0], r.changed[:0]
	r.finds.begin()
	r.owns.begin()
	if r.seek != nil {
		r.seek.read = 0
	}
	if r.scanner != nil {
		r.scanner.Reset()
	}
	if r.custom != nil {
		r.custom.Reset()
	}
	if r.matcher != nil {
		r.matcher.Reset()
	}
	if r.attacks != nil {
		r.attacks.Reset()
	}
}

// say shows the rules the next piece of a text.
func (r *reader) say(piece []byte) {
	if r.matcher != nil && !r.matcher.Done() {
		r.note(r.matcher.Write(piece))
	}
	if r.attacks != nil {
		r.attacks.Write(piece)
	}
	r.sayOwn(piece)
}

// sayOwn shows the next piece of a text to what looks for the policy's own kinds.
func (r *reader) sayOwn(piece []byte) {
	if r.custom != nil {
		r.own(r.custom.Write(piece))
	}
}

// said ends a text for the rules.
func (r *reader) said() {
	r.account.spoke = true
	if r.matcher != nil {
		r.note(r.matcher.End())
		r.matcher.Reset()
	}
	if r.attacks != nil {
		r.account.score = max(r.account.score, r.attacks.End().Score)
		r.attacks.Reset()
	}
}

func (r *reader) note(finds []match.Find) {
	s := r.g.prompts
	for i := range finds {
		if rule := s.rule[finds[i].Rule]; s.allow[finds[i].Rule] {
			r.account.allowed[rule] = true
		} else {
			r.account.denied[rule] = true
		}
	}
}

// find looks for personal data in what is new of the text, and tells up to where all is
// decided.
func (r *reader) find(end bool) int {
	if r.seek != nil {
		return r.again(end)
	}
	found, done := r.scanner.Scan(r.text, end)
	for i := range found {
		f := &found[i]
		r.finds.finds = append(r.finds.finds, find{placeholder.Span{Start: f.Start, End: f.End, Name: r.g.pii.names[f.Kind]}, f.Kind.String()})
	}
	if r.custom != nil {
		if end {
			r.own(r.custom.End())
		} else {
			done = min(done, r.custom.Decided())
		}
	}
	if end && r.inner.name != "" {
		r.named(r.inner.name)
	}
	return done
}

// own adds finds of the policy's own kinds.
func (r *reader) own(found []match.Find) {
	p := r.g.pii
	for i := range found {
		kind := p.Custom[p.own[found[i].Rule]].Name
		r.owns.finds = append(r.owns.finds, find{placeholder.Span{Start: found[i].Start, End: found[i].End, Name: placeholder.Name(kind)}, kind})
	}
}

// shrink gives back what a long text took, or one with many finds.
func (r *reader) shrink() {
	for _, b := range [...]*[]byte{&r.text, &r.as, &r.held, &r.raw, &r.out, &r.changed} {
		if cap(*b) > usualText {
			*b = nil
		}
	}
	if max(cap(r.finds.finds), cap(r.owns.finds), cap(r.spans), cap(r.inner.edits), cap(r.ends)) > usualFinds {
		r.finds.finds, r.owns.finds, r.spans, r.inner.edits, r.ends = nil, nil, nil, nil, nil
	}
}

// roleSet is the speakers that a policy's words stand for. Others are nobody's; no words,
// everybody.
func roleSet(words []string) uint16 {
	var set uint16
	for _, word := range words {
		set |= 1 << dialect.SpeakerOf([]byte(word))
	}
	if set&(1<<dialect.User) != 0 {
		set |= 1 << dialect.OtherSpeaker // a prompt without a role
	}
	return set
}
