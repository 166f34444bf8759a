package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
	"github.com/sluice-gateway/sluice/internal/wasmhost/hosttest"
)

// Each 100th request panics at its worst moment, in the module as it is but for the line
// that panics. That request is answered 500, its reservation is settled, its record is
// written and the failure counted; its neighbours never notice; the machine is the same
// from the first request to the last, and does not grow.
func TestPanicEachHundredth(t *testing.T) {
	host := hosttest.Compile(t, "./filter", "sluicepanic")
	for _, profile := range profiles {
		for _, step := range []string{"request_headers", "request_body", "response_headers", "response_body"} {
			t.Run(profile.String()+"/"+step, func(t *testing.T) {
				m := startModule(t, host, profile, spine, untraced)
				spent, size := int64(0), 0
				for n := 1; n <= 1000; n++ {
					ask, answer, got := asksOne, json200(chatAnswer), chatAnswer
					if n%2 == 0 {
						ask, answer, got = asksUsage, events(chatStream), chatStream
					}
					r := post(chat, ask)
					if n%100 == 0 {
						r.Properties, r.EndWithLast = map[string]string{"sluice.panic": step}, true
						spent += m.panics(r, answer, profile, step)
						continue
					}
					s := m.exchange(r, answer)
					require.Equal(t, got, string(s.Client().Body()))
					spent += used
					if n == 550 {
						size = m.vm.MemoryBytes()
					}
				}
				require.Equal(t, limit-spent, m.left(), "every reservation was settled")
				require.EqualValues(t, 10, m.vm.Metrics()["sluice_failures_total;kind=panic;"].Value)
				require.LessOrEqual(t, m.vm.MemoryBytes(), size+heapStep, "but for steps of the heap, until its first collections are over")
				require.Equal(t, 1, m.vm.Starts())
				logs := m.warnings()
				require.Len(t, logs, 10)
				for _, l := range logs {
					require.True(t, strings.HasPrefix(l, "error: panic in proxy_on_"+step+": sabotaged in "+step+"\n"), l)
					require.Contains(t, l, "main.(*edge).sabotage")
				}
			})
		}
	}
}

// panics runs a request that panics and returns what it cost.
func (m *machine) panics(r wasmhost.Request, up wasmhost.Upstream, profile wasmhost.Profile, step string) int64 {
	m.t.Helper()
	s := m.plugin.Exchange(r, up)
	require.NoError(m.t, s.Trapped())
	switch client := s.Client(); {
	case step != "response_body":
		require.Equal(m.t, 500, client.Status())
		require.True(m.t, client.End)
		if step != "response_headers" {
			require.Contains(m.t, string(client.Body()), `"code":"internal_error"`)
			require.False(m.t, s.Upstream().End, "it went no further")
		}
	case profile == envoy: // the answer has begun, and must not look whole
		require.True(m.t, client.Reset)
	default: // Kong cannot break it off, and the rest passes
		require.Equal(m.t, chatStream, string(client.Body()))
	}
	rec := record(m.t, s)
	require.Equal(m.t, "panic", gjson.Get(rec, "failure").Str)
	require.Equal(m.t, "error", gjson.Get(rec, "end").Str)
	settled := gjson.Get(rec, "budgets.0.settled").Int()
	require.Equal(m.t, gjson.Get(rec, "budgets.0.reserved").Int(), settled, "nobody knows what was used")
	require.Equal(m.t, step != "request_headers", settled > 0)
	return settled
}

// What tests need to make it panic is not in the module that users get.
func TestNoBackDoor(t *testing.T) {
	hosttest.Compile(t, "./filter")
	hosttest.Compile(t, "./filter", "sluicepanic")
	built := filepath.Join("..", "build", "test")
	for name, has := range map[string]bool{"filter.wasm": false, "filter-sluicepanic.wasm": true} {
		module, err := os.ReadFile(filepath.Join(built, name))
		require.NoError(t, err)
		require.Equal(t, has, strings.Contains(string(module), "sluice.panic"), name)
	}
}
