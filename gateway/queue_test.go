package gateway

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/budget/storetest"
)

// zone is what the workers of these tests share.
type zone struct {
	*storetest.Kong
	longest map[string]int // the first value of each key
	before  func()         // is done before the next Set
	fails   func(key string) bool
}

func newZone() *zone { return &zone{Kong: storetest.NewKong(), longest: map[string]int{}} }

// Set holds that no value is longer than the first of its key: before 3.7 Kong would write it
// over what is behind that.
func (z *zone) Set(key string, value []byte, cas uint32) error {
	if f := z.before; f != nil {
		z.before = nil
		f()
	}
	if z.fails != nil && z.fails(key) {
		return errors.New("the worker has ended")
	}
	if z.longest != nil {
		if first, ok := z.longest[key]; ok && len(value) > first {
			return fmt.Errorf("%s: %d bytes over one of %d", key, len(value), first)
		} else if !ok {
			z.longest[key] = len(value)
		}
	}
	return z.Kong.Set(key, value, cas)
}

func (z *zone) worker() *queue {
	return newQueue(&notes{store: budget.NewSharedStore(z, budget.KongRules)}, "companion:8090")
}

func line(n int) string { return fmt.Sprintf(`{"id":"%d"}`, n) }

func addLines(t *testing.T, q *queue, now int64, from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		require.True(t, q.add(now, []byte(line(n))), n)
	}
}

func lines(from, to int) string {
	var b strings.Builder
	for n := from; n < to; n++ {
		b.WriteString(line(n) + "\n")
	}
	return b.String()
}

const monday = int64(1_795_000_000_000)

func TestQueue(t *testing.T) {
	t.Run("one worker sends what all have put in, once", func(t *testing.T) {
		z := newZone()
		a, b, c := z.worker(), z.worker(), z.worker()
		require.Nil(t, a.batch(monday), "there is none")
		addLines(t, a, monday, 0, 3)
		addLines(t, b, monday, 3, 5)
		addLines(t, a, monday, 5, 6)
		require.Equal(t, lines(0, 6), string(c.batch(monday)))
		require.Nil(t, c.batch(monday), "it is on its way")
		require.Nil(t, a.batch(monday), "another leads")
		addLines(t, b, monday, 6, 7)
		c.sent(monday+10, true)
		require.Nil(t, a.batch(monday+500), "records wait for others")
		require.Equal(t, lines(6, 7), string(a.batch(monday+1000)))
		a.sent(monday+1000, true)
		require.Nil(t, b.batch(monday+5000), "there is no more")
	})
	t.Run("a leader that ends leaves all to the next", func(t *testing.T) {
		z := newZone()
		a, b := z.worker(), z.worker()
		addLines(t, a, monday, 0, 3)
		require.NotNil(t, a.batch(monday))
		addLines(t, b, monday, 3, 4)
		require.Nil(t, b.batch(monday+leadFor-1))
		require.Equal(t, lines(0, 4), string(b.batch(monday+leadFor)))
		b.sent(monday+leadFor, true)
		require.Nil(t, z.worker().batch(monday+10*leadFor))
	})
	t.Run("two leaders", func(t *testing.T) {
		for _, first := range []string{"a", "b"} {
			z := newZone()
			a, b := z.worker(), z.worker()
			addLines(t, a, monday, 0, 3)
			late := string(a.batch(monday))
			addLines(t, a, monday, 3, 4)
			now := monday + leadFor
			require.Equal(t, late+lines(3, 4), string(b.batch(now)))
			if first == "a" {
				a.sent(now, true)
				require.Nil(t, z.worker().batch(now+leadAgain), "the lead is b's still")
				b.sent(now, true)
			} else {
				b.sent(now, true)
				a.sent(now, true)
			}
			addLines(t, b, now, 4, 6)
			require.Equal(t, lines(4, 6), string(a.batch(now+1000)))
		}
		// A late leader that has failed takes nobody's lead away.
		z := newZone()
		a, b := z.worker(), z.worker()
		addLines(t, a, monday, 0, 1)
		require.NotNil(t, a.batch(monday))
		require.NotNil(t, b.batch(monday+leadFor))
		a.sent(monday+leadFor+1, false)
		require.Nil(t, z.worker().batch(monday+leadFor+leadAgain+2))
		b.sent(monday+leadFor+leadAgain+2, true)
	})
	t.Run("what does not arrive is sent again, by whomever", func(t *testing.T) {
		z := newZone()
		a, b := z.worker(), z.worker()
		addLines(t, a, monday, 0, 2)
		require.NotNil(t, a.batch(monday))
		a.sent(monday+100, false)
		require.Nil(t, b.batch(monday+leadAgain))
		require.Equal(t, lines(0, 2), string(b.batch(monday+100+leadAgain)))
	})
	t.Run("a clock that has gone back", func(t *testing.T) {
		z := newZone()
		a, b := z.worker(), z.worker()
		addLines(t, a, monday, 0, 2)
		require.NotNil(t, a.batch(monday))
		require.Equal(t, lines(0, 2), string(b.batch(monday-3600_000)))
	})
	t.Run("full", func(t *testing.T) {
		z := newZone()
		a, b := z.worker(), z.worker()
		addLines(t, a, monday, 0, ringSize)
		require.False(t, a.add(monday, []byte(line(ringSize))))
		require.False(t, b.add(monday, []byte(line(ringSize))))
		require.Equal(t, lines(0, ringSize), string(b.batch(monday)))
		require.False(t, a.add(monday, []byte(line(ringSize))), "none is gone before it has arrived")
		b.sent(monday, true)
		addLines(t, a, monday, ringSize, 2*ringSize)
		require.Equal(t, lines(ringSize, 2*ringSize), string(b.batch(monday+1000)))
		keys := 0
		for range z.longest {
			keys++
		}
		require.Equal(t, ringSize+1, keys)
	})
	t.Run("records of all lengths, and one batch after the other", func(t *testing.T) {
		z := newZone()
		a := z.worker()
		record := func(n int) []byte {
			return []byte(strings.Repeat("x", n*7919%(placeSize-9)) + "!")
		}
		sent := 0
		now := monday
		for n := range 3 * ringSize {
			for !a.add(now, record(n)) {
				now += 1000
				batch := a.batch(now)
				require.NotNil(t, batch)
				require.LessOrEqual(t, len(batch), queueBatch+placeSize)
				for got := range strings.Lines(string(batch)) {
					require.Equal(t, string(record(sent))+"\n", got)
					sent++
				}
				a.sent(now, true)
			}
		}
		require.Greater(t, sent, ringSize)
		require.False(t, a.add(now, make([]byte, placeSize-8)), "longer than a place")
	})
	t.Run("somebody else's place is passed over and left alone", func(t *testing.T) {
		z := newZone()
		z.longest = nil
		a := z.worker()
		addLines(t, a, monday, 0, 1)
		const theirs = "theirs"
		key := a.name(ofRecords, a.head)[:budget.PlaceLen]
		require.NoError(t, z.Set(key, []byte(theirs), 0))
		addLines(t, a, monday, 1, 3)
		require.Equal(t, lines(0, 3), string(a.batch(monday)))
		a.sent(monday, true)
		require.Zero(t, a.evicted)
		require.Positive(t, a.notes.unshared)
		value, _, _, _ := z.Get(key)
		require.Equal(t, theirs, string(value))
	})
	t.Run("somebody else's ring is no queue", func(t *testing.T) {
		z := newZone()
		a := z.worker()
		require.NoError(t, z.Set(a.name(ofRings, 0)[:budget.PlaceLen], []byte("theirs"), 0))
		require.False(t, a.add(monday, []byte(line(0))))
		require.Nil(t, a.batch(monday))
	})
	t.Run("another companion's are its own", func(t *testing.T) {
		z := newZone()
		a := z.worker()
		for n := range 5000 {
			other := newQueue(a.notes, fmt.Sprint("other:", n))
			require.Nil(t, other.batch(monday+int64(n)*leadFor))
			if other.which%128 == a.which%128 && n > 0 {
				addLines(t, a, monday, 0, 1)
				require.False(t, other.add(monday, []byte(line(9))), "it is in a's ring")
				require.Nil(t, other.batch(monday))
				require.Equal(t, lines(0, 1), string(a.batch(monday)))
				return
			}
		}
		require.Fail(t, "no two in one ring")
	})
	t.Run("an evicted place is counted once", func(t *testing.T) {
		z := newZone()
		a, b := z.worker(), z.worker()
		addLines(t, a, monday, 0, 5)
		z.Evict(a.name(ofRecords, a.tail+2)[:budget.PlaceLen])
		want := lines(0, 2) + lines(3, 5)
		require.Equal(t, want, string(a.batch(monday)))
		a.sent(monday, false)
		now := monday + leadFor
		require.Equal(t, want, string(b.batch(now)))
		b.sent(now, true)
		require.EqualValues(t, 1, a.evicted+b.evicted)

		// Where nothing else is left there is nothing to send.
		addLines(t, a, now, 5, 6)
		z.Evict(a.name(ofRecords, a.head-1)[:budget.PlaceLen])
		require.Nil(t, b.batch(now+1000))
		require.EqualValues(t, 2, a.evicted+b.evicted)
		addLines(t, a, now, 6, 7)
		require.Equal(t, lines(6, 7), string(a.batch(now+2000)))
	})
	t.Run("an evicted ring begins anew, with none of what it had", func(t *testing.T) {
		z := newZone()
		a, b := z.worker(), z.worker()
		addLines(t, a, monday, 0, 5)
		z.Evict(a.name(ofRings, 0)[:budget.PlaceLen])
		require.Nil(t, b.batch(monday))
		addLines(t, a, monday+1, 5, 7)
		require.EqualValues(t, 5, a.evicted)
		require.Equal(t, lines(5, 7), string(b.batch(monday+1)))
		b.sent(monday+1, true)
		require.Zero(t, b.evicted)
	})
	t.Run("a ring that was evicted during a call is not put back", func(t *testing.T) {
		z := newZone()
		a, b := z.worker(), z.worker()
		addLines(t, a, monday, 0, 1)
		require.NotNil(t, a.batch(monday))
		now := monday
		for lap := range 3 {
			addLines(t, b, now, lap*1500, (lap+1)*1500)
			now += leadFor
			require.NotNil(t, b.batch(now))
			b.sent(now, true)
		}
		ring := a.name(ofRings, 0)[:budget.PlaceLen]
		z.Evict(ring)
		a.sent(now, false)
		require.Nil(t, a.batch(now))
		_, _, found, _ := z.Get(ring)
		require.False(t, found)
		addLines(t, a, now, 0, 1000)
		addLines(t, b, now, 1000, 2000)
		require.Equal(t, lines(0, 2000), string(a.batch(now)))
	})
	t.Run("a ring that begins below the tickets of the one before", func(t *testing.T) {
		z := newZone()
		a, b := z.worker(), z.worker()
		addLines(t, a, monday, 0, 1500)
		z.Evict(a.name(ofRings, 0)[:budget.PlaceLen])
		now := monday - 3600_000
		addLines(t, a, now, 0, ringSize)
		require.Equal(t, lines(0, ringSize), string(b.batch(now)))
		b.sent(now, true)
		require.EqualValues(t, 1500, a.evicted)
		require.Zero(t, b.evicted)

		// What it has taken until it met one of them is sent first.
		z.Evict(a.name(ofRings, 0)[:budget.PlaceLen])
		for n := range int64(3) {
			z.Evict(a.name(ofRecords, n)[:budget.PlaceLen])
		}
		now -= 3600_000
		addLines(t, b, now, 0, 3)
		require.False(t, b.add(now, []byte(line(3))))
		require.Equal(t, lines(0, 3), string(a.batch(now)))
		a.sent(now, true)
		addLines(t, b, now, 3, ringSize)
		require.Equal(t, lines(3, ringSize), string(a.batch(now+1000)))
	})
	t.Run("a late leader of an evicted ring with higher tickets", func(t *testing.T) {
		z := newZone()
		a, b := z.worker(), z.worker()
		addLines(t, a, monday, 0, 5)
		require.NotNil(t, a.batch(monday))
		z.Evict(a.name(ofRings, 0)[:budget.PlaceLen])
		for n := range int64(2) {
			z.Evict(a.name(ofRecords, n)[:budget.PlaceLen])
		}
		now := monday - 3600_000
		addLines(t, b, now, 5, 7)
		a.sent(now, true)
		require.Equal(t, lines(5, 7), string(b.batch(now)))
	})
	t.Run("a worker that ends between a record and its count", func(t *testing.T) {
		z := newZone()
		a, b := z.worker(), z.worker()
		addLines(t, a, monday, 0, 1)
		ring := a.name(ofRings, 0)[:budget.PlaceLen]
		z.fails = func(key string) bool { return key == ring }
		a.add(monday, []byte(line(1)))
		z.fails = nil
		addLines(t, b, monday, 2, 3)
		require.Equal(t, lines(0, 3), string(b.batch(monday)))
	})
	t.Run("a worker that stood still while the others went round", func(t *testing.T) {
		z := newZone()
		a, b := z.worker(), z.worker()
		addLines(t, a, monday, 0, 1)
		z.before = func() { // a has read the ring and its place, and is about to write
			addLines(t, b, monday, 1, ringSize)
			b.batch(monday)
			b.sent(monday, true)
			addLines(t, b, monday, ringSize, 2*ringSize-9)
		}
		require.True(t, a.add(monday, []byte(line(2*ringSize-9))))
		require.Equal(t, lines(ringSize, 2*ringSize-8), string(b.batch(monday+1000)))
	})
}

// Whatever comes between any two steps of a worker, and however reads are torn, every record
// that was added arrives, and in one batch alone while no lead runs out.
func TestQueueStepByStep(t *testing.T) {
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 8))
		z := newZone()
		torn := false
		z.Torn = func() bool { // never two in a row, which is a write at each
			torn = !torn && random.IntN(4) == 0
			return torn
		}
		workers := make([]*queue, 4)
		for i := range workers {
			workers[i] = z.worker()
		}
		now, n := monday, 0
		added, arrived := map[string]bool{}, map[string]int{}
		busy := map[*queue]bool{}
		var step func()
		step = func() {
			q := workers[random.IntN(len(workers))]
			if busy[q] { // a worker is a single thread
				return
			}
			busy[q] = true
			if random.IntN(2) == 0 {
				z.before = step
			}
			now += random.Int64N(20) // in all less than a lead
			switch random.IntN(4) {
			case 0:
				if q.lead > 0 {
					q.sent(now, true)
				} else {
					for got := range strings.Lines(string(q.batch(now))) {
						arrived[got]++
					}
				}
			default:
				text := line(n)
				n++
				if q.add(now, []byte(text)) {
					added[text+"\n"] = true
				}
			}
			z.before = nil
			delete(busy, q)
		}
		for range 400 {
			step()
		}
		z.Torn = nil
		for _, q := range workers {
			if q.lead > 0 {
				q.sent(now, true)
			}
		}
		require.True(t, workers[0].add(now, []byte("the last"))) // counts what another could not
		for {
			now += leadFor
			batch := workers[0].batch(now)
			if batch == nil {
				break
			}
			for got := range strings.Lines(string(batch)) {
				arrived[got]++
			}
			workers[0].sent(now, true)
		}
		require.NotEmpty(t, added)
		for text := range added {
			require.Equal(t, 1, arrived[text], "seed %d: %s", seed, text)
		}
		for _, q := range workers {
			require.Zero(t, q.evicted)
		}
	}
}

// Workers are processes: they meet anywhere.
func TestConcurrentQueue(t *testing.T) {
	const workers, each = 4, 500
	z := newZone()
	z.longest = nil
	var mu sync.Mutex
	arrived, spilt := map[string]int{}, 0
	send := func(q *queue, now int64) bool {
		batch := q.batch(now)
		mu.Lock()
		for got := range strings.Lines(string(batch)) {
			arrived[got]++
		}
		mu.Unlock()
		if batch != nil {
			q.sent(now, true)
		}
		return batch != nil
	}
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			q := z.worker()
			for n := range each {
				now := monday + int64(n)*100
				if !q.add(now, []byte(line(w*each+n))) {
					mu.Lock()
					spilt++
					mu.Unlock()
				}
				if n%10 == w {
					send(q, now)
				}
			}
			assert.Zero(t, q.evicted)
		})
	}
	all.Wait()
	last := z.worker()
	require.True(t, last.add(monday, []byte("the last")))
	for now := monday + each*100; send(last, now+leadFor); now += leadFor {
	}
	require.GreaterOrEqual(t, len(arrived)+spilt, workers*each+1)
	require.Less(t, spilt, each)
}
