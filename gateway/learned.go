package gateway

import (
	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/tokenizer"
)

// learned is what reported usage has taught about models whose tokenizer is not
// public: by how much an estimate is off. It is kept in the store, so that what one
// worker learns all know, in 256 places, so that the models that clients
// make up take no room. A model that finds its place taken takes it over.
//
// A value is the correction, then a digest of the model's name:
//
//	| correction, 10 bytes | digest, 16 bytes |
type learned struct{ store budget.Store }

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
	c, version, err := l.read(model)
	if err != nil {
		return
	}
	c.Learn(counted, reported)
	d := digest(model)
	value := append(c.Append(make([]byte, 0, tokenizer.CorrectionSize+len(d))), d[:]...)
	_ = l.store.Set(place(d), value, version)
}

func (l *learned) read(model string) (tokenizer.Correction, budget.Version, error) {
	d := digest(model)
	value, version, err := l.store.Get(place(d))
	if err != nil || len(value) != tokenizer.CorrectionSize+len(d) || string(value[tokenizer.CorrectionSize:]) != string(d[:]) {
		return tokenizer.Correction{}, version, err
	}
	c, _ := tokenizer.ParseCorrection(value[:tokenizer.CorrectionSize])
	return c, version, nil
}

func digest(model string) budget.Digest { return budget.Key("model/"+model, nil) }

func place(d budget.Digest) string {
	return "sluice/e1/" + hexadecimal(d[:1])
}

func hexadecimal(p []byte) string {
	const digits = "0123456789abcdef"
	out := make([]byte, 0, 2*len(p))
	for _, b := range p {
		out = append(out, digits[b>>4], digits[b&15])
	}
	return string(out)
}
