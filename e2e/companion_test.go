package e2e

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/internal/sidecar"
)

// companionToken is what gateways show the companion whose policies say so.
const companionToken = "the-token-of-gateway-and-companion"

// sluice is the binary under test, with the model beside it.
func sluice() (string, error) {
	binary, err := filepath.Abs("../build/sluice")
	if err != nil {
		return "", err
	}
	for _, made := range []string{binary, filepath.Join(filepath.Dir(binary), "model")} {
		if _, err := os.Stat(made); err != nil {
			return "", fmt.Errorf("%w: make build model makes it", err)
		}
	}
	return binary, nil
}

// startCompanion starts the companion that a policy names: over TLS where it says https.
func (g *gateway) startCompanion(policy string) (err error) {
	var o sidecar.Options
	switch {
	case strings.Contains(policy, "https://companion"):
		o = provesWith(trusted)
	case !strings.Contains(policy, "http://companion"):
		return nil
	}
	if o.Binary, err = sluice(); err != nil {
		return err
	}
	if g.data, err = os.MkdirTemp("", "sluice-e2e-"); err != nil {
		return err
	}
	o.Args = append(o.Args, "--data", g.data)
	if strings.Contains(policy, "external:") || strings.Contains(policy, "_like:") { // whose services it asks, and whose rules it knows
		file := filepath.Join(g.data, "sluice.yaml")
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(policy, "http://companion", "http://127.0.0.1:1")), 0o600); err != nil {
			return err
		}
		o.Args = append(o.Args, "-c", file)
	}
	g.companion, err = sidecar.Start(context.Background(), o)
	return err
}

// companionAgain starts the companion anew, at the address where the gateway has it and on
// what it has kept.
func (g *gateway) companionAgain(o sidecar.Options) (err error) {
	if err := g.companion.Stop(); err != nil {
		return err
	}
	at, err := url.Parse(g.companion.URL)
	if err != nil {
		return err
	}
	if o.Binary, err = sluice(); err != nil {
		return err
	}
	o.Args = append(o.Args, "--data", g.data, "--listen", at.Host)
	g.companion, err = sidecar.Start(context.Background(), o)
	return err
}

// provesWith is a companion that proves itself with a certificate.
func provesWith(files pemFiles, more ...string) sidecar.Options {
	pool := x509.NewCertPool()
	for _, c := range []tls.Certificate{certificate, stranger} {
		leaf, err := x509.ParseCertificate(c.Certificate[0])
		if err != nil {
			panic(err) // it was made a moment ago
		}
		pool.AddCert(leaf)
	}
	// Who proves to be another serves here nonetheless: it is the gateway that has to mind.
	verify := &tls.Config{RootCAs: pool, InsecureSkipVerify: files == untrusted} //nolint:gosec
	return sidecar.Options{
		Args:   append([]string{"--tls-cert", files.certificate, "--tls-key", files.key}, more...),
		Client: &http.Client{Transport: &http.Transport{TLSClientConfig: verify}},
	}
}

// withToken asks callers for a token.
func withToken(o sidecar.Options, token string) sidecar.Options {
	o.Env = append(o.Env, "SLUICE_COMPANION_TOKEN="+token)
	return o
}

// A companion may ask who calls, in every way that it has; a gateway that it does not know,
// and one that does not know it, go on without it, and count that. The token alone is in
// TestTheCompanionComesAndGoes.
func TestTheCompanionAsksWhoCalls(t *testing.T) {
	text := strings.Replace(cached, "{endpoint: http://companion}", "{endpoint: https://companion, credential: {env: SLUICE_E2E_COMPANION_TOKEN}, circuit: {after: 3, for: 50ms}}", 1)
	known, other := []string{"--client-ca", trusted.certificate}, []string{"--client-ca", untrusted.certificate}
	eachGateway(t, text, func(t *testing.T, g *gateway) {
		g.asksWhoCalls(t, []phase{
			{"TLS", provesWith(trusted), ""},
			{"TLS and the token", withToken(provesWith(trusted), companionToken), ""},
			{"TLS of a stranger", provesWith(untrusted), "the companion could not be reached"},
			{"TLS and another token", withToken(provesWith(trusted), companionToken+"x"), "the companion refused the gateway's token"},
			{"mTLS", provesWith(trusted, known...), ""},
			{"mTLS and the token", withToken(provesWith(trusted, known...), companionToken), ""},
			{"mTLS, and the gateway's certificate is another", provesWith(trusted, other...), "the companion could not be reached"},
		})
	})
}

// phase is a way in which a companion asks who calls.
type phase struct {
	name  string
	start sidecar.Options
	why   string // in the record; "" = answers come from the cache
}

// asksWhoCalls has the companion be started anew in each of these ways.
func (g *gateway) asksWhoCalls(t *testing.T, phases []phase) {
	t.Helper()
	failed := 0
	for _, p := range phases {
		require.NoError(t, g.companionAgain(p.start), p.name)
		r := question(t, newName(t), "How wide is the Skagerrak?")
		if p.why == "" {
			g.kept(t, r)
			continue
		}
		// The first may meet what is left of the connection before.
		soon(t, func() bool {
			a := g.send(t, r)
			require.NoError(t, a.err)
			require.Equal(t, 200, a.status, a.body)
			require.Equal(t, "bypass", a.header.Get("x-sluice-cache"), p.name)
			require.Len(t, g.arrived(a.name), 1)
			failed++
			said := g.record(t, a.name)
			require.Equal(t, "companion_error", said.Failure, p.name)
			return said.Cache.Reason == p.why
		}, p.name)
		if strings.Contains(p.why, "token") {
			require.Regexp(t, `(?m)^sluice_companion_refused_total\{reason="unauthorized"\} [1-9]`, g.companionMetrics(t, p.start.Client), p.name)
			refused := regexp.MustCompile(`(?m)^sluice_companion_calls_total\{.*action="records".*result="refused"`)
			soon(t, func() bool { return refused.MatchString(g.admin(t, "/stats/prometheus")) }, p.name)
		}
	}
	require.Positive(t, failed)
	counted := regexp.MustCompile(`(?m)^sluice_failures_total\{.*kind="companion_error".*\} [1-9]`)
	soon(t, func() bool { return counted.MatchString(g.admin(t, "/stats/prometheus")) })
}

func (g *gateway) companionMetrics(t *testing.T, client *http.Client) string {
	t.Helper()
	if client == nil {
		client = http.DefaultClient
	}
	res, err := client.Get(g.companion.URL + "/metrics")
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return string(text)
}

// What the comparison leaves unexplained a judge decides: a model that is asked through the
// gateway itself. Its calls are in the records, and what they cost is there once.
func TestAJudgeDecides(t *testing.T) {
	text := strings.NewReplacer("  house:", "  judge: {targets: [{provider: openai, model: gpt-4.1-nano}]}\n  house:",
		"wait: 20s}", "wait: 20s, judge: {model: judge, timeout: 20s}}").Replace(cached)
	eachGateway(t, text, func(t *testing.T, g *gateway) {
		require.NoError(t, g.mock.Script(`
rules:
  - match: {model: gpt-4.1-nano, body: stems}
    answer: {text: different}
  - match: {model: gpt-4.1-nano, body: leaves}
    answer: {text: same}
`))
		require.NoError(t, g.companionAgain(sidecar.Options{Args: []string{"--judge-url", g.url}}))
		team := newName(t)
		first := g.kept(t, question(t, team, "How do I store fresh basil?"))

		same := g.send(t, question(t, team, "How do I store fresh basil leaves?"))
		r := g.record(t, same.name)
		require.Equal(t, "semantic-hit", same.header.Get("x-sluice-cache"), "%+v", r.Cache)
		require.Equal(t, content(first.body), content(same.body))
		require.Empty(t, g.arrived(same.name))
		require.Contains(t, r.Cache.Reason, "judge: same; unexplained: leaves")
		cost := dollars(t, r.Cache.JudgeUSD)
		require.Positive(t, cost)

		again := g.send(t, question(t, team, "How do I store fresh basil leaves?"))
		require.Equal(t, "semantic-hit", again.header.Get("x-sluice-cache"))
		require.Empty(t, g.record(t, again.name).Cache.JudgeUSD, "nobody was asked again")

		other := g.send(t, question(t, team, "How do I store fresh basil stems?"))
		r = g.record(t, other.name)
		require.Equal(t, "miss", other.header.Get("x-sluice-cache"), "%+v", r.Cache)
		require.Len(t, g.arrived(other.name), 1)
		require.Contains(t, r.Cache.Reason, "judge: different; unexplained: stems")
		cost += dollars(t, r.Cache.JudgeUSD)

		var paid float64
		judged := g.recordsWith(t, `"model_asked":"judge"`, 2)
		require.Len(t, judged, 2)
		for _, r := range judged {
			require.Equal(t, "gpt-4.1-nano", r.Model)
			require.Equal(t, "bypass", r.Cache.Result, "the cache does not ask the cache")
			require.Equal(t, "complete", r.End)
			require.Empty(t, r.Identity["team"], "it is nobody's")
			paid += dollars(t, r.CostUSD)
		}
		require.InDelta(t, paid, cost, 1e-9)
		soon(t, func() bool {
			u, err := g.companion.Usage(t.Context(), "model_asked=judge")
			return err == nil && u.Total.Requests == 2 && dollars(t, u.Total.CostUSD) == paid
		}, "the ledger has what the judge cost")
		require.Regexp(t, `(?m)^sluice_companion_judged_total\{verdict="same"\} 1`, g.companionMetrics(t, nil))
	})
}

func dollars(t *testing.T, n interface{ Float64() (float64, error) }) float64 {
	t.Helper()
	usd, err := n.Float64()
	require.NoError(t, err)
	return usd
}

// The command line deletes what a gateway is serving: what was a hit is a miss.
func TestInvalidatedWhileItServes(t *testing.T) {
	eachGateway(t, cached, func(t *testing.T, g *gateway) {
		binary, err := sluice()
		require.NoError(t, err)
		cache := func(args ...string) string {
			cmd := exec.CommandContext(bounded(t), binary, append([]string{"cache"}, append(args, "--companion", g.companion.URL)...)...)
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", out)
			return string(out)
		}
		ours, theirs := newName(t), newName(t)
		tides, swans := question(t, ours, "Why are there tides?"), question(t, ours, "What do swans eat?")
		g.kept(t, tides)
		g.kept(t, swans)
		g.kept(t, question(t, theirs, "Why are there tides?"))
		hit := g.kept(t, tides)

		require.EqualValues(t, 1, gjson.Get(cache("invalidate", "--key", g.record(t, hit.name).Cache.Entry), "deleted").Int())
		require.Equal(t, "miss", g.send(t, tides).header.Get("x-sluice-cache"))
		require.Equal(t, "hit", g.send(t, swans).header.Get("x-sluice-cache"), "another key")
		g.kept(t, tides)

		require.EqualValues(t, 2, gjson.Get(cache("invalidate", "--tenant", "team="+ours, "--model", "house", "--older-than", "0s"), "deleted").Int())
		require.Equal(t, "miss", g.send(t, tides).header.Get("x-sluice-cache"))
		require.Equal(t, "miss", g.send(t, swans).header.Get("x-sluice-cache"))
		require.Equal(t, "hit", g.send(t, question(t, theirs, "Why are there tides?")).header.Get("x-sluice-cache"), "another team")
		require.Positive(t, gjson.Get(cache("stats"), "store.entries").Int())
	})
}

// late stands in front of a companion and keeps back what it answers a team's first look-up,
// until whoever asked has given up.
func late(t *testing.T, to *url.URL) string {
	const mark = "x-kept-back"
	forward := httputil.NewSingleHostReverseProxy(to)
	forward.ModifyResponse = func(res *http.Response) error {
		if res.Request.Header.Get(mark) != "" {
			<-res.Request.Context().Done()
		}
		return nil
	}
	var teams sync.Map
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if r.URL.Path == "/v1/lookup" {
			if _, again := teams.LoadOrStore(gjson.GetBytes(body, "tenant.0.1").Str, true); !again {
				r.Header.Set(mark, "1")
			}
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		forward.ServeHTTP(w, r)
	}))
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// A request that leads, and whose look-up's reply was lost, is waited for by nobody.
func TestALostLead(t *testing.T) {
	binary, err := sluice()
	require.NoError(t, err)
	companion, err := sidecar.Start(context.Background(), sidecar.Options{Binary: binary, Args: []string{"--data", t.TempDir()}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, companion.Stop()) })
	at, err := url.Parse(companion.URL)
	require.NoError(t, err)
	text := strings.NewReplacer("http://companion", late(t, at), "lookup_timeout: 5s", "lookup_timeout: 1s").Replace(cached)
	eachGateway(t, text, func(t *testing.T, g *gateway) {
		r := question(t, newName(t), "How salty is the Dead Sea?")
		lost := g.send(t, r)
		require.Equal(t, "bypass", lost.header.Get("x-sluice-cache"))
		require.Contains(t, g.record(t, lost.name).Cache.Reason, "the companion did not answer in")
		next := g.send(t, r)
		require.Equal(t, "miss", next.header.Get("x-sluice-cache"))
		require.Equal(t, "no entry", g.record(t, next.name).Cache.Reason, "it has waited for nobody")
		g.kept(t, r)
	})
}
