package gateway

import (
	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/tokenizer"
)

// learned is what reported usage has taught about models whose tokenizer is not
// public: by how much an estimate is off. It is kept in notes, so that what one
// worker learns all know, in 256 places, so that the models that clients
// make up take no room. A model that finds its place taken takes it over.
//
// A value is the correction, then a digest of the model's name:
//
//	| correction, 10 bytes | digest, 16 bytes |
type learned struct{ notes *notes }

// correction is what is known about a model, nothing at first. What cannot be read is
// not known: an estimate is never a reason to fail.
func (l *learned) correction(model string) tokenizer.Correction {
	c, _, _ := l.read(model)
	return c
}

// learn takes in one request: what was counted for it before any factor, and what the
// provider reported. A change that another worker's overtakes is dropped; there will
// be others.
func (l *learned) learn(model string, counted, reported int64) {
	c, version, ok := l.read(model)
	if !ok {
		return
	}
	c.Learn(counted, reported)
	d := digest(model)
	value := append(c.Append(make([]byte, 0, tokenizer.CorrectionSize+len(d))), d[:]...)
	l.notes.set(place(d), value, version)
}

func (l *learned) read(model string) (tokenizer.Correction, budget.Version, bool) {
	d := digest(model)
	value, version, ok := l.notes.get(place(d))
	if len(value) != tokenizer.CorrectionSize+len(d) || string(value[tokenizer.CorrectionSize:]) != string(d[:]) {
		return tokenizer.Correction{}, version, ok
	}
	c, _ := tokenizer.ParseCorrection(value[:tokenizer.CorrectionSize])
	return c, version, ok
}

func digest(model string) budget.Digest { return budget.Key("model/"+model, nil) }

func place(d budget.Digest) string { return budget.Place(ofModels, uint(d[0])) }

func hexadecimal(p []byte) string {
	const digits = "0123456789abcdef"
	out := make([]byte, 0, 2*len(p))
	for _, b := range p {
		out = append(out, digits[b>>4], digits[b&15])
	}
	return string(out)
}
