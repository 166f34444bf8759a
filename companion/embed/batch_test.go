package embed

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func waitFor(t *testing.T, b *Batcher, waiting int) {
	eventually(t, fmt.Sprintf("%d texts wait", waiting), func() bool { return b.Stats().Waiting == waiting })
}

func TestBatcherJoinsWhatWaits(t *testing.T) {
	g := newGate()
	b := NewBatcher(g, BatchOptions{})
	require.Equal(t, "gate/1", b.Space())
	a := begin(t.Context(), b, "a")
	first := g.next(t)
	require.Equal(t, []string{"a"}, first.texts)
	c := begin(t.Context(), b, "b", "b cut")
	waitFor(t, b, 2)
	d := begin(t.Context(), b, "ccc")
	waitFor(t, b, 3)
	first.open <- nil
	require.Equal(t, result{vectorsOf([]string{"a"}), nil}, end(t, a))
	second := g.next(t)
	require.Equal(t, []string{"b", "b cut", "ccc"}, second.texts)
	second.open <- nil
	require.Equal(t, result{vectorsOf([]string{"b", "b cut"}), nil}, end(t, c))
	require.Equal(t, result{vectorsOf([]string{"ccc"}), nil}, end(t, d))
	require.Equal(t, BatchStats{Passes: 2, Texts: 4}, b.Stats())
}

func TestBatcherBoundsAPass(t *testing.T) {
	g := newGate()
	b := NewBatcher(g, BatchOptions{Texts: 3, Tokens: 10, Size: func(text string) int { return len(text) }})
	holds := begin(t.Context(), b, "x")
	first := g.next(t)
	many := begin(t.Context(), b, "1", "2", "3", "4", "5")
	waitFor(t, b, 5)
	one := begin(t.Context(), b, "one")
	waitFor(t, b, 6)
	long := begin(t.Context(), b, "seven77", "longer than all of it")
	waitFor(t, b, 8)
	first.open <- nil
	end(t, holds)
	for _, want := range [][]string{{"1", "2", "3"}, {"one", "seven77"}, {"4", "5"}, {"longer than all of it"}} {
		pass := g.next(t)
		require.Equal(t, want, pass.texts)
		pass.open <- nil
	}
	require.Equal(t, vectorsOf([]string{"1", "2", "3", "4", "5"}), end(t, many).vectors)
	require.Equal(t, vectorsOf([]string{"one"}), end(t, one).vectors)
	require.Len(t, end(t, long).vectors, 2)
}

func TestBatcherIsBusy(t *testing.T) {
	g := newGate()
	b := NewBatcher(g, BatchOptions{Queue: 2})
	running := begin(t.Context(), b, "a")
	first := g.next(t)
	waits := begin(t.Context(), b, "b")
	waitFor(t, b, 1)
	_, err := b.Embed(t.Context(), []string{"c", "d"})
	require.ErrorIs(t, err, ErrBusy)
	require.EqualError(t, err, "embed: busy: 1 texts wait, and 2 more would be over 2")
	require.EqualValues(t, 1, b.Stats().Refused)
	first.open <- nil
	end(t, running)
	g.next(t).open <- nil
	require.NoError(t, end(t, waits).err)
}

func TestBatcherLetsCallersGo(t *testing.T) {
	g := newGate()
	b := NewBatcher(g, BatchOptions{})
	holds := begin(t.Context(), b, "x")
	first := g.next(t)

	// One that waits: its text is never computed.
	ctx, cancel := context.WithCancel(t.Context())
	waits := begin(ctx, b, "gone before")
	waitFor(t, b, 1)
	cancel()
	require.ErrorIs(t, end(t, waits).err, context.Canceled)
	waitFor(t, b, 0)
	first.open <- nil
	end(t, holds)

	// One of two in a pass: the other's goes on. The last of them: it is stopped.
	holds = begin(t.Context(), b, "y")
	first = g.next(t)
	one, leaveOne := context.WithCancel(t.Context())
	two, leaveTwo := context.WithCancel(t.Context())
	a := begin(one, b, "a")
	waitFor(t, b, 1)
	c := begin(two, b, "c")
	waitFor(t, b, 2)
	first.open <- nil
	end(t, holds)
	pass := g.next(t)
	require.Equal(t, []string{"a", "c"}, pass.texts)
	leaveOne()
	require.ErrorIs(t, end(t, a).err, context.Canceled)
	require.NoError(t, pass.ctx.Err())
	leaveTwo()
	require.ErrorIs(t, end(t, c).err, context.Canceled)
	eventually(t, "the pass is stopped", func() bool { return pass.ctx.Err() != nil })

	_, err := b.Embed(one, []string{"a"})
	require.EqualError(t, err, "embed: 1 texts: context canceled")
	none, err := b.Embed(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, none)
	after := begin(t.Context(), b, "z")
	g.next(t).open <- nil
	require.NoError(t, end(t, after).err, "and it still works")
}

// A text that is refused hurts its own caller, a failure all of the pass.
func TestBatcherErrors(t *testing.T) {
	g := newGate()
	b := NewBatcher(g, BatchOptions{})
	both := func() (good, bad chan result, pass *gated) {
		holds := begin(t.Context(), b, "x")
		first := g.next(t)
		good = begin(t.Context(), b, "good")
		waitFor(t, b, 1)
		bad = begin(t.Context(), b, "bad")
		waitFor(t, b, 2)
		first.open <- nil
		end(t, holds)
		return good, bad, g.next(t)
	}
	good, bad, pass := both()
	pass.open <- fmt.Errorf("no: %w", ErrTooLong)
	again := g.next(t)
	require.Equal(t, []string{"good"}, again.texts)
	again.open <- nil
	again = g.next(t)
	require.Equal(t, []string{"bad"}, again.texts)
	again.open <- fmt.Errorf("no: %w", ErrTooLong)
	require.NoError(t, end(t, good).err)
	require.ErrorIs(t, end(t, bad).err, ErrRefused)

	broken := errors.New("broken")
	good, bad, pass = both()
	pass.open <- broken
	require.ErrorIs(t, end(t, good).err, broken)
	require.ErrorIs(t, end(t, bad).err, broken)
}

// A call that is taken in parts fails once, and the rest of it is not computed.
func TestBatcherFailsHalfWay(t *testing.T) {
	g := newGate()
	b := NewBatcher(g, BatchOptions{Texts: 1})
	call := begin(t.Context(), b, "1", "2", "3")
	g.next(t).open <- nil
	g.next(t).open <- errors.New("broken")
	require.EqualError(t, end(t, call).err, "broken")
	waitFor(t, b, 0)
	require.Empty(t, g.calls)
}

type rude struct{ short bool }

func (rude) Space() string { return "rude/1" }

func (r rude) Embed(_ context.Context, texts []string) ([]Vector, error) {
	if r.short {
		return vectorsOf(texts)[1:], nil
	}
	panic("at the " + texts[0])
}

func TestAnEmbeddersFaultIsAnError(t *testing.T) {
	for name, e := range map[string]func(Embedder) Embedder{
		"batcher": func(e Embedder) Embedder { return NewBatcher(e, BatchOptions{}) },
		"memo":    func(e Embedder) Embedder { return NewMemo(e, 1000) },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := e(rude{}).Embed(t.Context(), []string{"disco"})
			require.ErrorContains(t, err, "embed: rude/1: panic: at the disco")
			_, err = e(rude{short: true}).Embed(t.Context(), []string{"a", "b"})
			require.EqualError(t, err, "embed: rude/1: 1 vectors for 2 texts")
		})
	}
}

// at answers at once, and tells of passes that are larger than allowed.
type atOnce struct {
	t      *testing.T
	texts  int
	mu     sync.Mutex
	passes int
	most   int
}

func (*atOnce) Space() string { return "once/2" }

func (e *atOnce) Embed(_ context.Context, texts []string) ([]Vector, error) {
	e.mu.Lock()
	e.passes++
	e.most = max(e.most, e.passes)
	e.mu.Unlock()
	defer func() { e.mu.Lock(); e.passes--; e.mu.Unlock() }()
	if len(texts) == 0 || len(texts) > e.texts {
		e.t.Errorf("a pass of %d texts", len(texts))
	}
	for _, text := range texts {
		if strings.HasPrefix(text, "refuse") {
			return nil, ErrRefused
		}
	}
	return vectorsOf(texts), nil
}

// Whatever callers do at the same time, each gets the vectors of its own texts.
func TestManyCallers(t *testing.T) {
	e := &atOnce{t: t, texts: 7}
	b := NewBatcher(e, BatchOptions{Texts: 7, Passes: 2, Queue: 10_000})
	for name, front := range map[string]Embedder{"batcher": b, "memo": NewMemo(b, 100*overhead)} {
		t.Run(name, func(t *testing.T) {
			var all sync.WaitGroup
			for caller := range 16 {
				all.Go(func() {
					r := rand.New(rand.NewPCG(1, uint64(caller)))
					for range 100 {
						texts, refused := make([]string, 1+r.IntN(12)), false
						for i := range texts {
							texts[i] = fmt.Sprintf("text %d", r.IntN(300))
							if r.IntN(200) == 0 {
								texts[i], refused = fmt.Sprintf("refuse %d", r.IntN(300)), true
							}
						}
						ctx, cancel := context.WithCancel(t.Context())
						if r.IntN(10) == 0 {
							go cancel()
						}
						vectors, err := front.Embed(ctx, texts)
						cancel()
						switch {
						case errors.Is(err, context.Canceled):
						case refused != errors.Is(err, ErrRefused) && !(name == "memo" && err != nil):
							t.Errorf("%v for %v", err, texts)
						case err == nil && fmt.Sprint(vectors) != fmt.Sprint(vectorsOf(texts)):
							t.Errorf("%v for %v", vectors, texts)
						}
					}
				})
			}
			all.Wait()
			require.LessOrEqual(t, e.most, 2)
			waitFor(t, b, 0)
		})
	}
}
