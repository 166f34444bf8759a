package main_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

// What Kong does about calls differs by its version: see wasmhost.Call.Answer.
var kongs = []string{"3.4.2", "3.7.1", "3.8.0", "3.9.1"}

// Each of Kong's routes leads to one provider, which its configuration names.
func TestRoutes(t *testing.T) {
	for route, want := range map[string]struct{ model, path, header string }{
		"first":  {"gpt-4o", chat, "authorization"},
		"second": {"gpt-4o", "/base" + messages, "x-api-key"},
	} {
		m := startRoute(t, route, dialects)
		s := m.exchange(post(chat, asksOne), answers("400", "application/json", `{"error":{"message":"theirs"}}`))
		require.Equal(t, want.path, s.Upstream().Headers.Get(":path"))
		require.NotEmpty(t, s.Upstream().Headers.Get(want.header))
		require.Contains(t, string(s.Client().Body()), "theirs")
		require.Equal(t, route, gjson.Get(record(t, s), "provider").Str)
	}
	m := startRoute(t, "first", spineOf("anthropic"))
	s := m.exchange(post(messages, asksClaude), nobody(t))
	require.Equal(t, 400, s.Client().Status())
	require.Contains(t, string(s.Client().Body()), "route of that provider")
}

// spineOf is spine with its route's provider in it.
func spineOf(string) string {
	return strings.Replace(spine, "providers:\n", "providers:\n  first: {dialect: openai, endpoint: \"https://first.example\"}\n", 1)
}

// The edge role translates in place there. However an answer is cut and whatever tells its
// end, the client gets the same, in its own dialect.
func TestTranslatesOnKong(t *testing.T) {
	const wholeClaude = `{"id":"m1","type":"message","role":"assistant","model":"x","content":[{"type":"text","text":"é"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":2}}`
	toChat := strings.Replace(strings.Replace(asksClaude, `"model":"claude-haiku-4-5"`, `"model":"house"`, 1), `"stream":true`, `"stream":false`, 1)
	for _, row := range []struct {
		name, path, ask, route, contentType, answer, says string
		sent                                              string // a path into what the provider gets
	}{
		{"stream", chat, asksStream, "second", "text/event-stream", smallClaude, `"content":"é"`, "messages.0.content.0.text"},
		{"whole", chat, asksOne, "second", "application/json", wholeClaude, `"content":"é"`, "messages.0.content.0.text"},
		{"whole, the other way", messages, toChat, "openai", "application/json", smallAnswer[:len(smallAnswer)-1] + `,"id":"c"}`, `"text":"é"`, "messages.0.content"},
		{"stream, the other way", messages, strings.Replace(toChat, "{", `{"stream":true,`, 1), "openai", "text/event-stream", smallStream, `"text":"é"`, "stream_options.include_usage"},
	} {
		t.Run(row.name, func(t *testing.T) {
			policy := dialects
			if row.route == "openai" {
				policy = spine
			}
			m := startRoute(t, row.route, policy, untraced)
			whole := ""
			everyCut(len(row.answer), 20, func(end ending, cuts ...int) {
				s := m.exchange(post(row.path, row.ask, "Content-Length", strconv.Itoa(len(row.ask))), func(sent wasmhost.Message) wasmhost.Response {
					require.True(t, gjson.GetBytes(sent.Body(), row.sent).Exists(), "%s", sent.Body())
					require.Equal(t, strconv.Itoa(len(sent.Body())), sent.Headers.Get("content-length"))
					r := wasmhost.Response{Headers: wasmhost.Headers{{":status", "200"}, {"Content-Type", row.contentType}},
						Body: bytesOf(pieces(row.answer, cuts...)), EndWithLast: end.withLast, Trailers: end.trailers}
					if end.withLast {
						r.Headers = append(r.Headers, [2]string{"Content-Length", strconv.Itoa(len(row.answer))}) // then no end is told
					}
					return r
				})
				require.Equal(t, 200, s.Client().Status())
				require.False(t, s.Client().Headers.Has("content-length"))
				body := strings.ReplaceAll(visible(kong, s), s.Client().Headers.Get("x-sluice-id"), "ID")
				if whole == "" {
					whole = body
					require.Contains(t, whole, row.says)
				}
				require.Equal(t, whole, body, "cut at %v, %s", cuts, end.name)
				rec := record(t, s)
				require.Equal(t, "complete", gjson.Get(rec, "end").Str, "cut at %v, %s: %s", cuts, end.name, rec)
				require.Equal(t, int64(5), gjson.Get(rec, "budgets.0.settled").Int(), rec)
			})
			require.Empty(t, m.warnings())
		})
	}
}

// An answer that cannot be told in the client's dialect is one of ours, before its headers
// have gone.
func TestUntranslatableOnKong(t *testing.T) {
	m := startRoute(t, "second", dialects)
	s := m.exchange(post(chat, asksOne), answers("200", "text/html", "<html>", "</html>"))
	require.Equal(t, 502, s.Client().Status())
	require.Contains(t, string(s.Client().Body()), "cannot be read")
	require.Len(t, s.LocalReplies(), 1)
	require.Equal(t, "error", gjson.Get(record(t, s), "end").Str)
}

// What Kong says by itself about a provider that gave no answer is JSON for whom sends JSON,
// and no client of an LLM's API reads it: it is told in the client's dialect, like the page that
// others get. What a provider says of its own error goes on as it came.
func TestKongErrorPages(t *testing.T) {
	const page = `{"message":"An invalid response was received from the upstream server","request_id":"x"}`
	const theirs = `{"error":{"message":"theirs","type":"server_error"}}`
	down := func(wasmhost.Message) wasmhost.Response { return wasmhost.Response{} }
	json := func(pieces ...string) wasmhost.Upstream {
		return answers("502", "application/json; charset=utf-8", pieces...)
	}
	for _, row := range []struct {
		name, route, policy, path, ask, accept string
		up                                     wasmhost.Upstream
		says                                   string
	}{
		{"nothing accepted", "openai", spine, chat, asksOne, "", down, `provider \"openai\" answered 502`},
		{"JSON", "openai", spine, chat, asksOne, "application/json", down, `provider \"openai\" answered 502`},
		{"anything", "openai", spine, chat, asksStream, "*/*", down, `provider \"openai\" answered 502`},
		{"a text", "openai", spine, chat, asksOne, "text/plain", down, `provider \"openai\" answered 502`},
		{"in pieces", "openai", spine, chat, asksOne, "", json(page[:1], page[1:40], page[40:]), `provider \"openai\" answered 502`},
		{"Anthropic's", "anthropic", spine, messages, asksClaude, "application/json", down, `provider \"anthropic\" answered 502`},
		{"translated", "second", dialects, chat, asksOne, "application/json", down, "An invalid response was received"},
		{"the provider's", "openai", spine, chat, asksOne, "", json(theirs), "theirs"},
		{"the provider's, in pieces", "openai", spine, chat, asksOne, "", json(theirs[:9], theirs[9:]), "theirs"},
		{"no JSON", "openai", spine, chat, asksOne, "", json("<html>"), `provider \"openai\" answered 502`},
		{"cut short", "openai", spine, chat, asksOne, "", json(page[:40]), `provider \"openai\" answered 502`},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := startRoute(t, row.route, row.policy)
			r := post(row.path, row.ask)
			if row.accept != "" {
				r.Headers = append(r.Headers, [2]string{"Accept", row.accept})
			}
			s := m.exchange(r, row.up)
			require.Equal(t, 502, s.Client().Status())
			body := strings.TrimSpace(visible(kong, s))
			require.True(t, gjson.Valid(body), body)
			require.NotEmpty(t, gjson.Get(body, "error.message").Str, body)
			require.Equal(t, row.path == messages, gjson.Get(body, "type").Str == "error", body)
			require.Contains(t, body, row.says)
			if row.says == "theirs" {
				require.Equal(t, theirs, body)
			}
			require.True(t, strings.HasPrefix(s.Client().Headers.Get("content-type"), "application/json"))
			require.False(t, s.Client().Headers.Has("content-length") && s.Client().Headers.Get("content-length") != strconv.Itoa(len(s.Client().Body())))
			rec := record(t, s)
			require.Equal(t, "error", gjson.Get(rec, "end").Str, rec)
			require.Equal(t, int64(0), gjson.Get(rec, "budgets.0.settled").Int(), rec)
			require.Empty(t, m.warnings())
		})
	}
}

// failsOnKong is what becomes of a request whose first call failed, by the version: whether it
// reaches its provider, and the status of an answer in its place.
func failsOnKong(v string) (goes bool, status int) {
	switch v {
	case "3.4.2", "3.7.1":
		return false, 500
	}
	return true, 200
}

// The companion is asked before a request goes, and told of its answer by the next tick.
func TestAsksTheCompanionOnKong(t *testing.T) {
	hit := wasmhost.CallAnswer{Body: []byte(chatAnswer), Headers: wasmhost.Headers{{":status", "200"}, {"Content-Type", "application/json"},
		{"X-Sluice-Cache", "semantic-hit"}, {"x-sluice-similarity", "0.9213"}, {"x-sluice-target", "openai/gpt-4o"}, {"x-sluice-usage", "input=1,output=2"}}}
	for _, v := range kongs {
		for _, row := range []struct {
			name, ask string
			upstream  wasmhost.Upstream
			answer    wasmhost.CallAnswer
			result    string
			sent      string
			client    string
		}{
			{"a miss", asksOne, json200(chatAnswer[:20], chatAnswer[20:]), missed, "miss", asksOne, chatAnswer},
			{"a miss, of a length", asksOne, sized(chatAnswer), missed, "miss", asksOne, chatAnswer},
			{"a miss, edited", asksStream, events(chatStream), missed, "miss", `{"stream_options":{"include_usage":true},` + asksStream[1:], hiddenStream},
			{"a hit", asksOne, nil, hit, "semantic-hit", "", chatAnswer},
			{"no answer", asksOne, json200(chatAnswer), wasmhost.CallAnswer{}, "bypass", asksOne, chatAnswer},
		} {
			t.Run(v+"/"+row.name, func(t *testing.T) {
				m := startRoute(t, "openai", caching, version(v))
				require.EqualValues(t, 1000, m.plugin.TickPeriod(), "the period is set once")
				up := row.upstream
				if up == nil {
					up = nobody(t)
				}
				s := m.plugin.Exchange(post(chat, row.ask, "Content-Length", strconv.Itoa(len(row.ask))), nobody(t))
				require.Len(t, m.plugin.Calls(), 1)
				call := m.plugin.Calls()[0]
				require.Equal(t, "127.0.0.1:8090", call.Upstream)
				require.False(t, call.TLS)
				require.Equal(t, row.ask, gjson.GetBytes(call.Body, "request").Raw)
				require.NoError(t, call.Answer(row.answer))
				s.Respond(up)
				require.NoError(t, s.Trapped(), "%s", s.Trace())
				require.False(t, s.Hung(), "%s", s.Trace())
				rec := record(t, s)
				if goes, status := failsOnKong(v); row.name == "no answer" && !goes {
					require.Equal(t, status, s.Client().Status())
					require.Equal(t, "call_failed", gjson.GetBytes(s.Client().Body(), "error.code").Str, "%s", s.Client().Body())
					require.Equal(t, int64(0), gjson.Get(rec, "budgets.0.settled").Int())
					require.Empty(t, s.Upstream().Headers)
					return
				}
				require.Equal(t, row.client, strings.TrimSpace(visible(kong, s))+row.client[len(strings.TrimSpace(row.client)):])
				require.Equal(t, row.sent, string(s.Upstream().Body()))
				if row.sent != "" {
					require.Equal(t, "Bearer sk-ours", s.Upstream().Headers.Get("authorization"))
					require.Equal(t, strconv.Itoa(len(row.sent)), s.Upstream().Headers.Get("content-length"))
				}
				require.Equal(t, row.result, gjson.Get(rec, "cache.result").Str, rec)
				require.Equal(t, "complete", gjson.Get(rec, "end").Str, rec)
				if row.result == "miss" {
					offer := m.ticks("/v1/store")
					require.Equal(t, row.client, gjson.GetBytes(offer.Body, "answer").Str)
					require.NoError(t, offer.Answer(taken))
				}
				if row.name == "no answer" {
					given := m.ticks("/v1/store")
					require.Equal(t, gjson.Get(rec, "id").Str, gjson.GetBytes(given.Body, "lookup").Str)
					require.NoError(t, given.Answer(taken))
				}
				records := m.ticks("/v1/records")
				require.Equal(t, rec+"\n", string(records.Body))
				require.NoError(t, records.Answer(taken))
				require.Empty(t, m.plugin.Calls())
				require.Empty(t, m.warnings())
			})
		}
	}
}

// Records that the companion does not take are sent again, also where nobody tells that it has
// not; what comes of a call that was given up is nobody's.
func TestRecordsOnKong(t *testing.T) {
	for _, v := range kongs {
		t.Run(v, func(t *testing.T) {
			m := startRoute(t, "openai", spine+"records: {companion: true, access_log: true}\n", version(v))
			s := m.exchange(post(chat, asksOne), json200(chatAnswer))
			for range 3 {
				lost := m.ticks("/v1/records")
				require.Equal(t, record(t, s)+"\n", string(lost.Body))
				require.NoError(t, lost.Answer(wasmhost.CallAnswer{}))
				for range 40 {
					if len(m.plugin.Calls()) > 0 {
						break
					}
					m.now = m.now.Add(time.Second)
					require.NoError(t, m.plugin.Tick())
				}
			}
			require.NoError(t, m.ticks("/v1/records").Answer(taken))
			for range 40 {
				m.now = m.now.Add(time.Second)
				require.NoError(t, m.plugin.Tick())
			}
			require.Empty(t, m.plugin.Calls())

			// Late.
			m.exchange(post(chat, asksOne), json200(chatAnswer))
			late := m.ticks("/v1/records")
			m.now = m.now.Add(time.Hour)
			require.NoError(t, m.plugin.Tick())
			require.NoError(t, late.Answer(taken))
			require.Empty(t, m.warnings())
		})
	}
}

// Services are asked one after the other with the look-up.
func TestAsksServicesOnKong(t *testing.T) {
	for _, v := range kongs {
		for result, status := range map[string]int{"clean": 200, "found": 400, "": 503} {
			t.Run(v+"/"+result, func(t *testing.T) {
				m := startRoute(t, "openai", strings.Replace(beside, "type: webhook", "on_error: deny, type: webhook", 1), version(v))
				s := m.plugin.Exchange(post(chat, asksOne), nobody(t))
				require.Len(t, m.plugin.Calls(), 1)
				require.Equal(t, "/v1/guard", m.plugin.Calls()[0].Headers.Get(":path"))
				word := wasmhost.CallAnswer{}
				if result != "" {
					word = verdict(result)
				}
				require.NoError(t, m.plugin.Calls()[0].Answer(word))
				if status == 200 {
					require.Len(t, m.plugin.Calls(), 1)
					require.NoError(t, m.plugin.Calls()[0].Answer(missed))
					s.Respond(json200(chatAnswer))
					require.Equal(t, asksOne, string(s.Upstream().Body()))
					require.Equal(t, "Bearer sk-ours", s.Upstream().Headers.Get("authorization"))
				} else if result == "" && v == "3.8.0" {
					// The host lets it go by itself: with nobody's credential, and nobody sees its answer.
					s.Respond(json200(chatAnswer))
					require.Empty(t, s.Upstream().Headers.Get("authorization"))
				}
				require.NoError(t, s.Trapped(), "%s", s.Trace())
				require.False(t, s.Hung(), "%s", s.Trace())
				if goes, failed := failsOnKong(v); result == "" && !goes {
					status = failed
					require.Equal(t, "guard_unavailable", gjson.GetBytes(s.Client().Body(), "error.code").Str)
				}
				require.Equal(t, status, s.Client().Status(), "%s", s.Client().Body())
				if status != 200 {
					require.NotContains(t, string(s.Client().Body()), "choices")
				}
			})
		}
	}
}

// Attempts of `failover: inline` are calls to the providers' own addresses.
func TestInlineOnKong(t *testing.T) {
	inline := strings.ReplaceAll(several, "    retry:", "    failover: inline\n    retry:")
	good := wasmhost.CallAnswer{Headers: wasmhost.Headers{{":status", "200"}, {"Content-Type", "application/json"}}, Body: []byte(chatAnswer)}
	busy := wasmhost.CallAnswer{Headers: wasmhost.Headers{{":status", "429"}, {"Content-Type", "application/json"}, {"Retry-After-Ms", "700"}}, Body: []byte(`{"error":{}}`)}
	for _, v := range kongs {
		for _, row := range []struct {
			name, model string
			answers     []wasmhost.CallAnswer
			attempts    int64
			status      int
		}{
			{"at once", "gpt-4o", []wasmhost.CallAnswer{good}, 1, 200},
			{"at the second", "gpt-4o", []wasmhost.CallAnswer{busy, good}, 2, 200},
			{"after a call that failed", "gpt-4o", []wasmhost.CallAnswer{{}, good}, 2, 200},
			{"never", "gpt-4o", []wasmhost.CallAnswer{busy, busy}, 2, 429},
			{"none that would have to wait", "again", []wasmhost.CallAnswer{busy}, 1, 429},
		} {
			t.Run(v+"/"+row.name, func(t *testing.T) {
				m := startRoute(t, "second", inline, version(v))
				s := m.plugin.Exchange(post(chat, strings.Replace(asksOne, `"gpt-4o"`, `"`+row.model+`"`, 1)), nobody(t))
				failed := false
				for i, a := range row.answers {
					if failed = failed || len(a.Headers) == 0; failed && v != "3.9.1" {
						require.NoError(t, m.plugin.Calls()[0].Answer(a))
						break
					}
					require.Len(t, m.plugin.Calls(), 1)
					require.Equal(t, []string{"first.example:443", "second.example:443"}[i], m.plugin.Calls()[0].Upstream)
					require.True(t, m.plugin.Calls()[0].TLS)
					require.NoError(t, m.plugin.Calls()[0].Answer(a))
				}
				if failed && v != "3.9.1" {
					s.Respond(func(sent wasmhost.Message) wasmhost.Response {
						require.Equal(t, "3.8.0", v)
						require.Equal(t, "{}", string(sent.Body()))
						require.Empty(t, sent.Headers.Get("authorization"))
						return answers("401", "application/json", `{"error":{"message":"who?"}}`)(sent)
					})
					require.Equal(t, map[string]int{"3.4.2": 500, "3.7.1": 500, "3.8.0": 502}[v], s.Client().Status())
					require.Equal(t, "call_failed", gjson.GetBytes(s.Client().Body(), "error.code").Str, "%s", s.Client().Body())
					return
				}
				require.NoError(t, s.Trapped(), "%s", s.Trace())
				require.Empty(t, m.plugin.Calls())
				require.Equal(t, row.status, s.Client().Status(), "%s", s.Client().Body())
				rec := record(t, s)
				require.Equal(t, row.attempts, gjson.Get(rec, "attempts.#").Int(), rec)
				if row.status == 200 {
					require.Equal(t, chatAnswer, strings.TrimRight(string(s.Client().Body()), "\n"))
					require.Equal(t, int64(used), gjson.Get(rec, "budgets.0.settled").Int())
				}
				require.Empty(t, m.warnings())
			})
		}
	}
}

// A client that leaves while a call is out ends it, and costs nothing that was not used.
func TestGoneOnKong(t *testing.T) {
	for _, policy := range []string{caching, beside, strings.ReplaceAll(several, "    retry:", "    failover: inline\n    retry:")} {
		m := startOn(t, kong, policy)
		s := m.plugin.Exchange(post(chat, asksOne), nobody(t))
		require.Len(t, m.plugin.Calls(), 1)
		s.Abort()
		require.Empty(t, m.plugin.Calls())
		require.NoError(t, s.Trapped())
		require.Equal(t, "client_gone", gjson.Get(record(t, s), "end").Str)
		for range 3 {
			m.now = m.now.Add(time.Second)
			require.NoError(t, m.plugin.Tick())
		}
		require.Empty(t, m.warnings())
	}
}
