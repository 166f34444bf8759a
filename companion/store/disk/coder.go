package disk

import (
	"math"
	mathbits "math/bits"
	"math/rand/v2"
)

// A coder turns the vectors of one space into codes that can be searched quickly, and
// queries into what is compared with them.
//
// A vector is turned by a fixed random rotation, which spreads whatever it has of
// structure evenly over all numbers, so that each is about normally distributed whatever
// the embedder is. From it the space's centre is taken: embedders put all sentences on one
// side of the sphere, and what they share tells nothing. Four bits of each number of the
// rest are kept. The top bit of the four is the sign, and the signs alone are enough for a
// first look (Gao and Long, RaBitQ, SIGMOD 2024, whose estimator this is): the error of a
// cosine by signs is about 0.04 of a standard deviation at 384 numbers, by four bits
// 0.006, whatever the vectors are.
type coder struct {
	length  int       // of the space's vectors
	padded  int       // the next multiple of 64
	signs   []float32 // of the rotation: random ones before each of its transforms
	centre  []float32 // rotated; nil = the origin
	squared float32   // length of the centre, squared
}

const (
	// step of four-bit codes in standard deviations that loses least of a normal
	// distribution (Max, Quantizing for Minimum Distortion, 1960, table II).
	step = 0.3352
	// levels is the middle of the codes 0 to 15.
	levels = 7.5
)

func newCoder(length int) *coder {
	c := &coder{length: length, padded: (length + 63) / 64 * 64}
	r := rand.New(rand.NewPCG(0x736c75696365, uint64(length))) // fixed: codes of two processes are equal
	c.signs = make([]float32, transforms*c.padded)
	for i := range c.signs {
		c.signs[i] = float32(int(r.Uint32()&1)*2 - 1)
	}
	return c
}

// around is the coder with the centre of vectors that have been rotated.
func (c *coder) around(rotated [][]float32) *coder {
	next := *c
	next.centre, next.squared = make([]float32, c.padded), 0
	for i := range next.centre {
		var sum float64
		for _, v := range rotated {
			sum += float64(v[i])
		}
		next.centre[i] = float32(sum / float64(len(rotated)))
		next.squared += next.centre[i] * next.centre[i]
	}
	return &next
}

// transforms are done one after the other, alternately of the first and the last numbers:
// together they reach all where the length is no power of two. Of fewer than four, vectors
// of a few numbers come out as patterns, at which signs are twice as far off.
const transforms = 4

// rotate needs room for padded numbers.
func (c *coder) rotate(v, out []float32) {
	clear(out[copy(out, v):])
	power := 1
	for power*2 <= c.padded {
		power *= 2
	}
	for n := range transforms {
		for i, s := range c.signs[n*c.padded:][:c.padded] {
			out[i] *= s
		}
		hadamard(out[n%2*(c.padded-power):][:power])
	}
}

// hadamard is the Walsh-Hadamard transform, in place, keeping lengths. Of the passes over
// all numbers, one does what four would: reading and writing them is what takes time. At
// least 64 numbers.
func hadamard(v []float32) {
	scale := float32(1 / math.Sqrt(float64(len(v))))
	for i := 0; i+4 <= len(v); i += 4 {
		w := v[i : i+4 : i+4]
		a, b, c, d := w[0]*scale, w[1]*scale, w[2]*scale, w[3]*scale
		a, b, c, d = a+b, a-b, c+d, c-d
		w[0], w[1], w[2], w[3] = a+c, b+d, a-c, b-d
	}
	h := 4
	for ; 4*h <= len(v); h *= 4 {
		for i := 0; i < len(v); i += 4 * h {
			a, b, c, d := v[i:i+h], v[i+h:i+2*h], v[i+2*h:i+3*h], v[i+3*h:i+4*h]
			b, c, d = b[:len(a)], c[:len(a)], d[:len(a)]
			for j := range a {
				p, q, r, s := a[j]+b[j], a[j]-b[j], c[j]+d[j], c[j]-d[j]
				a[j], b[j], c[j], d[j] = p+r, q+s, p-r, q-s
			}
		}
	}
	if h < len(v) {
		a, b := v[:h], v[h:]
		b = b[:len(a)]
		for j, x := range a {
			y := b[j]
			a[j], b[j] = x+y, x-y
		}
	}
}

// codes is one vector as it is searched: its rest after the centre was taken is about
// step * (code - 7.5) in every dimension, and shift is the rest's product with the centre.
type codes struct {
	nibbles     []byte
	step, shift float32
	coder       *coder
}

// encode makes the codes of a vector of unit length, in rotated, which it spends.
func (c *coder) encode(rotated []float32) codes {
	var squares, shift float32
	for i, x := range rotated {
		if c.centre != nil {
			x -= c.centre[i]
			rotated[i] = x
			shift += x * c.centre[i]
		}
		squares += x * x
	}
	out := codes{nibbles: make([]byte, c.padded/2), shift: shift, coder: c}
	inverse := float32(0)
	if squares > 0 {
		inverse = float32(1 / (step * math.Sqrt(float64(squares)/float64(c.padded))))
	}
	var product float32
	for i, x := range rotated {
		// 8 is the first of the positive half; codes are clamped, which at this step
		// happens to 7 numbers in 1,000.
		code := int32(x*inverse+1024) - 1016
		code = max(0, min(15, code))
		product += (float32(code) - levels) * x
		out.nibbles[i/64*32+i%32] |= byte(code << (i % 64 / 32 * 4))
	}
	if product > 0 {
		out.step = squares / product // so that the codes' product with the vector is right
	}
	return out
}

// weight is what the signs of the codes are multiplied by to be most like the vector.
func weight(nibbles []byte, step float32) float32 {
	var absolute, squares int32 // of twice the levels, which are odd numbers
	for _, b := range nibbles {
		for _, code := range [2]int32{int32(b & 15), int32(b >> 4)} {
			level := 2*code - 15
			squares += level * level
			absolute += (level ^ level>>31) - level>>31
		}
	}
	return step * float32(squares) / float32(2*absolute)
}

// query is one vector that codes are compared with.
type query struct {
	base  float32 // the product of the centre and the vector
	rest  float32 // length of what is left of it without the centre
	q     []int8  // that, in steps of scale
	scale float32
	half  float32 // what the codes' middle would add

	table       []byte // of package dot
	tableScale  float32
	tableBottom float32
}

func (c *coder) query(v []float32) *query {
	rotated := make([]float32, c.padded)
	c.rotate(v, rotated)
	q := &query{q: make([]int8, c.padded)}
	var largest, squares float32
	for i, x := range rotated {
		if c.centre != nil {
			q.base += x * c.centre[i]
			x -= c.centre[i]
			rotated[i] = x
		}
		squares += x * x
		largest = max(largest, x, -x)
	}
	q.rest = float32(math.Sqrt(float64(squares)))
	q.scale = max(largest, 1e-20) / 127
	sum := int32(0)
	for i, x := range rotated {
		q.q[i] = int8(math.RoundToEven(float64(x / q.scale)))
		sum += int32(q.q[i])
	}
	q.half = levels * q.scale * float32(sum)
	q.lookups(rotated)
	return q
}

// lookups makes the table of what four signs add, in the steps that 8 bits allow for the
// four that can add most.
func (q *query) lookups(rotated []float32) {
	widest := float32(1e-20)
	bottoms := make([]float32, len(rotated)/4)
	for g := range bottoms {
		for _, x := range rotated[4*g : 4*g+4] {
			bottoms[g] -= max(x, -x)
		}
		q.tableBottom += bottoms[g]
		widest = max(widest, -2*bottoms[g])
	}
	q.tableScale = widest / float32(min(255, 65535/len(bottoms)))
	q.table = make([]byte, 4*len(rotated))
	for g, bottom := range bottoms {
		four := rotated[4*g : 4*g+4]
		var sums [16]float32
		sums[0] = 0.5 - (bottom+four[0]+four[1]+four[2]+four[3])/q.tableScale
		for bits := 1; bits < 16; bits++ {
			lowest := mathbits.TrailingZeros(uint(bits))
			sums[bits] = sums[bits&(bits-1)] + 2*four[lowest]/q.tableScale
		}
		for bits, sum := range sums {
			q.table[16*g+bits] = byte(clamp(sum, 0, 255))
		}
	}
}
