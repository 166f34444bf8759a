package mock

import (
	"math"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParseScript(t *testing.T) {
	s, err := ParseScript(`
seed: 9
keys: [sk-a, sk-b]
defaults:
  answer: {tokens: 40}
  pace: {per_event: 15ms}
rules:
  - name: flaky
    match: {path: /v1/chat/*, model: gpt-4o*, header: {x-team: "*"}, nth: [1, 3], probability: 0.5, stream: false}
    fault:
      status: 429
      headers: {retry-after: 7}
      cut: {after_bytes: 0, how: reset}
  - answer:
      tools: [{name: f, arguments: {a: [1, null], b: "x"}}, {name: g}]
`)
	require.NoError(t, err)
	require.EqualValues(t, 9, s.Seed)
	require.Equal(t, []string{"sk-a", "sk-b"}, s.Keys)
	require.Equal(t, Duration(15*time.Millisecond), s.Defaults.Pace.PerEvent)
	require.Equal(t, "7", s.Rules[0].Fault.Headers["retry-after"])
	require.False(t, *s.Rules[0].Match.Stream)
	require.Zero(t, *s.Rules[0].Fault.Cut.AfterBytes, "zero and absent are not the same")
	require.Nil(t, s.Rules[0].Fault.Cut.AfterEvents)
	require.Equal(t, []ToolCall{{"f", `{"a":[1,null],"b":"x"}`}, {"g", "{}"}}, s.Rules[1].Answer.Tools)

	for _, empty := range []string{"", "# only a comment\n", "{}"} {
		s, err := ParseScript(empty)
		require.NoError(t, err)
		require.EqualValues(t, 1, s.Seed)
	}
	_, err = ParseScript(`{"rules": [{"fault": {"gzip": true}}]}`)
	require.NoError(t, err, "JSON is YAML")
}

func TestParseScriptErrors(t *testing.T) {
	for text, want := range map[string]string{
		"rule: []":                           "rule: unknown field; there are seed, models",
		"rules: [{fault: {stal: 1}}]":        "rules[0].fault.stal: unknown field",
		"rules: [{}, {match: {nht: 1}}]":     "rules[1].match.nht: unknown field",
		"rules: {}":                          "rules: a mapping is not a list",
		"rules: [7]":                         `rules[0]: "7" is not a mapping`,
		"seed: -1":                           `seed: "-1" is not a whole number from 0`,
		"seed: 1\nseed: 2":                   "seed: given twice",
		"defaults: {pace: {per_event: 5}}":   `defaults.pace.per_event: "5" is not a duration`,
		"defaults: {pace: {per_event: -5s}}": `defaults.pace.per_event: "-5s" is not a duration`,
		"defaults: {fault: {gzip: maybe}}":   `defaults.fault.gzip: "maybe" is not true or false`,
		"defaults: {fault: {status: 99}}":    "defaults.fault.status: 99 is no final status",
		"defaults: {fault: {usage: none}}":   `defaults.fault.usage: "none" is none of missing`,
		"defaults: {fault: {cut: {}}}":       "defaults.fault.cut: give one of",
		"defaults: {fault: {cut: {after_events: 1, after_bytes: 1}}}": "defaults.fault.cut: give one of",
		"defaults: {fault: {cut: {after_events: 1, how: softly}}}":    `defaults.fault.cut.how: "softly" is none of`,
		"defaults: {fault: {trailers: {a b: c}}}":                     `defaults.fault.trailers: "a b" is no header name`,
		"defaults: {answer: {text: a, echo: true}}":                   "defaults.answer.echo: text is given too",
		"defaults: {answer: {text: }}":                                "defaults.answer.text: nothing is not a text",
		"defaults: {answer: {tools: [{}]}}":                           "defaults.answer.tools[0].name: missing",
		"defaults: {answer: {tools: [{name: a, args: {}}]}}":          "defaults.answer.tools[0].args: unknown field",
		"defaults: {answer: {input_scale: .nan}}":                     "defaults.answer.input_scale",
		"rules: [{match: {probability: 2}}]":                          "rules[0].match.probability: 2 is not between",
		"rules: [{match: {nth: [0]}}]":                                "rules[0].match.nth[0]: 0: requests are counted from 1",
		"rules: [{match: {header: [a]}}]":                             "rules[0].match.header: a list is not a mapping",
		"a: [":                                                        "line 1",
	} {
		_, err := ParseScript(text)
		if text == "defaults: {answer: {text: }}" { // null leaves an optional field out
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, want, text)
	}
}

func TestCounts(t *testing.T) {
	yes := func(m Match, n int) (hits []int64) {
		for i := range int64(n) {
			if m.counts(i+1, 1, 0) {
				hits = append(hits, i+1)
			}
		}
		return hits
	}
	require.Equal(t, []int64{2, 5}, yes(Match{Nth: []int64{5, 2}}, 9))
	require.Equal(t, []int64{1, 2}, yes(Match{First: 2}, 9))
	require.Equal(t, []int64{8, 9}, yes(Match{After: 7}, 9))
	require.Equal(t, []int64{3, 6, 9}, yes(Match{Every: 3}, 9))
	require.Equal(t, []int64{6, 9}, yes(Match{Every: 3, After: 3}, 9))
	for _, p := range []float64{0, 0.1, 0.5, 1} {
		hits := yes(Match{Probability: &p}, 100_000)
		require.InDelta(t, p, float64(len(hits))/100_000, 0.01)
		require.Equal(t, hits, yes(Match{Probability: &p}, 100_000), "the same in every run")
	}
	half := 0.5
	m := Match{Probability: &half}
	same := 0
	for i := range int64(10_000) {
		if m.counts(i, 1, 0) == m.counts(i, 2, 0) {
			same++
		}
	}
	require.InDelta(t, 5000, same, 300, "another seed, other requests")
}

func TestHolds(t *testing.T) {
	r := httptest.NewRequest("POST", "/v1/chat/completions?x=1", nil)
	r.Header.Add("X-Team", "blue")
	r.Header.Add("X-Team", "green")
	q := &query{model: "gpt-4o-mini", key: "sk-1", stream: true}
	on, off := true, false
	for _, c := range []struct {
		match Match
		want  bool
	}{
		{Match{}, true},
		{Match{Method: "POST", Path: "/v1/chat/completions", Model: "gpt-4o*", Key: "sk-1", Body: "needle", Stream: &on}, true},
		{Match{Header: map[string]string{"x-team": "green"}}, true},
		{Match{Header: map[string]string{"x-team": "*"}}, true},
		{Match{Header: map[string]string{"x-team": "red"}}, false},
		{Match{Header: map[string]string{"x-other": "*"}}, false},
		{Match{Method: "GET"}, false},
		{Match{Path: "/v1/chat"}, false},
		{Match{Path: "/v1/chat*"}, true},
		{Match{Model: "gpt-4o"}, false},
		{Match{Key: "sk-2"}, false},
		{Match{Body: "thread"}, false},
		{Match{Stream: &off}, false},
	} {
		require.Equal(t, c.want, c.match.holds(r, q, []byte("hay needle hay")), "%+v", c.match)
	}
}

func FuzzParseScript(f *testing.F) {
	f.Add("rules: [{match: {nth: [1]}, fault: {cut: {after_events: 1}}}]")
	f.Add("a: &x [*x]")
	f.Add("{")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseScript(text)
		require.True(t, (s == nil) != (err == nil))
	})
}

func FuzzParseRequest(f *testing.F) {
	f.Add(uint8(opChat), `{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"x"}]}],"tools":[{"function":{"name":"x","parameters":{"type":"object"}}}],"stop":"a","max_tokens":3}`)
	f.Add(uint8(opMessages), `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}],"tools":[{"name":"x"}]}`)
	f.Add(uint8(opEmbeddings), `{"model":"m","input":[[1,2],[3]],"dimensions":4}`)
	f.Add(uint8(opCompletions), `{"model":"m","prompt":["a"],"best_of":3}`)
	f.Fuzz(func(t *testing.T, kind uint8, body string) {
		q := &query{op: op(kind % 7), limit: noLimit, n: 1}
		if q.parse([]byte(body)) != nil || q.op == opOther || q.op == opModels || q.op == opCountTokens {
			return
		}
		q.limit = min(q.limit, math.MaxInt16)
		work := newTask(q, Behaviour{}, 1, 1, 0)
		reply := work.answer(httptest.NewRequest("POST", "/v1/x", nil), []byte(body), &Script{}, nil)
		var used int64
		for _, e := range reply.events {
			used += e.used
		}
		require.Equal(t, reply.whole, reply.base+used, "the events carry all tokens")
		if !reply.stream {
			require.True(t, strings.HasPrefix(string(reply.events[0].data), "{"))
		}
	})
}
