package compare_test

import (
	"testing"

	"github.com/sluice-gateway/sluice/companion/compare"
)

func BenchmarkCompare(b *testing.B) {
	pairs := [][2]string{
		{"How do I get my money back for an order that arrived damaged, and how long will the refund take to arrive?", "An order of mine arrived damaged. How can I get a refund for it and how much time does the refund take?"},
		{"cancel my order 1234", "cancel my order 1243"},
		{"Who is the president?", "Who is the US president?"},
	}
	compare.Compare("a", "b")
	for _, p := range pairs {
		b.Run("", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				compare.Compare(p[0], p[1])
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		compare.Load()
	}
}
