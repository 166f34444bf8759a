// Package compare decides whether the answer to one prompt answers another, and says why.
//
// Similar vectors only propose. Here every difference between the two texts has to be
// explained as harmless (another spelling, a politeness, a synonym in its place); one that
// is not makes the prompts different, and is named.
package compare

import (
	"fmt"
	"strings"
)

// Verdict is the outcome of a comparison.
type Verdict struct {
	Same bool
	// Veto tells, where not Same, that a difference is known to matter (a number, a date,
	// a negation, …), so that nothing else can make the prompts the same. Without it the
	// prompts differ in a way that could not be explained, and a judge might.
	Veto bool
	// Reason is one line in ASCII for a record: the difference that decided, as in
	// `number: 1234 / 1243`, or what was explained, as in `same but for: us, politeness`.
	Reason string
}

const (
	// mostBytes is the longest text that is compared by its words. A longer one is the
	// same only as another that differs in its spaces.
	mostBytes = 64 << 10
	// mostOwn is how much may be left of a text when the passages that both have are
	// taken out.
	mostOwn = 4 << 10
	// mostTokens bounds the pairs of tokens that are looked at, n x n.
	mostTokens = 96
)

// Compare decides whether the answer to a may be given to b. It is symmetric, and takes
// time linear in the texts beyond a bound on what they do not have in common.
func Compare(a, b string) Verdict {
	if a == b {
		return Verdict{Same: true, Reason: "same text"}
	}
	if b < a {
		a, b = b, a // whichever is asked first
	}
	fa, ha := fold(a)
	fb, hb := fold(b)
	if ha != "" || hb != "" {
		return veto("hidden characters", "", "")
	}
	if strings.Join(strings.Fields(fa), " ") == strings.Join(strings.Fields(fb), " ") {
		return Verdict{Same: true, Reason: "same but for: spaces"}
	}
	if w := mixedScripts(fa) + mixedScripts(fb); w != "" {
		return veto("mixed scripts", w, "")
	}
	if len(fa) > mostBytes || len(fb) > mostBytes {
		return unexplained("too long to compare")
	}
	pa, pb := cutPassages(fa, fb)
	if own(pa) > mostOwn || own(pb) > mostOwn {
		return unexplained("too long to compare but for the passages in common")
	}
	v := compareWords(pa, pb)
	if v.Same {
		if c, ok := otherCase(fa, fb); ok {
			return c
		}
	}
	return v
}

func compareWords(pa, pb []piece) Verdict {
	l := load()
	ta, tb := scanned(pa), scanned(pb)
	ta, tb = l.literal(ta), l.literal(tb)
	ta, tb = unquote(ta, tb), unquote(tb, ta)
	ta, tb = dates(numbers(l.spell(ta))), dates(numbers(l.spell(tb)))
	if len(ta) > mostTokens || len(tb) > mostTokens {
		return unexplained("too long to compare but for the passages in common")
	}
	ta, endlessA := l.subordinate(ta)
	tb, endlessB := l.subordinate(tb)
	if x, y, found := tradedWords(ta, tb); found {
		return veto("order", x, y)
	}
	l.callNames(ta, tb)
	if l.foreign(ta) && l.foreign(tb) {
		return compareForeign(ta, tb)
	}
	ta, tb, notes := l.settle(ta, tb)
	sa, sb := l.scopesOf(ta), l.scopesOf(tb)
	ra, rb := l.read(l.govern(ta), l.govern(tb))
	ra.endless, rb.endless = endlessA, endlessB
	v := l.compare(ra, rb, notes)
	if v.Same {
		if w := l.otherScope(sa, sb); w != "" {
			return unexplained("what it is said of: " + w)
		}
	}
	return v
}

func own(pieces []piece) int {
	n := 0
	for _, p := range pieces {
		n += len(p.text)
	}
	return n
}

func scanned(pieces []piece) []token {
	var out []token
	n := 0
	for _, p := range pieces {
		if p.passage {
			n++
			if len(out) > 0 {
				out[len(out)-1].ends = max(out[len(out)-1].ends, comma)
			}
			out = append(out, token{kind: passage, text: fmt.Sprint("passage ", n), ends: stop})
			continue
		}
		if out == nil {
			out = scan(p.text)
		} else {
			out = append(out, scan(p.text)...)
		}
	}
	return out
}

func veto(kind, a, b string) Verdict {
	reason := kind
	switch {
	case a != "" && b != "":
		if b < a {
			a, b = b, a
		}
		reason = kind + ": " + clip(a) + " / " + clip(b)
	case a+b != "":
		reason = kind + ": " + clip(a+b)
	}
	return Verdict{Veto: true, Reason: printable(reason)}
}

func unexplained(what string) Verdict {
	return Verdict{Reason: printable("unexplained: " + what)}
}

func clip(s string) string {
	if len(s) > 60 {
		return s[:60]
	}
	return s
}

// printable keeps a reason to 200 bytes of ASCII.
func printable(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c < ' ' || c > '~' {
			b[i] = '?'
		}
	}
	if len(b) > 200 {
		b = b[:200]
	}
	return string(b)
}
