package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/tokenizer"
)

func TestCount(t *testing.T) {
	hello := write(t, "hello.txt", "hello world")
	for _, row := range []struct {
		args, stdin, want string
	}{
		{"", "", "0\n"},
		{"", "hello world", "2\n"},
		{"", "hello world\n", "3\n"},
		{"--encoding cl100k_base", "hello world", "2\n"},
		{"-", "hello world", "2\n"},
		{hello + " - " + hello, "hello", "2\n1\n2\n"},
		{"--ids", "hello world", "[24912,2375]\n"},
		{"--ids --encoding cl100k_base", "hello world", "[15339,1917]\n"},
		{"--ids", "", "[]\n"},
		{"--jsonl", "", ""},
		{"--jsonl", "\"hello world\"\n\"\"\n\"hello\"", "2\n0\n1\n"},
		{"--jsonl", " \"hello\"\t\r\n", "1\n"},
		{"--jsonl --ids", "\"hello world\"\n\"\"\n", "[24912,2375]\n[]\n"},
		{"--jsonl --ids", `"\u0068ello\u0020world"`, "[24912,2375]\n"},
	} {
		code, stdout, stderr := sluice(row.stdin, append([]string{"count"}, strings.Fields(row.args)...)...)
		require.Zero(t, code, stderr)
		require.Equal(t, row.want, stdout, "%s of %q", row.args, row.stdin)
	}
}

func TestCountRefusesWhatIsNoJSONString(t *testing.T) {
	for _, line := range []string{"hello", `{"a":1}`, "1", "null", "", `"a" "b"`, `"a`, `"\x"`, "\"\x01\""} {
		code, stdout, stderr := sluice("\"hello\"\n"+line+"\n", "count", "--jsonl")
		require.Equal(t, 1, code)
		require.Equal(t, "1\n", stdout, "what was counted before is printed")
		require.Equal(t, "sluice count: line 2 is not a JSON string\n", stderr)
	}
}

// TestCountSurrogates: half a pair is U+FFFD, and so is each maximal invalid part of what is not UTF-8, with escapes in
// the same line and without.
func TestCountSurrogates(t *testing.T) {
	for line, want := range map[string]string{
		`"\ud83d\ude00"`:              "😀",
		`"\ud83d"`:                    "\uFFFD",
		`"\ude00\ud83d"`:              "\uFFFD\uFFFD",
		`"\ud83d\ud83d\ude00"`:        "\uFFFD😀",
		"\"a\xf0\x9f\x98b\"":          "a\uFFFDb",
		"\"a\xf0\x9f\x98\\n\\u00e9\"": "a\uFFFD\né",
		"\"\xff\\ud83d\\ude00\\\\u\"": "\uFFFD😀\\u",
	} {
		for _, flag := range []string{"--ids", "--jsonl"} {
			_, got, _ := sluice(line, "count", "--jsonl", flag)
			quoted, err := json.Marshal(want)
			require.NoError(t, err)
			_, expected, _ := sluice(string(quoted), "count", "--jsonl", flag)
			require.Equal(t, expected, got, line)
		}
	}
}

// TestCountStreams: a text longer than every buffer counts as in one piece, and a line too.
func TestCountStreams(t *testing.T) {
	text := strings.Repeat("A line of text, número 7: 日本語 and 😀.\r\n\n", 20_000)
	want := fmt.Sprintln(tokenizer.O200kBase().CountString(text))
	code, stdout, _ := sluice(text, "count")
	require.Zero(t, code)
	require.Equal(t, want, stdout)
	quoted, err := json.Marshal(text)
	require.NoError(t, err)
	_, stdout, _ = sluice(string(quoted)+"\n\"x\"\n", "count", "--jsonl")
	require.Equal(t, want+"1\n", stdout)
}

// TestCountAnswersEachLine: a program that writes a line and waits for its number gets it.
func TestCountAnswersEachLine(t *testing.T) {
	in, lines := io.Pipe()
	answers, out := io.Pipe()
	done := make(chan int)
	go func() {
		done <- run([]string{"count", "--jsonl"}, in, out, io.Discard)
	}()
	reader := bufio.NewReader(answers)
	for range 3 {
		_, err := lines.Write([]byte("\"hello world\"\n"))
		require.NoError(t, err)
		answer, err := reader.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, "2\n", answer)
	}
	require.NoError(t, lines.Close())
	require.Zero(t, <-done)
}

// TestCountReportsAFullDisk: numbers that could not be written are no success.
func TestCountReportsAFullDisk(t *testing.T) {
	var stderr bytes.Buffer
	code := run([]string{"count"}, strings.NewReader("hello"), full{}, &stderr)
	require.Equal(t, 1, code)
	require.Equal(t, "sluice count: no space left on device\n", stderr.String())
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, fmt.Errorf("no space left on device") }
