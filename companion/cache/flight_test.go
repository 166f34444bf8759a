package cache

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// long is longer than any test should take; who waits for it has lost.
const long = 20 * time.Second

// outcomes counts what became of look-ups.
type outcomes struct {
	mu     sync.Mutex
	counts map[Outcome]int
}

func (o *outcomes) add(what Outcome) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.counts == nil {
		o.counts = map[Outcome]int{}
	}
	o.counts[what]++
}

// waiting waits until so many look-ups wait.
func (b *bench) waiting(n int) {
	b.t.Helper()
	require.Eventually(b.t, func() bool { _, waiting := b.Waiting(); return waiting == n }, long, time.Millisecond)
}

func TestOneLeads(t *testing.T) {
	b := newBench(t)
	const callers = 200
	var leads, hits atomic.Int32
	var group sync.WaitGroup
	ticket := make(chan []byte, callers)
	for range callers {
		group.Go(func() {
			result, err := b.Lookup(context.Background(), ask("hello"), long)
			switch {
			case err != nil:
				t.Error(err)
			case result.Outcome == Miss:
				leads.Add(1)
				ticket <- result.Ticket
			case result.Outcome == Hit:
				hits.Add(1)
			}
		})
	}
	b.waiting(callers - 1)
	require.Equal(t, Wait, b.look(ask("hello")).Outcome) // who does not want to wait is told
	kept, err := b.Keep(context.Background(), <-ticket, completion("hi"))
	require.NoError(t, err)
	require.True(t, kept.Stored)
	group.Wait()
	require.EqualValues(t, 1, leads.Load())
	require.EqualValues(t, callers-1, hits.Load())
	flying, waiting := b.Waiting()
	require.Zero(t, flying)
	require.Zero(t, waiting)
}

// Whoever gives up is followed by one of those that wait, and by one only.
func TestAbandonedLeads(t *testing.T) {
	b := newBench(t)
	const callers = 50
	var got outcomes
	var group sync.WaitGroup
	ticket := b.look(ask("hello")).Ticket
	tickets := make(chan []byte, callers)
	for range callers {
		group.Go(func() {
			result, err := b.Lookup(context.Background(), ask("hello"), long)
			if err != nil {
				t.Error(err)
				return
			}
			if got.add(result.Outcome); result.Outcome == Miss {
				tickets <- result.Ticket
			}
		})
	}
	b.waiting(callers)
	led, err := b.Abandon(ticket, false)
	require.NoError(t, err)
	require.True(t, led)
	second := <-tickets
	b.waiting(callers - 1)
	led, err = b.Abandon(ticket, false) // leads no longer
	require.NoError(t, err)
	require.False(t, led)
	b.waiting(callers - 1)
	led, err = b.Abandon(second, false)
	require.NoError(t, err)
	require.True(t, led)
	third := <-tickets
	b.waiting(callers - 2)
	_, err = b.Keep(context.Background(), third, completion("hi"))
	require.NoError(t, err)
	group.Wait()
	require.Equal(t, map[Outcome]int{Miss: 2, Hit: callers - 2}, got.counts)
}

// Where an answer is not to be kept nobody waits for another: all go on at once, and for a
// while nobody begins to wait.
func TestNotToBeKept(t *testing.T) {
	for name, end := range map[string]func(*bench, []byte){
		"refused": func(b *bench, ticket []byte) {
			kept, err := b.Keep(context.Background(), ticket, &Answer{ContentType: "text/html"})
			require.NoError(b.t, err)
			require.False(b.t, kept.Stored)
		},
		"abandoned": func(b *bench, ticket []byte) {
			led, err := b.Abandon(ticket, true)
			require.NoError(b.t, err)
			require.True(b.t, led)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			ticket := b.look(ask("hello")).Ticket
			const callers = 20
			reasons := make(chan string, callers)
			for range callers {
				go func() {
					result, err := b.Lookup(context.Background(), ask("hello"), long)
					if err == nil && result.Outcome == Miss && len(result.Ticket) > 0 {
						reasons <- result.Reason
					}
				}()
			}
			b.waiting(callers)
			end(b, ticket)
			for range callers {
				require.Contains(t, <-reasons, "not to be kept")
			}
			require.Equal(t, Miss, b.look(ask("hello")).Outcome, "nobody leads, and nobody waits")
			require.Equal(t, Miss, b.look(ask("hello")).Outcome)
			b.clock.add(aloneFor)
			require.Equal(t, Miss, b.look(ask("hello")).Outcome)
			require.Equal(t, Wait, b.look(ask("hello")).Outcome, "as before")
		})
	}
}

// One that leads and has not heard of it says so by its look-up's id: who waits for it leads
// at once, and is as well followed.
func TestALostLead(t *testing.T) {
	named := func(id string) *Request { return ask("hello", func(r *Request) { r.ID = id }) }
	b := newBench(t)
	require.Equal(t, Miss, b.look(named("one")).Outcome) // and the ticket is lost
	misses := make(chan *Result, 2)
	for i, id := range []string{"two", "three"} {
		go func() {
			result, err := b.Lookup(context.Background(), named(id), long)
			if err == nil {
				misses <- result
			}
		}()
		b.waiting(i + 1)
	}
	gives := func(id string) bool {
		led, err := b.AbandonLookup(id)
		require.NoError(t, err)
		return led
	}
	require.False(t, gives("nobody"))
	require.True(t, gives("one"))
	require.Equal(t, Miss, (<-misses).Outcome)
	b.waiting(1)
	require.False(t, gives("one"), "it leads no longer")
	require.False(t, gives("three"), "it waits")
	require.True(t, gives("two"))
	last := <-misses
	require.Equal(t, Miss, last.Outcome)
	kept, err := b.Keep(context.Background(), last.Ticket, completion("hi"))
	require.NoError(t, err)
	require.True(t, kept.Stored)
	require.Equal(t, Hit, b.look(named("four")).Outcome)
	require.Empty(t, b.flights.asked, "nothing is remembered of what has ended")
	for _, id := range []string{"", strings.Repeat("x", maxID+1)} {
		_, err := b.AbandonLookup(id)
		var bad *BadRequest
		require.ErrorAs(t, err, &bad)
	}
}

func TestALeadHasAnEnd(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Limits.Lead = time.Minute })
	b.look(ask("hello"))
	require.Equal(t, Wait, b.look(ask("hello")).Outcome)
	done := make(chan *Result, 1)
	go func() {
		result, _ := b.Lookup(context.Background(), ask("hello"), long)
		done <- result
	}()
	b.waiting(1)
	b.clock.add(2 * time.Minute)
	result := <-done
	require.Equal(t, Miss, result.Outcome)
	require.NotEmpty(t, result.Ticket)
	b.look(ask("other"))
	b.clock.add(2 * time.Minute)
	b.flights.sweep(b.clock.Now())
	flying, _ := b.Waiting()
	require.Zero(t, flying)
}

// Another replica has kept the answer; nobody tells this one.
func TestTheStoreIsAskedWhileOthersLead(t *testing.T) {
	other := newBench(t)
	b := newBench(t, func(c *Config) { c.Store = other.store })
	b.Engine.c.Now = time.Now // it asks every quarter of a second
	other.Engine.c.Now = time.Now
	b.look(ask("hello"))
	done := make(chan *Result, 2)
	for range cap(done) {
		go func() {
			result, _ := b.Lookup(context.Background(), ask("hello"), long)
			done <- result
		}()
	}
	b.waiting(cap(done))
	other.put(ask("hello"), "hi")
	for range cap(done) {
		require.Equal(t, Hit, (<-done).Outcome)
	}
}

func TestWaitsAreBounded(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Limits.Waiting, c.Limits.Flights = 1, 1 })
	b.Engine.c.Now = time.Now
	b.look(ask("hello"))
	done := make(chan *Result, 1)
	go func() {
		result, _ := b.Lookup(context.Background(), ask("hello"), 300*time.Millisecond)
		done <- result
	}()
	b.waiting(1)
	full, err := b.Lookup(context.Background(), ask("hello"), long)
	require.NoError(t, err)
	require.Equal(t, Miss, full.Outcome)
	require.Equal(t, "too many wait already", full.Reason)
	require.NotEmpty(t, full.Ticket)
	over := <-done
	require.Equal(t, Miss, over.Outcome)
	require.Equal(t, "waited 300 ms for the same question", over.Reason)
	require.NotEmpty(t, over.Ticket)
	require.Equal(t, Miss, b.look(ask("another")).Outcome) // no room for its flight: on its own
	b.waiting(0)
}

// One that goes away while it waits, or just when it would have led, leaves no hole.
func TestWaitersThatLeave(t *testing.T) {
	b := newBench(t)
	ticket := b.look(ask("hello")).Ticket
	ctx, leave := context.WithCancel(context.Background())
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			_, err := b.Lookup(ctx, ask("hello"), long)
			require.ErrorIs(t, err, context.Canceled)
		})
	}
	b.waiting(20)
	stays := make(chan *Result, 1)
	go func() {
		result, _ := b.Lookup(context.Background(), ask("hello"), long)
		stays <- result
	}()
	b.waiting(21)
	leave()
	b.Abandon(ticket, false) // may be told to one that is leaving
	result := <-stays
	require.Equal(t, Miss, result.Outcome)
	require.NotEmpty(t, result.Ticket)
	group.Wait()
}

func TestALeaderWhoseCallerHasGone(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := b.Lookup(ctx, ask("hello"), 0)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, Miss, b.look(ask("hello")).Outcome) // and not: wait
}

// What the leader finds by meaning, those that wait get too.
func TestWaitersGetWhatWasFound(t *testing.T) {
	b := newBench(t)
	b.put(ask("Where is the moon?"), "Up there.")
	p := b.flights.join(b.key(ask("Where is the moon? please")), "", false, b.clock.Now())
	require.NotEmpty(t, p.lead)
	var group sync.WaitGroup
	var got outcomes
	for range 20 {
		group.Go(func() {
			result, err := b.Lookup(context.Background(), ask("Where is the moon? please"), long)
			require.NoError(t, err)
			got.add(result.Outcome)
		})
	}
	b.waiting(20)
	b.words.mu.Lock()
	before := b.words.calls
	b.words.mu.Unlock()
	b.flights.giveUp(b.key(ask("Where is the moon? please")), p.lead, b.clock.Now())
	group.Wait()
	require.Equal(t, map[Outcome]int{SemanticHit: 20}, got.counts)
	require.Equal(t, before+1, b.words.calls) // one of them looked
}

func (b *bench) key(r *Request) (key [32]byte) {
	a, err := b.read(r)
	require.NoError(b.t, err)
	return a.key
}

func TestReleaseLetsAllGo(t *testing.T) {
	b := newBench(t)
	b.look(ask("hello"))
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			result, err := b.Lookup(context.Background(), ask("hello"), long)
			require.NoError(t, err)
			require.Equal(t, Miss, result.Outcome)
			require.NotEmpty(t, result.Ticket)
		})
	}
	b.waiting(20)
	b.Release()
	group.Wait()
}
