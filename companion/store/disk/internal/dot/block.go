package dot

import (
	"encoding/binary"
	"math"
)

func float(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }

// Set puts a vector in place j of the block: the top bits of its nibbles, and its factors.
func (b Block) Set(j int, codes []byte, weight, shift float32) {
	dimensions := (len(b) - 8*Width) / 4
	at, half := j%16, 4*(j/16)
	for g := 0; g < dimensions/4; g++ {
		var four byte
		for i := range 4 {
			four |= code(codes, 4*g+i) >> 3 << i
		}
		k := 16*g + at
		b[k] = b[k]&^(15<<half) | four<<half
	}
	factors := b[4*dimensions:]
	binary.LittleEndian.PutUint32(factors[4*j:], math.Float32bits(weight))
	binary.LittleEndian.PutUint32(factors[4*(Width+j):], math.Float32bits(shift))
}

// code is that of one dimension.
func code(codes []byte, i int) byte {
	return codes[i/64*32+i%32] >> (i % 64 / 32 * 4) & 15
}
