package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	random "math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/testca"
)

// asProgram makes the test's own binary the program, for tests that kill it.
const asProgram = "SLUICE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// process is a companion that runs as a process of its own.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	url    string
	stderr bytes.Buffer
}

func startCompanion(t *testing.T, env []string, args ...string) *process {
	p := startCompanionUnready(t, env, args...)
	p.ready()
	return p
}

func startCompanionUnready(t *testing.T, env []string, args ...string) *process {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	p := &process{t: t, cmd: exec.CommandContext(ctx, os.Args[0], append([]string{"companion", "--listen", "127.0.0.1:0"}, args...)...)}
	p.cmd.Env = append(append(os.Environ(), asProgram+"=1"), env...)
	p.cmd.Stderr = &p.stderr
	out, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() { p.cmd.Process.Kill(); p.cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err, "%s", &p.stderr)
	require.Regexp(t, `^companion: serving at https?://127\.0\.0\.1:\d+, store .*, embedder .*\n$`, line)
	p.url, _, _ = strings.Cut(strings.TrimPrefix(line, "companion: serving at "), ",")
	return p
}

func (p *process) ready() {
	require.Eventually(p.t, func() bool {
		response, err := http.Get(p.url + "/readyz")
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == 200
	}, 30*time.Second, 20*time.Millisecond)
}

// post makes a call; ok is false where the process is gone.
func (p *process) post(path, body string) (header http.Header, answer []byte, ok bool) {
	response, err := http.Post(p.url+path, "application/json", strings.NewReader(body))
	if err != nil {
		return nil, nil, false
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	return response.Header, answer, err == nil
}

func lookup(n int) string {
	return fmt.Sprintf(`{"api":"chat_completions","policy":"p","tenant":[["team","a"]],"model":"m","exact":true,"semantic":true,"threshold":0.85,"ttl_ms":86400000,"max_temperature":1,"max_answer":100000,"request":{"model":"m","messages":[{"role":"user","content":"question %d"}]}}`, n)
}

// answerTo is long, so that a kill may well come in the middle of it.
func answerTo(n int) string { return fmt.Sprintf("answer %d: ", n) + strings.Repeat("x", 500+n%20_000) }

func storing(ticket []byte, n int) string {
	body, _ := json.Marshal(fmt.Sprintf(`{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":%q},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`, answerTo(n)))
	return fmt.Sprintf(`{"ticket":%s,"content_type":"application/json","answer":%s,"cost_microusd":5}`, ticket, body)
}

// Killed at random points, the companion starts again, and what it serves is what was kept
// for that question and nothing else.
func TestCompanionKilled(t *testing.T) {
	dir := t.TempDir()
	rng := random.New(random.NewPCG(7, 7))
	acknowledged, found := map[int]bool{}, 0
	for range 6 {
		p := startCompanion(t, nil, "--data", dir, "--embedder", "none")
		for n := range acknowledged {
			header, body, ok := p.post("/v1/lookup", lookup(n))
			require.True(t, ok)
			switch header.Get("x-sluice-cache") {
			case "hit":
				var answer struct {
					Choices []struct{ Message struct{ Content string } }
				}
				require.NoError(t, json.Unmarshal(body, &answer))
				require.Equal(t, answerTo(n), answer.Choices[0].Message.Content)
				found++
			case "miss": // not one that was acknowledged: a process that dies loses nothing
				require.Fail(t, "lost", "question %d: %s", n, header.Get("x-sluice-reason"))
			}
		}
		kill := time.AfterFunc(time.Duration(20+rng.IntN(150))*time.Millisecond, func() { p.cmd.Process.Kill() })
		for ok := true; ok; {
			var ticket, answer []byte
			n := rng.IntN(1_000_000)
			if _, ticket, ok = p.post("/v1/lookup", lookup(n)); ok {
				if _, answer, ok = p.post("/v1/store", storing(ticket, n)); ok {
					require.JSONEq(t, `{"stored":true,"reason":"kept"}`, string(answer))
					acknowledged[n] = true
				}
			}
		}
		kill.Stop()
		p.cmd.Wait()
	}
	require.NotZero(t, found)
}

func TestCompanionAndCache(t *testing.T) {
	dir := t.TempDir()
	p := startCompanion(t, []string{tokenEnv + "="}, "--data", dir, "--embedder", "none")
	_, ticket, _ := p.post("/v1/lookup", lookup(1))
	p.post("/v1/store", storing(ticket, 1))
	code, out, errs := sluice("", "cache", "stats", "--companion", p.url)
	require.Zero(t, code, errs)
	require.Contains(t, out, `"entries":1`)
	code, out, errs = sluice("", "cache", "invalidate", "--companion", p.url, "--tenant", "team=a", "--model", "m", "--older-than", "1h")
	require.Zero(t, code, errs)
	require.Equal(t, "{\"deleted\":0}\n", out)
	code, out, errs = sluice("", "cache", "invalidate", "--companion", p.url, "--tenant", "taem=a")
	require.Equal(t, 1, code)
	require.Empty(t, out)
	require.Contains(t, errs, `nothing was deleted: no entry has a part of identity named "taem"; there are "team"`)
	code, out, errs = sluice("", "cache", "invalidate", "--companion", p.url, "--tenant", "team=a", "--model", "m")
	require.Zero(t, code, errs)
	require.Equal(t, "{\"deleted\":1}\n", out)
	again := startCompanion(t, []string{tokenEnv + "="}, "--data", t.TempDir(), "--embedder", "none")
	code, out, errs = sluice("", "cache", "invalidate", "--companion", again.url, "--tenant", "team=a")
	require.Zero(t, code, errs)
	require.Equal(t, "{\"deleted\":0,\"unknown_parts\":[\"team\"]}\n", out)
	require.Contains(t, errs, "nothing has a part named team, as far as this companion knows")
	code, _, errs = sluice("", "cache", "invalidate", "--companion", p.url, "--key", "x")
	require.Equal(t, 1, code)
	require.Contains(t, errs, "the companion says 400: ")
	require.NoError(t, p.cmd.Process.Signal(os.Interrupt))
	require.NoError(t, p.cmd.Wait(), "%s", &p.stderr) // exit 0
	code, _, _ = sluice("", "cache", "stats", "--companion", p.url)
	require.Equal(t, 1, code)
}

// A companion with TLS is asked by who trusts its authority and shows a certificate of it.
func TestCacheOverTLS(t *testing.T) {
	cert, key, err := testca.Write(filepath.Join(t.TempDir(), "own"), testca.Own("127.0.0.1"))
	require.NoError(t, err)
	p := startCompanionUnready(t, []string{tokenEnv + "="}, "--data", t.TempDir(), "--embedder", "none",
		"--tls-cert", cert, "--tls-key", key, "--client-ca", cert)
	require.Regexp(t, "^https://", p.url)
	ask := func(flags ...string) (int, string) {
		code, _, stderr := sluice("", append([]string{"cache", "stats", "--companion", p.url}, flags...)...)
		return code, stderr
	}
	require.Eventually(t, func() bool { code, _ := ask("--ca", cert, "--cert", cert, "--cert-key", key); return code == 0 }, 30*time.Second, 20*time.Millisecond)
	for says, flags := range map[string][]string{
		"certificate":                          nil, // the system's authorities do not know it
		"the companion says 401":               {"--ca", cert},
		"--cert and --cert-key go together":    {"--cert", cert},
		"--ca: " + key + " has no certificate": {"--ca", key},
		"--ca: open /no/such/file":             {"--ca", "/no/such/file"},
		"--cert: ":                             {"--cert", key, "--cert-key", key},
	} {
		code, stderr := ask(flags...)
		require.Equal(t, 1, code, says)
		require.Contains(t, stderr, says)
	}
}

func TestCompanionsFlags(t *testing.T) {
	t.Setenv("EMPTY", "")
	t.Setenv(tokenEnv, "")
	for _, row := range []struct {
		args   string
		code   int
		stderr string
	}{
		{"--listen 0.0.0.0:0", 1, "without a token or --client-ca only 127.0.0.1"},
		{"--listen x", 1, "sluice companion: listen on \"x\": address x: missing port"},
		{"--token-env EMPTY", 1, "--token-env: the variable EMPTY is empty"},
		{"--store ftp://x", 1, `none of scheme "ftp"`},
		{"--model /no/such/dir", 1, "minilm: no model"},
		{"--judge-url ftp://x", 1, "is no base URL of a gateway"},
		{"--store disk:x", 1, "--store: store: the one on disk has no address: write disk, or nothing, and its place with --data"},
		{"--store cache.internal", 1, "--store: store: the address has no scheme; what there is looks like disk, redis://"},
		{"--store user:secret@host", 1, `none of scheme "user"`},
		{"--retention-days 0", 2, `invalid value "0" for flag --retention-days: it is a whole number of 1 to 3660, such as 400`},
		{"--retention-days 1y", 2, `invalid value "1y" for flag --retention-days: it is a whole number of 1 to 3660, such as 400`},
		{"--max-bytes 8", 2, `invalid value "8" for flag --max-bytes: it is a size of 1MiB to 1048576GiB, with its unit, such as 8GiB`},
		{"--max-bytes 8GB", 2, `invalid value "8GB" for flag --max-bytes: it is a size`},
		{"--max-bodies -1", 2, `invalid value "-1" for flag --max-bodies: it is a size of 24MiB`},
		{"--max-answer 0", 2, `invalid value "0" for flag --max-answer: it is a size of 1KiB to 8MiB`},
		{"--memo -64MiB", 2, `invalid value "-64MiB" for flag --memo: it is a size`},
		{"--max-entries 1k", 2, `invalid value "1k" for flag --max-entries: it is a whole number of 1 to 1073741824, such as 1000000`},
		{"--max-lookups -5", 2, `invalid value "-5" for flag --max-lookups: it is a whole number`},
		{"--max-waiting 99999999999999999999", 2, `for flag --max-waiting: it is a whole number`},
		{"x", 2, "unexpected argument x"},
	} {
		args := append([]string{"companion", "--listen", "127.0.0.1:0", "--data", t.TempDir()}, strings.Fields(row.args)...)
		if !strings.Contains(row.args, "--model") {
			args = append(args, "--embedder", "none")
		}
		if row.args == "x" {
			args = []string{"companion", "x"}
		}
		code, stdout, stderr := sluice("", args...)
		require.Equal(t, row.code, code, "%s: %s", row.args, stderr)
		require.Contains(t, stderr, row.stderr, row.args)
		require.Empty(t, stdout)
		require.NotContains(t, stderr, "secret")
	}
	for args, says := range map[string]string{
		"cache invalidate --older-than 24":  `invalid value "24" for flag --older-than: it is a time from 0s, with its unit, such as 90m or 24h`,
		"cache invalidate --older-than -1h": `invalid value "-1h" for flag --older-than: it is a time from 0s`,
		"cache invalidate --all --model m":  "--all is everything, and goes with no condition",
		"cache-eval --threshold high":       `invalid value "high" for flag --threshold: a cosine is -1 to 1, such as 0.75`,
	} {
		code, _, stderr := sluice("", strings.Fields(args)...)
		require.Equal(t, 2, code)
		require.Contains(t, stderr, says)
	}
	// What is right is as it is written.
	code, out, _ := sluice("", "companion", "--max-bytes", "64MiB", "--max-entries", "5", "--help")
	require.Zero(t, code)
	require.Contains(t, out, "(default 8GiB)")
	// Without a model beside the program it serves exact hits, and says so.
	p := startCompanion(t, []string{tokenEnv + "=secret"}, "--data", t.TempDir())
	require.Contains(t, p.stderr.String(), "exact hits only: no model")
	code, _, stderr := sluice("", "cache", "stats", "--companion", p.url)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "the companion says 401: ")
	t.Setenv(tokenEnv, "secret")
	code, _, stderr = sluice("", "cache", "stats", "--companion", p.url)
	require.Equal(t, 0, code, stderr)
}

// modelDir is where `make model` puts the model; tests that need it are skipped without.
func modelDir(t *testing.T) string {
	dir := os.Getenv("SLUICE_MODEL")
	if dir == "" {
		dir = "../../build/model"
	}
	if _, err := os.Stat(filepath.Join(dir, "model.safetensors")); err != nil {
		t.Fatal("there is no model: run `make model`, as make test does")
	}
	return dir
}

func TestCacheEval(t *testing.T) {
	dir := modelDir(t)
	pairs := `{"a":"Who is the president of France?","b":"Who is the president of France?","kind":"equal"}
{"a":"Who is the president of France?","b":"Please, who is the president of France?"}

{"a":"Cancel my order 1234","b":"Cancel my order 1243"}
{"a":"Cancel my order 1234","b":"How do I bake bread?"}
{"a":"","b":"x"}
`
	code, out, stderr := sluice(pairs, "cache-eval", "--model", dir)
	require.Zero(t, code, stderr)
	type decision struct {
		Hit        bool
		Similarity float64
		Reason     string
	}
	var got []decision
	for line := range strings.Lines(out) {
		var d decision
		require.NoError(t, json.Unmarshal([]byte(line), &d))
		got = append(got, d)
	}
	require.Len(t, got, 5)
	require.Equal(t, decision{true, 1, "same request"}, got[0])
	require.True(t, got[1].Hit, got[1].Reason)
	require.Greater(t, got[1].Similarity, 0.9)
	require.False(t, got[2].Hit)
	require.Contains(t, got[2].Reason, "1234")
	require.False(t, got[3].Hit)
	require.Contains(t, got[3].Reason, "< 0.7500")
	require.False(t, got[4].Hit)

	const apart = `{"a":"How do I restart a pod in Kubernetes?","b":"restart pod k8s"}`
	for threshold, hit := range map[string]bool{"0.3": true, "1": false} {
		code, out, _ = sluice(apart, "cache-eval", "--model", dir, "--threshold", threshold)
		require.Zero(t, code)
		require.Equal(t, hit, strings.Contains(out, `"hit":true`), out)
	}

	code, out, stderr = sluice("{\"a\":\"x\",\"b\":\"x\"}\n\n{\"a\":\"x\"}\n", "cache-eval", "--model", dir)
	require.Equal(t, 1, code)
	require.Equal(t, 1, strings.Count(out, "\n")) // the good one is decided
	require.Contains(t, stderr, `line 3: no pair: "a" and "b" are needed`)
}

// The nth line that comes out is of the nth pair that goes in, over the bounds of what is
// embedded together, and a bad line moves none: nothing comes out of it or behind it.
func TestCacheEvalKeepsTheOrder(t *testing.T) {
	dir := modelDir(t)
	const before = 2*pairsAtOnce + 3
	var good strings.Builder
	for i := range before {
		other := "twins"
		if i%3 == 0 {
			other = "twin"
		}
		fmt.Fprintf(&good, "{\"a\":\"twin %d\",\"b\":\"%s %d\"}\n", i, other, i)
		if i == 50 {
			good.WriteString("\n \t\n") // which are no pairs
		}
	}
	for bad, says := range map[string]string{
		"{\"a\":\"x\"": "no pair", "[]": "no pair", "\"a\"": "no pair", "{\"a\":1,\"b\":\"x\"}": "no pair", "{\"b\":\"x\"}": `"a" and "b" are needed`,
		"{\"a\":\"" + strings.Repeat("x", maxPair) + "\",\"b\":\"x\"}": "longer than",
	} {
		code, out, stderr := sluice(good.String()+bad+"\n"+good.String(), "cache-eval", "--model", dir)
		require.Equal(t, 1, code)
		require.Contains(t, stderr, fmt.Sprintf("line %d: ", before+2+1))
		require.Contains(t, stderr, says)
		lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
		require.Len(t, lines, before)
		for i, line := range lines {
			require.Equal(t, i%3 == 0, strings.Contains(line, `"reason":"same request"`), "%d: %s", i, line)
		}
	}
}

// A database that is not there yet: the companion serves misses and is not ready.
func TestCompanionBeforeItsDatabase(t *testing.T) {
	p := startCompanionUnready(t, []string{tokenEnv + "="}, "--data", t.TempDir(), "--embedder", "none", "--store", "redis://:secret@127.0.0.1:1/0")
	response, err := http.Get(p.url + "/readyz")
	require.NoError(t, err)
	response.Body.Close()
	require.Equal(t, 503, response.StatusCode)
	header, ticket, ok := p.post("/v1/lookup", lookup(1))
	require.True(t, ok)
	require.Equal(t, "miss", header.Get("x-sluice-cache"))
	require.Contains(t, header.Get("x-sluice-reason"), "store: failed")
	_, answer, _ := p.post("/v1/store", storing(ticket, 1))
	require.JSONEq(t, `{"stored":false,"reason":"store: failed"}`, string(answer))
	require.NoError(t, p.cmd.Process.Signal(os.Interrupt))
	require.NoError(t, p.cmd.Wait())
	require.NotContains(t, p.stderr.String(), "secret")
}

func TestCacheEvalWithoutAModel(t *testing.T) {
	code, _, stderr := sluice("{}", "cache-eval", "--model", t.TempDir())
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "make model")
	code, _, _ = sluice("", "cache-eval", "--threshold", "2")
	require.Equal(t, 2, code)
}
