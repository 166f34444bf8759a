//go:build !amd64 && !arm64

package dot

func nibbles(codes []byte, q []int8) int32 { return nibblesGo(codes, q) }

func signs(block Block, table []byte, scale, base, bar float32, out *[Width]float32) uint32 {
	return signsGo(block, table, scale, base, bar, out)
}

func prefetch(*byte, int) {}
