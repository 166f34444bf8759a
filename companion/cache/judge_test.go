package cache

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// asker is a judge that says what it is told to, when it is told to.
type asker struct {
	mu    sync.Mutex
	asked []string
	same  bool
	err   error
	hold  chan struct{}
}

func (a *asker) Ask(ctx context.Context, model, entry, asked string) (bool, int64, error) {
	a.mu.Lock()
	a.asked = append(a.asked, model+": "+entry+" / "+asked)
	a.mu.Unlock()
	select {
	case <-a.hold:
	case <-ctx.Done():
		return false, 0, ctx.Err()
	}
	return a.same, 17, a.err
}

func judged(r *Request) { r.Judge = &JudgeBy{Model: "cheap", Timeout: 20_000} }

func TestJudge(t *testing.T) {
	for _, row := range []struct {
		name    string
		asker   *asker
		outcome Outcome
		reason  string
	}{
		{"same", &asker{same: true}, SemanticHit, "judge: same; cannot explain the difference"},
		{"different", &asker{}, Miss, "judge: different; cannot explain the difference"},
		{"neither", &asker{same: true, err: errBroken}, Miss, "judge: failed; cannot explain the difference"},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.asker.hold = make(chan struct{})
			b := newBench(t, func(c *Config) { c.Asker = row.asker })
			b.put(ask("Where is the moon?"), "Up there.")
			doubt := ask("Where is the moon today?", judged, func(r *Request) { r.ID = "one" })
			first := b.look(doubt)
			require.Equal(t, Wait, first.Outcome)
			led, err := b.AbandonLookup("one")
			require.NoError(t, err)
			require.False(t, led, "the lead is the judge's")
			require.Equal(t, "a judge is being asked", first.Reason)
			require.Equal(t, Wait, b.look(doubt).Outcome) // who comes now does not ask again
			done := make(chan *Result, 1)
			go func() {
				result, _ := b.Lookup(context.Background(), doubt, long)
				done <- result
			}()
			b.waiting(1)
			close(row.asker.hold)
			result := <-done
			require.Equal(t, row.outcome, result.Outcome)
			require.Equal(t, row.reason, result.Reason)
			require.EqualValues(t, 17, result.JudgeCost)
			if row.outcome == Miss {
				require.NotEmpty(t, result.Ticket)
				b.Abandon(result.Ticket, false)
			}
			again := b.look(doubt) // the verdict is remembered, and its cost told once
			require.Equal(t, row.outcome, again.Outcome)
			require.Zero(t, again.JudgeCost)
			require.Equal(t, []string{"cheap: Where is the moon? / Where is the moon today?"}, row.asker.asked)
		})
	}
}

// A caller that waits from the start gets the verdict in one call.
func TestJudgeWithinAWait(t *testing.T) {
	a := &asker{same: true, hold: make(chan struct{})}
	close(a.hold)
	b := newBench(t, func(c *Config) { c.Asker = a })
	b.put(ask("Where is the moon?"), "Up there.")
	result, err := b.Lookup(context.Background(), ask("Where is the moon today?", judged), long)
	require.NoError(t, err)
	require.Equal(t, SemanticHit, result.Outcome)
}

func TestAVetoStands(t *testing.T) {
	a := &asker{same: true, hold: make(chan struct{})}
	close(a.hold)
	b := newBench(t, func(c *Config) { c.Asker = a })
	b.put(ask("What is 12 times 3?"), "36")
	result, err := b.Lookup(context.Background(), ask("What is 12 times 4?", judged), long)
	require.NoError(t, err)
	require.Equal(t, Miss, result.Outcome)
	require.Empty(t, a.asked)
	// And nobody is asked whom the policy does not name.
	require.Equal(t, Miss, b.look(ask("What is 12 times 3 now?")).Outcome)
	require.Empty(t, a.asked)
}

func TestJudgesAreBounded(t *testing.T) {
	a := &asker{hold: make(chan struct{})}
	b := newBench(t, func(c *Config) { c.Asker, c.Limits.Judging = a, 1 })
	b.put(ask("Where is the moon?"), "Up there.")
	require.Equal(t, Wait, b.look(ask("Where is the moon today?", judged)).Outcome)
	busy := b.look(ask("Where is the moon now?", judged))
	require.Equal(t, Miss, busy.Outcome)
	require.Equal(t, "judge: busy; cannot explain the difference", busy.Reason)
	b.Close() // ends it
}

func TestSlowJudge(t *testing.T) {
	a := &asker{hold: make(chan struct{})}
	b := newBench(t, func(c *Config) { c.Asker = a })
	b.put(ask("Where is the moon?"), "Up there.")
	result, err := b.Lookup(context.Background(), ask("Where is the moon today?", judged, func(r *Request) { r.Judge.Timeout = 1 }), long)
	require.NoError(t, err)
	require.Equal(t, "judge: too slow; cannot explain the difference", result.Reason)
	require.NotZero(t, b.seen.of("judge: too slow"))
	b.clock.add(time.Minute) // a failure is not held against it for long
	b.Abandon(result.Ticket, false)
	a.mu.Lock()
	a.same = true
	a.mu.Unlock()
	close(a.hold)
	result, err = b.Lookup(context.Background(), ask("Where is the moon today?", judged), long)
	require.NoError(t, err)
	require.Equal(t, SemanticHit, result.Outcome)
}

func TestVerdictsAreForgotten(t *testing.T) {
	b := newBench(t, func(c *Config) { c.Asker = &asker{} })
	j := b.judge
	for i := range 3 * verdictsKept {
		j.keep(pair{byte(i), byte(i >> 8), byte(i >> 16)}, &verdict{until: b.clock.Now().Add(time.Hour)})
	}
	require.LessOrEqual(t, len(j.now)+len(j.old), verdictsKept)
	_, known := j.recall(pair{})
	require.False(t, known)
	last := 3*verdictsKept - 1
	_, known = j.recall(pair{byte(last), byte(last >> 8), byte(last >> 16)})
	require.True(t, known)
}
