package e2e

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/tokenizer"
)

// How an answer ended for the client.
const (
	clean      = "clean"       // as it should
	errorEvent = "error event" // with an event that the dialect's clients raise an error for
	broken     = "broken"      // with a connection that is not at the end of the answer
	refused    = "refused"     // it is an error of the dialect from the beginning
	lost       = "lost"        // it is an error of Envoy's own making, in the dialect
	opaque     = "opaque"      // it is what the provider sent, which is no answer
)

// What an answer costs.
const (
	bill     = "bill"     // what the provider said
	unseen   = "unseen"   // counted, of an answer that the client never got
	nothing  = "nothing"  //
	counted  = "counted"  // the input, and what the client has seen
	reserved = "reserved" // all that was held, since nobody knows
)

// fault is something that goes wrong at a provider, and what is made of it.
type fault struct {
	name    string
	fault   string // x-mock-fault
	only    string // stream or whole; "" = both
	status  int    // what the client gets; 0 = 200
	ends    string
	costs   string
	end     string // the record's; "" = complete
	reason  string // of the attempt; "" = it did not fail
	failure string // of the gateway's own
	upstream
}

// upstream is how the provider is found: "" is one that is there.
type upstream struct{ openAI, anthropic string }

var overTLS = upstream{"tls-gpt", "tls-claude"}

var faults = []fault{
	// Nothing is wrong but the manners.
	{name: "none", fault: `{}`, ends: clean, costs: bill},
	{name: "late headers", fault: `{delay: 300ms}`, ends: clean, costs: bill},
	{name: "slow headers", fault: `{slow_headers: 1ms}`, ends: clean, costs: bill},
	{name: "early hints", fault: `{early_hints: true}`, ends: clean, costs: bill},
	{name: "a stall in the middle", fault: `{stall: {after_events: 3, for: 500ms}}`, only: "stream", ends: clean, costs: bill},
	{name: "CRLF", fault: `{crlf: true}`, ends: clean, costs: bill},
	{name: "split writes", fault: `{split_bytes: 11, split_pause: 100us}`, ends: clean, costs: bill},
	{name: "joined writes", fault: `{join_events: 7}`, ends: clean, costs: bill},
	{name: "a huge event", fault: `{huge: {after_events: 3, bytes: 300000}}`, only: "stream", ends: clean, costs: bill},
	{name: "an event of 3 MB", fault: `{huge: {after_events: 3, bytes: 3000000}}`, only: "stream", ends: clean, costs: bill},
	{name: "trailers", fault: `{trailers: {x-checksum: abc}}`, ends: clean, costs: bill},
	{name: "connection: close", fault: `{connection_close: true}`, ends: clean, costs: bill},
	{name: "an event behind the end", fault: `{after_done: '{"type":"ping","choices":[]}'}`, only: "stream", ends: clean, costs: bill},
	{name: "no [DONE], no message_stop", fault: `{no_done: true}`, only: "stream", ends: clean, costs: bill},

	// An error in place of an answer.
	{name: "400", fault: `{status: 400}`, status: 400, ends: refused, costs: nothing, end: "error", reason: "rejected"},
	{name: "401", fault: `{status: 401}`, status: 401, ends: refused, costs: nothing, end: "error", reason: "rejected"},
	{name: "404", fault: `{status: 404}`, status: 404, ends: refused, costs: nothing, end: "error", reason: "rejected"},
	{name: "408", fault: `{status: 408}`, status: 408, ends: refused, costs: nothing, end: "error", reason: "timeout"},
	{name: "429", fault: `{status: 429}`, status: 429, ends: refused, costs: nothing, end: "error", reason: "rate_limited"},
	{name: "500", fault: `{status: 500}`, status: 500, ends: refused, costs: nothing, end: "error", reason: "unavailable"},
	{name: "503", fault: `{status: 503}`, status: 503, ends: refused, costs: nothing, end: "error", reason: "unavailable"},
	{name: "504", fault: `{status: 504}`, status: 504, ends: refused, costs: nothing, end: "error", reason: "timeout"},
	{name: "529", fault: `{status: 529}`, status: 529, ends: refused, costs: nothing, end: "error", reason: "unavailable"},
	{name: "an error of many bytes", fault: `{status: 500, message: "` + strings.Repeat("so long ", 4000) + `"}`, status: 500, ends: refused, costs: nothing, end: "error", reason: "unavailable"},
	{name: "a page of HTML", fault: `{status: 502, body: "<html>bad gateway</html>", content_type: text/html}`, status: 502, ends: refused, costs: nothing, end: "error", reason: "unavailable"},
	{name: "an empty 500", fault: `{status: 500, body: "", content_type: text/plain}`, status: 500, ends: opaque, costs: nothing, end: "error", reason: "unavailable"},
	{name: "an error under 200", fault: `{error_body: true}`, ends: opaque, costs: nothing, end: "error", reason: "error_body"},
	{name: "nobody there", fault: `{}`, status: 503, ends: refused, costs: nothing, end: "error", reason: "unavailable", upstream: upstream{"down-gpt", "down-claude"}},

	// An answer that breaks.
	{name: "an error event first", fault: `{error_event: {after_events: 0}}`, only: "stream", ends: errorEvent, costs: nothing, end: "error", reason: "error_event"},
	{name: "an error event in the middle", fault: `{error_event: {after_events: 6}}`, only: "stream", ends: errorEvent, costs: counted, end: "error", reason: "error_event"},
	{name: "a malformed event", fault: `{malformed: {after_events: 6}}`, only: "stream", ends: errorEvent, costs: counted, end: "error", reason: "malformed_event"},
	{name: "no finish", fault: `{no_finish: true}`, only: "stream", ends: errorEvent, costs: counted, end: "error", reason: "truncated"},
	{name: "ended in the middle", fault: `{cut: {after_events: 7, how: end}}`, only: "stream", ends: errorEvent, costs: counted, end: "error", reason: "truncated"},
	{name: "ended inside an event", fault: `{cut: {after_bytes: 1500, how: end}}`, only: "stream", ends: errorEvent, costs: counted, end: "error", reason: "truncated"},
	{name: "ended before the first event", fault: `{cut: {after_events: 0, how: end}}`, only: "stream", ends: errorEvent, costs: counted, end: "error", reason: "truncated"},
	{name: "closed in the middle", fault: `{cut: {after_events: 7, how: close}}`, only: "stream", ends: broken, costs: counted, end: "error", reason: "truncated"},
	{name: "reset in the middle", fault: `{cut: {after_events: 7, how: reset}}`, only: "stream", ends: broken, costs: counted, end: "error", reason: "truncated"},
	{name: "closed inside an event", fault: `{cut: {after_bytes: 1500, how: close}}`, only: "stream", ends: broken, costs: counted, end: "error", reason: "truncated"},
	{name: "closed in the middle", fault: `{cut: {after_bytes: 200, how: close}}`, only: "whole", status: 502, ends: lost, costs: unseen, end: "error", reason: "truncated"},
	{name: "reset in the middle", fault: `{cut: {after_bytes: 200, how: reset}}`, only: "whole", status: 502, ends: lost, costs: unseen, end: "error", reason: "truncated"},
	{name: "closed before the body", fault: `{cut: {after_events: 0, how: close}}`, only: "whole", status: 502, ends: lost, costs: unseen, end: "error", reason: "truncated"},

	// Over HTTP/2.
	{name: "none over HTTP 2", fault: `{}`, ends: clean, costs: bill, upstream: overTLS},
	{name: "trailers over HTTP 2", fault: `{trailers: {x-checksum: abc}}`, ends: clean, costs: bill, upstream: overTLS},
	{name: "CRLF and trailers over HTTP 2", fault: `{crlf: true, trailers: {x-checksum: abc}}`, ends: clean, costs: bill, upstream: overTLS},
	{name: "no finish but trailers over HTTP 2", fault: `{no_finish: true, trailers: {x-checksum: abc}}`, only: "stream", ends: broken, costs: counted, end: "error", reason: "truncated", upstream: overTLS},
	{name: "500 over HTTP 2", fault: `{status: 500}`, status: 500, ends: refused, costs: nothing, end: "error", reason: "unavailable", upstream: overTLS},
	{name: "a page of HTML with trailers over HTTP 2", fault: `{status: 502, body: "<html>", content_type: text/html, trailers: {x-checksum: abc}}`, status: 502, ends: refused, costs: nothing, end: "error", reason: "unavailable", upstream: overTLS},
	{name: "reset in the middle over HTTP 2", fault: `{cut: {after_events: 7, how: reset}}`, only: "stream", ends: broken, costs: counted, end: "error", reason: "truncated", upstream: overTLS},
	{name: "reset in the middle over HTTP 2", fault: `{cut: {after_bytes: 200, how: reset}}`, only: "whole", status: 503, ends: lost, costs: unseen, end: "error", reason: "truncated", upstream: overTLS},
	{name: "not readable, with trailers over HTTP 2", fault: `{content_type: text/plain, trailers: {x-checksum: abc}}`, ends: opaque, costs: reserved, failure: "unreadable_answer", upstream: overTLS},

	// An answer that does not say what it cost, or says it in a way that nobody reads.
	{name: "no usage", fault: `{usage: missing}`, ends: clean, costs: counted, failure: "usage_missing"},
	{name: "usage null", fault: `{usage: "null"}`, ends: clean, costs: counted, failure: "usage_missing"},
	{name: "usage of zero", fault: `{usage: zero}`, ends: clean, costs: nothing},
	{name: "gzip", fault: `{gzip: true}`, ends: opaque, costs: reserved, failure: "unreadable_answer"},
	{name: "wrong content-type", fault: `{content_type: text/plain}`, ends: opaque, costs: reserved, failure: "unreadable_answer"},
	{name: "not JSON", fault: `{body: "so not json"}`, only: "whole", ends: opaque, costs: reserved, end: "error", reason: "invalid_output", failure: "unreadable_answer"},
	{name: "not events", fault: `{body: "so not events"}`, only: "stream", ends: errorEvent, costs: counted, end: "error", reason: "truncated"},
}

func TestFaults(t *testing.T) {
	eachGateway(t, monthly, func(t *testing.T, g *gateway) {
		for _, f := range faults {
			for _, d := range []dialect{openAI, anthropic} {
				for _, form := range []string{"whole", "stream"} {
					if f.only != "" && f.only != form {
						continue
					}
					t.Run(strings.ReplaceAll(f.name, "/", " ")+" "+d.name+" "+form, func(t *testing.T) {
						t.Parallel()
						f.check(t, g, d, form == "stream")
					})
				}
			}
		}
	})
}

func (f fault) check(t *testing.T, g *gateway, d dialect, stream bool) {
	if f.openAI != "" && d.name == "openai" {
		d.model = f.openAI
	} else if f.anthropic != "" {
		d.model = f.anthropic
	}
	a := g.send(t, request{path: d.path, body: d.body("What may go wrong?", stream, ""), header: map[string]string{
		"x-mock-fault":  f.fault,
		"x-mock-answer": `{tokens: 40}`,
	}})
	r := g.record(t, a.name)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("answer: %d %v\n%s\nerror: %v\nrecord: %+v", a.status, a.header, short(a.body), a.err, r)
		}
	})
	f.checkSeen(t, d, a, stream)
	f.checkRecord(t, r)
	require.Equal(t, stream, r.Stream)

	// What it cost is what the budget has lost, and what the record says.
	spent := r.Tokens.Input + r.Tokens.Output
	switch f.costs {
	case bill:
		u := g.upstream(t, a.name).Bill
		require.Equal(t, "provider", r.Tokens.Source)
		require.Equal(t, [2]int64{u.Input, u.Output}, [2]int64{r.Tokens.Input, r.Tokens.Output})
	case nothing:
		require.Zero(t, spent)
	case counted:
		require.Equal(t, "counted", r.Tokens.Source)
		require.Positive(t, r.Tokens.Input)
		checkCounted(t, d, a.seen(stream), r.Tokens.Output)
	case unseen:
		require.Equal(t, "counted", r.Tokens.Source)
		require.Positive(t, r.Tokens.Input)
	case reserved:
		require.Equal(t, "reserved", r.Tokens.Source)
		require.Equal(t, r.Budgets[0].Reserved.String(), strconv.FormatInt(spent, 10))
	}
	require.Equal(t, strconv.FormatInt(spent, 10), r.Budgets[0].Settled.String())
	g.charged(t, d, a.key, spent)
}

// checkSeen holds what the client saw against how the answer ended. Only a clean end
// may look like one.
func (f fault) checkSeen(t *testing.T, d dialect, a answer, stream bool) {
	if f.status == 0 {
		f.status = 200
	}
	require.Equal(t, f.status, a.status)
	if f.ends != lost {
		require.Len(t, a.header.Get("x-sluice-id"), 36)
		require.Equal(t, "1", a.header.Get("x-sluice-attempts"))
	}
	s := readStream(a.body)
	switch f.ends {
	case clean:
		require.NoError(t, a.err)
		if !stream {
			require.True(t, json.Valid([]byte(a.body)))
			require.NotEmpty(t, a.seen(stream))
			return
		}
		require.NotEmpty(t, s.finish)
		require.Equal(t, !strings.Contains(f.fault, "no_done"), s.done)
		require.Empty(t, s.failed)
		require.Empty(t, s.bad)
	case errorEvent:
		require.NotEmpty(t, s.failed)
		require.NoError(t, a.err)
	case broken:
		require.Error(t, a.err)
		require.Empty(t, s.failed)
	case refused, lost:
		a.problem(t, d)
		require.NotContains(t, a.body, "upstream connect error", "Envoy's own words")
	case opaque:
		require.NoError(t, a.err)
	}
	if f.ends == errorEvent || f.ends == broken {
		require.False(t, s.done, "a clean end")
		require.Empty(t, s.finish, "a clean end")
		require.Empty(t, s.bad)
	}
}

func (f fault) checkRecord(t *testing.T, r record) {
	if f.end == "" {
		f.end = "complete"
	}
	require.Equal(t, f.end, r.End, "end")
	require.Len(t, r.Attempts, 1)
	require.Equal(t, f.reason, r.Attempts[0].Reason, "the attempt's reason")
	require.Equal(t, f.failure, r.Failure, "failure")
}

// checkCounted holds that so many tokens are what a text comes to: exactly, where the
// provider's vocabulary is known, and else nearly.
func checkCounted(t *testing.T, d dialect, text string, tokens int64) {
	t.Helper()
	want := int64(tokenizer.O200kBase().CountString(text))
	if d.name == "openai" {
		require.Equal(t, want, tokens, "tokens of %q", text)
		return
	}
	require.GreaterOrEqual(t, tokens, want/2, "tokens of %q", text)
	require.LessOrEqual(t, tokens, 2*want, "tokens of %q", text)
}

// seen is the text that the client has got of an answer.
func (a answer) seen(stream bool) string {
	if stream {
		return readStream(a.body).text
	}
	var whole struct {
		Choices []struct {
			Text    string
			Message struct{ Content string }
		}
		Content []struct{ Text string }
	}
	if json.Unmarshal([]byte(a.body), &whole) != nil {
		return ""
	}
	text := ""
	for _, c := range whole.Choices {
		text += c.Text + c.Message.Content
	}
	for _, c := range whole.Content {
		text += c.Text
	}
	return text
}

// TestWhatCannotBeReadArrivesAsItIs holds that a compressed answer is not touched.
func TestWhatCannotBeReadArrivesAsItIs(t *testing.T) {
	eachGateway(t, monthly, func(t *testing.T, g *gateway) {
		for _, stream := range []bool{false, true} {
			a := g.send(t, request{path: openAI.path, body: openAI.body("zip it", stream, ""), header: map[string]string{
				"x-mock-fault": `{gzip: true}`, "x-mock-answer": `{text: "zipped words"}`,
			}})
			require.NoError(t, a.err)
			require.Equal(t, "gzip", a.header.Get("content-encoding"))
			unzip, err := gzip.NewReader(strings.NewReader(a.body))
			require.NoError(t, err)
			text, err := io.ReadAll(unzip)
			require.NoError(t, err)
			a.body = string(text)
			require.Equal(t, "zipped words", a.seen(stream))
		}
	})
}

func short(text string) string {
	if len(text) > 3000 {
		return text[:1500] + "\n…\n" + text[len(text)-1500:]
	}
	return text
}
