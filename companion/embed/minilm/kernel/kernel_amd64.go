package kernel

import "golang.org/x/sys/cpu"

// Best is the fastest set that this machine can run.
func Best() Kernels {
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA && hasF16C() {
		return avx2{}
	}
	return Plain{}
}

// avx2 needs AVX2, FMA and F16C: any x86-64-v3 machine, which is Intel's of 2013 and AMD's
// of 2015 and later.
type avx2 struct{}

func (avx2) Tile(rows, k int, a, b, init, c Rows) {
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

func (avx2) Widen(dst []float32, src []uint16) {
	checkWiden(dst, src)
	if len(dst) > 0 {
		widen(&dst[0], &src[0], len(dst))
	}
}

func (avx2) SumExp(x []float32) float32 {
	checkLanes(len(x))
	return sumExp(&x[0], len(x), &numbers)
}

func (avx2) GELU(x []float32) {
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

// hasF16C asks the machine (CPUID leaf 1, ECX bit 29): golang.org/x/sys/cpu does not.
func hasF16C() bool
