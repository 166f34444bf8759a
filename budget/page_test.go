package budget

import (
	"hash/crc32"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// memory is a Store in a map, without the hosts' rules.
type memory map[string][]byte

func (m memory) Get(key string) ([]byte, Version, error) {
	v, found := m[key]
	if !found {
		return nil, Absent, nil
	}
	return v, 1, nil
}

func (m memory) Set(key string, value []byte, _ Version) error {
	m[key] = append([]byte(nil), value...)
	return nil
}

func pageOf(n int) string { return pageKey(Digest{byte(n >> 8), byte(n)}) }

// samePage returns n keys that live on one page.
func samePage(n int) []Digest {
	ds := make([]Digest, n)
	for i := range ds {
		ds[i] = Digest{14: byte(i >> 8), 15: byte(i)}
	}
	return ds
}

// Kong knows a key by its CRC-32 alone.
func TestPageKeysHaveDifferentCRCs(t *testing.T) {
	seen := map[uint32]string{}
	for n := range pageCount {
		key := pageOf(n)
		require.Len(t, key, pageKeyLen)
		crc := crc32.ChecksumIEEE([]byte(key))
		require.Empty(t, seen[crc], "%s", key)
		seen[crc] = key
	}
	require.Equal(t, pageOf(0), pageOf(pageCount), "no more than that")
	require.Len(t, seen, pageCount)
}

func TestAccountsComeBackAsTheyWere(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	number := func(most int64) int64 { return rng.Int64N(most+1) >> rng.IntN(60) }
	fill := func(m *meter) {
		m.spent = number(maxSpent)
		m.n = rng.IntN(maxSlots + 1)
		at := int64(0)
		for i := range m.slots[:m.n] {
			at += number((maxTime - at) / 2)
			m.slots[i] = slot{at, number(maxSpent)}
		}
	}
	longest := 0
	for range 20_000 {
		a := account{kind: Period(rng.IntN(int(Month) + 1))}
		if a.kind == Bucket {
			b := &a.bucket
			b.max, b.every = 1+number(MaxAmount-1), 1+number(maxEvery-1)
			b.rem, b.peak = number(b.every-1), number(maxTime)
			if b.behind = rng.IntN(2) == 0; b.behind {
				b.resume = number(b.peak)
			}
			fill(&b.meter)
		} else {
			a.quota.n = rng.IntN(3)
			for i := range a.quota.windows[:a.quota.n] {
				w := &a.quota.windows[i]
				w.start = number(maxTime/1000) * 1000
				w.end = w.start + number(maxTime/1000)*1000
				fill(&w.meter)
			}
		}
		var back account
		body := a.append(nil)
		require.True(t, back.read(a.kind, body))
		if !reflect.DeepEqual(back, a) {
			require.Equal(t, a, back)
		}
		require.False(t, back.read(a.kind, append(body, 0)), "a byte too many")
		require.False(t, back.read(a.kind, body[:len(body)-1]), "a byte too few")
		longest = max(longest, len(body))
	}
	require.Less(t, longest, 1<<14, "the length of an entry has 14 bits")
}

func TestFullPage(t *testing.T) {
	const now = int64(1_800_000_000_000)
	store := memory{}
	lg := New(store, Options{})
	month := &Limit{Name: "l", Max: MaxAmount, Period: Month}
	keys := samePage(400)
	spend := func(key Digest, at, amount int64) error {
		r, refusal, err := lg.Reserve(at, []Claim{{month, key, amount}})
		require.Nil(t, refusal)
		if err != nil {
			return err
		}
		return r.Settle(at, []int64{amount})
	}
	n := 0
	for spend(keys[n], now, 5) == nil {
		n++
	}
	t.Logf("%d spent monthly quotas on one page", n)
	require.Greater(t, n, 64, "100,000 keys are 6.1 a page")
	require.ErrorIs(t, spend(keys[n], now, 5), ErrFull)
	require.EqualValues(t, 2, lg.Stats().Full)
	require.Zero(t, lg.Stats().Evicted)

	// Whoever is on the page goes on, with larger numbers too.
	var open []*Reservation
	for _, k := range keys[:10] {
		r, _, err := lg.Reserve(now, []Claim{{month, k, MaxAmount / 2}})
		require.NoError(t, err)
		open = append(open, r)
	}
	for _, r := range open {
		require.NoError(t, r.Settle(now, []int64{MaxAmount}))
	}
	states, err := lg.Peek(nil, now, []Claim{{Limit: month, Key: keys[n-1]}})
	require.NoError(t, err)
	require.Equal(t, MaxAmount-5, states[0].Remaining, "nobody was forgotten")

	// When their month is over they make room.
	require.NoError(t, spend(keys[n], now+31*dayMS, 5))
	require.EqualValues(t, n, lg.Stats().Evicted)
	for key, v := range store {
		require.Less(t, len(v), 200, "%s", key)
	}

	// A bucket makes room once it is full again, and not while it holds something.
	bucket := &Limit{Name: "l", Max: 10, Every: 60_000}
	lg = New(memory{}, Options{})
	for n = 0; ; n++ {
		_, _, err := lg.Reserve(now, []Claim{{bucket, keys[n], 5}})
		if err != nil {
			require.ErrorIs(t, err, ErrFull)
			break
		}
	}
	claims := []Claim{{bucket, keys[n], 5}}
	_, _, err = lg.Reserve(now+defaultHold-1, claims)
	require.ErrorIs(t, err, ErrFull, "nobody settled")
	_, _, err = lg.Reserve(now+defaultHold*17/16, claims)
	require.NoError(t, err)
	require.EqualValues(t, n, lg.Stats().Evicted)
}

// However the bytes of a page are wrong, nothing panics, nothing more than the limit is
// handed out, and what is not a page of ours is not written over.
func FuzzPage(f *testing.F) {
	const now = int64(1_800_000_000_000)
	l := &Limit{Name: "l", Max: 1000, Every: 60_000}
	d := &Limit{Name: "l", Max: 1000, Period: Day}
	key := Key("l", nil)
	store := memory{}
	lg := New(store, Options{})
	for i := range 3 {
		for _, limit := range []*Limit{l, d} {
			r, _, err := lg.Reserve(now-int64(i)*2*dayMS, []Claim{{limit, key, 10}})
			require.NoError(f, err)
			require.NoError(f, r.Settle(now, []int64{7}))
			_, _, err = lg.Reserve(now, []Claim{{limit, key, 20}})
			require.NoError(f, err)
			f.Add(store[pageKey(key)], true, now)
			f.Add(store[pageKey(key)], false, now)
		}
	}
	f.Add([]byte{}, false, now)
	f.Add([]byte("somebody else's"), false, now)
	f.Fuzz(func(t *testing.T, value []byte, repair bool, now int64) {
		if repair && len(value) >= pageHead {
			value = append([]byte(nil), value...)
			copy(value[8:], pageKey(key))
			putUint64(value, checksum(value[8:]))
		}
		for _, limit := range []*Limit{l, d} {
			store := memory{pageKey(key): value}
			lg := New(store, Options{})
			states, err := lg.Peek(nil, now, []Claim{{Limit: limit, Key: key}})
			if err == nil && (states[0].Remaining > limit.Max || states[0].Reset < 0) {
				t.Fatalf("handed out: %+v", states[0])
			}
			admitted := int64(0)
			for range 4 {
				r, _, err := lg.Reserve(now, []Claim{{limit, key, 300}})
				if err != nil {
					require.Equal(t, value, store[pageKey(key)], "written over")
					break
				}
				if r != nil {
					admitted += 300
					require.NoError(t, r.Settle(now, []int64{300}))
				}
			}
			require.LessOrEqual(t, admitted, limit.Max)
		}
	})
}
