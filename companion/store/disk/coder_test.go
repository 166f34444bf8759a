package disk

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store/disk/internal/dot"
	"github.com/sluice-gateway/sluice/companion/store/storetest"
)

// Rotation keeps every product, and spreads a vector of one number over all places.
func TestRotation(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, length := range []int{1, 3, 64, 100, 384, 768, 1536} {
		c := newCoder(length)
		a, b := storetest.Vector(r, length), storetest.Vector(r, length)
		ra, rb := make([]float32, c.padded), make([]float32, c.padded)
		c.rotate(a, ra)
		c.rotate(b, rb)
		require.InDelta(t, storetest.Cosine(a, b), storetest.Cosine(ra, rb), 1e-5, "length %d", length)
	}
}

// The estimates' errors are as the documentation of coder says, with a centre and without,
// also for vectors that are far from evenly spread.
func TestEstimates(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	const length, n = 384, 2000
	shared := storetest.Vector(r, length)
	for name, make1 := range map[string]func() []float32{
		"random":      func() []float32 { return storetest.Vector(r, length) },
		"one-sided":   func() []float32 { return storetest.Near(r, shared, 0.7) },
		"one number":  func() []float32 { v := make([]float32, length); v[r.IntN(length)] = 1; return v },
		"few numbers": func() []float32 { v := make([]float32, length); v[r.IntN(9)], v[20+r.IntN(9)] = 0.6, -0.8; return v },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCoder(length)
			var rotated [][]float32
			vectors := make([][]float32, n)
			for i := range vectors {
				vectors[i] = make1()
				out := make([]float32, c.padded)
				c.rotate(vectors[i], out)
				rotated = append(rotated, out)
			}
			for _, c := range []*coder{c, c.around(rotated)} {
				v := make1()
				q := c.query(v)
				var signs, nibbles float64
				block, out := make(dot.Block, dot.Size(c.padded)), [dot.Width]float32{}
				for _, x := range vectors {
					into := make([]float32, c.padded)
					c.rotate(x, into)
					e := c.encode(into)
					truth := storetest.Cosine(v, x)
					estimate, _ := q.estimate(e.nibbles, e.step, e.shift)
					nibbles += (float64(estimate) - truth) * (float64(estimate) - truth)
					block.Set(5, e.nibbles, weight(e.nibbles, e.step), e.shift)
					dot.Signs(block, q.table, q.tableScale, q.tableBottom, 0, &out)
					off := float64(out[5]+q.base) - truth
					signs += off * off
				}
				require.Less(t, math.Sqrt(signs/n), 0.05)
				require.Less(t, math.Sqrt(nibbles/n), 0.008)
				t.Logf("error by signs %.4f, by four bits %.4f", math.Sqrt(signs/n), math.Sqrt(nibbles/n))
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	c := newCoder(384)
	v := storetest.Vector(rand.New(rand.NewPCG(3, 3)), 384)
	for b.Loop() {
		c.encodeVector(v)
	}
}

func BenchmarkQuery(b *testing.B) {
	c := newCoder(384)
	v := storetest.Vector(rand.New(rand.NewPCG(3, 3)), 384)
	for b.Loop() {
		c.query(v)
	}
}
