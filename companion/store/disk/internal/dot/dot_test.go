package dot

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNibblesEqualsGo(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, dims := range []int{64, 128, 384, 768, 1536, 3072, 65536} {
		codes, q := make([]byte, dims/2), make([]int8, dims)
		for range 20 {
			fill(r, codes, q)
			var want int32
			for i, x := range q {
				want += int32(code(codes, i)) * int32(x)
			}
			require.Equal(t, want, nibblesGo(codes, q))
			require.Equal(t, want, Nibbles(codes, q))
		}
		for _, extreme := range []int8{127, -127} {
			for i := range q {
				q[i] = extreme
			}
			for i := range codes {
				codes[i] = 0xff
			}
			require.Equal(t, int32(dims)*15*int32(extreme), Nibbles(codes, q))
		}
	}
	require.Zero(t, Nibbles(nil, nil))
	require.Panics(t, func() { Nibbles(make([]byte, 31), make([]int8, 64)) })
}

func TestSignsEqualsGo(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for _, dims := range []int{64, 384, 768, 3072} {
		block, table := Block(make([]byte, Size(dims))), make([]byte, dims*4)
		most := min(255, 65535*4/dims)
		for round := range 20 {
			for i := range table {
				table[i] = byte(r.IntN(most + 1))
				if round == 0 {
					table[i] = byte(most)
				}
			}
			var wants, sums [Width]float32
			for j := range Width {
				codes := make([]byte, dims/2)
				fill(r, codes, nil)
				weight, shift := r.Float32(), r.Float32()-0.5
				block.Set(j, codes, weight, shift)
				sum := 0
				for g := 0; g < dims/4; g++ {
					four := 0
					for i := range 4 {
						if code(codes, 4*g+i) >= 8 {
							four |= 1 << i
						}
					}
					sum += int(table[16*g+four])
				}
				wants[j] = shift + weight*(0.01*float32(sum)-20)
			}
			bar := wants[7]
			over := Signs(block, table, 0.01, -20, bar-1e-3, &sums)
			for j := range Width {
				require.InDelta(t, wants[j], sums[j], 1e-3)
				require.Equal(t, sums[j] > bar-1e-3, over>>j&1 == 1, "bit %d", j)
			}
			require.NotZero(t, over&(1<<7))
			var slow [Width]float32
			signsGo(block, table, 0.01, -20, bar, &slow)
			require.InDeltaSlice(t, slow[:], sums[:], 1e-3)
		}
	}
	require.Panics(t, func() { Signs(make(Block, 100), make([]byte, 32), 1, 0, 0, new([Width]float32)) })
}

func fill(r *rand.Rand, codes []byte, q []int8) {
	for i := range codes {
		codes[i] = byte(r.Uint32())
	}
	for i := range q {
		q[i] = int8(r.IntN(255) - 127)
	}
}

func BenchmarkNibbles(b *testing.B) {
	codes, q := make([]byte, 192), make([]int8, 384)
	fill(rand.New(rand.NewPCG(3, 3)), codes, q)
	for b.Loop() {
		Nibbles(codes, q)
	}
}

func BenchmarkSigns(b *testing.B) {
	block, table := make(Block, Size(384)), make([]byte, 4*384)
	fill(rand.New(rand.NewPCG(3, 3)), block[:4*384], nil) // the factors stay 0: random ones are denormal, and slow
	var out [Width]float32
	for b.Loop() {
		Signs(block, table, 1, 0, 1e30, &out)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/Width, "ns/vector")
}

// code is that of one dimension.
func code(codes []byte, i int) byte {
	return codes[i/64*32+i%32] >> (i % 64 / 32 * 4) & 15
}
