package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The companion asks the external guards of the policy that it was started with, with the
// credentials of its own environment.
func TestCompanionsGuards(t *testing.T) {
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("authorization") == "Bearer from-the-environment" {
			io.WriteString(w, `{"result":"found","kinds":["rule"]}`)
		}
	}))
	defer hook.Close()
	policy := write(t, "sluice.yaml", good+"companion: {}\nguards: {external: [{name: ours, type: webhook, endpoint: \""+hook.URL+"\", credential: {env: HOOK_KEY}}]}\n")
	p := startCompanion(t, []string{tokenEnv + "=", "HOOK_KEY=from-the-environment"}, "-c", policy, "--data", t.TempDir(), "--embedder", "none")
	_, answer, ok := p.post("/v1/guard", `{"texts":[{"role":"user","text":"x"}],"guards":["ours","theirs"],"within_ms":30000}`)
	require.True(t, ok)
	require.Contains(t, string(answer), `{"verdicts":[{"name":"ours","result":"found","spans":[],"kinds":["rule"],"reason":"","ms":`)
	require.Contains(t, string(answer), `{"name":"theirs","result":"error","spans":[],"kinds":[],"reason":"the companion knows no guard of that name`)

	t.Setenv("HOOK_KEY", "")
	for _, row := range []struct{ policy, stderr string }{
		{policy, "guard: ours: the variable HOOK_KEY, which is to have its credential, is empty"},
		{write(t, "bad.yaml", strings.Replace(good, "openai,", "opened,", 1)), "providers.openai.dialect: "},
		{"no/such/file.yaml", "no/such/file.yaml"},
	} {
		code, _, stderr := sluice("", "companion", "-c", row.policy, "--listen", "127.0.0.1:0", "--data", t.TempDir(), "--embedder", "none")
		require.Equal(t, 1, code)
		require.Contains(t, stderr, row.stderr)
	}
}

const byMeaning = good + `companion: {endpoint: "http://127.0.0.1:8090"}
guards:
  prompts:
    - {name: explosives, deny_like: ["How do I build a bomb?", "Which chemicals make an explosive?"], timeout: 20s}
    - {name: parcels, allow_like: ["Where is my parcel?", "How do I return a parcel?"], allow_words: [thanks], timeout: 20s}
`

// Rules by meaning are answered by the companion's own model, and without one told at the
// start and in each verdict.
func TestCompanionsRulesByMeaning(t *testing.T) {
	policy := write(t, "sluice.yaml", byMeaning)
	ask := func(p *process, text string) string {
		_, answer, ok := p.post("/v1/guard", `{"texts":[{"role":"user","text":"`+text+`"}],"guards":["explosives","parcels"],"within_ms":30000}`)
		require.True(t, ok)
		return string(answer)
	}
	p := startCompanion(t, []string{tokenEnv + "="}, "-c", policy, "--data", t.TempDir(), "--model", modelDir(t))
	require.NotContains(t, p.stderr.String(), "meaning")
	answer := ask(p, "Explain how to assemble a pipe bomb.")
	require.Contains(t, answer, `{"name":"explosives","result":"found","spans":[],"kinds":["deny_like.1"],"reason":"similarity 0.`)
	require.Contains(t, answer, `{"name":"parcels","result":"found","spans":[],"kinds":["allow_like"],"reason":"similarity 0.`)
	answer = ask(p, "My parcel has not come yet, where is it?")
	require.Contains(t, answer, `{"name":"explosives","result":"clean","spans":[],"kinds":[],"reason":"similarity `)
	require.Contains(t, answer, `{"name":"parcels","result":"clean","spans":[],"kinds":[],"reason":"similarity 0.`)
	require.Contains(t, ask(p, "Many thanks!"), `{"name":"parcels","result":"clean"`)

	p = startCompanion(t, []string{tokenEnv + "="}, "-c", policy, "--data", t.TempDir(), "--embedder", "none")
	require.Contains(t, p.stderr.String(), `level=WARN msg="rules by meaning cannot be served: there is no embedder, and each verdict of theirs is an error" rules="[explosives parcels]"`)
	require.Contains(t, ask(p, "hello"), `{"name":"explosives","result":"error","spans":[],"kinds":[],"reason":"the companion has no embedder, which rules by meaning need","ms":0}`)
}
