package conformance

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

const streamed3 = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n" +
	"data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"function\":{\"name\":\"mail\",\"arguments\":\"{\\\"a\\\"\"}}]}}]}\n\n" +
	"data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"function\":{\"arguments\":\":1}\"}}]}}]}\n\n" +
	"data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"

// Each part of a Want fails for what it is there for, and for nothing else.
func TestCheck(t *testing.T) {
	seen := func(change func(*Seen)) Seen {
		s := Seen{Status: 200, Header: http.Header{"Content-Type": {"text/event-stream"}, "X-Sluice-Id": {"1"}}, Body: streamed3,
			Sent:   []Got{{To: "alpha", Path: "/v1", Header: http.Header{"Authorization": {"Bearer sk-provider-key-of-alpha"}}, Body: `{"model":"m"}`}},
			Record: `{"end":"complete","tokens":{"input":3}}`, Metrics: map[string]int64{"n": 1}}
		change(&s)
		return s
	}
	want := Want{Status: 200, Header: fields{"x-sluice-id": "*", "x-other": ""}, Body: streamed3 + "\n", Says: []string{"[DONE]"}, Hides: []string{"usage"},
		Text: "Hi", Finish: "stop", Calls: `mail({"a":1})`,
		Sent:   []Sent{{To: "alpha", Path: "/v1", Header: fields{"authorization": "*alpha*"}, Body: `{"model":"m"}`, Says: []string{"model"}, Hides: []string{"stream"}, JSON: fields{"model": "m"}}},
		Record: fields{"end": "complete", "tokens.input": ">0", "code": ""}, Metrics: map[string]int64{"n": 1}}
	require.Empty(t, want.check(seen(func(*Seen) {})))
	for name, change := range map[string]func(*Seen){
		"another status":             func(s *Seen) { s.Status = 201 },
		"no header":                  func(s *Seen) { s.Header.Del("x-sluice-id") },
		"a header more":              func(s *Seen) { s.Header.Set("x-other", "1") },
		"another body":               func(s *Seen) { s.Body += ": \n\n" },
		"a broken connection":        func(s *Seen) { s.Broken = true },
		"nothing sent":               func(s *Seen) { s.Sent = nil },
		"sent twice":                 func(s *Seen) { s.Sent = append(s.Sent, s.Sent[0]) },
		"sent elsewhere":             func(s *Seen) { s.Sent[0].Path = "/v2" },
		"sent to another":            func(s *Seen) { s.Sent[0].To = "beta" },
		"another's credential":       func(s *Seen) { s.Sent[0].Header.Set("x-api-key", "sk-provider-key-of-beta") },
		"the client's credential":    func(s *Seen) { s.Sent[0].Header.Set("x-api-key", clientKey) },
		"in our name":                func(s *Seen) { s.Sent[0].Header.Set("x-sluice-cluster", "c") },
		"a key shown to the client":  func(s *Seen) { s.Header.Set("x", "sk-provider-key-of-beta") },
		"a key in the record":        func(s *Seen) { s.Record = `{"end":"complete","tokens":{"input":3},"x":"` + clientKey + `"}` },
		"another record":             func(s *Seen) { s.Record = `{"end":"error","tokens":{"input":3}}` },
		"a record with a zero":       func(s *Seen) { s.Record = `{"end":"complete","tokens":{"input":0}}` },
		"a record with a code":       func(s *Seen) { s.Record = `{"end":"complete","tokens":{"input":3},"code":"c"}` },
		"no record":                  func(s *Seen) { s.Record = "" },
		"longer than was announced":  func(s *Seen) { s.Header.Set("content-length", strconv.Itoa(len(s.Body)-7)) },
		"shorter":                    func(s *Seen) { s.Header.Set("content-length", strconv.Itoa(len(s.Body)+7)) },
		"sent longer":                func(s *Seen) { s.Sent[0].Header.Set("content-length", "6") },
		"sent shorter":               func(s *Seen) { s.Sent[0].Header.Set("content-length", "20") },
		"a body where none can be":   func(s *Seen) { s.Bodiless = true },
		"a metric that counts twice": func(s *Seen) { s.Metrics["n"] = 2 },
	} {
		require.NotEmpty(t, want.check(seen(change)), name)
	}
	want.Record = nil
	require.NotEmpty(t, want.check(seen(func(*Seen) {})), "a record that must not be there")
}

func TestReadAnswer(t *testing.T) {
	for body, want := range map[string]answer{
		streamed3: {text: "Hi", finish: "stop", calls: `mail({"a":1})`, stream: true, done: true},
		"data: {\"choices\":[{\"delta\":{\"content\":\"H\"}}]}\r\n\r\ndata: {\"error\":{\"code\":\"c\",\"type\":\"t\"}}\r\n\r\n": {text: "H", code: "c", stream: true},
		"event: content_block_start\ndata: {\"type\":\"content_block_start\",\"content_block\":{\"type\":\"tool_use\",\"name\":\"f\"}}\n\n" +
			"data: {\"type\":\"content_block_delta\",\"delta\":{\"partial_json\":\"{}\"}}\n\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"}}\n\ndata: {\"type\":\"message_stop\"}\n\n": {
			finish: "tool_use", calls: "f({})", stream: true, done: true},
		"data: {\"type\":\"response.output_text.delta\",\"delta\":\"R\"}\n\ndata: {\"type\":\"response.completed\"}\n\n": {text: "R", stream: true, done: true},
		"data: {\"half\n\n": {stream: true, bad: []string{`{"half`}},
	} {
		require.Equal(t, want, readAnswer("text/event-stream; charset=utf-8", body))
	}
	for body, want := range map[string]answer{
		`{"choices":[{"message":{"content":"Hi","tool_calls":[{"function":{"name":"f","arguments":"{ \"a\": 1 }"}}]},"finish_reason":"stop"}]}`: {text: "Hi", finish: "stop", calls: `f({"a":1})`},
		`{"content":[{"type":"text","text":"Hi"},{"type":"tool_use","name":"f","input":{"a":1}}],"stop_reason":"end_turn"}`:                     {text: "Hi", finish: "end_turn", calls: `f({"a":1})`},
		`{"output":[{"type":"message","content":[{"text":"Hi"}]}]}`:                                                                             {text: "Hi"},
		`{"type":"error","error":{"type":"overloaded_error"}}`:                                                                                  {code: "overloaded_error"},
		`{"error":{"type":"server_error","code":"upstream_stalled"}}`:                                                                           {code: "upstream_stalled"},
	} {
		require.Equal(t, want, readAnswer("application/json", body))
	}
}
