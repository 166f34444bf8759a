package gateway

import "github.com/sluice-gateway/sluice/budget"

// notes is what the workers share beside the budgets: how targets fare, what estimates were
// off by, which target a conversation was with. It is all worth less than a budget: where
// something else stands in a note's place that is left alone, and the note is not shared.
type notes struct {
	store    budget.Store
	unshared int64 // readings that found something else, since that was last told
}

// get is a note by its name, budget.Seal's, nil where there is none, and the version that set
// wants. It is not ok where it can be neither read nor written.
func (n *notes) get(name string) (value []byte, version budget.Version, ok bool) {
	for range 3 { // a host's read can meet a write (Kong): what is damaged is read again
		sealed, version, err := n.store.Get(name[:budget.PlaceLen])
		if err != nil {
			return nil, 0, false
		}
		if len(sealed) == 0 {
			return nil, version, true
		}
		if value, ok = budget.Unseal(name, sealed); ok {
			return value, version, true
		}
	}
	n.unshared++
	return nil, 0, false
}

// set makes a note where it was read, and tells whether another worker has been faster.
func (n *notes) set(name string, value []byte, version budget.Version) (overtaken bool) {
	return n.store.Set(name[:budget.PlaceLen], budget.Seal(name, value), version) == budget.ErrConflict
}

// The kinds of places. The first of 16 that targets have: a name has four bits of its digest
// here, so that two of a policy hardly ever meet.
const (
	ofTargets       = 'G'
	ofModels        = 'x'
	ofConversations = 'y'
	ofRecords       = 'z'
	ofRings         = 'Z'
	ofMetrics       = 'X'
)
