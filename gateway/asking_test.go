package gateway_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/gateway"
)

const beside = cached + `
guards:
  external:
    - {name: ours, type: webhook, endpoint: 'http://hook', on_error: ON}
`

// brings is a companion's answer: a body, and headers name, value, name, value, …
type brings struct {
	body    string
	headers []string
}

func (b brings) to(c *call, asked *gateway.Call) gateway.Outcome {
	var h gateway.Headers
	for i := 0; i+1 < len(b.headers); i += 2 {
		h = append(h, [2]string{b.headers[i], b.headers[i+1]})
	}
	read := func(from, size int) []byte { return c.body[from:min(from+size, len(c.body))] }
	return c.request.Called(c.w.now, asked, h, []byte(b.body), read)
}

func says200(body string) brings {
	return brings{body, []string{":status", "200", "content-type", "application/json"}}
}

func verdict(result string) brings {
	return says200(`{"verdicts":[{"name":"ours","result":"` + result + `","spans":[],"kinds":[],"reason":"","ms":1}]}`)
}

var (
	theHit  = brings{"the answer", []string{":status", "200", "content-type", "application/json", "x-sluice-cache", "hit", "x-sluice-usage", "input=12,output=30", "x-sluice-saved-microusd", "5"}}
	theMiss = brings{ticket, []string{":status", "200", "x-sluice-cache", "miss"}}
	theWait = brings{"", []string{":status", "202", "x-sluice-cache", "wait"}}
	nothing = brings{}
)

// counted is a world that counts the writes to its budgets.
func counted(t *testing.T, text string) (*world, *writes) {
	w := newWorld(t, text)
	n := &writes{Store: w.store}
	w.store = n
	w.load(text)
	return w, n
}

// pathOf is the path of a call to the companion.
func pathOf(c *gateway.Call) string {
	path, _ := gateway.Headers(c.Headers).Get(":path")
	return strings.TrimPrefix(path, "/base")
}

// Services and the look-up are asked at once. Whichever answers first, and whatever they say,
// what becomes of the request is the same: nothing goes out, and nothing that is kept is
// given away, before the services' word; their block is told at once, costs nothing, and lets
// go of whoever waits for the answer.
func TestBothAtOnce(t *testing.T) {
	lookups := []struct {
		name    string
		answers []brings
		served  bool
		gives   string // how the lead is given up where the request is denied after this: "" = it has none
	}{
		{"hit", []brings{theHit}, true, ""},
		{"miss", []brings{theMiss}, false, "ticket"},
		{"wait, hit", []brings{theWait, theHit}, true, ""},
		{"wait, miss", []brings{theWait, theMiss}, false, "ticket"},
		{"no answer", []brings{nothing}, false, "told"},
		{"refused", []brings{{`{}`, []string{":status", "429", "content-type", "application/json"}}}, false, ""},
		{"another form", []brings{{"data: x\n\n", []string{":status", "200", "content-type", "text/event-stream", "x-sluice-cache", "hit"}}}, false, ""},
	}
	services := []struct {
		name    string
		answer  brings
		on      string
		status  int // of the refusal; 0 = it may be sent
		failure string
	}{
		{"clean", verdict("clean"), "deny", 0, ""},
		{"block", verdict("found"), "deny", 400, ""},
		{"error, deny", verdict("error"), "deny", 503, "guard_error"},
		{"error, allow", verdict("error"), "allow", 0, "guard_error"},
		{"no answer, deny", nothing, "deny", 503, "guard_error"},
		{"no answer, allow", nothing, "allow", 0, "guard_error"},
	}
	for _, l := range lookups {
		for _, s := range services {
			for order := 0; order <= len(l.answers); order++ { // after so many of the look-up's answers the services' comes
				t.Run(l.name+"/"+s.name+"/"+string(rune('0'+order)), func(t *testing.T) {
					w, writes := counted(t, strings.ReplaceAll(beside, "ON", s.on))
					c := w.begin(chat)
					c.body = []byte(president)
					read := func(from, size int) []byte { return c.body[from:min(from+size, len(c.body))] }
					out := c.request.Body(w.now, len(c.body), true, read)
					require.Equal(t, gateway.Hold, out.Action)
					asked, lookup := out.Call, out.Call.Also
					require.Equal(t, "/v1/guard", pathOf(asked))
					require.Equal(t, "/v1/lookup", pathOf(lookup))
					require.Equal(t, int64(550), asked.Timeout)
					require.Equal(t, int64(40), lookup.Timeout)
					require.Zero(t, writes.n, "nothing is reserved yet")

					denied, left := false, 0
					for step := 0; step <= len(l.answers); step++ {
						if step == order {
							out = s.answer.to(c, asked)
							denied = s.status != 0
						} else {
							if denied {
								left = len(l.answers) - step + 1
								break
							}
							at := step
							if step > order {
								at--
							}
							if strings.HasPrefix(l.name, "wait") && at == 1 {
								require.Equal(t, "/v1/lookup?wait=7000", pathOf(lookup))
							}
							out = l.answers[at].to(c, lookup)
							if out.Call != nil {
								lookup = out.Call
							}
						}
						if out.Tell != nil {
							c.toldOf = out.Tell
						}
						if step < len(l.answers) && !denied {
							require.Equal(t, gateway.Hold, out.Action, "step %d", step)
							require.Nil(t, out.Reply)
						}
					}
					tell := c.toldOf
					c.toProvider(out)
					if s.status != 0 {
						require.Empty(t, c.sent)
						require.Equal(t, s.status, c.reply.Status)
						require.NotContains(t, c.replyBody(), "the answer")
						require.Empty(t, theMiss.to(c, lookup).Set, "what comes now is for nobody")
						r := c.done()
						require.Equal(t, map[int]string{400: "blocked", 503: "error"}[s.status], r.End)
						failure := s.failure
						if failure == "" && left == 0 && !l.served && l.gives != "ticket" {
							failure = "companion_error"
						}
						require.Equal(t, failure, r.Failure)
						require.Equal(t, "bypass", r.Cache.Result)
						require.Zero(t, r.Cache.SavedTokens)
						for name := range r.samples {
							require.NotContains(t, name, "sluice_cache_", "nothing came of the cache")
						}
						require.Zero(t, writes.n)
						gives := l.gives
						if left > 0 {
							gives = "lookup"
						}
						switch gives {
						case "":
							require.Nil(t, c.tells)
						case "told":
							require.Nil(t, c.tells)
							require.Equal(t, `{"lookup":"id-1","abandon":true}`, string(tell.Body))
						case "lookup":
							require.Equal(t, `{"lookup":"id-1","abandon":true}`, string(c.tells.Body))
						case "ticket":
							require.Equal(t, `{"ticket":`+ticket+`,"abandon":true}`, string(c.tells.Body), "the next one leads")
						}
						return
					}
					if l.served {
						require.Empty(t, c.sent)
						require.Equal(t, "the answer", c.replyBody())
						r := c.done()
						require.Equal(t, "complete", r.End)
						require.Equal(t, "hit", r.Cache.Result)
						require.Equal(t, s.failure, r.Failure)
						require.Zero(t, writes.n)
						require.Nil(t, c.tells)
						return
					}
					require.Nil(t, c.reply)
					require.JSONEq(t, president, c.sent)
					require.NotZero(t, writes.n, "now it is reserved")
					c.respond("200", "application/json").stream(true, chatAnswer)
					r := c.done()
					require.Equal(t, "complete", r.End)
					failure := s.failure
					if failure == "" && l.gives != "ticket" {
						failure = "companion_error"
					}
					require.Equal(t, failure, r.Failure)
					require.Equal(t, l.gives == "ticket", c.tells != nil && json.Valid(c.tells.Body) && gjson.GetBytes(c.tells.Body, "answer").Exists())
				})
			}
		}
	}
}

// A client that hangs up while either is waited for costs nothing, and lets go of whoever
// waits for its answer.
func TestGoneWhileBothAreAsked(t *testing.T) {
	for _, row := range []struct {
		name           string
		first          brings
		ofServices     bool
		gives, release string
	}{
		{"before either", brings{}, false, `{"lookup":"id-1","abandon":true}`, ""},
		{"after a clean verdict", verdict("clean"), true, `{"lookup":"id-1","abandon":true}`, ""},
		{"after a miss", theMiss, false, `{"ticket":` + ticket + `,"abandon":true}`, ""},
		{"after a hit", theHit, false, "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			w, writes := counted(t, strings.ReplaceAll(beside, "ON", "deny"))
			c := w.begin(chat)
			c.body = []byte(president)
			read := func(from, size int) []byte { return c.body[from:min(from+size, len(c.body))] }
			out := c.request.Body(w.now, len(c.body), true, read)
			if row.first.headers != nil {
				asked := out.Call.Also
				if row.ofServices {
					asked = out.Call
				}
				require.Equal(t, gateway.Hold, row.first.to(c, asked).Action)
			}
			r := c.done()
			require.Equal(t, "client_gone", r.End)
			require.Equal(t, "bypass", r.Cache.Result)
			for name := range r.samples {
				require.NotContains(t, name, "sluice_cache_", "nobody was answered")
			}
			require.Zero(t, writes.n)
			if row.gives == "" {
				require.Nil(t, c.tells)
				return
			}
			require.Equal(t, row.gives, string(c.tells.Body))
		})
	}
}

// A request that is over its budget is refused before anybody has seen it; one that is near it
// is refused where others have taken the room meanwhile.
func TestServicesAndBudgets(t *testing.T) {
	const tight = providers + `
budgets:
  - {name: month, unit: tokens, limit: 100, calendar: month, zone: UTC}
companion: {}
guards:
  external:
    - {name: ours, type: webhook, endpoint: 'http://hook'}
`
	const asks = `{"model":"gpt-4o","messages":[{"role":"user","content":"Who?"}],"max_tokens":60}`
	w := newWorld(t, tight)
	first := w.post(chat, asks)
	require.Equal(t, "/v1/guard", pathOf(first.asks))
	second := w.post(chat, asks)
	first.toProvider(verdict("clean").to(first, first.asks))
	require.NotEmpty(t, first.sent)
	second.toProvider(verdict("clean").to(second, second.asks))
	require.Equal(t, 429, second.reply.Status)
	third := w.post(chat, asks)
	require.Nil(t, third.asks, "no service has seen it")
	require.Equal(t, 429, third.reply.Status)
}

// Where what a service finds may be replaced, it is asked first: the look-up has the request
// without it.
func TestServicesThatRedactAreFirst(t *testing.T) {
	for mode, first := range map[string]string{"enforce": "/v1/guard", "shadow": "both"} {
		w := newWorld(t, cached+`
guards:
  external:
    - {name: ours, type: presidio, endpoint: 'http://presidio', mode: `+mode+`}
`)
		c := w.begin(chat)
		c.body = []byte(strings.Replace(president, "president", "Ann", 1))
		read := func(from, size int) []byte { return c.body[from:min(from+size, len(c.body))] }
		out := c.request.Body(w.now, len(c.body), true, read)
		require.Equal(t, "/v1/guard", pathOf(out.Call))
		require.Equal(t, first == "both", out.Call.Also != nil)
		found := says200(`{"verdicts":[{"name":"ours","result":"found","spans":[{"text":0,"start":11,"end":14,"kind":"PERSON","score":1}],"kinds":["PERSON"],"reason":"","ms":1}]}`)
		asked := out.Call
		if out = found.to(c, asked); first == "both" {
			require.Nil(t, out.Call)
			continue
		}
		require.Equal(t, "/v1/lookup", pathOf(out.Call))
		require.Contains(t, string(out.Call.Body), "[PERSON_1]")
		require.NotContains(t, string(out.Call.Body), "Ann")
	}
}

// A look-up that is not made, as the companion has not answered lately, keeps no service from
// its word, nor it from the services'.
func TestServicesWhileTheCircuitIsOpen(t *testing.T) {
	w := newWorld(t, strings.ReplaceAll(beside, "ON", "deny"))
	for range 2 {
		c := w.begin(chat)
		c.body = []byte(president)
		read := func(from, size int) []byte { return c.body[from:min(from+size, len(c.body))] }
		out := c.request.Body(w.now, len(c.body), true, read)
		nothing.to(c, out.Call.Also)
		c.toProvider(verdict("clean").to(c, out.Call))
		require.NotEmpty(t, c.sent)
		c.done()
	}
	c := w.post(chat, president)
	require.Equal(t, "/v1/guard", pathOf(c.asks))
	c.toProvider(verdict("found").to(c, c.asks))
	require.Equal(t, 400, c.reply.Status)
	require.Equal(t, "companion_error", c.done().Failure)
}

// A rule by meaning is a rule like others: its words are the filter's affair, its examples the
// companion's, which is asked where the words have found nothing.
func TestRuleByMeaning(t *testing.T) {
	for _, on := range []string{"deny", "allow"} {
		w := newWorld(t, providers+`
companion: {endpoint: "http://127.0.0.1:8090"}
guards:
  prompts:
    - {name: pay, deny_words: [salary], deny_like: ['What does my colleague earn?'], roles: [user], timeout: 700ms, on_error: `+on+`}
`)
		said := func(result string) brings {
			return says200(`{"verdicts":[{"name":"pay","result":"` + result + `","spans":[],"kinds":[],"reason":"similarity 0.71","ms":1}]}`)
		}
		c := w.post(chat, chatOf(says("user", "What is her salary?")))
		require.Nil(t, c.asks)
		require.Equal(t, 400, c.reply.Status)
		require.Contains(t, c.replyBody(), "(pay)")
		require.Equal(t, int64(1), c.done().samples["sluice_guard_total;kind=pay;action=block;"])

		ask := chatOf(says("system", "Be nice") + "," + says("user", "What is Maria paid?"))
		c = w.post(chat, ask)
		require.Equal(t, int64(750), c.asks.Timeout)
		require.JSONEq(t, `{"guards":["pay"],"within_ms":700,"texts":[{"role":"user","text":"What is Maria paid?"}]}`, string(c.asks.Body))
		c.toProvider(said("found").to(c, c.asks))
		require.Equal(t, 400, c.reply.Status)
		require.Contains(t, c.replyBody(), "(pay)")
		require.Equal(t, int64(1), c.done().samples["sluice_guard_total;kind=pay;action=block;"])

		c = w.post(chat, ask)
		c.toProvider(said("clean").to(c, c.asks))
		require.Equal(t, ask, c.sent)

		c = w.post(chat, ask)
		c.toProvider(said("error").to(c, c.asks))
		require.Equal(t, on == "allow", c.sent != "")
		require.Equal(t, on == "deny", c.reply != nil && c.reply.Status == 503)
		require.Equal(t, int64(1), c.done().samples["sluice_guard_total;kind=error.pay;action="+map[string]string{"deny": "block", "allow": "flag"}[on]+";"])
	}
}
