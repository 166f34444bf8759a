package sse_test

import (
	"strings"
	"testing"

	"github.com/sluice-gateway/sluice/sse"
)

func BenchmarkReader(b *testing.B) {
	const delta = `data: {"id":"chatcmpl-9","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o-2024-08-06","choices":[{"index":0,"delta":{"content":" word"},"logprobs":null,"finish_reason":null}]}` + "\n\n"
	for _, v := range []struct {
		name   string
		stream string
		chunk  int
	}{
		{"delta-a-chunk", strings.Repeat(delta, 100), len(delta)},
		{"deltas-by-16KiB", strings.Repeat(delta, 100), 16 << 10},
		{"CRLF-deltas-by-16KiB", strings.Repeat(strings.ReplaceAll(delta, "\n", "\r\n"), 100), 16 << 10},
		{"short-lines-no-CR-1MB", strings.Repeat("data\n", 200_000) + "\n", 1 << 20},
		{"event-1MB-by-16KiB", "data: " + strings.Repeat("x", 1<<20) + "\n\n", 16 << 10},
		{"delta-by-1-byte", delta, 1},
	} {
		b.Run(v.name, func(b *testing.B) {
			b.SetBytes(int64(len(v.stream)))
			b.ReportAllocs()
			stream := []byte(v.stream)
			r := sse.NewReader(0)
			n := 0
			for b.Loop() {
				for i := 0; i < len(stream); i += v.chunk {
					r.Feed(stream[i:min(i+v.chunk, len(stream))])
					for ev, ok := r.Next(); ok; ev, ok = r.Next() {
						n += len(ev.Data)
					}
				}
			}
			if n == 0 {
				b.Fatal("no event")
			}
		})
	}
}
