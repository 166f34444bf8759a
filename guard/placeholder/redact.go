package placeholder

// Span is a part of a text that is to be redacted: the bytes [Start, End).
type Span struct {
	Start, End int
	Name       string // what it is; see Name
	With       []byte // its placeholder, where that is known; nil = it is looked up
}

// Redactor writes texts with placeholders in them.
type Redactor struct {
	Vault *Vault

	// Names are the names, written as Name writes them, that placeholders of this vault
	// can have. What a user writes is taken for a placeholder only if it has one of them,
	// so that `[Figure 1]` and `[RFC 2119]` reach the model as they are. Nil means any, and none
	// at all that nothing is.
	Names []string
}

// Written is the name of the values that are placeholders which a user has written.
const Written = "PLACEHOLDER"

// Append appends text to out, with placeholders for the spans, and for what looks like
// one already. The spans are in order; where one begins before the end of the one before,
// that part of it is redacted already. count is the number of placeholders: with 0 the
// text is as it was.
func (r *Redactor) Append(out, text []byte, spans []Span) (redacted []byte, count int) {
	at := 0
	for _, s := range spans {
		start := max(s.Start, at)
		if start >= s.End {
			continue
		}
		out, count = r.between(out, text[:start], at, count)
		if s.With != nil {
			out = add(out, s.With)
		} else {
			out = r.Vault.Placeholder(out, s.Name, text[start:s.End])
		}
		at = s.End
		count++
	}
	return r.between(out, text, at, count)
}

// between appends a text from a place on, behind which it has no spans. What follows it is a
// bracket or nothing, and does not matter.
func (r *Redactor) between(out, text []byte, done, count int) ([]byte, int) {
	var s spelling
	for from := done; ; {
		start, stop, ok := s.find(text, from, true)
		if !ok {
			return add(out, text[done:]), count
		}
		from = stop
		if !r.ours(s.name()) {
			continue
		}
		out = add(out, text[done:start])
		out = r.Vault.Placeholder(out, Written, text[start:stop])
		done = stop
		count++
	}
}

func (r *Redactor) ours(name []byte) bool {
	for _, n := range r.Names {
		if n == string(name) {
			return true
		}
	}
	return r.Names == nil || len(r.Names) > 0 && string(name) == Written
}
