package tokenizer

import (
	"testing"

	"github.com/sluice-gateway/sluice/internal/benchtokenizer/texts"
)

func BenchmarkCountMixed(b *testing.B) {
	text := texts.Mixed()
	for _, e := range encodings() {
		b.Run(e.Name(), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				e.CountString(text)
			}
		})
	}
}

// A streamed answer: five bytes, then the count so far.
func BenchmarkCountDeltas(b *testing.B) {
	text := texts.Mixed()[:1<<16]
	for _, e := range encodings() {
		b.Run(e.Name(), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			c := e.NewCounter()
			for b.Loop() {
				c.Reset()
				for at := 0; at < len(text); at += 5 {
					c.WriteString(text[at:min(at+5, len(text))])
					c.Count()
				}
			}
		})
	}
}

func BenchmarkCountAdversary(b *testing.B) {
	for _, a := range texts.Adversaries() {
		for _, e := range encodings() {
			text := a.Make(100_000)
			b.Run(a.Name+"/"+e.Name(), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					e.CountString(text)
				}
			})
			b.Run(a.Name+"/"+e.Name()+"/slices", func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				c := e.NewCounter()
				for b.Loop() {
					c.Reset()
					for at := 0; at < len(text); at += 16384 {
						c.WriteString(text[at:min(at+16384, len(text))])
					}
					c.Count()
				}
			})
		}
	}
}
