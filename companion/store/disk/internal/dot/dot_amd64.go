package dot

import "golang.org/x/sys/cpu"

var fast = cpu.X86.HasAVX2 && cpu.X86.HasFMA

//go:noescape
func nibblesAVX2(codes *byte, q *int8, groups int) int32

//go:noescape
func signsAVX2(block *byte, table *byte, pairs int, scale, base, bar float32, out *[Width]float32) uint32

//go:noescape
func prefetch(p *byte, lines int)

func nibbles(codes []byte, q []int8) int32 {
	if !fast || len(q) == 0 {
		return nibblesGo(codes, q)
	}
	return nibblesAVX2(&codes[0], &q[0], len(q)/64)
}

func signs(block Block, table []byte, scale, base, bar float32, out *[Width]float32) uint32 {
	if !fast || len(table) == 0 {
		return signsGo(block, table, scale, base, bar, out)
	}
	return signsAVX2(&block[0], &table[0], len(table)/32, scale, base, bar, out)
}
