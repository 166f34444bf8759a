package main_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

// A body that comes in one piece is read in slices, one a tick, each stream in its turn,
// so that the worker's other streams do not wait for it.
func TestSlices(t *testing.T) {
	m := startOn(t, envoy, spine)
	require.EqualValues(t, 5000, m.plugin.TickPeriod())
	body := func(words int) []byte {
		return []byte(`{"model":"gpt-4o","max_tokens":1,"messages":[{"role":"user","content":"` + strings.Repeat("word ", words) + `"}]}`)
	}
	begin := func(b []byte) *wasmhost.Stream {
		s := m.plugin.NewStream(nil)
		s.RequestHeaders(post(chat, "").Headers, false)
		s.RequestBody(b, true)
		return s
	}
	long, longer := body(40_000/5*4), body(60_000/5*4) // three slices and four
	a, b := begin(long), begin(longer)
	require.EqualValues(t, 1, m.plugin.TickPeriod())
	ticks := 0
	for !b.Upstream().End && ticks < 20 {
		require.Empty(t, b.Upstream().Headers)
		m.plugin.Tick()
		ticks++
		if ticks == 4 {
			require.True(t, a.Upstream().End, "each has had its turn")
		}
	}
	require.Equal(t, 5, ticks, "two for the one and three for the other")
	require.Equal(t, string(long), string(a.Upstream().Body()))
	require.Equal(t, string(longer), string(b.Upstream().Body()))
	require.EqualValues(t, 5000, m.plugin.TickPeriod())

	t.Run("a client that leaves in between", func(t *testing.T) {
		s := begin(longer)
		s.Abort()
		m.plugin.Tick()
		require.EqualValues(t, 5000, m.plugin.TickPeriod())
		require.Empty(t, s.Upstream().Headers)
	})
	t.Run("a refusal in a tick", func(t *testing.T) {
		s := begin(body(120_000))
		for range 12 {
			m.plugin.Tick()
		}
		require.Equal(t, 429, s.Client().Status())
	})
	require.Empty(t, m.warnings())

	t.Run("the model named last, in another vocabulary: counted again, in slices", func(t *testing.T) {
		m = startOn(t, envoy, spine)
		s := begin([]byte(`{"max_tokens":1,"messages":[{"role":"user","content":"` + strings.Repeat("word ", 32_000) + `"}],"model":"gpt-4-turbo"}`))
		for range 6 {
			m.plugin.Tick()
		}
		require.True(t, s.Upstream().End)
	})
}
