package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// failure is something that goes wrong at the first of two providers, and what follows.
type failure struct {
	name   string
	fault  string // of the mock
	says   string // what it says then, in place of its own words
	mute   bool   // it says nothing
	only   string // stream or whole; "" = both
	brief  bool   // it is found out by waiting, so the model's patience is short
	schema bool   // the request asks for JSON of a schema
	reason string // the attempt's in the record

	// What the client gets. The zero value is the second provider's answer.
	status int    // not retried: this status in the client's dialect
	ends   string // not retried: a stream with content that ends with an error event, or broken

	// What the failed attempt costs: nothing, what its provider bills (bill), or what was
	// counted of it (counted).
	costs string
}

// asSchema is what a request asks for and good what follows it.
const (
	asSchema = `"response_format":{"type":"json_schema","json_schema":{"name":"weather","strict":true,"schema":{"type":"object",` +
		`"properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city","days"],"additionalProperties":false}}}`
	good = `{"city":"Oslo","days":3}`
)

// A 429 here asks for no wait: what a wait does is TestCoolDown's.
const noWait = `headers: {retry-after: "0", retry-after-ms: "0"}`

// What comes in one piece with the content before it is found out before the client has seen
// any of it.
const begun = `stall: {after_events: 8, for: 300ms}, `

var failures = []failure{
	// An error in place of an answer.
	{name: "400", fault: `{status: 400}`, reason: "rejected", status: 400},
	{name: "404", fault: `{status: 404}`, reason: "rejected", status: 404},
	{name: "401", fault: `{status: 401}`, reason: "credential_refused"},
	{name: "408", fault: `{status: 408}`, reason: "timeout"},
	{name: "429", fault: `{status: 429, ` + noWait + `}`, reason: "rate_limited"},
	{name: "500", fault: `{status: 500}`, reason: "unavailable"},
	{name: "503", fault: `{status: 503, ` + noWait + `}`, reason: "unavailable"},
	{name: "529", fault: `{status: 529, ` + noWait + `}`, reason: "unavailable"},
	{name: "html", fault: `{status: 502, body: "<html>bad gateway</html>", content_type: text/html}`, reason: "unavailable"},
	{name: "error_body", fault: `{error_body: true}`, reason: "error_body"},
	{name: "error_event", fault: `{error_event: {after_events: 0}}`, only: "stream", reason: "error_event"},

	// Nothing that is an answer.
	{name: "malformed", fault: `{malformed: {after_events: 0}}`, only: "stream", reason: "malformed_event", costs: counted},
	{name: "closed_first", fault: `{cut: {after_events: 0, how: close}}`, reason: "unavailable", costs: counted},
	{name: "reset_first", fault: `{cut: {after_events: 0, how: reset}}`, reason: "unavailable", costs: counted},
	{name: "ended_first", fault: `{cut: {after_events: 0, how: end}}`, only: "stream", reason: "truncated", costs: counted},
	{name: "closed_inside", fault: `{cut: {after_bytes: 120, how: close}}`, reason: "unavailable", costs: counted},
	{name: "empty", fault: `{body: ""}`, reason: "empty", costs: counted},
	{name: "no_words", fault: `{}`, mute: true, reason: "empty", costs: bill},
	{name: "half_json", fault: `{body: '{"id":"x","type":"message","object":"chat.completion","choi'}`, reason: "truncated", costs: counted},
	{name: "no_json", fault: `{body: "so not json"}`, reason: "truncated", costs: counted},
	{name: "text", fault: `{content_type: text/plain}`, reason: "unreadable", costs: counted},
	{name: "gzip", fault: `{gzip: true}`, reason: "unreadable", costs: counted},

	// Silence.
	{name: "delay", fault: `{delay: 1h}`, brief: true, reason: "timeout", costs: counted},
	{name: "stall", fault: `{stall: {after_events: 0}}`, brief: true, reason: "stalled", costs: counted},

	// An answer that is not what was asked for.
	{name: "no_schema", fault: `{}`, says: `{"city":"Oslo","days":"three"}`, schema: true, only: "whole", reason: "schema", costs: bill},
	{name: "no_object", fault: `{}`, says: `Oslo, three days`, schema: true, only: "whole", reason: "schema", costs: bill},
	{name: "good", fault: `{}`, says: good},

	// An answer that has begun, and of which the client has seen something.
	{name: "error_later", fault: `{` + begun + `error_event: {after_events: 9}}`, only: "stream", reason: "error_event", ends: errorEvent, costs: counted},
	{name: "malformed_later", fault: `{` + begun + `malformed: {after_events: 9}}`, only: "stream", reason: "malformed_event", ends: errorEvent, costs: counted},
	{name: "ended_later", fault: `{` + begun + `cut: {after_events: 9, how: end}}`, only: "stream", reason: "truncated", ends: errorEvent, costs: counted},
	{name: "closed_later", fault: `{` + begun + `cut: {after_events: 9, how: close}}`, only: "stream", reason: "truncated", ends: broken, costs: counted},
	{name: "reset_later", fault: `{` + begun + `cut: {after_events: 9, how: reset}}`, only: "stream", reason: "truncated", ends: broken, costs: counted},
	{name: "no_finish", fault: `{` + begun + `no_finish: true}`, only: "stream", reason: "truncated", ends: errorEvent, costs: counted},
}

// pair is a first provider and a second.
type pair struct{ name, first, firstModel, second, secondModel string }

var pairs = []pair{
	{"oo", "alpha", "gpt-4o-mini", "beta", "gpt-4.1-nano"},
	{"aa", "alpha-ant", "claude-haiku-4-5", "beta-ant", "claude-sonnet-4-5"},
	{"oa", "alpha", "gpt-4o-mini", "beta-ant", "claude-sonnet-4-5"},
	{"ao", "alpha-ant", "claude-haiku-4-5", "beta", "gpt-4.1-nano"},
}

// routed is the policy of all tests of routing and failover, since an Envoy is slow to start.
// It has a model for each pair, one of short patience, and one whose first provider is not
// there. No target of these is ever left alone, so that the first is the first.
var routed = func() string {
	text := others + "models:\n"
	add := func(name, first, second, more string) {
		text += "  " + name + ":\n    targets: [" + first + ", " + second + "]\n    drop: [\"*\"]\n    cooldown: {after: 1000, base: 1ms, max: 1ms}\n" + more
	}
	for _, p := range pairs {
		first := fmt.Sprintf("{provider: %s, model: %s}", p.first, p.firstModel)
		second := fmt.Sprintf("{provider: %s, model: %s}", p.second, p.secondModel)
		patient := "    retry: {attempts: 2, per_try: 20s, first_token: 20s}\n"
		brief := "    retry: {attempts: 2, per_try: 2s, first_token: 2s}\n"
		add(p.name, first, second, patient)
		add(p.name+"-brief", first, second, brief)
		add(p.name+"-inline", first, second, patient+"    failover: inline\n")
		add(p.name+"-brief-inline", first, second, brief+"    failover: inline\n")
		gone := strings.Replace(p.first, "alpha", "nowhere", 1)
		add(p.name+"-gone", fmt.Sprintf("{provider: %s, model: %s}", gone, p.firstModel), second, patient)
		add(p.name+"-gone-inline", fmt.Sprintf("{provider: %s, model: %s}", gone, p.firstModel), second, patient+"    failover: inline\n")
	}
	return text + routing + translated + crowded + secured
}()

// failoverCase is one failure in one pair, for one client.
type failoverCase struct {
	failure
	pair
	call
	text string // of the second provider
	said answer
	user string // the prompt
}

func failoverCases(inline bool) (all []*failoverCase) {
	for _, p := range pairs {
		for _, f := range failures {
			for _, d := range []dialect{openAI, anthropic} {
				for _, form := range []string{"whole", "stream"} {
					stream := form == "stream"
					if f.name == "good" || f.only != "" && f.only != form || f.schema && d.name == "anthropic" || inline && stream {
						continue
					}
					c := &failoverCase{failure: f, pair: p, text: says("beta")}
					c.call = call{client: d, model: p.name, stream: stream, at: map[string]string{"alpha": f.name}}
					if f.brief {
						c.model += "-brief"
					}
					if inline {
						c.model += "-inline"
						c.unheard()
					}
					if f.schema {
						c.more, c.text, c.at["beta"] = asSchema, good, "good"
					}
					all = append(all, c)
				}
			}
		}
	}
	return all
}

// unheard is what is different for a call of the gateway's own: of one that fails Envoy says
// nothing but that, not even whether an answer had begun.
func (c *failoverCase) unheard() {
	switch c.reason {
	case "unavailable", "timeout": // of which the second is a 504 that might be anybody's
		c.costs = ""
	case "stalled":
		c.reason = "timeout"
	}
}

func (c *failoverCase) title() string {
	form := "whole"
	if c.stream {
		form = "stream"
	}
	return strings.Join([]string{c.failure.name, c.client.name, c.pair.name, form}, " ")
}

// TestFailover has a first provider fail in every way, and a second answer in its place.
func TestFailover(t *testing.T) {
	eachGateway(t, routed, func(t *testing.T, g *gateway) { checkFailovers(t, g, failoverCases(false)) })
}

// TestInlineFailover is the same where the gateway makes the calls itself.
func TestInlineFailover(t *testing.T) {
	eachGateway(t, routed, func(t *testing.T, g *gateway) { checkFailovers(t, g, failoverCases(true)) })
}

func checkFailovers(t *testing.T, g *gateway, cases []*failoverCase) {
	together(len(cases), func(i int) { cases[i].said, cases[i].user = g.call(t, cases[i].call) })
	for _, c := range cases {
		t.Run(c.title(), func(t *testing.T) { c.check(t, g) })
	}
}

func (c *failoverCase) check(t *testing.T, g *gateway) {
	a, r := c.said, g.record(t, c.said.name)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("answer: %d %v\n%s\nerror: %v\nrecord: %+v", a.status, a.header, short(a.body), a.err, r)
		}
	})
	retried := c.status == 0 && c.ends == ""

	// What the client saw.
	switch {
	case retried:
		checkAnswer(t, c.client, a, c.stream, c.text)
		require.Equal(t, "complete", r.End)
	case c.ends != "":
		require.Equal(t, 200, a.status)
		s := readStream(a.body)
		require.False(t, s.done, "a clean end")
		require.Empty(t, s.finish, "a clean end")
		require.Empty(t, s.bad)
		require.True(t, strings.HasPrefix(says("alpha"), s.text), "%q", s.text)
		if !strings.Contains(c.fault, "reset") { // which may overtake what was sent before it
			require.NotEmpty(t, s.text)
		}
		require.Equal(t, c.ends == errorEvent, s.failed != "", "an error event")
		require.Equal(t, c.ends == broken, a.err != nil, "a broken connection")
		require.Equal(t, "error", r.End)
	default:
		require.Equal(t, c.status, a.status)
		a.problem(t, c.client)
		require.Equal(t, "error", r.End)
	}
	served, model, attempts := c.first, c.firstModel, "1"
	if retried {
		served, model, attempts = c.second, c.secondModel, "2"
	}
	require.Equal(t, []string{attempts, served, model}, []string{a.header.Get("x-sluice-attempts"), a.header.Get("x-sluice-provider"), a.header.Get("x-sluice-model")})
	require.Len(t, a.header.Get("x-sluice-id"), 36)
	for name := range a.header {
		require.NotEqual(t, "X-Sluice-Retry", name)
		require.False(t, strings.HasPrefix(name, "X-Envoy-Attempt"), name)
	}

	// What was written down.
	want := []string{c.first + "/" + c.firstModel + " " + c.reason}
	if retried {
		want = append(want, c.second+"/"+c.secondModel+" ok")
	}
	require.Equal(t, want, attemptsOf(r))
	require.Equal(t, []string{served, model}, []string{r.Provider, r.Model})
	require.Equal(t, []string{c.client.name, c.call.model}, []string{r.Dialect, r.ModelAsked})

	// What the providers saw.
	first := g.asked(t, "alpha", a.name)
	second := g.asked(t, "beta", a.name)
	require.Len(t, first, 1)
	checkAsked(t, g, first[0], c.first, c.firstModel, c.user, c.stream)
	if !retried {
		require.Empty(t, second)
	} else {
		require.Len(t, second, 1)
		checkAsked(t, g, second[0], c.second, c.secondModel, c.user, c.stream)
		require.Equal(t, second[0].Bill.Input+second[0].Bill.Output, r.Attempts[1].Tokens, "what the second one bills")
	}

	// What was charged.
	checkBudget(t, g, r)
	switch c.costs {
	case "":
		require.Zero(t, r.Attempts[0].Tokens)
	case bill:
		// A stream that ends without content is given up before its usage has come.
		off := map[bool]float64{true: 2}[c.mute && c.stream]
		require.InDelta(t, first[0].Bill.Input+first[0].Bill.Output, r.Attempts[0].Tokens, off, "what the first one bills")
	case counted:
		require.Positive(t, r.Attempts[0].Tokens)
	}
}

// TestFailoverFromNowhere has nobody listen at the first provider's address.
func TestFailoverFromNowhere(t *testing.T) {
	eachGateway(t, routed, func(t *testing.T, g *gateway) {
		for _, p := range pairs {
			for _, d := range []dialect{openAI, anthropic} {
				for _, form := range []string{"whole", "stream", "inline"} {
					t.Run(strings.Join([]string{p.name, d.name, form}, " "), func(t *testing.T) {
						c := call{client: d, model: p.name + "-gone", stream: form == "stream"}
						if form == "inline" {
							c.model += "-inline"
						}
						a, prompt := g.call(t, c)
						checkAnswer(t, d, a, c.stream, says("beta"))
						r := g.record(t, a.name)
						gone := strings.Replace(p.first, "alpha", "nowhere", 1)
						require.Equal(t, []string{gone + "/" + p.firstModel + " unavailable", p.second + "/" + p.secondModel + " ok"}, attemptsOf(r))
						require.Zero(t, r.Attempts[0].Tokens)
						checkBudget(t, g, r)
						second := g.asked(t, "beta", a.name)
						require.Len(t, second, 1)
						checkAsked(t, g, second[0], p.second, p.secondModel, prompt, c.stream)
					})
				}
			}
		}
	})
}

// TestAllDown has both providers fail, in different ways. The client gets an error of its
// own dialect, and never a status that says success.
func TestAllDown(t *testing.T) {
	down := []struct {
		first, second string
		brief         bool
		statuses      []int
		reasons       [2]string
	}{
		{"500", "500", false, []int{500, 502, 503}, [2]string{"unavailable", "unavailable"}},
		{"500", "529", false, []int{529, 502, 503}, [2]string{"unavailable", "unavailable"}},
		{"500", "429", false, []int{429}, [2]string{"unavailable", "rate_limited"}},
		{"500", "400", false, []int{400}, [2]string{"unavailable", "rejected"}},
		{"401", "401", false, []int{401, 502, 503}, [2]string{"credential_refused", "credential_refused"}},
		{"closed_first", "reset_first", false, []int{502, 503}, [2]string{"unavailable", "unavailable"}},
		{"empty", "half_json", false, []int{502}, [2]string{"empty", "truncated"}},
		{"text", "gzip", false, []int{502}, [2]string{"unreadable", "unreadable"}},
		{"delay", "delay", true, []int{504}, [2]string{"timeout", "timeout"}},
		{"429", "delay", true, []int{504}, [2]string{"rate_limited", "timeout"}},
	}
	eachGateway(t, routed, func(t *testing.T, g *gateway) {
		type sent struct {
			call
			pair
			how  int
			said answer
		}
		var all []*sent
		for i, how := range down {
			for _, p := range pairs {
				for _, d := range []dialect{openAI, anthropic} {
					for _, form := range []string{"", " stream", "-inline"} {
						c := call{client: d, model: p.name, stream: form == " stream", at: map[string]string{"alpha": how.first, "beta": how.second}}
						if how.brief {
							c.model += "-brief"
						}
						if form == "-inline" {
							c.model += form
						}
						all = append(all, &sent{call: c, pair: p, how: i})
					}
				}
			}
		}
		together(len(all), func(i int) { all[i].said, _ = g.call(t, all[i].call) })
		for _, s := range all {
			how := down[s.how]
			form := "whole"
			if s.stream {
				form = "stream"
			}
			t.Run(strings.Join([]string{how.first, how.second, s.client.name, s.model, form}, " "), func(t *testing.T) {
				a, r := s.said, g.record(t, s.said.name)
				require.Contains(t, how.statuses, a.status, a.body)
				a.problem(t, s.client)
				require.NotContains(t, a.body, "upstream connect error", "Envoy's own words")
				require.NotContains(t, a.body, "provider-key-of")
				require.Equal(t, "2", a.header.Get("x-sluice-attempts"))
				require.Equal(t, "error", r.End)
				require.Equal(t, []string{s.first + "/" + s.firstModel + " " + how.reasons[0], s.second + "/" + s.secondModel + " " + how.reasons[1]}, attemptsOf(r))
				checkBudget(t, g, r)
			})
		}
	})
}
