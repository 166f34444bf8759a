package guard

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/policy"
)

// startPresidio starts Presidio's analyzer and returns where it serves.
func startPresidio(t *testing.T) string {
	t.Helper()
	python := os.Getenv("SLUICE_PRESIDIO")
	if python == "" {
		t.Fatal("SLUICE_PRESIDIO does not say where a Python with presidio-analyzer is: `make test` makes one in build/presidio and sets it")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	command := exec.CommandContext(ctx, python, "testdata/presidio.py")
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() { command.Process.Kill(); command.Wait() })
	port, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err, "it did not start; SLUICE_PRESIDIO=%s", python)
	return "http://127.0.0.1:" + strings.TrimSpace(port)
}

// The real Presidio finds what a policy asks it for, where it is.
func TestPresidio(t *testing.T) {
	url := startPresidio(t)
	set := setOf(t, url, policy.Service{Type: policy.Presidio, Entities: []string{"PERSON", "LOCATION", "EMAIL_ADDRESS", "CREDIT_CARD"}, Language: "en", MinScore: 0.5})
	texts := []Text{
		{"user", "Ann Smith lives in Zürich"},
		{"assistant", "Ann Smith is not shown"},
		{"user", "nothing here"},
		{"user", "  \n"},
		{"user", "😀 from José (東京): 👩‍👩‍👧 jose@example.com, e\u0301 4111 1111 1111 1111"},
		{"user", "\u2028\x00\"Zoë Müller\""},
	}
	v := set.Check(t.Context(), []string{"g"}, texts, 0)[0]
	require.Equal(t, Found, v.Result, v.Err)
	require.Equal(t, []string{"CREDIT_CARD", "EMAIL_ADDRESS", "LOCATION", "PERSON"}, v.Kinds)
	var found [][3]any
	for _, s := range v.Spans {
		found = append(found, [3]any{s.Text, s.Kind, texts[s.Text].Text[s.Start:s.End]})
		require.True(t, s.Score >= 0.5 && s.Score <= 1)
	}
	require.Equal(t, [][3]any{{0, "PERSON", "Ann Smith"}, {0, "LOCATION", "Zürich"}, {4, "PERSON", "José"}, {4, "LOCATION", "東京"},
		{4, "EMAIL_ADDRESS", "jose@example.com"}, {4, "CREDIT_CARD", "4111 1111 1111 1111"}, {5, "PERSON", "Zoë Müller"}}, found)

	clean := set.Check(t.Context(), []string{"g"}, []Text{{"user", "nothing here"}}, 0)[0]
	require.Equal(t, Clean, clean.Result, clean.Err)

	// What it refuses is an error, and no clean.
	for name, service := range map[string]policy.Service{
		"a language it has not": {Language: "xx", Entities: []string{"PERSON"}},
		"an entity it has not":  {Language: "en", Entities: []string{"SHOE_SIZE"}},
	} {
		service.Type = policy.Presidio
		v := setOf(t, url, service).Check(t.Context(), []string{"g"}, texts, 0)[0]
		require.Equal(t, Error, v.Result, name)
		require.Equal(t, "status 500", v.Reason, name)
	}
}
