package main

import (
	"bufio"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMeasures(t *testing.T) {
	times := series{3 * time.Millisecond, 2 * time.Millisecond, 9 * time.Millisecond}
	require.InDelta(t, 0.5, times.speed(1000), 1e-9, "1 KB in the shortest, 2 ms")
	require.InDelta(t, 200, times.per100KB(1000), 1e-9)
	var r ratios
	for _, of := range []time.Duration{30, 5, 20} {
		r.add(of, 10)
	}
	require.InDelta(t, 2, r.median(), 1e-9, "the one that took half as long had a lucky moment")
	require.True(t, unsettled(series{26 * time.Millisecond}, series{26 * time.Millisecond}, small), "over 25 ms")
	require.True(t, unsettled(series{time.Millisecond}, series{13 * time.Millisecond}, small), "over 12 times")
	require.False(t, unsettled(series{time.Millisecond}, series{12 * time.Millisecond}, small))
}

func TestWhatIsMissingIsOneLine(t *testing.T) {
	require.NoError(t, needs("go"))
	require.EqualError(t, needs("no-such-program", "go", "nor-this"), "needs no-such-program and nor-this")
	err := command(t.Context(), ".", "go", "no-such-command")
	require.ErrorContains(t, err, "go no-such-command: exit status 2")
	require.NotContains(t, err.Error(), "\n")
}

func TestRecordsAreAsLongAsAsked(t *testing.T) {
	var b strings.Builder
	records(&b, 10_000)
	require.InDelta(t, 10_000, b.Len(), 1000)
	lines := map[string]bool{}
	for scan := bufio.NewScanner(strings.NewReader(b.String())); scan.Scan(); {
		require.False(t, lines[scan.Text()], "a line comes again")
		lines[scan.Text()] = true
	}
}

func TestWorkerSaysWhatItGot(t *testing.T) {
	w, err := startWorker(exec.Command("cat"))
	require.NoError(t, err)
	defer w.close()
	s, err := w.count("12", "34") // cat answers with the question
	require.NoError(t, err)
	require.Equal(t, sample{12, 34}, s)
	_, err = w.count("o200k_base", "/text")
	require.ErrorContains(t, err, `answer "o200k_base /text"`)
}
