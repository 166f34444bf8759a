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
		// Four dimensions are the same half of four bytes. The multiplication brings the
		// four bits, of which every byte has one, together in the top byte.
		from := g/16*32 + g%8*4
		bits := binary.LittleEndian.Uint32(codes[from:]) >> (g % 16 / 8 * 4)
		four := byte((bits >> 3 & 0x01010101 * 0x01020408) >> 24 & 15)
		k := 16*g + at
		b[k] = b[k]&^(15<<half) | four<<half
	}
	factors := b[4*dimensions:]
	binary.LittleEndian.PutUint32(factors[4*j:], math.Float32bits(weight))
	binary.LittleEndian.PutUint32(factors[4*(Width+j):], math.Float32bits(shift))
}
