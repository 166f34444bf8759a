package budget_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/budget/storetest"
)

// spy remembers the keys that it was asked for, and may refuse to write some.
type spy struct {
	budget.Store
	keys   []string
	refuse map[string]error
	sets   int
}

func (s *spy) Get(key string) ([]byte, budget.Version, error) {
	s.keys = append(s.keys, key)
	return s.Store.Get(key)
}

func (s *spy) Set(key string, value []byte, version budget.Version) error {
	s.sets++
	if err := s.refuse[key]; err != nil {
		return err
	}
	return s.Store.Set(key, value, version)
}

func pageOf(t *testing.T, c budget.Claim) string {
	s := &spy{Store: hosts[0].make()}
	_, err := budget.New(s, budget.Options{}).Peek(nil, t0, []budget.Claim{c})
	require.NoError(t, err)
	return s.keys[0]
}

func TestStoreOnBothHosts(t *testing.T) {
	onEachHost(t, func(t *testing.T, store budget.Store) {
		value, version, err := store.Get("k")
		require.NoError(t, err)
		require.Nil(t, value)
		require.Equal(t, budget.Absent, version)

		require.NoError(t, store.Set("k", []byte("1"), budget.Absent))
		require.ErrorIs(t, store.Set("k", []byte("2"), budget.Absent), budget.ErrConflict, "inserting does not overwrite")
		value, first, err := store.Get("k")
		require.NoError(t, err)
		require.Equal(t, "1", string(value))
		require.NotEqual(t, budget.Absent, first)

		require.NoError(t, store.Set("k", []byte("3"), first))
		require.ErrorIs(t, store.Set("k", []byte("4"), first), budget.ErrConflict, "a version is good once")
		value, second, err := store.Get("k")
		require.NoError(t, err)
		require.Equal(t, "3", string(value))
		require.NotEqual(t, first, second)
	})
}

// One goroutine's rules on the other host's data: what the adapter is for.
func TestHostsDiffer(t *testing.T) {
	envoy, kong := storetest.NewEnvoy(), storetest.NewKong()
	require.NoError(t, envoy.Set("k", []byte("1"), 7), "Envoy inserts whatever the cas")
	require.NoError(t, envoy.Set("k", []byte("2"), 0), "and overwrites with 0")
	require.ErrorIs(t, kong.Set("k", []byte("1"), 7), budget.ErrConflict)
	require.NoError(t, kong.Set("k", []byte("1"), 0))
	require.ErrorIs(t, kong.Set("k", []byte("2"), 0), budget.ErrConflict)
	require.NoError(t, kong.Set("plumless", []byte("x"), 0))
	value, _, found, err := kong.Get("buckeroo")
	require.NoError(t, err)
	require.True(t, found, "one CRC-32")
	require.Equal(t, "x", string(value))
}

func TestForeignValueIsLeftAlone(t *testing.T) {
	l := bucket("l", 10, minute)
	c := claim(l, "a", 1)
	host := storetest.NewKong()
	for _, theirs := range []string{"x", strings.Repeat("x", 100)} {
		host.Evict(pageOf(t, c))
		require.NoError(t, host.Set(pageOf(t, c), []byte(theirs), 0)) // as a key with the same CRC-32 would
		lg := budget.New(budget.NewSharedStore(host, budget.KongRules), budget.Options{})
		_, _, err := lg.Reserve(t0, []budget.Claim{c})
		require.ErrorIs(t, err, budget.ErrForeign)
		require.EqualValues(t, 1, lg.Stats().Foreign)
		value, _, _, _ := host.Get(pageOf(t, c))
		require.Equal(t, theirs, string(value))
	}
}

func TestDamagedValue(t *testing.T) {
	onEachHost(t, func(t *testing.T, store budget.Store) {
		l := bucket("l", 10, minute)
		c := claim(l, "a", 1)
		lg := budget.New(store, budget.Options{})
		reserve(t, lg, t0, c)
		good, _, err := store.Get(pageOf(t, c))
		require.NoError(t, err)
		for i := range good {
			bad := append([]byte(nil), good...)
			bad[i] ^= 0x10
			_, version, err := store.Get(pageOf(t, c))
			require.NoError(t, err)
			require.NoError(t, store.Set(pageOf(t, c), bad, version))
			_, _, err = lg.Reserve(t0, []budget.Claim{c})
			if err == nil || !(isOneOf(err, budget.ErrCorrupt, budget.ErrForeign)) {
				require.Fail(t, "a flipped bit went unseen", "byte %d: %v", i, err)
			}
		}
		// Emptied by someone: begins anew.
		_, version, err := store.Get(pageOf(t, c))
		require.NoError(t, err)
		require.NoError(t, store.Set(pageOf(t, c), []byte{}, version))
		require.EqualValues(t, 9, reserve(t, lg, t0, c).Held()[0].State.Remaining)
	})
}

func isOneOf(err error, of ...error) bool {
	for _, e := range of {
		if strings.Contains(err.Error(), e.Error()) {
			return true
		}
	}
	return false
}

func TestTornReadsAreReadAgain(t *testing.T) {
	host := storetest.NewKong()
	l := bucket("l", 1_000_000, minute)
	lg := budget.New(budget.NewSharedStore(host, budget.KongRules), budget.Options{})
	reserve(t, lg, t0, claim(l, "a", 1))
	reserve(t, lg, t0, claim(l, "a", 70_000)) // another length, so that a mixture shows
	tear := 0
	host.Torn = func() bool { tear++; return tear <= 3 }
	reserve(t, lg, t0, claim(l, "a", 1))
	require.EqualValues(t, 3, lg.Stats().Torn)

	host.Torn = func() bool { return true }
	_, _, err := lg.Reserve(t0, []budget.Claim{claim(l, "a", 1)})
	require.ErrorIs(t, err, budget.ErrCorrupt, "a bound on reading again")
	host.Torn = nil
	require.EqualValues(t, 1_000_000-70_002, remaining(t, lg, t0, l, "a"))
}

// A full zone forgets pages. Then budgets are whole again, and late settles are charged.
func TestEvictedPage(t *testing.T) {
	for _, l := range []*budget.Limit{bucket("l", 100, 1000*day), quota("l", 100, budget.Month)} {
		host := storetest.NewKong()
		lg := budget.New(budget.NewSharedStore(host, budget.KongRules), budget.Options{})
		r := reserve(t, lg, t0, claim(l, "a", 60))
		host.Evict(pageOf(t, claim(l, "a", 60)))
		require.EqualValues(t, 100, remaining(t, lg, t0, l, "a"))
		require.NoError(t, r.Settle(t0, []int64{50}))
		require.EqualValues(t, 50, remaining(t, lg, t0, l, "a"))
	}
}

// between runs something between a store's reading and the next write of a key, once.
type between struct {
	budget.Store
	then func()
}

func (b *between) Set(key string, value []byte, version budget.Version) error {
	if then := b.then; then != nil {
		b.then = nil
		then()
	}
	return b.Store.Set(key, value, version)
}

// On Kong a key's count of changes begins anew after an eviction, so that a write that was
// under way can pass for the next one of the new page, which it replaces. What was taken from
// the new page is forgotten then in place of what was taken from the old one. That is not more
// than an eviction costs anyway: whatever happens around it, at most one limit is admitted again.
func TestEvictedUnderAWrite(t *testing.T) {
	const limit = 100
	for _, l := range []*budget.Limit{bucket("l", limit, 1000*day), quota("l", limit, budget.Month)} {
		for before := range 4 { // writes of the page before it is evicted
			for after := range 4 { // and after that
				for _, amount := range []int64{1, limit / 4, limit} {
					host := storetest.NewKong()
					store := budget.NewSharedStore(host, budget.KongRules)
					others := budget.New(store, budget.Options{})
					admitted := int64(0)
					take := func(lg *budget.Ledger, amount int64) bool {
						r, _, err := lg.Reserve(t0, []budget.Claim{claim(l, "a", amount)})
						require.NoError(t, err)
						if r != nil {
							admitted += amount
						}
						return r != nil
					}
					for range before {
						take(others, amount)
					}
					slow := &between{Store: store, then: func() {
						host.Evict(pageOf(t, claim(l, "a", 1)))
						for range after {
							take(others, amount)
						}
					}}
					take(budget.New(slow, budget.Options{}), amount)
					for take(others, 1) {
					}
					require.LessOrEqual(t, admitted, int64(2*limit), "%d before, %d after, %d each", before, after, amount)
					require.GreaterOrEqual(t, admitted, int64(limit))
				}
			}
		}
	}
}

func TestContended(t *testing.T) {
	l := bucket("l", 10, minute)
	c := claim(l, "a", 1)
	s := &spy{Store: hosts[0].make(), refuse: map[string]error{pageOf(t, c): budget.ErrConflict}}
	lg := budget.New(s, budget.Options{Retries: 7})
	_, _, err := lg.Reserve(t0, []budget.Claim{c})
	require.ErrorIs(t, err, budget.ErrContended)
	require.Equal(t, 7, s.sets, "bounded")
	require.Equal(t, budget.Stats{Conflicts: 7, Contended: 1}, lg.Stats())

	// Settle can be called again after it failed.
	s.refuse = nil
	r := reserve(t, lg, t0, c, claim(l, "b", 1))
	s.refuse = map[string]error{pageOf(t, c): errStore}
	require.ErrorIs(t, r.Settle(t0, []int64{0, 0}), errStore)
	require.EqualValues(t, 10, remaining(t, lg, t0, l, "b"), "the other one is settled")
	s.refuse = nil
	require.EqualValues(t, 9, remaining(t, lg, t0, l, "a"))
	require.NoError(t, r.Settle(t0, []int64{0, 0}))
	require.EqualValues(t, 10, remaining(t, lg, t0, l, "a"))
	require.EqualValues(t, 10, remaining(t, lg, t0, l, "b"))
}

func TestAFailureGivesBackWhatWasTaken(t *testing.T) {
	onEachHost(t, func(t *testing.T, store budget.Store) {
		a, b := claim(bucket("a", 10, minute), "x", 4), claim(bucket("b", 10, minute), "x", 4)
		s := &spy{Store: store, refuse: map[string]error{pageOf(t, b): errStore}}
		lg := budget.New(s, budget.Options{})
		_, _, err := lg.Reserve(t0, []budget.Claim{a, b})
		require.ErrorIs(t, err, errStore)
		require.EqualValues(t, 10, remaining(t, lg, t0, a.Limit, "x"))

		s.refuse = nil
		r := reserve(t, lg, t0, a, b)
		s.refuse = map[string]error{pageOf(t, b): errStore}
		_, err = r.Extend(t0, []int64{2, 2})
		require.ErrorIs(t, err, errStore)
		require.EqualValues(t, 6, remaining(t, lg, t0, a.Limit, "x"))
		require.EqualValues(t, 4, r.Held()[0].Reserved)
	})
}

// Sixty-four at once on one bucket and one quota: never more admitted than the limit, and
// in the end the state is the sum to the token.
func TestConcurrent(t *testing.T) {
	const workers, rounds, limit = 64, 150, 40_000
	run := func(t *testing.T, store budget.Store) {
		b, q := bucket("bucket", limit, 100*365*day), quota("quota", limit, budget.Month)
		var inFlight, settled, admitted, turnedAway atomic.Int64
		var wg sync.WaitGroup
		for w := range workers {
			wg.Add(1)
			go func() {
				defer wg.Done()
				// A worker has a VM, so a ledger, of its own.
				lg := budget.New(store, budget.Options{})
				rng := rand.New(rand.NewPCG(uint64(w), 1))
				for range rounds {
					amount := rng.Int64N(400)
					r, refusal, err := lg.Reserve(t0, []budget.Claim{claim(b, "a", amount), claim(q, "a", amount)})
					if err != nil {
						if !isOneOf(err, budget.ErrContended, budget.ErrCorrupt) {
							t.Error(err)
						}
						continue
					}
					if refusal != nil {
						turnedAway.Add(1)
						continue
					}
					admitted.Add(1)
					if now := inFlight.Add(amount); now > limit {
						t.Errorf("%d in flight of %d", now, limit)
					}
					actual := rng.Int64N(amount + 1)
					// From here on no more than actual counts, so say so first.
					inFlight.Add(actual - amount)
					settled.Add(actual)
					for r.Settle(t0, []int64{actual, actual}) != nil {
					}
				}
			}()
		}
		wg.Wait()
		require.LessOrEqual(t, settled.Load(), int64(limit))
		require.Positive(t, turnedAway.Load(), "the limit was reached")
		lg := budget.New(store, budget.Options{})
		require.Equal(t, limit-settled.Load(), remaining(t, lg, t0, b, "a"))
		require.Equal(t, limit-settled.Load(), remaining(t, lg, t0, q, "a"))
		t.Logf("%d admitted, %d refused, %d of %d spent", admitted.Load(), turnedAway.Load(), settled.Load(), limit)
	}
	onEachHost(t, run)
	t.Run("kong, torn", func(t *testing.T) {
		host := storetest.NewKong()
		host.Torn = func() bool { return rand.IntN(5) == 0 }
		run(t, budget.NewSharedStore(host, budget.KongRules))
	})
}

// The figure in the package documentation.
func TestMemory(t *testing.T) {
	host := storetest.NewEnvoy()
	lg := budget.New(budget.NewSharedStore(host, budget.EnvoyRules), budget.Options{})
	limits := []*budget.Limit{bucket("key-minute", 50_000, minute), quota("team-month", 500_000_000, budget.Month)}
	const users = 50_000 // two budgets each
	var open []*budget.Reservation
	for i := range users {
		who := strconv.Itoa(i)
		at := t0 + int64(i)
		open = append(open, reserve(t, lg, at, claim(limits[0], who, 4321), claim(limits[1], who, 43_210)))
	}
	keys, held := host.Size()
	for i, r := range open {
		require.NoError(t, r.Settle(t0+users, []int64{1234 + int64(i%1000), 12_340}))
	}
	_, settled := host.Size()
	t.Logf("100,000 budgets in %d keys: %d bytes while all are held, %d bytes once settled", keys, held, settled)
	require.LessOrEqual(t, keys, 16384)
	require.Less(t, held, 6_000_000)
	require.Less(t, settled, 5_000_000)
	require.Equal(t, budget.Stats{}, lg.Stats(), "nothing forgotten, nothing refused")
}

func BenchmarkReserveSettle(b *testing.B) {
	limits := []*budget.Limit{bucket("key-minute", 1_000_000, second), quota("team-month", budget.MaxAmount, budget.Month), quota("user-day", budget.MaxAmount, budget.Day)}
	for _, n := range []int{1, 3} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			lg := budget.New(hosts[0].make(), budget.Options{})
			// As many others on the pages as 100,000 keys would be.
			for i := range 100_000 / 3 {
				for _, l := range limits {
					r, _, err := lg.Reserve(t0, []budget.Claim{claim(l, strconv.Itoa(i), 5)})
					require.NoError(b, err)
					require.NoError(b, r.Settle(t0, []int64{5}))
				}
			}
			var claims []budget.Claim
			for _, l := range limits[:n] {
				claims = append(claims, claim(l, "7", 500))
			}
			actual := []int64{200, 200, 200}[:n]
			now := t0
			b.ReportAllocs()
			for b.Loop() {
				now++
				r, _, err := lg.Reserve(now, claims)
				if err != nil || r == nil || r.Settle(now, actual) != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
