package gateway

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/budget/storetest"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/tokenizer"
)

// What stands in a note's place and is not that note is never written over, on either host: it
// is counted, and the note is not shared.
func TestNotesLeaveAloneWhatIsNotTheirs(t *testing.T) {
	for name, data := range map[string]budget.Store{
		"envoy": budget.NewSharedStore(storetest.NewEnvoy(), budget.EnvoyRules),
		"kong":  budget.NewSharedStore(storetest.NewKong(), budget.KongRules),
	} {
		t.Run(name, func(t *testing.T) {
			n := &notes{store: data}
			d := budget.Key("a conversation", nil)
			to := &target{provider: &provider{Provider: policy.Provider{Name: "a"}}, health: healthName("a/m"), place: 3}
			m := &model{affinity: 1000, targets: make([]*target, 4)}
			keeps := []struct {
				key   string
				write func()
				known func() bool
			}{
				{to.health[:budget.PlaceLen], func() { healths{n}.change(to, func(h *health) { h.learn(9) }) }, func() bool { return healths{n}.of(to).tokens != 0 }},
				{affinityPlace(d), func() { affinities{n}.remember(1, d, to) }, func() bool { return affinities{n}.find(2, m, d) == 3 }},
				{place(digest("m")), func() { (&learned{n}).learn("m", 100, 200) }, func() bool { return (&learned{n}).correction("m") != tokenizer.Correction{} }},
			}
			for _, k := range keeps {
				for _, theirs := range []string{"x", "another's value, as long as one of ours may well be, or longer", string(budget.Seal(budget.Place('z', 1), []byte("another place")))} {
					_, version, err := data.Get(k.key)
					require.NoError(t, err)
					require.NoError(t, data.Set(k.key, []byte(theirs), version))
					n.unshared = 0
					k.write()
					require.False(t, k.known(), k.key)
					require.EqualValues(t, 2, n.unshared)
					value, _, _ := data.Get(k.key)
					require.Equal(t, theirs, string(value))
				}
				// Gone, it is shared again.
				_, version, _ := data.Get(k.key)
				require.NoError(t, data.Set(k.key, []byte{}, version))
				k.write()
				require.True(t, k.known(), k.key)
			}
		})
	}
}

// Two targets in one place, which takes a thousand to be likely: the second one's is its own.
func TestNotesOfTwoInOnePlace(t *testing.T) {
	n := &notes{store: budget.NewSharedStore(storetest.NewKong(), budget.KongRules)}
	first, second := &target{health: healthName("a")}, &target{health: healthName("a")[:budget.PlaceLen] + healthName("b")[budget.PlaceLen:]}
	learn := func(h *health) { h.learn(9) }
	healths{n}.change(first, learn)
	healths{n}.change(second, learn)
	require.EqualValues(t, 9*outputScale, healths{n}.of(first).tokens)
	require.Zero(t, healths{n}.of(second).tokens)
}

// A torn read is read again, and never taken for a note nor written over.
func TestTornNotes(t *testing.T) {
	host := storetest.NewKong()
	n := &notes{store: budget.NewSharedStore(host, budget.KongRules)}
	name := healthName("a")
	for _, value := range []string{"the first", "another 1"} {
		_, version, ok := n.get(name)
		require.True(t, ok)
		require.False(t, n.set(name, []byte(value), version))
	}
	tear := 0
	host.Torn = func() bool { tear++; return tear <= 2 }
	value, _, ok := n.get(name)
	require.True(t, ok)
	require.Equal(t, "another 1", string(value))
	require.Zero(t, n.unshared)
	host.Torn = func() bool { return true }
	_, _, ok = n.get(name)
	require.False(t, ok)
	require.EqualValues(t, 1, n.unshared)
}
