package cacheclient_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/cacheclient"
)

func TestLookup(t *testing.T) {
	c := cacheclient.New(cacheclient.Rules{
		Version: "v\"1", Exact: true, Threshold: 0.85, TTL: 60000, MaxTemperature: 1.25, MaxAnswer: 4096, Within: 50, JudgeModel: "small", JudgeTimeout: 5000,
	})
	body := c.Lookup(cacheclient.Request{
		ID: "1-2", API: cacheclient.Messages, Model: "a\\b\n", Tenant: [][2]string{{"team", "é\x00\""}, {"user", ""}},
		Other: [][2]string{{"anthropic-beta", "x"}}, Body: []byte(`{"model":"a","x":[1.50,"\u00e9"]}`),
	})
	require.Equal(t, `{"id":"1-2","api":"messages","model":"a\\b\n","tenant":[["team","é\u0000\""],["user",""]],"other":[["anthropic-beta","x"]],"policy":"v\"1","exact":true,"semantic":false,`+
		`"threshold":0.850000,"ttl_ms":60000,"max_temperature":1.250000,"max_answer":4096,"within_ms":50,"judge":{"model":"small","timeout_ms":5000},`+
		`"request":{"model":"a","x":[1.50,"\u00e9"]}}`, string(body))
	require.True(t, json.Valid(body))
	require.NotContains(t, string(cacheclient.New(cacheclient.Rules{}).Lookup(cacheclient.Request{Body: []byte("{}")})), "judge")
}

// Every threshold that a policy may have is sent as it is.
func TestThresholds(t *testing.T) {
	for n := range 10001 {
		v := float64(n) / 10000
		var sent struct{ Threshold float64 }
		require.NoError(t, json.Unmarshal(cacheclient.New(cacheclient.Rules{Threshold: v}).Lookup(cacheclient.Request{Body: []byte("{}")}), &sent))
		require.Equal(t, v, sent.Threshold)
	}
}

func TestStore(t *testing.T) {
	answer := "data: {\"a\":\"\\n\"}\n\ndata: \xff\x00 é\r\n\n"
	body := cacheclient.Store([]byte(`{"t":1}`), cacheclient.Answer{
		Stream: true, Body: []byte(answer), Usage: cacheclient.Usage{Input: 1, Output: 2, Cached: 3, Reasoning: 4}, Cost: 5, Provider: "p", Model: "m",
	})
	var stored struct {
		Ticket      map[string]int
		ContentType string `json:"content_type"`
		Usage       map[string]int
		Cost        int `json:"cost_microusd"`
		Provider    string
		Model       string
		Answer      string
	}
	require.NoError(t, json.Unmarshal(body, &stored))
	require.Equal(t, strings.ToValidUTF8(answer, "�"), stored.Answer)
	require.Equal(t, map[string]int{"input": 1, "output": 2, "cached": 3, "reasoning": 4}, stored.Usage)
	require.Equal(t, "text/event-stream", stored.ContentType)
	require.Equal(t, []any{5, "p", "m", map[string]int{"t": 1}}, []any{stored.Cost, stored.Provider, stored.Model, stored.Ticket})
	require.JSONEq(t, `{"lookup":"1\"","abandon":true}`, string(cacheclient.AbandonLookup(`1"`)))
	require.JSONEq(t, `{"ticket":{"t":1},"abandon":true}`, string(cacheclient.Abandon([]byte(`{"t":1}`), false)))
	require.JSONEq(t, `{"ticket":{"t":1},"abandon":true,"final":true}`, string(cacheclient.Abandon([]byte(`{"t":1}`), true)))
}

func FuzzReadReply(f *testing.F) {
	f.Add("200", "hit", "0.93", "input=1,output=2", "5", "application/json", "{}")
	f.Add("200", "miss", "", "", "", "", "ticket")
	f.Add("202", "wait", "-0.5", "input=x", "9999999999999999999", "text/event-stream", "")
	f.Fuzz(func(t *testing.T, status, result, similarity, usage, saved, contentType, body string) {
		headers := map[string]string{":status": status, "x-sluice-cache": result, "x-sluice-similarity": similarity, "x-sluice-usage": usage,
			"x-sluice-saved-microusd": saved, "content-type": contentType, "x-sluice-reason": body}
		r, err := cacheclient.ReadReply(func(name string) string { return headers[name] }, []byte(body))
		if err != nil {
			require.True(t, strings.HasPrefix(err.Error(), "cacheclient: "))
			require.Zero(t, r.Result)
			return
		}
		require.True(t, r.Similarity == "" || json.Valid([]byte(r.Similarity)), "it goes into records as it is")
		require.LessOrEqual(t, len(r.Reason), 256)
		require.True(t, r.Saved >= 0 && r.Usage.Input >= 0 && r.Usage.Output >= 0)
		if r.Result.Served() {
			require.NotEmpty(t, r.Body)
		}
	})
}

// A timeline of the circuit: what is asked and what is told, in seconds.
func TestCircuit(t *testing.T) {
	c := cacheclient.Circuit{After: 2, For: 10_000}
	for _, step := range []struct {
		at    int64
		does  string // "" = nothing after Allow
		allow bool
	}{
		{0, "fails", true},
		{1, "succeeds", true}, // so that the next failure is the first again
		{2, "fails", true},
		{3, "fails", true},
		{4, "", false},
		{12, "", false},
		{13, "fails", true}, // one tries
		{14, "", false},
		{23, "", true}, // another, whose answer is not here yet
		{24, "", false},
		{32, "", false},
		{43, "", true}, // that answer will not come any more
		{44, "", false},
		{20, "", false}, // the clock has gone back while one tries
		{64, "succeeds", true},
		{65, "", true},
	} {
		if got := c.Allow(step.at * 1000); got != step.allow {
			require.Fail(t, "allow", "at %d s: %v", step.at, got)
		}
		switch step.does {
		case "fails":
			c.Failed(step.at * 1000)
		case "succeeds":
			c.Succeeded()
		}
	}
	c.Failed(100_000)
	c.Failed(100_000)
	require.True(t, c.Allow(50_000), "a clock that has gone back does not keep it open for longer")
}

func TestOutbox(t *testing.T) {
	record := func(n, size int) []byte {
		return []byte(strconv.Itoa(n) + strings.Repeat("x", size-len(strconv.Itoa(n))))
	}
	t.Run("records wait for others, a second long", func(t *testing.T) {
		var o cacheclient.Outbox
		o.Add(0, []byte("a"))
		o.Add(900, []byte("b"))
		require.Nil(t, o.Batch(999))
		require.Equal(t, "a\nb\n", string(o.Batch(1000)))
		o.Add(1000, []byte("c"))
		require.Nil(t, o.Batch(9000), "one call at a time")
		o.Sent(1500, true)
		require.Equal(t, "c\n", string(o.Batch(2500)))
		require.False(t, o.Waits())
	})
	t.Run("many do not wait", func(t *testing.T) {
		var o cacheclient.Outbox
		for n := range 300 {
			o.Add(0, record(n, 1000))
		}
		require.Equal(t, 130, strings.Count(string(o.Batch(0)), "\n"), "128 KiB")
		o.Sent(0, true)
		require.Equal(t, "130x", string(o.Batch(0)[:4]))
	})
	t.Run("the oldest are dropped, never those on their way", func(t *testing.T) {
		var o cacheclient.Outbox
		for n := range 100 {
			o.Add(0, record(n, 1000))
		}
		sent := strings.Count(string(o.Batch(1000)), "\n")
		for n := 100; n < 1000; n++ {
			o.Add(2000, record(n, 1000))
		}
		dropped := o.Dropped()
		require.NotZero(t, dropped)
		require.Zero(t, o.Dropped())
		o.Sent(3000, true)
		left := 0
		for now := int64(4000); o.Waits(); now += 1000 {
			left += strings.Count(string(o.Batch(now)), "\n")
			o.Sent(now, true)
		}
		require.Equal(t, int64(1000), int64(sent+left)+dropped)
	})
	t.Run("one larger than all the room", func(t *testing.T) {
		var o cacheclient.Outbox
		o.Add(0, record(1, 600<<10))
		require.Len(t, o.Batch(0), 600<<10+1)
	})
}
