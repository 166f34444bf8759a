package main_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

// With `failover: inline` the edge role makes the attempts itself, as calls, and waits
// between them for as long as any other attempt would.
func TestInline(t *testing.T) {
	inline := strings.ReplaceAll(several, "    retry:", "    failover: inline\n    retry:")
	good := wasmhost.CallAnswer{Headers: wasmhost.Headers{{":status", "200"}, {"content-type", "application/json"}}, Body: []byte(chatAnswer)}
	busy := wasmhost.CallAnswer{Headers: wasmhost.Headers{{":status", "429"}, {"content-type", "application/json"}, {"retry-after-ms", "700"}}, Body: []byte(`{"error":{}}`)}
	for _, row := range []struct {
		name, model string
		clusters    []string // that the host has; nil = all
		answers     []wasmhost.CallAnswer
		attempts    int64
		status      int
	}{
		{"at once", "gpt-4o", nil, []wasmhost.CallAnswer{good}, 1, 200},
		{"at the second", "gpt-4o", nil, []wasmhost.CallAnswer{busy, good}, 2, 200},
		{"at the second, the first not there", "gpt-4o", []string{"sluice_provider_second"}, []wasmhost.CallAnswer{good}, 2, 200},
		{"after a call that failed", "gpt-4o", nil, []wasmhost.CallAnswer{{}, good}, 2, 200},
		{"after two waits", "again", nil, []wasmhost.CallAnswer{busy, busy, good}, 3, 200},
		{"after two waits, of which one is for a call that failed", "again", nil, []wasmhost.CallAnswer{{}, busy, good}, 3, 200},
		{"never", "again", nil, []wasmhost.CallAnswer{busy, busy, busy}, 3, 429},
		{"never, with no call to be made", "again", []string{}, nil, 3, 502},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := startOn(t, envoy, inline, func(o *wasmhost.Options) { o.Clusters = row.clusters })
			r := post(chat, strings.Replace(asksOne, `"gpt-4o"`, `"`+row.model+`"`, 1))
			s := m.plugin.Exchange(r, nobody(t))
			left := row.answers
			for range 20 {
				if calls := m.plugin.Calls(); len(calls) > 0 {
					require.Len(t, calls, 1)
					require.NoError(t, calls[0].Answer(left[0]))
					left = left[1:]
					continue
				}
				m.now = m.now.Add(time.Duration(m.plugin.TickPeriod()) * time.Millisecond)
				require.NoError(t, m.plugin.Tick())
			}
			require.Empty(t, left)
			require.Equal(t, row.status, s.Client().Status(), "%s", s.Client().Body())
			require.True(t, s.Client().End)
			rec := record(t, s)
			require.Equal(t, row.attempts, gjson.Get(rec, "attempts.#").Int(), rec)
			if row.status == 200 {
				require.Equal(t, chatAnswer, string(s.Client().Body()))
				require.Equal(t, int64(used), gjson.Get(rec, "budgets.0.settled").Int())
			}
			require.EqualValues(t, 5000, m.plugin.TickPeriod())
			require.Empty(t, m.warnings())
		})
	}
}

// A client that leaves while a call is out, or while one is waited for.
func TestInlineGone(t *testing.T) {
	inline := strings.ReplaceAll(several, "    retry:", "    failover: inline\n    retry:")
	for _, waiting := range []bool{false, true} {
		m := startOn(t, envoy, inline)
		s := m.plugin.Exchange(post(chat, strings.Replace(asksOne, `"gpt-4o"`, `"again"`, 1)), nobody(t))
		call := m.plugin.Calls()[0]
		if waiting {
			require.NoError(t, call.Answer(wasmhost.CallAnswer{}))
		}
		s.Abort()
		if !waiting {
			require.NoError(t, call.Answer(wasmhost.CallAnswer{}))
		}
		m.now = m.now.Add(time.Minute)
		require.NoError(t, m.plugin.Tick())
		require.Empty(t, m.plugin.Calls())
		require.Equal(t, "client_gone", gjson.Get(record(t, s), "end").Str)
		require.EqualValues(t, 5000, m.plugin.TickPeriod())
		require.Empty(t, m.warnings())
	}
}
