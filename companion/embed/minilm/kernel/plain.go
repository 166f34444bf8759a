package kernel

import "math"

// Plain is Kernels in Go alone: for machines that have no other, and what the others are
// tested against.
type Plain struct{}

func (Plain) Tile(rows, k int, a, b, init, c Rows) {
	checkTile(rows, k, a, b, init, c)
	for i := range rows {
		left := a.Data[i*a.Stride:][:k]
		for j := 0; j < Columns; j += 4 {
			from := init.Data[i*init.Stride+j:][:4]
			x0, x1, x2, x3 := from[0], from[1], from[2], from[3]
			at := j
			for _, l := range left {
				r := b.Data[at:][:4]
				x0 += l * r[0]
				x1 += l * r[1]
				x2 += l * r[2]
				x3 += l * r[3]
				at += b.Stride
			}
			to := c.Data[i*c.Stride+j:][:4]
			to[0], to[1], to[2], to[3] = x0, x1, x2, x3
		}
	}
}

func (Plain) Widen(dst []float32, src []uint16) {
	checkWiden(dst, src)
	for i, h := range src {
		dst[i] = Float32(h)
	}
}

func (Plain) SumExp(x []float32) float32 {
	checkLanes(len(x))
	m := x[0]
	for _, v := range x {
		m = max(m, v)
	}
	var sum float64
	for i, v := range x {
		e := math.Exp(max(float64(v-m), -86))
		x[i] = float32(e)
		sum += e
	}
	return float32(sum)
}

func (Plain) GELU(x []float32) {
	checkLanes(len(x))
	for i, v := range x {
		x[i] = float32(float64(v) / 2 * math.Erfc(-float64(v)/math.Sqrt2))
	}
}
