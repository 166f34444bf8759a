package dot

//go:noescape
func nibblesNEON(codes *byte, q *int8, groups int) int32

//go:noescape
func sumsNEON(block *byte, table *byte, fours int, sums *[Width]uint16)

//go:noescape
func prefetch(p *byte, lines int)

func nibbles(codes []byte, q []int8) int32 {
	if len(q) == 0 {
		return 0
	}
	return nibblesNEON(&codes[0], &q[0], len(q)/64)
}

func signs(block Block, table []byte, scale, base, bar float32, out *[Width]float32) uint32 {
	var sums [Width]uint16
	if len(table) > 0 {
		sumsNEON(&block[0], &table[0], len(table)/16, &sums)
	}
	return judge(block[len(table):], &sums, scale, base, bar, out)
}
