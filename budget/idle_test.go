package budget_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/budget/storetest"
)

// Requests that cost nothing, under any number of names, leave room for those that do: an
// account of which nothing is spent is forgotten, whatever its window.
func TestNamesThatSpendNothing(t *testing.T) {
	ledger := budget.New(budget.NewSharedStore(storetest.NewEnvoy(), budget.EnvoyRules), budget.Options{})
	month := &budget.Limit{Name: "b", Max: 1000, Period: budget.Month}
	key := func(name string) budget.Digest {
		// All on one page: a page's number is in the first two bytes.
		d := budget.Key("b", []budget.Part{{Name: "model", Value: name, Present: true}})
		d[0], d[1] = 7, 7
		return d
	}
	now := int64(1_795_000_000_000)
	spent, refusal, err := ledger.Reserve(now, []budget.Claim{{Limit: month, Key: key("paying"), Amount: 400}})
	require.NoError(t, err)
	require.Nil(t, refusal)
	require.NoError(t, spent.Settle(now, []int64{400}))
	for i := range 500 {
		r, refusal, err := ledger.Reserve(now, []budget.Claim{{Limit: month, Key: key(strconv.Itoa(i)), Amount: 10}})
		require.NoError(t, err)
		require.Nil(t, refusal)
		require.NoError(t, r.Cancel(now))
	}
	states, err := ledger.Peek(nil, now, []budget.Claim{{Limit: month, Key: key("paying")}})
	require.NoError(t, err)
	require.EqualValues(t, 600, states[0].Remaining, "what is spent is remembered")
}
