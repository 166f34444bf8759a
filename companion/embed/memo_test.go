package embed

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMemoRemembers(t *testing.T) {
	g := newGate()
	m := NewMemo(g, 1<<20)
	require.Equal(t, "gate/1", m.Space())
	a := begin(t.Context(), m, "a", "b cut", "a")
	call := g.next(t)
	require.Equal(t, []string{"a", "b cut"}, call.texts, "equal texts of a call are one")
	call.open <- nil
	require.Equal(t, result{vectorsOf([]string{"a", "b cut", "a"}), nil}, end(t, a))
	require.Equal(t, MemoStats{Joined: 1, Misses: 2, Entries: 2, Bytes: 2 * (overhead + 8)}, m.Stats())

	v, err := m.Embed(t.Context(), []string{"b cut", "a"})
	require.NoError(t, err)
	require.Equal(t, vectorsOf([]string{"b cut", "a"}), v)
	require.EqualValues(t, 2, m.Stats().Hits)

	c := begin(t.Context(), m, "a", "c")
	call = g.next(t)
	require.Equal(t, []string{"c"}, call.texts)
	call.open <- nil
	require.Equal(t, vectorsOf([]string{"a", "c"}), end(t, c).vectors)
	require.Empty(t, g.calls)
}

func TestMemoForgetsTheLeastRecent(t *testing.T) {
	m := NewMemo(&atOnce{t: t, texts: 10}, 3*(overhead+8)+5)
	ask := func(texts ...string) MemoStats {
		before := m.Stats()
		_, err := m.Embed(t.Context(), texts)
		require.NoError(t, err)
		after := m.Stats()
		return MemoStats{Hits: after.Hits - before.Hits, Misses: after.Misses - before.Misses, Evicted: after.Evicted - before.Evicted}
	}
	ask("1", "2", "3")
	require.Equal(t, MemoStats{Hits: 1}, ask("1"))
	require.Equal(t, MemoStats{Misses: 1, Evicted: 1}, ask("4"))
	require.Equal(t, MemoStats{Hits: 3}, ask("1", "3", "4"))
	require.Equal(t, MemoStats{Misses: 1, Evicted: 1}, ask("2"), "2 was used last long ago")
	s := m.Stats()
	require.Equal(t, 3, s.Entries)
	require.EqualValues(t, 3*(overhead+8), s.Bytes)
	for i := range 1000 {
		ask(fmt.Sprint("many ", i))
	}
	require.Equal(t, 3, m.Stats().Entries)
	require.EqualValues(t, 3*(overhead+8), m.Stats().Bytes)
}

func TestMemoWithoutRoom(t *testing.T) {
	m := NewMemo(&atOnce{t: t, texts: 10}, 0)
	for range 2 {
		v, err := m.Embed(t.Context(), []string{"a"})
		require.NoError(t, err)
		require.Equal(t, vectorsOf([]string{"a"}), v)
	}
	require.Equal(t, MemoStats{Misses: 2}, m.Stats())
}

func TestMemoComputesOnce(t *testing.T) {
	g := newGate()
	m := NewMemo(g, 1<<20)
	a := begin(t.Context(), m, "a")
	first := g.next(t)
	b := begin(t.Context(), m, "b", "a")
	second := g.next(t)
	require.Equal(t, []string{"b"}, second.texts, "a is under way")
	second.open <- nil
	first.open <- nil
	require.Equal(t, vectorsOf([]string{"a"}), end(t, a).vectors)
	require.Equal(t, vectorsOf([]string{"b", "a"}), end(t, b).vectors)
	require.EqualValues(t, 1, m.Stats().Joined)
}

// The one who began may go: the others get theirs. When all have gone it is stopped, and
// who comes then does not get what was stopped.
func TestMemoOutlivesTheCaller(t *testing.T) {
	g := newGate()
	m := NewMemo(g, 1<<20)
	one, leaveOne := context.WithCancel(t.Context())
	two, leaveTwo := context.WithCancel(t.Context())
	a := begin(one, m, "a")
	first := g.next(t)
	b := begin(two, m, "a")
	eventually(t, "b has joined", func() bool { return m.Stats().Joined == 1 })
	leaveOne()
	require.ErrorIs(t, end(t, a).err, context.Canceled)
	require.NoError(t, first.ctx.Err())
	leaveTwo()
	require.EqualError(t, end(t, b).err, "embed: 1 texts: context canceled")
	eventually(t, "it is stopped", func() bool { return first.ctx.Err() != nil })

	c := begin(t.Context(), m, "a")
	g.next(t).open <- nil
	require.Equal(t, vectorsOf([]string{"a"}), end(t, c).vectors)
	_, err := m.Embed(one, []string{"a"})
	require.ErrorIs(t, err, context.Canceled, "even where it is known")
}

func TestMemoForgetsFailures(t *testing.T) {
	g := newGate()
	m := NewMemo(g, 1<<20)
	a := begin(t.Context(), m, "a")
	first := g.next(t)
	b := begin(t.Context(), m, "a")
	eventually(t, "b has joined", func() bool { return m.Stats().Joined == 1 })
	broken := errors.New("broken")
	first.open <- broken
	require.ErrorIs(t, end(t, a).err, broken)
	require.ErrorIs(t, end(t, b).err, broken)
	again := begin(t.Context(), m, "a")
	g.next(t).open <- nil
	require.NoError(t, end(t, again).err)
	require.Equal(t, 1, m.Stats().Entries)
}
