package main_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

const queueing = spine + "records: {companion: true, access_log: true}\n"

// recordsOf are the records in a worker's calls that have had no answer.
func (m *machine) recordsOf() (records []string) {
	for _, c := range m.plugin.Calls() {
		require.Equal(m.t, "/v1/records", c.Headers.Get(":path"))
		for line := range strings.Lines(string(c.Body)) {
			records = append(records, strings.TrimSpace(line))
		}
	}
	return records
}

// The workers of a Kong put their records into one queue, and one of them sends all. When it
// ends before they have arrived another does, and nothing is lost or comes twice.
func TestQueueOfWorkersOnKong(t *testing.T) {
	for _, v := range kongs {
		t.Run(v, func(t *testing.T) {
			shared := wasmhost.NewSharedData(kong)
			shared.TearReads(5)
			var workers []*machine
			for range 4 {
				workers = append(workers, startRoute(t, "openai", queueing, sharing(shared), version(v)))
			}
			now := begin
			after := func(d time.Duration) {
				now = now.Add(d)
				for _, m := range workers {
					m.now = now
					require.NoError(t, m.plugin.Tick())
				}
			}
			var made []string
			for range 3 {
				for _, m := range workers {
					m.now = now
					made = append(made, record(t, m.exchange(post(chat, asksOne), json200(chatAnswer))))
				}
			}
			leader := func() int {
				return slices.IndexFunc(workers, func(m *machine) bool { return len(m.plugin.Calls()) > 0 })
			}
			after(time.Second)
			require.Equal(t, made, workers[leader()].recordsOf())
			require.Equal(t, 0, leader())
			for _, m := range workers[1:] {
				require.Empty(t, m.plugin.Calls(), "one leads")
			}

			// It ends, and with it the call.
			require.NoError(t, workers[0].vm.Close())
			workers = workers[1:]
			made = append(made, record(t, workers[1].exchange(post(chat, asksOne), json200(chatAnswer))))
			for range 19 {
				after(time.Second)
				require.Equal(t, -1, leader())
			}
			after(time.Second)
			next := workers[leader()]
			require.Equal(t, made, next.recordsOf())
			require.Len(t, next.plugin.Calls(), 1)
			require.NoError(t, next.plugin.Calls()[0].Answer(taken))

			// All have arrived, and the next are sent without what has.
			for range 60 {
				after(time.Second)
				require.Equal(t, -1, leader())
			}
			last := record(t, workers[2].exchange(post(chat, asksOne), json200(chatAnswer)))
			after(time.Second)
			require.Equal(t, []string{last}, workers[leader()].recordsOf())
			for _, m := range workers {
				require.Empty(t, m.warnings())
			}
		})
	}
}

// A record that is longer than a place goes by the worker that has it.
func TestLongRecordOnKong(t *testing.T) {
	policy := queueing
	var headers []string
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		policy = strings.Replace(policy, "identity:\n", "identity:\n  "+name+": {header: x-"+name+", verified: true}\n", 1)
		headers = append(headers, "X-"+name, strings.Repeat(name, 250))
	}
	shared := wasmhost.NewSharedData(kong)
	a, b := startRoute(t, "openai", policy, sharing(shared)), startRoute(t, "openai", policy, sharing(shared))
	long := record(t, a.exchange(post(chat, asksOne, headers...), json200(chatAnswer)))
	short := record(t, a.exchange(post(chat, asksOne), json200(chatAnswer)))
	b.exchange(post(chat, asksOne), nobodyAnswers)
	require.Greater(t, len(long), 2000)
	require.Equal(t, long+"\n", string(a.ticks("/v1/records").Body))
	b.now = a.now
	require.NoError(t, b.plugin.Tick())
	require.Equal(t, short, b.recordsOf()[0])
	require.NoError(t, a.plugin.Calls()[0].Answer(taken))
	for range 10 {
		a.now = a.now.Add(time.Second)
		require.NoError(t, a.plugin.Tick())
	}
	require.Empty(t, a.plugin.Calls())
}

func nobodyAnswers(wasmhost.Message) wasmhost.Response { return wasmhost.Response{} }
