package main_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

// scenario is one exchange and what each side of it must see.
type scenario struct {
	name     string
	policy   string // in place of spine
	request  wasmhost.Request
	upstream wasmhost.Upstream // nil: the request must not get there
	want     want
	// onKong is what is different there, and why says what in that host makes it so.
	onKong func(*want)
	why    string
}

// want is what must be seen. Headers that map to "" must not be there, or be empty.
type want struct {
	status  int
	client  string            // the body
	says    string            // a part of the body
	headers map[string]string // of the answer
	sent    string            // the body that the provider gets; "" = the client's
	to      map[string]string // headers that the provider gets
	record  map[string]string // by path; nil: there is none
	settled int64
}

// target is what differs on Kong wherever a request is sent on: its route has chosen the
// upstream before the filter runs.
func target(w *want) {
	w.to[":authority"], w.to["x-sluice-cluster"] = "gateway.example", ""
}

const fixedTarget = ":authority cannot be changed, and the cluster's header would go to the provider"

// What every host shows over HTTP is in internal/conformance. These are of what only shows
// here: the bytes and the lengths that were edited, the headers that the host routes by, and
// bodies at the edge of what the host tells of.
var scenarios = []scenario{
	{
		name: "OpenAI", request: post(chat, asksOne, "Content-Length", strconv.Itoa(len(asksOne)), "X-Sluice-Cluster", "evil", "Cookie", "a=b", "X-Other", "kept"),
		upstream: json200(chatAnswer),
		want: want{status: 200, client: chatAnswer,
			to: map[string]string{":path": chat, ":authority": "api.openai.com", "authorization": "Bearer sk-ours", "accept-encoding": "identity",
				"x-sluice-cluster": "sluice_provider_openai", "cookie": "", "x-other": "kept", "content-length": strconv.Itoa(len(asksOne))},
			headers: map[string]string{"x-sluice-provider": "openai", "x-sluice-model": "gpt-4o", "x-sluice-attempts": "1", "x-sluice-cache": "bypass",
				"x-ratelimit-limit-tokens": "100000", "x-sluice-cost-usd": "0.000103"},
			record:  map[string]string{"end": "complete", "tokens.source": "provider", "dialect": "openai", "identity.team": "red", "cost_usd": "0.000103"},
			settled: used},
		onKong: func(w *want) { target(w); w.headers["x-sluice-cost-usd"] = "" },
		why:    fixedTarget + "; a response cannot wait for its body, so that its headers cannot tell the cost",
	},
	{
		name: "OpenAI, with a length of the answer", request: post(chat, asksOne), upstream: sized(chatAnswer),
		want: want{status: 200, client: chatAnswer, record: map[string]string{"end": "complete", "tokens.source": "provider"}, settled: used},
	},
	{
		name: "OpenAI stream, usage asked for and taken out", request: post(chat, asksStream, "Content-Length", strconv.Itoa(len(asksStream))), upstream: events(chatStream),
		want: want{status: 200, client: hiddenStream,
			sent:   `{"stream_options":{"include_usage":true},` + asksStream[1:],
			to:     map[string]string{"content-length": strconv.Itoa(len(asksStream) + len(`"stream_options":{"include_usage":true},`))},
			record: map[string]string{"end": "complete", "tokens.source": "provider", "stream": "true", "first_token_ms": "0"}, settled: used},
	},
	{
		name: "OpenAI stream, usage asked for by the client", request: post(chat, asksUsage), upstream: events(chatStream),
		want: want{status: 200, client: chatStream, record: map[string]string{"end": "complete"}, settled: used},
	},
	{
		name: "Anthropic", request: post(messages, asksClaude, "X-Api-Key", "theirs", "Anthropic-Version", "2023-06-01"), upstream: json200(claudeAnswer),
		want: want{status: 200, client: claudeAnswer,
			to: map[string]string{"x-api-key": "sk-ant-ours", "authorization": "", "anthropic-version": "2023-06-01", ":authority": "api.anthropic.com",
				"x-sluice-cluster": "sluice_provider_anthropic"},
			headers: map[string]string{"x-sluice-provider": "anthropic", "x-sluice-model": "claude-haiku-4-5"},
			record:  map[string]string{"end": "complete", "tokens.source": "provider", "dialect": "anthropic"}, settled: used},
		onKong: target, why: fixedTarget,
	},
	{
		name: "edits in front, in the middle and at the end", request: post(chat, `{"messages":[{"role":"user","content":"hi"}],"model":"house","stream":true,"max_tokens":5,"stream_options":{"include_usage":false}}`),
		upstream: events(chatStream),
		want: want{status: 200, client: hiddenStream, sent: `{"messages":[{"role":"user","content":"hi"}],"model":"gpt-4o-mini","stream":true,"max_tokens":5,"stream_options":{"include_usage":true}}`,
			record: map[string]string{"end": "complete"}, settled: used},
	},
	{
		name: "a base path, and the client's own credential", request: post(chat+"?a=b", `{"model":"local","messages":[],"max_tokens":1}`), upstream: json200(chatAnswer),
		want: want{status: 200, sent: `{"model":"gpt-4o","messages":[],"max_tokens":1}`,
			to: map[string]string{":path": "/base" + chat + "?a=b", "authorization": "Bearer theirs"}, record: map[string]string{"provider": "based"}, settled: used},
	},
	{
		name: "a cap put on and clamped", policy: strings.Replace(spine, "limit: 100000", "limit: 1000", 1), request: post(chat, uncapped), upstream: json200(chatAnswer),
		want: want{status: 200, client: chatAnswer, sent: `{"max_completion_tokens":CAP,` + uncapped[1:],
			headers: map[string]string{"x-ratelimit-limit-tokens": "1000", "x-ratelimit-remaining-tokens": "0"},
			record:  map[string]string{"end": "complete", "budgets.0.reserved": "1000"}, settled: used},
	},
	{
		name: "refused, OpenAI", policy: strings.Replace(spine, "limit: 100000", "limit: 40", 1), request: post(chat, asksOne),
		want: want{status: 429, says: `"code":"budget_exceeded"`,
			headers: map[string]string{"content-type": "application/json", "retry-after": "648000", "x-should-retry": "false", "x-sluice-attempts": "0",
				"x-ratelimit-limit-tokens": "40", "x-ratelimit-remaining-tokens": "40"},
			record: map[string]string{"end": "refused", "code": "budget_exceeded", "budgets.0.remaining": "40", "attempts.#": "0"}},
	},
	{
		name: "an empty body, of a length that says so", request: post(chat, "", "Content-Length", "0"),
		want: want{status: 400, says: `"code":"empty_body"`, record: map[string]string{"end": "refused"}},
	},
	{
		name: "an empty body, of no length", request: post(chat, ""), upstream: answers("400", "application/json", `{"error":{"message":"theirs"}}`),
		want: want{status: 400, says: `"code":"empty_body"`, record: map[string]string{"end": "refused"}},
		onKong: func(w *want) {
			w.says, w.headers = "theirs", map[string]string{"x-sluice-id": ""}
			w.record = map[string]string{"end": "error", "attempts.#": "0"}
		},
		why: "there is no callback for an empty body, and none that tells of it with the headers: it goes on, with the client's own credential and none of ours",
	},
	{
		name: "too long, said so", policy: spine + "limits: {request_body: 1KiB}\n", request: post(chat, asksOne, "Content-Length", "2000"),
		want: want{status: 413, says: "limits.request_body", record: map[string]string{"end": "refused", "code": "request_too_large"}},
	},
	{
		name: "longer than the host's buffer", request: post(chat, strings.Replace(asksOne, "Say", strings.Repeat("say ", 4000), 1)), upstream: json200(chatAnswer),
		want: want{status: 200, client: chatAnswer, record: map[string]string{"end": "complete"}, settled: used},
		onKong: func(w *want) {
			*w = want{status: 413, says: "nginx_http_client_body_buffer_size", record: map[string]string{"end": "refused", "failure": "body_unreadable"}}
		},
		why: "a body over nginx's buffer, 8 KiB by default, is in a file and cannot be read",
	},
	{
		name: "no LLM call", request: get("/v1/files?x=%2F", "X-Sluice-Provider", "evil", "Accept-Encoding", "gzip"), upstream: answers("401", "text/plain", "as it", " is"),
		want: want{status: 401, client: "as it is", headers: map[string]string{"content-type": "text/plain", "x-sluice-id": ""},
			to: map[string]string{":authority": "api.openai.com", "x-sluice-cluster": "sluice_provider_openai", "authorization": "Bearer theirs", "accept-encoding": "gzip", "x-sluice-provider": ""}},
		onKong: target, why: fixedTarget,
	},
	{
		name: "an answer that is no JSON", request: post(chat, asksOne), upstream: json200("<html>", "</html>"),
		want: want{status: 200, client: "<html></html>", record: map[string]string{"failure": "unreadable_answer", "tokens.source": "reserved"}, settled: -1},
	},
}

// sized answers JSON with its length announced, in two pieces.
func sized(body string) wasmhost.Upstream {
	return func(wasmhost.Message) wasmhost.Response {
		return wasmhost.Response{
			Headers: wasmhost.Headers{{":status", "200"}, {"Content-Type", "application/json"}, {"Content-Length", strconv.Itoa(len(body))}},
			Body:    bytesOf(pieces(body, len(body)/2)),
		}
	}
}

func get(path string, more ...string) wasmhost.Request {
	r := post(path, "", more...)
	r.Headers[0][1] = "GET"
	return r
}

func TestScenarios(t *testing.T) {
	for _, host := range append([]string{""}, kongs...) {
		profile, name := envoy, "envoy"
		if host != "" {
			profile, name = kong, "kong "+host
		}
		for _, row := range scenarios {
			t.Run(name+"/"+row.name, func(t *testing.T) {
				w := row.want.clone()
				if profile == kong && row.onKong != nil {
					require.NotEmpty(t, row.why)
					row.onKong(&w)
				}
				policy := row.policy
				if policy == "" {
					policy = spine
				}
				m := startOn(t, profile, policy, version(host))
				up := row.upstream
				if up == nil {
					up = nobody(t)
				}
				w.check(t, profile, row.request, m.exchange(row.request, up))
				require.Empty(t, m.warnings())
			})
		}
	}
}

func (w want) clone() want {
	for _, m := range []*map[string]string{&w.headers, &w.to, &w.record} {
		if *m == nil {
			continue
		}
		c := map[string]string{}
		for k, v := range *m {
			c[k] = v
		}
		*m = c
	}
	return w
}

func (w want) check(t *testing.T, profile wasmhost.Profile, r wasmhost.Request, s *wasmhost.Stream) {
	client, up := s.Client(), s.Upstream()
	body := string(client.Body())
	if profile == kong {
		body = strings.TrimRight(body, "\n") // a local reply gains one, and so does what was replaced by nothing
		w.client = strings.TrimRight(w.client, "\n")
	}
	require.Equal(t, w.status, client.Status(), body)
	require.True(t, client.End)
	require.False(t, client.Reset)
	if w.client != "" {
		require.Equal(t, w.client, body)
	}
	require.Contains(t, body, w.says)
	for name, value := range w.headers {
		require.Equal(t, value, client.Headers.Get(name), name)
	}
	for name, value := range w.to {
		require.Equal(t, value, up.Headers.Get(name), name)
	}
	if replies := s.LocalReplies(); w.record["end"] == "refused" {
		require.Len(t, replies, 1)
		require.Equal(t, "sluice_"+gjson.Get(record(t, s), "code").Str, replies[0].Details)
		require.False(t, up.End)
	}
	if up.End && len(r.Body) > 0 {
		sent := string(up.Body())
		if at := strings.Index(w.sent, "CAP"); at >= 0 {
			limit := gjson.Get(sent, "max_completion_tokens")
			require.Positive(t, limit.Int(), sent)
			w.sent = w.sent[:at] + limit.Raw + w.sent[at+3:]
		}
		if w.sent == "" {
			w.sent = string(r.Body[0])
		}
		require.Equal(t, w.sent, sent)
	}
	if w.record == nil {
		require.Empty(t, s.FilterState()["sluice_record"])
		return
	}
	rec := record(t, s)
	for path, value := range w.record {
		require.Equal(t, value, gjson.Get(rec, path).String(), "%s in %s", path, rec)
	}
	settled := gjson.Get(rec, "budgets.0.settled").Int()
	if w.settled < 0 { // whatever was counted or reserved, and that is something
		require.Positive(t, settled)
		w.settled = settled
	}
	require.Equal(t, w.settled, settled)
	if id, ok := w.headers["x-sluice-id"]; !ok || id != "" {
		require.Equal(t, client.Headers.Get("x-sluice-id"), gjson.Get(rec, "id").Str)
	}
	require.NotContains(t, rec, "sk-")
	require.NotContains(t, rec, "theirs")
}
