//go:build amd64 || arm64

package kernel

// assembly is the machine's own: kernel_amd64.s, kernel_arm64.s.
type assembly struct{}

func (assembly) Tile(rows, k int, a, b, init, c Rows) {
	checkTile(rows, k, a, b, init, c)
	pa, pb, pi, pc := &a.Data[0], &b.Data[0], &init.Data[0], &c.Data[0]
	switch rows {
	case 1:
		tile1(k, pa, a.Stride, pb, b.Stride, pi, init.Stride, pc, c.Stride)
	case 2:
		tile2(k, pa, a.Stride, pb, b.Stride, pi, init.Stride, pc, c.Stride)
	case 3:
		tile3(k, pa, a.Stride, pb, b.Stride, pi, init.Stride, pc, c.Stride)
	case 4:
		tile4(k, pa, a.Stride, pb, b.Stride, pi, init.Stride, pc, c.Stride)
	case 5:
		tile5(k, pa, a.Stride, pb, b.Stride, pi, init.Stride, pc, c.Stride)
	case 6:
		tile6(k, pa, a.Stride, pb, b.Stride, pi, init.Stride, pc, c.Stride)
	}
}

func (assembly) Widen(dst []float32, src []uint16) {
	checkWiden(dst, src)
	if len(dst) > 0 {
		widen(&dst[0], &src[0], len(dst))
	}
}

func (assembly) SumExp(x []float32) float32 {
	checkLanes(len(x))
	return sumExp(&x[0], len(x), &numbers)
}

func (assembly) GELU(x []float32) {
	checkLanes(len(x))
	if len(x) > 0 {
		gelu(&x[0], len(x), &numbers)
	}
}

//go:noescape
func tile1(k int, a *float32, lda int, b *float32, ldb int, init *float32, ldinit int, c *float32, ldc int)

//go:noescape
func tile2(k int, a *float32, lda int, b *float32, ldb int, init *float32, ldinit int, c *float32, ldc int)

//go:noescape
func tile3(k int, a *float32, lda int, b *float32, ldb int, init *float32, ldinit int, c *float32, ldc int)

//go:noescape
func tile4(k int, a *float32, lda int, b *float32, ldb int, init *float32, ldinit int, c *float32, ldc int)

//go:noescape
func tile5(k int, a *float32, lda int, b *float32, ldb int, init *float32, ldinit int, c *float32, ldc int)

//go:noescape
func tile6(k int, a *float32, lda int, b *float32, ldb int, init *float32, ldinit int, c *float32, ldc int)

//go:noescape
func widen(dst *float32, src *uint16, n int)

//go:noescape
func sumExp(x *float32, n int, numbers *[19][8]float32) float32

//go:noescape
func gelu(x *float32, n int, numbers *[19][8]float32)
