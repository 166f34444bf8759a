// Package dot has the two inner loops of the search: sums over packed codes, for which the
// processor has instructions that Go's compiler does not use. Each is written in Go, as
// the oracle and for other processors, and in assembly for amd64 with AVX2 and for arm64.
package dot

// Width is how many vectors a block of sign bits holds.
const Width = 32

// Nibbles returns the sum of code times q over all dimensions. Codes are 0 to 15, packed
// in groups of 64 dimensions: byte j of a group's 32 has dimension j in its low half and
// dimension 32+j in its high half. len(q) is a multiple of 64, at most 65,536, and no
// number in it is -128.
func Nibbles(codes []byte, q []int8) int32 {
	if len(q)%64 != 0 || len(codes) < len(q)/2 {
		panic("dot: the codes are shorter than the query")
	}
	return nibbles(codes, q)
}

// Prefetch starts to bring codes from memory, for Nibbles a little later.
func Prefetch(codes []byte) {
	if len(codes) > 0 {
		prefetch(&codes[0], (len(codes)+63)/64)
	}
}

func nibblesGo(codes []byte, q []int8) int32 {
	var sum int32
	for g := 0; g < len(q); g += 64 {
		for j := range 32 {
			b := codes[g/2+j]
			sum += int32(b&15)*int32(q[g+j]) + int32(b>>4)*int32(q[g+32+j])
		}
	}
	return sum
}

// Block is the place of 32 vectors' sign bits and of two factors for each, as Signs reads
// them:
//
//	dimensions/8 x 32 bytes  bits: of dimensions 8p to 8p+7, bytes 32p to 32p+31.
//	                         Byte j of the first 16 has dimensions 8p to 8p+3 of vector j
//	                         in its low half and of vector 16+j in its high half; the
//	                         second 16 have dimensions 8p+4 to 8p+7 likewise
//	32 float32               weight of each vector
//	32 float32               shift of each vector
type Block []byte

// Size is the number of bytes of a block of vectors with so many dimensions.
func Size(dimensions int) int { return dimensions*4 + 8*Width }

// Signs writes to out, for each vector of a block, shift + weight * (scale*s + base), where
// s is the sum of the table's values for the vector's bits, and returns which of them are
// over the bar: bit j for vector j. The table has 16 bytes for every four dimensions; no
// sum may exceed 65,535. A block has a multiple of 8 dimensions.
func Signs(block Block, table []byte, scale, base, bar float32, out *[Width]float32) uint32 {
	if len(table)%32 != 0 || len(block) != Size(len(table)/4) {
		panic("dot: a block of another size")
	}
	return signs(block, table, scale, base, bar, out)
}

func signsGo(block Block, table []byte, scale, base, bar float32, out *[Width]float32) uint32 {
	var sums [Width]uint16
	for g := 0; g < len(table)/16; g++ {
		for j := range 16 {
			b := block[16*g+j]
			sums[j] += uint16(table[16*g+int(b&15)])
			sums[16+j] += uint16(table[16*g+int(b>>4)])
		}
	}
	return judge(block[len(table):], &sums, scale, base, bar, out)
}

// judge ends a block whose sums are known.
func judge(factors []byte, sums *[Width]uint16, scale, base, bar float32, out *[Width]float32) (over uint32) {
	for j, sum := range sums {
		out[j] = float(factors[4*(Width+j):]) + float(factors[4*j:])*(scale*float32(sum)+base)
		if out[j] > bar {
			over |= 1 << j
		}
	}
	return over
}
