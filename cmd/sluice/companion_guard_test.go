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
	policy := write(t, "sluice.yaml", good+"guards: {external: [{name: ours, type: webhook, endpoint: \""+hook.URL+"\", credential: {env: HOOK_KEY}}]}\n")
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
