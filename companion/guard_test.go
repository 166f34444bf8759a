package companion

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/guard"
	"github.com/sluice-gateway/sluice/guardclient"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/strict"
)

// guarded is a server that knows guards whose services all do as is told.
func guarded(t *testing.T, does http.HandlerFunc, change ...func(*Config)) *service {
	services := httptest.NewServer(does)
	t.Cleanup(services.Close)
	endpoint, ok := strict.ParseEndpoint(services.URL)
	require.True(t, ok)
	var guards []policy.ExternalGuard
	for name, s := range map[string]policy.Service{
		"names": {Type: policy.Presidio, Entities: []string{"PERSON"}, Language: "en", MinScore: 0.5}, "moderation": {Type: policy.Moderation, MinScore: 0.5},
		"classifier": {Type: policy.Chat, Model: "m"}, "ours": {Type: policy.Webhook},
	} {
		s.Endpoint = endpoint
		guards = append(guards, policy.ExternalGuard{Name: name, Roles: []string{"user"}, Timeout: 20 * time.Second, Service: s})
	}
	set, err := guard.New(guards, func(string) string { return "" })
	require.NoError(t, err)
	return serve(t, append([]func(*Config){func(c *Config) { c.Guards = set }}, change...)...)
}

// wellBehaved finds Ann, and nothing else.
func wellBehaved(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	ann := bytes.Contains(b, []byte("Ann"))
	switch {
	case r.URL.Path == "/analyze" && ann:
		var asked struct{ Text string }
		json.Unmarshal(b, &asked)
		at := len([]rune(asked.Text[:strings.Index(asked.Text, "Ann")]))
		fmt.Fprintf(w, `[{"entity_type":"PERSON","start":%d,"end":%d,"score":0.85}]`, at, at+3)
	case r.URL.Path == "/analyze":
		io.WriteString(w, `[]`)
	case r.URL.Path == "/v1/moderations":
		io.WriteString(w, `{"results":[{"flagged":false}]}`)
	case r.URL.Path == "/v1/chat/completions":
		io.WriteString(w, `{"choices":[{"message":{"content":"unsafe\nS1"}}]}`)
	default:
		fmt.Fprintf(w, `{"result":"found","kinds":["rule-7"],"reason":"see-7"}`)
	}
}

// What the gateway's package asks, the service answers, and that package reads.
func TestGuards(t *testing.T) {
	s := guarded(t, wellBehaved)
	texts := []guardclient.Text{{Role: "assistant", Text: []byte("Ann")}, {Role: "user", Text: []byte("日本: \"Ann\"")}}
	names := []string{"ours", "names", "classifier", "moderation", "none"}
	got := s.call("POST", "/v1/guard", string(guardclient.Call(texts, names, 30_000)))
	verdicts, err := guardclient.Read(fmt.Sprint(got.status), got.body, texts, names)
	require.NoError(t, err, "%s", got.body)
	require.Equal(t, []guardclient.Verdict{
		{Name: "ours", Result: guardclient.Found, Kinds: []string{"rule-7"}, Reason: "see-7"},
		{Name: "names", Result: guardclient.Found, Kinds: []string{"PERSON"}, Spans: []guardclient.Span{{Text: 1, Start: 9, End: 12, Kind: "PERSON"}}},
		{Name: "classifier", Result: guardclient.Found, Kinds: []string{"S1"}},
		{Name: "moderation", Result: guardclient.Clean},
		{Name: "none", Result: guardclient.Error, Reason: "the companion knows no guard of that name: is it in the policy that it was started with?"},
	}, verdicts)
	metrics := string(s.call("GET", "/metrics", "").body)
	for _, line := range []string{`sluice_companion_guard_total{guard="ours",result="found"} 1`, `sluice_companion_guard_total{guard="ours",result="error"} 0`,
		`sluice_companion_guard_total{guard="moderation",result="clean"} 1`, `sluice_companion_guard_seconds_count{guard="names"} 1`,
		`sluice_companion_errors_total{place="guard",reason="unknown"} 1`} {
		require.Contains(t, metrics, line+"\n")
	}
	require.NotContains(t, metrics, `"none"`, "a label that a request brought")
}

// Without a policy no guard is known, which is a verdict.
func TestNoGuards(t *testing.T) {
	got := serve(t).call("POST", "/v1/guard", `{"texts":[],"guards":["names"]}`)
	require.Equal(t, 200, got.status)
	require.Contains(t, string(got.body), `"result":"error"`)
}

func TestBadGuardCalls(t *testing.T) {
	s := guarded(t, wellBehaved, func(c *Config) { c.Limits.GuardBody, c.Limits.Bodies = 4<<20, 4<<20 })
	many := `"g0"`
	for n := range guard.MaxGuards {
		many += fmt.Sprintf(`,"g%d"`, n+1)
	}
	for body, why := range map[string]string{
		`{"texts":[],"guards":[]}`:                                                   "0 names; it is 1 to 16",
		`{"texts":[],"guards":[` + many + `]}`:                                       "17 names",
		`{"texts":[],"guards":["a","a"]}`:                                            "guards[1] is a name twice",
		`{"texts":[],"guards":[""]}`:                                                 "guards[0]",
		`{"guards":["a"]}`:                                                           "texts: 0; it is a list",
		`{"texts":[{"role":"developer","text":"canary"}],"guards":["a"]}`:            "texts[0].role is not",
		`{"texts":[],"guards":["a"],"within_ms":60001}`:                              "within_ms: it is 0 to 60000",
		`{"texts":[],"guards":["a"],"within_ms":-1}`:                                 "within_ms",
		`{"texts":[],"guards":["a"],"within_ms":1.5}`:                                "a value of another type",
		`{"texts":[{"role":"user","text":4711471147114711}],"guards":["a"]}`:         "at byte 48 there is a value of another type",
		`{"texts":[],"guards":["a"],"canary":1}`:                                     "is not as openapi.yaml has it",
		`{"texts":[],"guards":["a"]} canary`:                                         "is not as openapi.yaml has it",
		`{"texts":[{"role":"user","text":"` + "\xff" + `"}],"guards":["a"]}`:         "not UTF-8",
		`{"texts":[` + strings.Repeat(`{},`, guard.MaxTexts) + `{}],"guards":["a"]}`: "texts: 4097; it is a list of at most 4096",
		`canary`: "is not as openapi.yaml has it", `null`: "texts", `[]`: "another type",
	} {
		got := s.call("POST", "/v1/guard", body)
		require.Equal(t, 400, got.status, body)
		require.Contains(t, string(got.body), why, body)
		require.NotContains(t, string(got.body), "canary")
		require.NotContains(t, string(got.body), "4711")
	}
	require.Equal(t, 413, s.call("POST", "/v1/guard", strings.Repeat(" ", 4<<20+1)).status)
	require.Equal(t, 415, s.call("POST", "/v1/guard", "{}", "content-type", "text/plain").status)
	require.Equal(t, 405, s.call("GET", "/v1/guard", "").status)
	closed := serve(t, func(c *Config) { c.Token = "t" })
	require.Equal(t, 401, closed.call("POST", "/v1/guard", `{"texts":[],"guards":["a"]}`).status)
}

func TestTooManyGuardCalls(t *testing.T) {
	arrived, release := make(chan struct{}, 1), make(chan struct{})
	s := guarded(t, func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-release
		wellBehaved(w, r)
	}, func(c *Config) { c.Limits.Guards = 1 })
	var group sync.WaitGroup
	group.Go(func() {
		require.Equal(t, 200, s.call("POST", "/v1/guard", `{"texts":[{"role":"user","text":"x"}],"guards":["ours"]}`).status)
	})
	<-arrived
	got := s.call("POST", "/v1/guard", `{"texts":[],"guards":["ours"]}`)
	require.Equal(t, 429, got.status)
	require.Equal(t, "1", got.header.Get("retry-after"))
	close(release)
	group.Wait()
}

// A guard without an answer leaves the verdicts of the others as they are, within the time
// that the caller has.
func TestOneGuardIsTooSlow(t *testing.T) {
	s := guarded(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/moderations" {
			io.Copy(io.Discard, r.Body) // until then a server does not see that its caller has gone
			select {
			case <-r.Context().Done():
			case <-time.After(20 * time.Second):
			}
		}
		wellBehaved(w, r)
	})
	texts := []guardclient.Text{{Role: "user", Text: []byte("Ann")}}
	names := []string{"moderation", "names"}
	got := s.call("POST", "/v1/guard", string(guardclient.Call(texts, names, 2000)))
	verdicts, err := guardclient.Read(fmt.Sprint(got.status), got.body, texts, names)
	require.NoError(t, err)
	require.Equal(t, []guardclient.Result{guardclient.Error, guardclient.Found}, []guardclient.Result{verdicts[0].Result, verdicts[1].Result})
	require.Equal(t, "no whole answer in time", verdicts[0].Reason)
	require.Contains(t, string(s.call("GET", "/metrics", "").body), `sluice_companion_errors_total{place="guard",reason="too slow"} 1`)
}

func TestTimeLeft(t *testing.T) {
	for _, row := range [][3]int64{{0, 100, 0}, {500, 0, 480}, {500, 100, 380}, {50, 0, 40}, {500, 600, 1}} {
		c := guardCall{Within: row[0]}
		require.Equal(t, time.Duration(row[2])*time.Millisecond, c.left(time.Duration(row[1])*time.Millisecond), "%v", row)
	}
}

// What was said is in no log, no metric, no verdict and no error, whatever services do with
// it: they answer with it, as errors, in place of kinds, in heads, or nothing at all.
func TestNothingOfTheTexts(t *testing.T) {
	const canary, number = "zq7 canary@4711", "4711471147114711"
	answers := []http.HandlerFunc{
		func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(500); io.Copy(w, r.Body) },
		func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) },
		func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, `"`+canary+`"`) },
		func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, number) },
		func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, canary) },
		func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, `{"result":"found","kinds":["`+canary+`"],"reason":"`+canary+`","choices":[{"message":{"content":"unsafe\n`+canary+`"}}],"results":[{"flagged":true,"categories":{"`+canary+`":true}}]}`)
		},
		func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, `{"result":"`+canary+`","reason":"`+canary+`","choices":[{"message":{"content":"`+canary+`"}}],"results":[{"flagged":"`+canary+`"}]}`)
		},
		func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, `[{"entity_type":"`+canary+`","start":0,"end":`+number+`,"score":0.9}]`)
		},
		func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, `[{"entity_type":"PERSON","start":0,"end":1,"score":"`+canary+`"}]`)
		},
		func(w http.ResponseWriter, r *http.Request) {
			c, _, _ := http.NewResponseController(w).Hijack()
			io.WriteString(c, canary+"\r\n\r\n")
			c.Close()
		},
		func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("location", "http://%zz"+canary)
			w.WriteHeader(302)
		},
	}
	for n, does := range answers {
		// Each of its own: a log has one line for each place in ten seconds.
		for _, name := range []string{"names", "moderation", "classifier", "ours"} {
			var log bytes.Buffer
			s := guarded(t, does, func(c *Config) {
				c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			})
			got := s.call("POST", "/v1/guard", `{"texts":[{"role":"user","text":"`+canary+`"},{"role":"user","text":"`+number+`"}],"guards":["`+name+`"],"within_ms":10000}`)
			require.Contains(t, string(got.body), `"result":"error"`, "%s, answer %d", name, n)
			require.Contains(t, log.String(), "guard", "%s, answer %d: it should be in the log", name, n)
			for _, text := range []string{log.String(), string(got.body), string(s.call("GET", "/metrics", "").body), string(s.call("GET", "/v1/stats", "").body)} {
				require.NotContains(t, text, "canary", "%s, answer %d", name, n)
				require.NotContains(t, text, number, "%s, answer %d", name, n)
			}
		}
	}
}

// Whatever a caller sends, the service answers as openapi.yaml has it.
func FuzzGuardCall(f *testing.F) {
	f.Add([]byte(`{"texts":[{"role":"user","text":"x"}],"guards":["a"],"within_ms":1}`))
	f.Add([]byte(`{"texts":[],"guards":["\ud800"]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var call guardCall
		if call.read(body) != "" {
			return
		}
		c := readContract(t)
		require.NoError(t, c.text(t, "#/components/schemas/Guard", body), "%s", body)
	})
}
