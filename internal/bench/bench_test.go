package main

import (
	"bufio"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

func TestCPUTime(t *testing.T) {
	used, err := parseCPUTime([]byte("42 (odd) name) S 1 42 42 0 -1 4194560 5 0 0 0 123 45 0 0 20 0 9 0 100 1 2\n"))
	require.NoError(t, err)
	require.Equal(t, 1680*time.Millisecond, used)
	_, err = parseCPUTime([]byte("42 (short) S 1"))
	require.ErrorContains(t, err, "2 fields")
}

func TestLinearMemories(t *testing.T) {
	found, err := parseLinearMemories([]byte(`55d0c0000000-55d0c0800000 rw-p 00000000 00:00 0                          [heap]
Size:               8192 kB
Rss:                4000 kB
7f0000000000-7f0000c00000 rw-p 00000000 00:00 0
Size:              12288 kB
Rss:               11000 kB
VmFlags: rd wr mr mw me ac sd
7f0000c00000-7f0280000000 ---p 00000000 00:00 0
Size:           10473472 kB
Rss:                   0 kB
7f0300000000-7f0300001000 r--p 00000000 00:00 0
Rss:                   4 kB
7f0300001000-7f0400001000 ---p 00000000 00:00 0
Rss:                   0 kB
7f0500000000-7f0500100000 rw-p 00000000 00:00 0
Rss:                 128 kB
7f0500200000-7f0600000000 ---p 00000000 00:00 0
Rss:                   0 kB
`))
	require.NoError(t, err)
	require.Equal(t, []linear{{size: 12 << 20, resident: 11000 << 10}}, found,
		"neither what is only readable, nor what is not directly in front")
}

func TestPercentiles(t *testing.T) {
	var s sample
	for i := range 100 {
		s = append(s, time.Duration(100-i))
	}
	require.EqualValues(t, 51, s.at(0.5))
	require.EqualValues(t, 100, s.at(0.99))
	require.EqualValues(t, 100, s.at(1))
	require.Zero(t, sample(nil).at(0.5))
	require.Equal(t, 2.0, median([]float64{3, 1, 2}))
	require.Equal(t, 2.5, median([]float64{3, 1, 2, 100}))
}

// TestTheLoad sends the requests straight to the upstream.
func TestTheLoad(t *testing.T) {
	u, err := startUpstream()
	require.NoError(t, err)
	defer u.close()
	c, err := dial(u.address())
	require.NoError(t, err)
	defer c.Close()
	for range 3 {
		require.NoError(t, c.exchange(request(promptSize, false, ""), nil))
	}
	require.NoError(t, c.exchange(request(largePrompt, false, ""), nil))

	var text strings.Builder
	require.NoError(t, c.exchange(request(100, true, "x-events: 3\r\nx-gap: 0\r\n"), func(p []byte) { text.Write(p) }))
	var events []map[string]any
	for block := range strings.SplitSeq(strings.TrimSuffix(text.String(), "\n\n"), "\n\n") {
		data, ok := strings.CutPrefix(block, "data: ")
		require.True(t, ok, block)
		if data == "[DONE]" {
			continue
		}
		var event map[string]any
		require.NoError(t, json.Unmarshal([]byte(data), &event), data)
		events = append(events, event)
	}
	require.Len(t, events, 5, "three with text, the finish, the usage")
	require.Len(t, events[0]["obfuscation"], timeDigits)
	require.EqualValues(t, 3, events[4]["usage"].(map[string]any)["completion_tokens"])

	times, err := (&side{address: u.address()}).oneStream()
	require.NoError(t, err)
	require.Len(t, times, eventsOfStream)
}

func TestWhatTheGatewayAnswersInPlaceOfAnAnswer(t *testing.T) {
	u, err := startUpstream()
	require.NoError(t, err)
	defer u.close()
	c, err := dial(u.address())
	require.NoError(t, err)
	defer c.Close()
	require.ErrorContains(t, c.exchange([]byte("POST / HTTP/1.1\r\nhost: x\r\n\r\n"), nil), "411")
}

func TestPrompts(t *testing.T) {
	for _, size := range []int{100, promptSize, largePrompt} {
		message := request(size, true, "")
		head, body, found := strings.Cut(string(message), "\r\n\r\n")
		require.True(t, found)
		h, err := readHead(bufio.NewReader(strings.NewReader(string(message))))
		require.NoError(t, err)
		require.Equal(t, len(body), h.number("content-length"), head)
		require.Equal(t, -1, h.number("x-events"))
		var decoded struct{ Messages []struct{ Content string } }
		require.NoError(t, json.Unmarshal([]byte(body), &decoded))
		require.InDelta(t, size, len(decoded.Messages[1].Content), float64(size)/20+12)
	}
}

func TestTheTwoBootstraps(t *testing.T) {
	b := &bench{wasm: "/x.wasm"}
	var err error
	b.upstream, err = startUpstream()
	require.NoError(t, err)
	defer b.close()
	filter, plain, err := b.bootstraps()
	require.NoError(t, err)
	require.Contains(t, string(filter), "/x.wasm")
	require.Contains(t, string(filter), "path: /dev/null")
	require.NotContains(t, string(plain), "wasm.v3")
	require.NotContains(t, string(plain), "access_log:")
	require.NotContains(t, string(plain), "cluster_header")
	var one, other map[string]any
	require.NoError(t, yaml.Unmarshal(filter, &one))
	require.NoError(t, yaml.Unmarshal(plain, &other))
	providers := slices.DeleteFunc(one["static_resources"].(map[string]any)["clusters"].([]any), attempts)
	require.NotEmpty(t, providers)
	require.Equal(t, providers, other["static_resources"].(map[string]any)["clusters"])
}

func TestEnvoyVersion(t *testing.T) {
	require.Equal(t, "1.40.0", envoyVersion("envoy  version: dc8ea9d9/1.40.0/Clean/RELEASE/BoringSSL\n"))
	require.Equal(t, "something", envoyVersion("something\n"))
}
