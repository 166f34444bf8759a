package gateway

import (
	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/tokenizer"
)

// learned is what reported usage has taught about models whose tokenizer is not
// public: by how much an estimate is off. It is kept in the store, so that what one
// worker learns all know.
type learned struct{ store budget.Store }

// factor is the factor in per mille for an estimate of a model's tokens.
func (l *learned) factor(model string, family tokenizer.Family) int64 {
	return int64(family.Factor)
}
