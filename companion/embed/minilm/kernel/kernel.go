// Package kernel is the arithmetic of a small transformer: products of matrices in
// float32, weights that are kept in float16, and the two functions of e^x between them.
//
// A product is made tile by tile: at most MaxRows rows of the result and Columns columns of
// it are kept in registers while the inner dimension is walked. All else (which tiles, how
// weights are packed) is Go, the same for every machine; a machine adds only the four inner
// loops of Kernels.
package kernel

import "fmt"

const (
	MaxRows = 6  // of a tile
	Columns = 16 // of a tile, and of a panel of packed weights
	Lanes   = 8  // SumExp and GELU take a multiple of this many numbers
)

// Kernels are the loops that a machine has its own instructions for.
type Kernels interface {
	// Tile sets c to init + a*b, where a has rows rows (1 to MaxRows) of k numbers, b has k
	// rows of Columns numbers, and init and c have rows rows of Columns numbers. init may be
	// c, and may have the stride 0: the same row for all.
	Tile(rows, k int, a, b, init, c Rows)
	// Widen sets dst to the float16 numbers of src. Their length is one multiple of Columns.
	Widen(dst []float32, src []uint16)
	// SumExp replaces every x by e^(x-m), m being the largest, and returns their sum. What is
	// smaller than e^-86 is taken as that. The length is a multiple of Lanes and not 0.
	SumExp(x []float32) float32
	// GELU replaces every x by x*Φ(x), Φ being the normal distribution, within 2e-7 of the
	// larger of 1 and |x|. The length is a multiple of Lanes.
	GELU(x []float32)
}

// Rows is a matrix inside a larger one: row i begins at Data[i*Stride].
type Rows struct {
	Data   []float32
	Stride int
}

// check refuses what would make an inner loop leave the matrix: assembly does not look.
func (m Rows) check(name string, rows, columns int) {
	if m.Stride < 0 || len(m.Data) < (rows-1)*m.Stride+columns {
		panic(fmt.Sprintf("kernel: %s has %d numbers, too few for %d rows of %d that are %d apart", name, len(m.Data), rows, columns, m.Stride))
	}
}

func checkTile(rows, k int, a, b, init, c Rows) {
	if rows < 1 || rows > MaxRows || k < 1 {
		panic(fmt.Sprintf("kernel: a tile of %d rows over %d numbers: 1 to %d rows and at least 1 number are possible", rows, k, MaxRows))
	}
	a.check("a", rows, k)
	b.check("b", k, Columns)
	init.check("init", rows, Columns)
	c.check("c", rows, Columns)
}

func checkWiden(dst []float32, src []uint16) {
	if len(dst) != len(src) || len(dst)%Columns != 0 {
		panic(fmt.Sprintf("kernel: %d float16 into %d float32: one multiple of %d is possible", len(src), len(dst), Columns))
	}
}

func checkLanes(n int) {
	if n%Lanes != 0 {
		panic(fmt.Sprintf("kernel: %d numbers are no multiple of %d", n, Lanes))
	}
}
