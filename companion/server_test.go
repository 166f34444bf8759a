package companion

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store/memory"
)

func TestLookups(t *testing.T) {
	s := serve(t)
	s.put("Where is the moon?", "Up there.")

	hit := s.call("POST", "/v1/lookup", question("Where is the moon?", ""))
	require.Equal(t, 200, hit.status)
	require.Equal(t, "hit", hit.header.Get("x-sluice-cache"))
	require.Equal(t, "same request", hit.header.Get("x-sluice-reason"))
	require.Equal(t, "input=10,output=5,cached=2,reasoning=1", hit.header.Get("x-sluice-usage"))
	require.Equal(t, "1234", hit.header.Get("x-sluice-saved-microusd"))
	require.Equal(t, "openai/gpt-4o-mini", hit.header.Get("x-sluice-target"))
	require.Equal(t, "0", hit.header.Get("x-sluice-age"))
	require.Len(t, hit.header.Get("x-sluice-entry"), 64)
	require.Empty(t, hit.header.Get("x-sluice-similarity"))
	require.Contains(t, string(hit.body), `"content":"Up there."`)
	require.NotContains(t, string(hit.body), `"chatcmpl-1"`) // ids are fresh

	semantic := s.call("POST", "/v1/lookup", question("where is the moon", `,"stream":true`))
	require.Equal(t, "semantic-hit", semantic.header.Get("x-sluice-cache"))
	require.Regexp(t, `^0\.\d{4}$|^1\.0000$`, semantic.header.Get("x-sluice-similarity"))
	require.True(t, strings.HasPrefix(semantic.header.Get("content-type"), "text/event-stream"))
	require.Contains(t, string(semantic.body), "data: [DONE]\n\n")

	messages := strings.Replace(question("Where is the moon?", `,"max_tokens":100`), "chat_completions", "messages", 1)
	other := s.call("POST", "/v1/lookup", messages)
	require.Equal(t, "hit", other.header.Get("x-sluice-cache"))
	require.Contains(t, string(other.body), `"type":"message"`)

	miss := s.call("POST", "/v1/lookup", question("Where is the sun?", ""))
	require.Equal(t, "miss", miss.header.Get("x-sluice-cache"))
	require.NotEmpty(t, miss.body)

	wait := s.call("POST", "/v1/lookup", question("Where is the sun?", ""))
	require.Equal(t, 202, wait.status)
	require.Equal(t, "wait", wait.header.Get("x-sluice-cache"))
	require.Empty(t, wait.body)

	waited := make(chan *answer)
	go func() { waited <- s.call("POST", "/v1/lookup?wait=20000", question("Where is the sun?", "")) }()
	require.Eventually(t, func() bool { _, n := s.engine.Waiting(); return n == 1 }, 10*time.Second, time.Millisecond)
	require.JSONEq(t, `{"stored":true,"reason":"kept"}`, string(s.call("POST", "/v1/store", storing(miss.body, "application/json", completion("There."))).body))
	require.Equal(t, "hit", (<-waited).header.Get("x-sluice-cache"))

	bypass := s.call("POST", "/v1/lookup", question("x", `,"temperature":1.5`))
	require.Equal(t, "bypass", bypass.header.Get("x-sluice-cache"))
	require.Contains(t, bypass.header.Get("x-sluice-reason"), "temperature")
	require.Empty(t, bypass.body)

	abandoned := s.call("POST", "/v1/lookup", question("What now", ""))
	named := strings.Replace(question("What then", ""), "{", `{"id":"look-up-7",`, 1)
	require.Equal(t, "miss", s.call("POST", "/v1/lookup", named).header.Get("x-sluice-cache"))
	require.Equal(t, 202, s.call("POST", "/v1/lookup", named).status)
	require.JSONEq(t, `{"stored":false,"reason":"abandoned"}`, string(s.call("POST", "/v1/store", `{"lookup":"look-up-7","abandon":true}`).body))
	require.Equal(t, "miss", s.call("POST", "/v1/lookup", named).header.Get("x-sluice-cache"), "and not: wait")
	require.JSONEq(t, `{"stored":false,"reason":"abandoned"}`, string(s.call("POST", "/v1/store", `{"lookup":"look-up-7","abandon":true}`).body))
	gone := fmt.Sprintf(`{"ticket":%s,"abandon":true}`, abandoned.body)
	require.JSONEq(t, `{"stored":false,"reason":"abandoned"}`, string(s.call("POST", "/v1/store", gone).body))
	require.JSONEq(t, `{"stored":false,"reason":"abandoned; it did not lead, or no longer"}`, string(s.call("POST", "/v1/store", gone).body))

	error := s.call("POST", "/v1/lookup", question("And now", ""))
	kept := s.call("POST", "/v1/store", storing(error.body, "application/json", `{"error":{"message":"overloaded"}}`))
	require.Contains(t, string(kept.body), `"stored":false`)

	metrics := string(s.call("GET", "/metrics", "").body)
	for _, want := range []string{
		`sluice_companion_lookups_total{result="hit"} 3`, `sluice_companion_lookups_total{result="semantic-hit"} 1`,
		`sluice_companion_lookups_total{result="wait"} 2`, `sluice_companion_stores_total{result="stored"} 2`,
		`sluice_companion_stores_total{result="abandoned"} 4`, `sluice_companion_stores_total{result="refused"} 1`,
		`sluice_companion_waits_total 1`, `sluice_companion_store_entries 2`, `sluice_companion_saved_microusd_total 4936`,
		`sluice_companion_step_seconds_count{step="embed"}`, "sluice_companion_flying 0", "sluice_companion_store_damaged_total 0",
	} {
		require.True(t, strings.Contains(metrics, want), want)
	}
}

func TestWhatIsRefused(t *testing.T) {
	s := serve(t, func(c *Config) {
		c.Limits = Limits{LookupBody: 2000, StoreBody: 2000, RecordsBody: 2000, Records: 3, Bodies: 10_000}
	})
	for _, row := range []struct {
		method, path, body string
		headers            []string
		status             int
		message            string
	}{
		{"GET", "/v1/lookup", "", nil, 405, "/v1/lookup takes POST"},
		{"POST", "/v1/usage", "", nil, 405, "/v1/usage takes GET"},
		{"GET", "/v1/nothing", "", nil, 404, "there is no such path"},
		{"GET", "/v1/usage/", "", nil, 404, "there is no such path"},
		{"POST", "/v1/lookup", "{}", nil, 400, `api ""`},
		{"POST", "/v1/lookup", "[]", nil, 400, "cannot unmarshal array"},
		{"POST", "/v1/lookup", "{", nil, 400, "unexpected EOF"},
		{"POST", "/v1/lookup", question("x", "") + "{}", nil, 400, "more than one JSON value"},
		{"POST", "/v1/lookup", strings.Replace(question("x", ""), `"exact"`, `"exakt"`, 1), nil, 400, `unknown field "exakt"`},
		{"POST", "/v1/lookup", strings.Replace(question("x", ""), `["team","a"]`, `["team"]`, 1), nil, 400, "pair 0 has 1 texts"},
		{"POST", "/v1/lookup", strings.Replace(question("x", ""), `"exact":true`, `"exact":true,"exact":true`, 1), nil, 400, `the member "exact" is there twice`},
		{"POST", "/v1/lookup", strings.Replace(question("x", ""), `"exact":true`, `"exact":true,"ex\u0061ct":false`, 1), nil, 400, `the member "exact" is there twice`},
		{"POST", "/v1/lookup", strings.Replace(question("x", ""), `"exact":true`, `"exact":true,"EXACT":false`, 1), nil, 400, `the member "EXACT" is there twice`},
		{"POST", "/v1/lookup", strings.Replace(question("x", ""), `"exact":true`, `"policy":"p2"`, 1), nil, 400, `the member "policy" is there twice`},
		{"POST", "/v1/lookup", strings.Replace(question("x", ""), `"exact":true`, `"judge":{"model":"a","timeout_ms":1,"model":"b"}`, 1), nil, 400, `the member "judge.model" is there twice`},
		{"POST", "/v1/lookup", strings.Replace(question("x", ""), `"request":{`, `"request":{},"request":{`, 1), nil, 400, `the member "request" is there twice`},
		{"POST", "/v1/store", `{"ticket":{},"ticket":{}}`, nil, 400, `the member "ticket" is there twice`},
		{"POST", "/v1/store", `{"ticket":{"key":"a","key":"b"}}`, nil, 400, `the member "ticket.key" is there twice`},
		{"POST", "/v1/store", `{"ticket":` + strings.Repeat(`{"a":`, 17) + `1` + strings.Repeat("}", 17) + `}`, nil, 400, "in more than 16 objects"},
		{"POST", "/v1/store", `{"ticket":{},"usage":{"input":1,"input":2}}`, nil, 400, `the member "usage.input" is there twice`},
		{"POST", "/v1/store", `{"ticket":{},"cost_microusd":1,"coſt_microusd":2}`, nil, 400, `is there twice`},
		{"POST", "/v1/invalidate", `{"all":false,"all":true}`, nil, 400, `the member "all" is there twice`},
		{"POST", "/v1/lookup?wait=x", question("x", ""), nil, 400, "milliseconds"},
		{"POST", "/v1/lookup?wait=-1", question("x", ""), nil, 400, "milliseconds"},
		{"POST", "/v1/lookup", strings.Repeat(" ", 2001), nil, 413, "a body of 2001 bytes > 2000"},
		{"POST", "/v1/lookup", question("x", ""), []string{"content-type", "text/plain"}, 415, "content-type application/json"},
		{"POST", "/v1/lookup", question("x", ""), []string{"content-encoding", "gzip"}, 415, "without a content-encoding"},
		{"POST", "/v1/store", "{}", nil, 400, "ticket of 0 bytes"},
		{"POST", "/v1/store", `{"ticket":{}}`, nil, 400, "ticket: key"},
		{"POST", "/v1/store", `{"lookup":"x"}`, nil, 400, "lookup goes with abandon alone"},
		{"POST", "/v1/store", `{"lookup":"x","abandon":true,"final":true}`, nil, 400, "lookup goes with abandon alone"},
		{"POST", "/v1/store", `{"lookup":"x","abandon":true,"ticket":{}}`, nil, 400, "lookup goes with abandon alone"},
		{"POST", "/v1/store", `{"lookup":"` + strings.Repeat("x", 65) + `","abandon":true}`, nil, 400, "lookup of 65 bytes"},
		{"POST", "/v1/lookup", `{"id":"` + strings.Repeat("x", 65) + `","api":"messages"}`, nil, 400, "id of 65 bytes"},
		{"POST", "/v1/store", `{"ticket":{},"cost_microusd":-1}`, nil, 400, "out of its range"},
		{"POST", "/v1/store", `{"ticket":{},"abandon":true}`, nil, 400, "ticket"},
		{"POST", "/v1/invalidate", `{}`, nil, 400, "nothing is named"},
		{"POST", "/v1/invalidate", `{"key":"x"}`, nil, 400, "is no key"},
		{"POST", "/v1/invalidate", `{"older_than_s":-1}`, nil, 400, "older_than_s"},
		{"POST", "/v1/invalidate", `{"tenant":[["","x"]]}`, nil, 400, "without a name"},
		{"POST", "/v1/records", "{}\n{}\n{}\n{}\n", []string{"content-type", "application/x-ndjson"}, 413, "more than 3 records"},
		{"POST", "/v1/records", "{}", nil, 415, "application/x-ndjson"},
		{"GET", "/v1/usage?from=yesterday", "", nil, 400, "from: "},
		{"GET", "/v1/usage?from=2026-02-01&to=2026-01-01", "", nil, 400, "is not before"},
		{"GET", "/v1/usage?group_by=a,a", "", nil, 400, "twice"},
		{"GET", "/v1/usage?group_by=a,", "", nil, 400, "an empty name"},
		{"GET", "/v1/usage?group_by=1,2,3,4,5,6,7,8,9", "", nil, 400, "9 names"},
		{"GET", "/v1/usage?team=a&team=b", "", nil, 400, "is there 2 times"},
		{"GET", "/v1/usage?team=%zz", "", nil, 400, "cannot be read"},
	} {
		got := s.call(row.method, row.path, row.body, row.headers...)
		require.Equal(t, row.status, got.status, "%s %s %.80s: %s", row.method, row.path, row.body, got.body)
		var e struct{ Error struct{ Message string } }
		got.decode(t, &e)
		require.Contains(t, e.Error.Message, row.message, "%s %s %.80s", row.method, row.path, row.body)
	}
	// A body whose length is not announced is bounded as well.
	response, err := http.Post(s.url+"/v1/lookup", "application/json", struct{ *strings.Reader }{strings.NewReader(strings.Repeat(" ", 3000))})
	require.NoError(t, err)
	response.Body.Close()
	require.Equal(t, 413, response.StatusCode)
}

func TestTokens(t *testing.T) {
	s := serve(t, func(c *Config) { c.Token = "secret" })
	for _, row := range []struct {
		header string
		status int
	}{
		{"Bearer secret", 200}, {"bearer secret", 200},
		{"", 401}, {"Bearer", 401}, {"Bearer ", 401}, {"Bearer secreT", 401}, {"Bearer secret2", 401}, {"Basic secret", 401}, {"secret", 401},
	} {
		got := s.call("GET", "/v1/stats", "", "authorization", row.header)
		require.Equal(t, row.status, got.status, row.header)
	}
	for _, r := range routes {
		got := s.call(r.method, r.path, "")
		if r.open {
			require.Equal(t, 200, got.status, r.path)
		} else {
			require.Equal(t, 401, got.status, r.path)
			require.Equal(t, "Bearer", got.header.Get("www-authenticate"))
		}
	}
}

func TestBusy(t *testing.T) {
	s := serve(t, func(c *Config) { c.Limits = Limits{Lookups: 1, Waits: 1, Others: 1, Bodies: 100} })
	require.True(t, s.lookups.TryAcquire(1) && s.waits.TryAcquire(1) && s.others.TryAcquire(1))
	for _, path := range []string{"/v1/lookup", "/v1/lookup?wait=5", "/v1/invalidate", "/v1/records"} {
		got := s.call("POST", path, "{}")
		require.Equal(t, 429, got.status, path)
		require.Equal(t, "1", got.header.Get("retry-after"))
	}
	for _, path := range []string{"/v1/stats", "/v1/usage"} {
		require.Equal(t, 429, s.call("GET", path, "").status, path)
	}
	s.lookups.Release(1)
	require.Equal(t, 429, s.call("POST", "/v1/lookup", question("x", "")).status) // its body has no room
	require.Equal(t, 400, s.call("POST", "/v1/lookup", "{}").status)
	require.True(t, s.bodies.TryAcquire(100), "room that was not given back")
}

// However many look-ups there are, nobody goes on to wait for an answer that does not come.
func TestLeadsEndUnderLoad(t *testing.T) {
	s := serve(t, func(c *Config) { c.Limits = Limits{Lookups: 1, Stores: 1, Others: 1, Bodies: 10_000} })
	lead := func(prompt, more string) []byte {
		miss := s.call("POST", "/v1/lookup", strings.Replace(question(prompt, ""), "{", "{"+more, 1))
		require.Equal(t, "miss", miss.header.Get("x-sluice-cache"))
		return miss.body
	}
	one, two := lead("one", ""), lead("two", "")
	lead("three", `"id":"look-up-3",`)
	require.True(t, s.lookups.TryAcquire(1) && s.stores.TryAcquire(1) && s.others.TryAcquire(1) && s.bodies.TryAcquire(10_000))
	flying := func() int { n, _ := s.engine.Waiting(); return n }
	require.Equal(t, 3, flying())
	for _, gone := range []string{fmt.Sprintf(`{"ticket":%s,"abandon":true}`, one), `{"lookup":"look-up-3","abandon":true}`} {
		require.JSONEq(t, `{"stored":false,"reason":"abandoned"}`, string(s.call("POST", "/v1/store", gone).body))
	}
	require.Equal(t, 1, flying())
	got := s.call("POST", "/v1/store", storing(two, "application/json", completion("2")))
	require.Equal(t, 429, got.status, "there is no room to keep it")
	require.Zero(t, flying())
	s.stores.Release(1)
	got = s.call("POST", "/v1/store", storing(two, "application/json", completion("2")))
	require.JSONEq(t, `{"stored":true,"reason":"kept"}`, string(got.body))

	s.bodies.Release(10_000)
	s.lookups.Release(1)
	three := lead("another", "")
	require.True(t, s.lookups.TryAcquire(1) && s.bodies.TryAcquire(10_000))
	require.Equal(t, 1, flying())
	long := storing(three, "application/json", completion(strings.Repeat("x", shortStore)))
	require.Equal(t, 429, s.call("POST", "/v1/store", long).status, "it has room where look-ups have theirs")
	require.Zero(t, flying(), "an answer that has no room is not waited for")
	require.Equal(t, 429, s.call("POST", "/v1/store", "[1,"+strings.Repeat(" ", shortStore)).status, "no ticket comes first")
	require.True(t, s.short.TryAcquire(s.limits.Short) && s.stores.TryAcquire(1), "what was not given back")
	require.Equal(t, 429, s.call("POST", "/v1/store", `{"lookup":"x","abandon":true}`).status, "its own is bounded too")
}

// A ticket is looked into only if it may be one.
func TestALongTicket(t *testing.T) {
	s := serve(t)
	got := s.call("POST", "/v1/store", `{"ticket":`+strings.Repeat(`{"a":`, 9000)+`1`+strings.Repeat("}", 9000)+`}`)
	require.Equal(t, 400, got.status)
	require.Contains(t, string(got.body), "ticket of 54001 bytes; it has 1 to 16384")
}

func TestLookUpsThatCannotBeReadAreCounted(t *testing.T) {
	s := serve(t)
	for _, body := range []string{"{", "{}"} {
		require.Equal(t, 400, s.call("POST", "/v1/lookup", body).status)
	}
	require.Contains(t, string(s.call("GET", "/metrics", "").body), `sluice_companion_refused_total{reason="lookup"} 2`)
}

func TestReady(t *testing.T) {
	s := serve(t)
	ready := func() *answer {
		s.ready.mu.Lock()
		s.ready.asked, s.ready.embedded = time.Time{}, time.Time{} // as if time had passed
		s.ready.mu.Unlock()
		return s.call("GET", "/readyz", "")
	}
	require.JSONEq(t, `{"ready":true,"mode":"exact and semantic","store":{"ready":true,"detail":"serves"},"embedder":{"ready":true,"detail":"letters"}}`, string(ready().body))
	s.store.fail(errors.New("down"))
	got := ready()
	require.Equal(t, 503, got.status)
	require.Contains(t, string(got.body), `"store":{"ready":false`)
	s.store.fail(nil)
	s.embedder.fail(errors.New("down"))
	got = ready()
	require.Equal(t, 503, got.status)
	require.Contains(t, string(got.body), `"embedder":{"ready":false`)
	s.embedder.fail(nil)
	require.Equal(t, 200, ready().status)
	s.Stopping()
	require.Equal(t, 503, ready().status)
	require.Equal(t, 200, s.call("GET", "/healthz", "").status)

	exact := serve(t, func(c *Config) { c.Cache.Embedder, c.ExactWhy = nil, "no model" })
	require.JSONEq(t, `{"ready":true,"mode":"exact only","store":{"ready":true,"detail":"serves"},"embedder":{"ready":true,"detail":"no model"}}`, string(exact.call("GET", "/readyz", "").body))
}

func TestInvalidateAndStats(t *testing.T) {
	s := serve(t)
	s.put("one", "1")
	s.put("two", "2")
	key := s.call("POST", "/v1/lookup", question("one", "")).header.Get("x-sluice-entry")
	require.JSONEq(t, `{"deleted":1}`, string(s.call("POST", "/v1/invalidate", `{"key":"`+key+`","model":"gpt-4o-mini","tenant":[["team","a"]]}`).body))
	require.JSONEq(t, `{"deleted":0}`, string(s.call("POST", "/v1/invalidate", `{"older_than_s":3600}`).body))
	require.JSONEq(t, `{"store":{"entries":1,"bytes":-1,"evicted":0,"damaged":0,"capacity":0},"embedder":"letters","flying":0,"waiting":0,"ledger_bytes":`+
		fmt.Sprint(s.ledger.Size())+`,"uptime_s":0}`, string(s.call("GET", "/v1/stats", "").body))
	require.JSONEq(t, `{"deleted":0}`, string(s.call("POST", "/v1/invalidate", `{"tenant":[["team","b"]]}`).body))
	require.JSONEq(t, `{"deleted":0,"unknown_parts":["taem"]}`, string(s.call("POST", "/v1/invalidate", `{"tenant":[["taem","a"],["team","a"]]}`).body), "the store cannot say")
	got := s.call("POST", "/v1/invalidate", `{"all":true,"model":"gpt-4o-mini"}`)
	require.Equal(t, 400, got.status, "it would have deleted other models' too")
	require.JSONEq(t, `{"error":{"message":"\"all\" is everything, and goes with no condition; nothing was deleted"}}`, string(got.body))
	require.JSONEq(t, `{"deleted":1}`, string(s.call("POST", "/v1/invalidate", `{"all":true}`).body))
	s.store.fail(errors.New("password=hunter2 refused"))
	for _, got := range []*answer{s.call("GET", "/v1/stats", ""), s.call("POST", "/v1/invalidate", `{"all":true}`)} {
		require.Equal(t, 503, got.status)
		require.NotContains(t, string(got.body), "hunter2")
	}
	require.Contains(t, string(s.call("GET", "/metrics", "").body), `sluice_companion_errors_total{place="stats",reason="failed"}`)
}

// A part of a tenant that is misspelt selects nothing, and is no part of what there is.
func TestInvalidateAMisspeltPart(t *testing.T) {
	kept := memory.New()
	s := serve(t, func(c *Config) { c.Cache.Store = kept })
	misspelt := `{"tenant":[["taem","a"]]}`
	require.JSONEq(t, `{"deleted":0,"unknown_parts":["taem"]}`, string(s.call("POST", "/v1/invalidate", misspelt).body), "nothing is kept that has any")
	s.put("one", "1")
	got := s.call("POST", "/v1/invalidate", misspelt)
	require.Equal(t, 400, got.status)
	require.Contains(t, string(got.body), `nothing was deleted: no entry has a part of identity named \"taem\"; there are \"team\"`)

	again := serve(t, func(c *Config) { c.Cache.Store = kept }) // which has looked nothing up
	require.Equal(t, 400, again.call("POST", "/v1/invalidate", misspelt).status)
	require.JSONEq(t, `{"deleted":0}`, string(again.call("POST", "/v1/invalidate", `{"tenant":[["team","b"]]}`).body))
	require.JSONEq(t, `{"deleted":1}`, string(again.call("POST", "/v1/invalidate", `{"tenant":[["team","a"]]}`).body))
}

// A record with a member twice is a bad one; parts of the identity are told apart by their
// case, and what the ledger does not know may be there as often as it likes in a list.
func TestRecordsWithAMemberTwice(t *testing.T) {
	s := serve(t)
	line := func(id, more string) string {
		return `{"id":"` + id + `","time":"2026-11-26T10:30:00.000Z",` + more + `,"end":"complete"}` + "\n"
	}
	batch := line("1", `"model":"a","Model":"b"`) + line("2", `"tokens":{"input":1,"output":2,"input":3}`) + line("3", `"identity":{"team":"a","team":"b"}`) +
		line("4", `"identity":{"team":"a","Team":"b"},"attempts":[{"ms":1},{"ms":2}]`)
	var got recordsReply
	s.call("POST", "/v1/records", batch, "content-type", "application/x-ndjson").decode(t, &got)
	require.Equal(t, recordsReply{Accepted: 1, BadCount: 3, Bad: []badRecord{
		{0, `the member "Model" is there twice`}, {1, `the member "tokens.input" is there twice`}, {2, `the member "identity.team" is there twice`},
	}}, got)
	twice := s.call("POST", "/v1/lookup", question("x", `,"seed":1,"seed":2`))
	require.Equal(t, 200, twice.status)
	require.Equal(t, "bypass", twice.header.Get("x-sluice-cache"), "the client's own request is its own")
}

func TestRecordsAndUsage(t *testing.T) {
	s := serve(t)
	ndjson := []string{"content-type", "application/x-ndjson"}
	line := func(id, team string, cost string) string {
		return `{"id":"` + id + `","time":"2026-11-26T10:30:00.000Z","identity":{"team":"` + team + `"},"model_asked":"smart","model":"m","provider":"openai","tokens":{"input":10,"output":2,"cached":0,"reasoning":0,"source":"provider"},"cost_usd":` + cost + `,"cache":{"result":"hit","saved_usd":0.5,"saved_tokens":12},"end":"complete"}` + "\n"
	}
	batch := line("1", "a", "0.25") + "\n" + "no record\n" + line("2", "b", "0.000001") + line("1", "a", "0.25") + strings.Repeat(" ", maxRecord) + "{}\n"
	var got recordsReply
	s.call("POST", "/v1/records", batch, ndjson...).decode(t, &got)
	require.Equal(t, 2, got.Accepted)
	require.Equal(t, 1, got.Repeats)
	require.Equal(t, 2, got.BadCount)
	require.Equal(t, 2, got.Bad[0].Index)
	require.Equal(t, 5, got.Bad[1].Index)
	s.call("POST", "/v1/records", batch, ndjson...).decode(t, &got)
	require.Equal(t, recordsReply{Accepted: 0, Repeats: 3, BadCount: 2, Bad: got.Bad}, got)

	usage := s.call("GET", "/v1/usage?group_by=team,day&model=m", "")
	require.JSONEq(t, `{"from":"2026-11-01T00:00:00Z","to":"2026-11-26T13:00:00Z","group_by":["team","day"],
		"rows":[
		 {"by":{"team":"a","day":"2026-11-26"},"requests":1,"refused":0,"errors":0,"unpriced":0,"tokens":{"input":10,"output":2,"cached":0,"reasoning":0},"cost_microusd":250000,"cost_usd":0.250000,"hits":1,"semantic_hits":0,"saved_microusd":500000,"saved_usd":0.500000,"saved_tokens":12},
		 {"by":{"team":"b","day":"2026-11-26"},"requests":1,"refused":0,"errors":0,"unpriced":0,"tokens":{"input":10,"output":2,"cached":0,"reasoning":0},"cost_microusd":1,"cost_usd":0.000001,"hits":1,"semantic_hits":0,"saved_microusd":500000,"saved_usd":0.500000,"saved_tokens":12}],
		"total":{"requests":2,"refused":0,"errors":0,"unpriced":0,"tokens":{"input":20,"output":4,"cached":0,"reasoning":0},"cost_microusd":250001,"cost_usd":0.250001,"hits":2,"semantic_hits":0,"saved_microusd":1000000,"saved_usd":1.000000,"saved_tokens":24}}`, string(usage.body))
	for _, query := range []string{"group_by=taem", "taem=a", "group_by=team,identity.taem", "identity.model=x"} {
		misspelt := s.call("GET", "/v1/usage?"+query, "")
		require.Equal(t, 400, misspelt.status, query)
		require.Contains(t, string(misspelt.body), `; there are \"team\"; beside parts there are hour, day`, query)
	}
	require.Contains(t, string(s.call("GET", "/v1/usage?from=2026-01-01&to=2026-01-02&team=a", "").body), `"requests":0`, "it is in another time")
	none := s.call("GET", "/v1/usage?from=2026-11-26T11:00:00Z&to=2026-11-27", "")
	require.Contains(t, string(none.body), `"rows":[]`)
	empty := s.call("POST", "/v1/records", "\n", ndjson...)
	require.JSONEq(t, `{"accepted":0,"repeats":0,"bad_count":0,"bad":[]}`, string(empty.body))

	fresh := serve(t).call("GET", "/v1/usage?group_by=team&user=x", "")
	require.Equal(t, 200, fresh.status)
	require.Contains(t, string(fresh.body), `"unknown_parts":["team","user"]`)

	without := serve(t, func(c *Config) { c.Ledger = nil })
	require.Equal(t, 503, without.call("GET", "/v1/usage", "").status)
	require.Equal(t, 503, without.call("POST", "/v1/records", "{}", ndjson...).status)
}

func TestResultsAsHeaders(t *testing.T) {
	require.Equal(t, "a?b?", headerText("a\nb\u00e9"))
	require.EqualValues(t, "12.000034", dollars(12_000_034))
}
