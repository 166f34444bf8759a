package main_test

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
	"github.com/sluice-gateway/sluice/internal/wasmhost/hosttest"
)

// mostMemory is what a machine may take that has used both vocabularies.
const mostMemory = 32 << 20

// heapStep is by how much Go's heap may still grow once after the warm-up. What leaked 32
// bytes for each stream of the million callbacks' second half would be more.
const heapStep = 1 << 20

// A million callbacks (20,000 without SLUICE_SOAK=1) of streams of every kind: whole
// ones, refused, broken off by either side anywhere, with bodies of up to 100 KB, and
// panics. After the warm-up the machine's memory stays as large as it is, and in the
// end no stream is left in it.
func TestSoak(t *testing.T) {
	callbacks := 20_000
	if os.Getenv("SLUICE_SOAK") != "" {
		callbacks = 1_000_000
	}
	for _, profile := range profiles {
		t.Run(profile.String(), func(t *testing.T) {
			m := startModule(t, hosttest.Compile(t, "./filter", "sluicepanic"), profile, strings.Replace(spine, "limit: 100000", "limit: 900000000000", 1), untraced,
				func(o *wasmhost.Options) { o.BufferLimit = 1 << 20 })
			t.Logf("memory after start: %.1f MiB", mebibytes(m))
			l := &load{m: m, random: rand.New(rand.NewPCG(1, uint64(profile)))}
			warm := 0
			for next := 0; l.callbacks < callbacks; {
				l.stream()
				if l.callbacks >= next {
					next += callbacks / 10
					t.Logf("%8d callbacks, %6d streams: %.1f MiB", l.callbacks, l.streams, mebibytes(m))
				}
				if warm == 0 && l.callbacks >= callbacks/2 {
					warm = m.vm.MemoryBytes()
				}
			}
			require.LessOrEqual(t, m.vm.MemoryBytes(), warm+heapStep, "memory has grown in the second half")
			require.LessOrEqual(t, m.vm.MemoryBytes(), mostMemory)
			require.Equal(t, 1, m.vm.Starts())

			// A stream that was left behind waiting for its body would be found now.
			m.now = m.now.Add(time.Hour)
			before := len(m.vm.Logs())
			require.NoError(t, m.plugin.Tick())
			require.Len(t, m.vm.Logs(), before)
		})
	}
}

func mebibytes(m *machine) float64 { return float64(m.vm.MemoryBytes()) / (1 << 20) }

// load drives a machine with streams of mixed kinds and ends.
type load struct {
	m                  *machine
	random             *rand.Rand
	streams, callbacks int
}

// stream runs one stream to some end.
func (l *load) stream() {
	l.streams++
	l.m.now = l.m.now.Add(time.Duration(l.random.IntN(40)) * time.Millisecond)
	s := l.m.plugin.NewStream(l.sabotage())
	l.callbacks += 4 // create, done, log, delete
	path, body, kind, parts := l.pick()
	steps := []func(){func() { s.RequestHeaders(post(path, "", "X-Sluice-N", "1").Headers, false) }}
	for _, p := range l.cut(body) {
		steps = append(steps, func() { s.RequestBody(p, false) })
	}
	steps = append(steps, func() { s.RequestBody(nil, true) }, func() { l.tick(s) }, func() { s.ResponseHeaders(answers("200", kind)(wasmhost.Message{}).Headers, false) })
	for _, p := range l.cut(parts) {
		steps = append(steps, func() { s.ResponseBody(p, false) })
	}
	steps = append(steps, func() { s.ResponseBody(nil, true) })
	last := len(steps)
	if l.random.IntN(4) == 0 {
		last = l.random.IntN(last)
	}
	for _, step := range steps[:last] {
		step()
		l.callbacks++
	}
	if l.random.IntN(2) == 0 {
		s.UpstreamReset()
	}
	s.Abort()
	require.NoError(l.m.t, s.Trapped())
}

// tick runs the timer, once and until a long body has been read.
func (l *load) tick(s *wasmhost.Stream) {
	for n := 0; n == 0 || s.Hung() && n < maxTicks; n++ {
		require.NoError(l.m.t, l.m.plugin.Tick())
		l.callbacks++
	}
}

func (l *load) sabotage() map[string]string {
	if l.random.IntN(100) > 0 {
		return nil
	}
	return map[string]string{"sluice.panic": []string{"request_headers", "request_body", "response_headers", "response_body"}[l.random.IntN(4)]}
}

// pick is a call and its answer, which do not always go together.
func (l *load) pick() (path, body, kind, answer string) {
	most := []int{10, 100, 5000}[l.random.IntN(100)/49]
	if l.streams%10 == 1 && l.streams < 200 {
		most = 10000 // so that the heap is as large as it gets soon
	}
	words := strings.Repeat("a word and another, ", l.random.IntN(1+most))
	switch path = chat; l.random.IntN(8) {
	case 0, 1:
		body, kind, answer = asksOne, "application/json", chatAnswer
	case 2, 3:
		body, kind, answer = asksStream, "text/event-stream", streamHead+withNull+strings.Repeat(streamHead+withNull, l.random.IntN(20))+streamTail+withNull+streamUsage+streamDone
	case 4:
		path, body, kind, answer = messages, asksClaude, "application/json", claudeAnswer
	case 5:
		path, body, kind, answer = messages, streClaude, "text/event-stream", claudeStream
	case 6: // counted with the other vocabulary
		body, kind, answer = strings.Replace(asksOne, "gpt-4o", "gpt-4", 1), "application/json", `{"choices":[{"message":{"content":"`+words+`"}}]}`
	case 7:
		body, kind, answer = `{"model":`, "text/plain", "no"
	}
	return path, strings.Replace(body, "Say", words, 1), kind, answer
}

// cut cuts a body into some pieces.
func (l *load) cut(body string) (parts [][]byte) {
	for len(body) > 0 {
		n := 1 + l.random.IntN(min(len(body), 16<<10))
		if l.random.IntN(2) == 0 {
			n = min(len(body), 16<<10)
		}
		parts, body = append(parts, []byte(body[:n])), body[n:]
	}
	return parts
}
