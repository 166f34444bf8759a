package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// random returns n numbers of about the size of those in the model.
func random(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// Every shape of a tile, with gaps between the rows that must not be touched.
func TestTileIsThePlainOne(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for rows := 1; rows <= MaxRows; rows++ {
		for _, k := range []int{1, 2, 3, 4, 5, 31, 32, 33, 192, 257} {
			for _, fixed := range []bool{false, true} {
				lda, ldb, ldinit, ldc := k+r.IntN(9), Columns+r.IntN(9), Columns+r.IntN(9), Columns+r.IntN(9)
				if fixed {
					ldinit = 0
				}
				a := Rows{random(r, (rows-1)*lda+k), lda}
				b := Rows{random(r, (k-1)*ldb+Columns), ldb}
				init := Rows{random(r, (rows-1)*ldinit+Columns), ldinit}
				before := random(r, (rows-1)*ldc+Columns+40)
				c, want := slices.Clone(before), slices.Clone(before)
				Plain{}.Tile(rows, k, a, b, init, Rows{want, ldc})
				Best().Tile(rows, k, a, b, init, Rows{c, ldc})
				for i := range want {
					require.InDelta(t, want[i], c[i], 1e-5*math.Sqrt(float64(k)), "%d rows over %d, number %d", rows, k, i)
					if row, column := i/ldc, i%ldc; row >= rows || column >= Columns {
						require.Equal(t, before[i], c[i], "%d rows over %d: number %d is none of the tile's", rows, k, i)
					}
				}
				Best().Tile(rows, k, a, b, Rows{c, ldc}, Rows{c, ldc})
				Plain{}.Tile(rows, k, a, b, Rows{want, ldc}, Rows{want, ldc})
				for i := range want {
					require.InDelta(t, want[i], c[i], 2e-5*math.Sqrt(float64(k)), "%d rows over %d, added to itself", rows, k)
				}
			}
		}
	}
}

func TestTileRefusesWhatIsOutside(t *testing.T) {
	for _, k := range []Kernels{Best(), Plain{}} {
		room := Rows{make([]float32, 16), 16}
		for name, call := range map[string]func(){
			"no row":          func() { k.Tile(0, 1, room, room, room, room) },
			"seven rows":      func() { k.Tile(7, 1, room, room, room, room) },
			"nothing to walk": func() { k.Tile(1, 0, room, room, room, room) },
			"a is short":      func() { k.Tile(1, 17, room, Rows{make([]float32, 17*16), 16}, room, room) },
			"b is short":      func() { k.Tile(1, 2, room, room, room, room) },
			"c is short":      func() { k.Tile(2, 1, Rows{room.Data, 1}, room, Rows{room.Data, 0}, room) },
			"init is short":   func() { k.Tile(1, 1, room, room, Rows{room.Data[:15], 0}, room) },
			"backwards":       func() { k.Tile(2, 1, Rows{room.Data, -1}, room, Rows{room.Data, 0}, Rows{make([]float32, 32), 16}) },
			"widen uneven":    func() { k.Widen(make([]float32, 8), make([]uint16, 8)) },
			"widen two sizes": func() { k.Widen(make([]float32, 16), make([]uint16, 32)) },
			"seven lanes":     func() { k.GELU(make([]float32, 7)) },
			"nine lanes":      func() { k.SumExp(make([]float32, 9)) },
			"sum of nothing":  func() { k.SumExp(nil) },
		} {
			require.Panics(t, call, "%T: %s", k, name)
		}
	}
}

// All 65,536 numbers, but that a NaN may be any.
func TestWidenIsExact(t *testing.T) {
	all := make([]uint16, 1<<16)
	for i := range all {
		all[i] = uint16(i)
	}
	wide := make([]float32, len(all))
	Best().Widen(wide, all)
	for i, h := range all {
		want := Float32(h)
		if want != want {
			require.True(t, wide[i] != wide[i], "%#04x", h)
			continue
		}
		require.Equal(t, math.Float32bits(want), math.Float32bits(wide[i]), "%#04x", h)
		require.Equal(t, h, Float16(want), "there and back")
	}
}

// Float16 against a search: the nearest of two neighbours, the even one between them.
func TestFloat16IsTheNearest(t *testing.T) {
	for h := uint16(0); h < 0x7bff; h++ {
		low, high := float64(Float32(h)), float64(Float32(h+1))
		middle := float32((low + high) / 2) // exact: one bit more than float16 has
		even := h + h&1
		require.Equal(t, even, Float16(middle), "half way after %#04x", h)
		require.Equal(t, h, Float16(math.Nextafter32(middle, 0)), "just below half way after %#04x", h)
		require.Equal(t, h+1, Float16(math.Nextafter32(middle, 1e9)), "just above half way after %#04x", h)
		require.Equal(t, 0x8000|even, Float16(-middle))
	}
	require.Equal(t, uint16(0x7bff), Float16(math.Nextafter32(65520, 0)))
	require.Equal(t, uint16(0x7c00), Float16(65520), "the first that is too large")
	require.Equal(t, uint16(0xfc00), Float16(float32(math.Inf(-1))))
	require.True(t, math.IsNaN(float64(Float32(Float16(float32(math.NaN()))))))
}

func TestSumExpIsThePlainOne(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for n := Lanes; n <= 256; n += Lanes {
		for _, size := range []float32{0, 0.01, 1, 30, 1000} {
			x := random(r, n)
			for i := range x {
				x[i] *= size
			}
			x[r.IntN(n)] = float32(math.Inf(-1)) // how a row is filled up
			y := slices.Clone(x)
			want, sum := Plain{}.SumExp(x), Best().SumExp(y)
			require.InEpsilon(t, want, sum, 1e-6)
			for i := range x {
				require.InEpsilon(t, x[i], y[i], 1e-5, "e to the power of number %d of %d", i, n)
			}
		}
	}
}

func TestGELUIsThePlainOne(t *testing.T) {
	var x []float32
	for v := float32(-40); v < 40; v += 0.0005 {
		x = append(x, v)
	}
	x = append(x, 0, float32(math.Copysign(0, -1)), 1e-40, -1e-40, 1e4, -1e4)
	x = append(x, make([]float32, -len(x)&(Lanes-1))...)
	y, from := slices.Clone(x), slices.Clone(x)
	Plain{}.GELU(x)
	Best().GELU(y)
	for i := range x {
		require.InDelta(t, x[i], y[i], 2e-7*math.Max(1, math.Abs(float64(from[i]))), "of %g", from[i])
	}
}

// Products of all numbers of rows against sums in float64.
func TestMulIsTheProduct(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, shape := range [][3]int{{1, 16, 16}, {5, 384, 48}, {7, 1536, 16}, {13, 100, 32}, {30, 193, 16}} {
		rows, in, out := shape[0], shape[1], shape[2]
		weights := make([][]float32, out)
		for o := range weights {
			weights[o] = random(r, in)
			for i, x := range weights[o] {
				weights[o][i] = Float32(Float16(x)) // so that packing loses nothing
			}
		}
		bias, x := random(r, out), random(r, rows*in)
		half, err := Pack(weights[:out/2/Columns*Columns+Columns], bias[:out/2/Columns*Columns+Columns], 1)
		require.NoError(t, err)
		w := half
		if rest := weights[len(half.bias):]; len(rest) > 0 {
			other, err := Pack(rest, bias[len(half.bias):], 1)
			require.NoError(t, err)
			w = Join(half, other)
		}
		for _, k := range []Kernels{Best(), Plain{}} {
			y := make([]float32, rows*out)
			w.Mul(k, new(Scratch), rows, x, y)
			for row := range rows {
				for o := range out {
					sum := float64(bias[o])
					for i, v := range x[row*in:][:in] {
						sum += float64(v) * float64(weights[o][i])
					}
					require.InDelta(t, sum, y[row*out+o], 1e-5*math.Sqrt(float64(in)), "%T: row %d, output %d of %v", k, row, o, shape)
				}
			}
		}
	}
}

func TestPackScalesAndRefuses(t *testing.T) {
	rows := make([][]float32, Columns)
	for o := range rows {
		rows[o] = []float32{float32(o), 1}
	}
	bias := make([]float32, Columns)
	bias[3] = 8
	w, err := Pack(rows, bias, 0.25)
	require.NoError(t, err)
	y := make([]float32, Columns)
	w.Mul(Best(), new(Scratch), 1, []float32{1, 1}, y)
	require.Equal(t, float32(2+0.75+0.25), y[3])

	_, err = Pack(rows[:7], bias[:7], 1)
	require.EqualError(t, err, "kernel: 7 outputs with 7 biases: as many biases as outputs, a multiple of 16, are possible")
	rows[2] = []float32{1}
	_, err = Pack(rows, bias, 1)
	require.EqualError(t, err, "kernel: output 2 has 1 inputs, the first has 2")
	rows[2] = []float32{1, 70000}
	_, err = Pack(rows, bias, 1)
	require.EqualError(t, err, "kernel: weight 1 of output 2 is 70000: float16 ends at 65504")
}

func TestBlocksAreEven(t *testing.T) {
	for rows := range 300 {
		next, least, most := 0, MaxRows, 0
		Blocks(rows, func(from, n int) {
			require.Equal(t, next, from)
			next, least, most = from+n, min(least, n), max(most, n)
		})
		require.Equal(t, rows, next)
		require.LessOrEqual(t, most, MaxRows)
		require.True(t, rows == 0 || most-least <= 1, "%d rows: between %d and %d", rows, least, most)
	}
}

// One layer of the largest kind, in numbers multiplied a second.
func BenchmarkMul(b *testing.B) {
	r := rand.New(rand.NewPCG(7, 8))
	weights := make([][]float32, 1536)
	for o := range weights {
		weights[o] = random(r, 384)
	}
	w, err := Pack(weights, random(r, 1536), 1)
	require.NoError(b, err)
	for _, rows := range []int{5, 10, 34, 130, 256} {
		x, y := random(r, rows*384), make([]float32, rows*1536)
		for _, k := range []Kernels{Best(), Plain{}} {
			b.Run(map[bool]string{true: "plain", false: "best"}[k == Kernels(Plain{})]+"/"+strconv.Itoa(rows), func(b *testing.B) {
				s := new(Scratch)
				for b.Loop() {
					w.Mul(k, s, rows, x, y)
				}
				b.ReportMetric(float64(rows)*384*1536*2*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOPS")
			})
		}
	}
}
