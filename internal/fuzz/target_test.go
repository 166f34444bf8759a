package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseList(t *testing.T) {
	targets, err := parseList([]byte(`{"Action":"start","Package":"a/sse"}
{"Action":"output","Package":"a/sse","Output":"FuzzReader\n"}
{"Action":"output","Package":"a/sse","Output":"FuzzWriter\n"}
{"Action":"output","Package":"a/sse","Output":"ok  \ta/sse\t0.002s\n"}
{"Action":"pass","Package":"a/sse","Elapsed":0.002}
{"Action":"output","Package":"a/none","Output":"?   \ta/none\t[no test files]\n"}
{"Action":"output","Package":"Fuzzy","Output":"Fuzz is no line of ours\n"}
{"Action":"output","Package":"a/budget","Output":"FuzzPage\n"}
`))
	require.NoError(t, err)
	require.Equal(t, []target{{"a/sse", "FuzzReader"}, {"a/sse", "FuzzWriter"}, {"a/budget", "FuzzPage"}}, targets)

	_, err = parseList([]byte(`ok a/sse`))
	require.ErrorContains(t, err, "go test -json -list")
}

func TestProgress(t *testing.T) {
	result, err := progress([]byte(`fuzz: elapsed: 0s, gathering baseline coverage: 0/191 completed
fuzz: elapsed: 0s, gathering baseline coverage: 191/191 completed, now fuzzing with 8 workers
fuzz: elapsed: 3s, execs: 325017 (108336/sec), new interesting: 11 (total: 202)
fuzz: elapsed: 6s, execs: 680218 (118402/sec), new interesting: 12 (total: 203)
PASS
`))
	require.NoError(t, err)
	require.Equal(t, "680218 inputs in 6s, 12 of 203 in the corpus are new", result)

	_, err = progress([]byte("fuzz: elapsed: 0s, execs: 0 (0/sec), new interesting: 0 (total: 2)\nPASS\n"))
	require.ErrorContains(t, err, "ran nothing")
	_, err = progress([]byte("testing: warning: no fuzz tests to fuzz\nPASS\nok  \ta\t0.1s\n"))
	require.ErrorContains(t, err, "ran nothing")
}

func TestATargetsName(t *testing.T) {
	require.Equal(t, "sse FuzzReader", target{module + "sse", "FuzzReader"}.String())
}

func TestTheEndOfTimeIsNoFailure(t *testing.T) {
	require.True(t, endOfTimeOnly([]byte("fuzz: elapsed: 2s, execs: 38289 (18517/sec), new interesting: 1 (total: 131)\n"+
		"--- FAIL: FuzzAppendEvent (2.12s)\n    context deadline exceeded\nFAIL\n")))
	require.False(t, endOfTimeOnly([]byte("--- FAIL: FuzzAppendEvent (1.02s)\n    --- FAIL: FuzzAppendEvent (0.00s)\n"+
		"        a_test.go:5: context deadline exceeded\n    \n    Failing input written to testdata/fuzz/FuzzAppendEvent/9b24\n")))
	require.False(t, endOfTimeOnly([]byte("--- FAIL: FuzzAppendEvent (0.02s)\n    --- FAIL: FuzzAppendEvent/seed#0 (0.00s)\n        a_test.go:5: wrong\n")))
}
