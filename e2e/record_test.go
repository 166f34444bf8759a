package e2e

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// record is a decision record: every field, and no other.
type record struct {
	ID         string            `json:"id"`
	Time       time.Time         `json:"time"`
	Identity   map[string]string `json:"identity"`
	Dialect    string            `json:"dialect"`
	Operation  string            `json:"operation"`
	ModelAsked string            `json:"model_asked"`
	Model      string            `json:"model"`
	Provider   string            `json:"provider"`
	Stream     bool              `json:"stream"`
	Tokens     struct {
		Input, Output, Cached, Reasoning int64
		CacheWrite                       int64 `json:"cache_write"`
		CacheWriteLong                   int64 `json:"cache_write_long"`
		Source                           string
	} `json:"tokens"`
	CostUSD json.Number `json:"cost_usd"` // "" where it is null
	Asked   *struct {
		Input, Choices int64
		Cap            *int64
	} `json:"asked"`
	Budgets  []budgetUsed `json:"budgets"`
	Cache    cacheUsed    `json:"cache"`
	Guards   []any        `json:"guards"`
	Attempts []struct {
		Provider, Model string
		Status          int
		Reason          string
		MS              int64
		Tokens          int64
		CostUSD         json.Number `json:"cost_usd"`
	} `json:"attempts"`
	FirstTokenMS *int64 `json:"first_token_ms"`
	TotalMS      int64  `json:"total_ms"`
	End          string `json:"end"`
	Code         string `json:"code"`
	Failure      string `json:"failure"`
	Rule         string `json:"rule"`
	Dropped      string `json:"dropped"`
}

type budgetUsed struct {
	Name, Unit                   string
	Reserved, Settled, Remaining json.Number
	Shadow, Refused              bool
	WouldRefuse                  bool `json:"would_refuse"`
}

type cacheUsed struct {
	Result     string
	Similarity *float64
	Reason     string
	Entry      string
	Tokens     int64       `json:"saved_tokens"`
	SavedUSD   json.Number `json:"saved_usd"`
	JudgeUSD   json.Number `json:"judge_usd"`
	NotKept    string      `json:"not_kept"`
}

// always are the fields that every record has.
var always = strings.Fields("id time identity dialect operation model_asked model provider stream tokens cost_usd budgets cache guards attempts first_token_ms total_ms end")

// parseRecord reads one line of the gateway's stdout, strictly.
func parseRecord(t *testing.T, line string) record {
	t.Helper()
	var fields map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(line), &fields), line)
	for _, name := range always {
		require.Contains(t, fields, name, line)
	}
	var r record
	decoder := json.NewDecoder(bytes.NewReader([]byte(line)))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&r), line)
	require.False(t, decoder.More(), line)
	require.Contains(t, []string{"complete", "cut", "refused", "blocked", "client_gone", "error"}, r.End, line)
	require.Contains(t, []string{"provider", "counted", "reserved", "none"}, r.Tokens.Source, line)
	require.Len(t, r.ID, 36, line)
	return r
}

// record waits for the decision record of a request.
func (g *gateway) record(t *testing.T, name string) record {
	t.Helper()
	found := g.records(t, name, 1)
	require.Len(t, found, 1, "records of one request")
	return found[0]
}

// records waits for at least so many decision records of requests of one name.
func (g *gateway) records(t *testing.T, name string, atLeast int) (found []record) {
	t.Helper()
	return g.recordsWith(t, `"case":"`+name+`"`, atLeast)
}

// recordsWith waits for at least so many decision records that have this text in them.
func (g *gateway) recordsWith(t *testing.T, want string, atLeast int) (found []record) {
	t.Helper()
	var lines []string
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(40 * time.Millisecond) {
		lines = lines[:0]
		text := g.envoy.Stdout()
		for at := 0; ; {
			i := strings.Index(text[at:], want)
			if i < 0 {
				break
			}
			at += i
			end := strings.IndexByte(text[at:], '\n')
			if end < 0 {
				break
			}
			lines = append(lines, text[strings.LastIndexByte(text[:at], '\n')+1:at+end])
			at += end
		}
		if len(lines) >= atLeast {
			break
		}
		select {
		case <-g.envoy.Ended():
			require.FailNow(t, "Envoy has ended by itself", "%s", tail(g.envoy.Stderr(), 30))
		default:
		}
	}
	require.GreaterOrEqual(t, len(lines), atLeast, "records with %s; Envoy's log:\n%s", want, tail(g.envoy.Stderr(), 30))
	for _, line := range lines {
		found = append(found, parseRecord(t, line))
	}
	return found
}

// tooMuch is a cap that no budget here has room for.
const tooMuch = 100_000_000

// remaining is what the key's tightest budget in tokens has left, as its client can
// read it: from a refusal, which costs nothing and does not reach the provider.
func (g *gateway) remaining(t *testing.T, d dialect, key string) int64 {
	t.Helper()
	a := g.send(t, request{path: d.path, key: key, body: d.body("?", false, `"max_tokens":`+strconv.Itoa(tooMuch))})
	require.Equal(t, 429, a.status, a.body)
	n, err := strconv.ParseInt(a.header.Get("x-ratelimit-remaining-tokens"), 10, 64)
	require.NoError(t, err)
	return n
}

// charged waits until what a key has been charged for is what is expected, or says
// what it is instead. A client may know that an answer has ended a moment before the
// gateway does.
func (g *gateway) charged(t *testing.T, d dialect, key string, want int64) {
	t.Helper()
	got := int64(-1)
	for deadline := time.Now().Add(10 * time.Second); got != want && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		got = g.policy.Budgets[0].Limit - g.remaining(t, d, key)
	}
	require.Equal(t, want, got, "tokens charged to %s", key)
}

// bill is what the provider charges a key for, once everything has ended there.
func (g *gateway) bill(t *testing.T, key string) (input, output int64) {
	t.Helper()
	soon(t, func() bool { return g.pending(key) == 0 }, "the end of all requests of %s at the provider", key)
	for _, account := range g.mock.Usage() {
		if account.Key == key {
			input += account.Input
			output += account.Output
		}
	}
	return input, output
}
