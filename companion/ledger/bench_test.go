package ledger

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkAdd is a batch of 500 records of 20 teams and 5 models, with its write to the
// disk.
func BenchmarkAdd(b *testing.B) {
	l := open(b, b.TempDir(), Options{})
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		batch := make([]*Record, 500)
		for i := range batch {
			n++
			var err error
			batch[i], err = Parse([]byte(line(fmt.Sprintf("%016x", n*2654435761), noon, fmt.Sprint("team", i%20), fmt.Sprint("model", i%5), 1000, 100, "0.000123")))
			require.NoError(b, err)
		}
		_, err := l.Add(batch, noon)
		require.NoError(b, err)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "µs/record")
	b.ReportMetric(float64(l.Size())/float64(n), "bytes/record")
}
