package render_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/envoy"
	"github.com/sluice-gateway/sluice/internal/testca"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/render"
)

// eachEnvoy runs a test in every Envoy that Sluice supports.
func eachEnvoy(t *testing.T, test func(t *testing.T, binary string)) {
	for _, version := range envoy.TestVersions() {
		t.Run("envoy "+version, func(t *testing.T) {
			binary, err := envoy.Path(version)
			require.NoError(t, err)
			test(t, binary)
		})
	}
}

// anywhere are options for a gateway beside others.
func anywhere(wasm string) render.Options {
	return render.Options{Listen: "127.0.0.1:0", Admin: "127.0.0.1:0", Wasm: wasm}
}

// gateway starts the rendered policy and returns it with its base URL.
func gateway(t *testing.T, binary string, p *policy.Policy, opt render.Options) (*envoy.Instance, string) {
	t.Helper()
	in, err := envoy.Start(t.Context(), envoy.Options{
		Binary:    binary,
		Bootstrap: []byte(rendered(t, p, opt)),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, in.Stop()) })
	return in, "http://" + in.Listener(render.ListenerName)
}

func TestStartsWithoutAWarning(t *testing.T) {
	eachEnvoy(t, func(t *testing.T, binary string) {
		p := workedPolicy()
		opt := anywhere(testModule(t, "sluice_provider_own", `{}`))
		opt.CAFile = rootFile(t, testca.New())
		in, _ := gateway(t, binary, p, opt)
		require.Empty(t, in.Stderr())
	})
}

func TestMetricsHaveLabels(t *testing.T) {
	eachEnvoy(t, func(t *testing.T, binary string) {
		up := provider(t, nil)
		module := testModule(t, "sluice_provider_mock", `{}`,
			metric{counter, "sluice_tokens_total;direction=input;model=gpt-4.1;provider=openai;team=x;", 7},
			metric{counter, "sluice_tokens_total;direction=output;model=meta-llama/Llama-3;provider=openai;team=a:b@c-d;", 8},
			metric{counter, "sluice_requests_total;outcome=complete;", 1},
			metric{counter, "sluice_attempts_total;provider=openai;reason=up_rq_200;", 1},
			metric{counter, "sluice_cache_total;result=miss;", 1},
			metric{counter, "sluice_guard_total;kind=card;action=block;", 1},
			metric{counter, "sluice_budget_denied_total;budget=key-minute;", 2},
			metric{counter, "sluice_traps_total", 3},
			metric{gauge, "sluice_memory_bytes;kind=heap;", 4},
			metric{histogram, "sluice_first_token_ms;model=gpt-4o;provider=openai;", 42},
		)
		in, url := gateway(t, binary, mockPolicy(up), anywhere(module))
		require.Equal(t, "hello", get(t, url+"/v1/models"))

		all := []string{
			`sluice_tokens_total{direction="input",model="gpt-4.1",provider="openai",team="x"} 7`,
			`sluice_tokens_total{direction="output",model="meta-llama/Llama-3",provider="openai",team="a:b@c-d"} 8`,
			`sluice_requests_total{outcome="complete"} 1`,
			`sluice_attempts_total{provider="openai",reason="up_rq_200"} 1`,
			`sluice_cache_total{result="miss"} 1`,
			`sluice_guard_total{action="block",kind="card"} 1`,
			`sluice_budget_denied_total{budget="key-minute"} 2`,
			`sluice_traps_total{} 3`,
			`sluice_memory_bytes{kind="heap"} 4`,
			`sluice_first_token_ms_count{model="gpt-4o",provider="openai"} 1`,
			`# TYPE sluice_first_token_ms histogram`,
			`# TYPE sluice_tokens_total counter`,
		}
		// A histogram shows up with Envoy's next flush, a counter at once.
		require.Eventually(t, func() bool {
			text, err := in.Prometheus(t.Context())
			return err == nil && containsLines(envoy.WithoutPlace(text), all)
		}, 30*time.Second, 100*time.Millisecond, "%v", all)
	})
}

// containsLines says whether each line is a line of the text.
func containsLines(text string, lines []string) bool {
	for _, line := range lines {
		if !strings.Contains("\n"+text, "\n"+line+"\n") {
			return false
		}
	}
	return true
}

func TestARecordIsALineOnStdout(t *testing.T) {
	const record = `{"id":"1","message_in":"a \"quoted\" ünïcode \\n 100%"}`
	eachEnvoy(t, func(t *testing.T, binary string) {
		up := provider(t, nil)
		p := mockPolicy(up)
		in, url := gateway(t, binary, p, anywhere(testModule(t, "sluice_provider_mock", record)))
		for range 3 {
			get(t, url+"/v1/models")
		}
		require.Eventually(t, func() bool { return len(in.Lines()) == 3 }, 30*time.Second, 20*time.Millisecond)
		require.Equal(t, []string{record, record, record}, in.Lines())

		p.Records.AccessLog = false
		in, url = gateway(t, binary, p, anywhere(testModule(t, "sluice_provider_mock", record)))
		get(t, url+"/v1/models")
		require.NoError(t, in.Stop()) // which writes out what is not yet written
		require.Empty(t, in.Stdout())
	})
}

func TestABodyOfTheLimitIsHeld(t *testing.T) {
	eachEnvoy(t, func(t *testing.T, binary string) {
		up := provider(t, func(w http.ResponseWriter, r *http.Request) {
			n, err := io.Copy(io.Discard, r.Body)
			fmt.Fprint(w, n, err)
		})
		_, url := gateway(t, binary, mockPolicy(up), anywhere(testModule(t, "sluice_provider_mock", `{}`)))
		for name, client := range clients() {
			for _, size := range []int{1, 100_000, 5_000_000, 8 << 20} {
				res, err := client.Post(url+"/v1/chat/completions", "application/json", bytes.NewReader(make([]byte, size)))
				require.NoError(t, err)
				body, err := io.ReadAll(res.Body)
				require.NoError(t, err)
				require.NoError(t, res.Body.Close())
				require.Equal(t, fmt.Sprint(size, nil), string(body), name)
			}
		}
	})
}

// clients speak the two protocols of the listener.
func clients() map[string]*http.Client {
	var one, two http.Protocols
	one.SetHTTP1(true)
	two.SetUnencryptedHTTP2(true)
	return map[string]*http.Client{
		"HTTP/1.1": {Transport: &http.Transport{Protocols: &one}, Timeout: time.Minute},
		"HTTP/2":   {Transport: &http.Transport{Protocols: &two}, Timeout: time.Minute},
	}
}

// TestNothingIsAddedOnTheWay holds that the provider gets what the client sent,
// and the client what the provider answered.
func TestNothingIsAddedOnTheWay(t *testing.T) {
	eachEnvoy(t, func(t *testing.T, binary string) {
		var got *http.Request
		up := provider(t, func(w http.ResponseWriter, r *http.Request) {
			got = r
			w.Header().Set("Server", "the provider")
			w.Header().Set("Date", "Mon, 23 Nov 2026 00:00:00 GMT")
			fmt.Fprint(w, "hello")
		})
		_, url := gateway(t, binary, mockPolicy(up), anywhere(testModule(t, "sluice_provider_mock", `{}`)))
		req, err := http.NewRequestWithContext(t.Context(), "GET", url+"/v1/files/a%2Fb?q=%20x&y=//..", nil)
		require.NoError(t, err)
		sent := http.Header{
			"User-Agent":      {"a client"},
			"Accept-Encoding": {"identity"},
			"X-Request-Id":    {"mine"},
			"X-Forwarded-For": {"192.0.2.1"},
			"Authorization":   {"Bearer mine"},
			"X_under":         {"score"},
		}
		req.Header = sent.Clone()
		req.Header.Set("X-Envoy-Upstream-Rq-Timeout-Ms", "1")
		req.Header.Set("X-Sluice-Cluster", "sluice_provider_other")
		req.Header.Set("X-Sluice-Cache", "bypass")
		res, err := http.DefaultTransport.RoundTrip(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, "/v1/files/a%2Fb?q=%20x&y=//..", got.RequestURI)
		require.Equal(t, sent, got.Header)
		require.Equal(t, http.Header{
			"Server":         {"the provider"},
			"Date":           {"Mon, 23 Nov 2026 00:00:00 GMT"},
			"Content-Type":   {"text/plain; charset=utf-8"},
			"Content-Length": {"5"},
		}, res.Header)
	})
}

// TestThePathIsJudgedAndSentAlike holds that a path has one reading.
func TestThePathIsJudgedAndSentAlike(t *testing.T) {
	eachEnvoy(t, func(t *testing.T, binary string) {
		up := provider(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.RequestURI) })
		_, url := gateway(t, binary, mockPolicy(up), anywhere(testModule(t, "sluice_provider_mock", `{}`)))
		for sent, want := range map[string]string{
			"/v1/chat/completions":             "/v1/chat/completions",
			"/v1/./x/../chat/completions":      "/v1/chat/completions",
			"//v1//chat/completions":           "/v1/chat/completions",
			"/v1/%63hat/completions":           "/v1/chat/completions",
			"/v1/models/meta-llama%2FLlama-3":  "/v1/models/meta-llama%2FLlama-3",
			"/v1/models/a%20b%C3%BC?x=%41&y=.": "/v1/models/a%20b%C3%BC?x=%41&y=.",
		} {
			require.Equal(t, want, get(t, url+sent), sent)
		}
	})
}

// provider is an upstream; nil answers hello.
func provider(t *testing.T, answer http.HandlerFunc) *httptest.Server {
	t.Helper()
	if answer == nil {
		answer = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }
	}
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return server
}

func get(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return string(body)
}
