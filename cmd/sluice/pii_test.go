package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Offsets are in characters, whatever bytes they have.
func TestPII(t *testing.T) {
	code, stdout, stderr := sluice(`{"text":"Jürgen: j@example.com"}`+"\n\n"+`{"text":"nothing","label":1}`+"\n"+`{"text":"卡号4111111111111111。"}`, "pii")
	require.Empty(t, stderr)
	require.Zero(t, code)
	require.Equal(t, `{"spans":[{"kind":"email","start":8,"end":21,"score":90}]}
{"spans":[]}
{"spans":[{"kind":"card","start":2,"end":18,"score":99}]}
`, stdout)
}

func TestPIIOptions(t *testing.T) {
	const line = `{"text":"a@example.com 4111111111111111"}`
	_, stdout, _ := sluice(line, "pii", "--kinds", "card, ssn")
	require.Equal(t, `{"spans":[{"kind":"card","start":14,"end":30,"score":88}]}`+"\n", stdout)
	_, stdout, _ = sluice(line, "pii", "--min-score", "95")
	require.Equal(t, `{"spans":[]}`+"\n", stdout)
}

// A bad line is named. What was before it is answered.
func TestPIIBadLine(t *testing.T) {
	const (
		noText = `no text: an object with the string "text" is needed`
		noJSON = `not JSON: each line is an object such as {"text":"card 4111 1111 1111 1111"}`
	)
	for bad, want := range map[string]string{`{"text":1}`: noText, `{}`: noText, `"x"`: noText, `null`: noText, `{"text":"x"`: noJSON, `my card is 4111`: noJSON} {
		code, stdout, stderr := sluice(`{"text":"x"}`+"\n"+bad, "pii")
		require.Equal(t, exitBad, code)
		require.Equal(t, `{"spans":[]}`+"\n", stdout, bad)
		require.Equal(t, "sluice pii: line 2: "+want+"\n", stderr, bad)
	}
}
