package module

// smallMoves puts calls of two functions in the place of every memory.copy and memory.fill.
// Go's compiler writes these for whatever is longer than 16 bytes and the runtime for whatever
// it moves, in a request some hundred times, mostly less than 65 bytes; and V8 makes a call
// out of the module of each, which takes three times as long as the few loads and stores of
// these functions. A call is shorter, too.
//
// It is done before wasm-opt, which checks what comes out.
func smallMoves(wasm []byte) ([]byte, error) {
	return rewritten(wasm, rewriting{
		parameters: []byte{typeI32, typeI32, typeI32},
		added:      func(uint32) [][]byte { return [][]byte{copyFunction, fillFunction} },
		edit:       func(first, _ uint32, body []byte) ([]byte, error) { return movesReplaced(body, first) },
	})
}

// movesReplaced is a function's body with calls in the place of its copies and fills.
func movesReplaced(body []byte, first uint32) ([]byte, error) {
	return replaced(body, func(op byte, operand uint32) []byte {
		if op != opMore || operand != moreCopy && operand != moreFill {
			return nil
		}
		return calls(first+operand-moreCopy, 1)
	})
}

// The parameters of both functions, and what the first has read.
const (
	to, source, size = 0, 1, 2 // source is the byte to fill with in the second
	word             = 3       // and the seven behind it, of 64 bits
	half             = 11      // and the two behind it, of 32 bits
)

// A piece is what is moved at once: from an offset on, or, below zero, from the end.
type piece struct {
	offset int
	access access
}

// access is how a piece is read and written, and what into.
type access struct{ load, store, zero, local byte }

var (
	byWord = access{opI64Load, opI64Store, opI64Const, word}
	byHalf = access{opI32Load, opI32Store, opI32Const, half}
	byByte = access{opI32Load8, opI32Store8, opI32Const, half}
)

// middle is the offset size/2.
const middle = 1 << 10

// steps are what a number of bytes up to 64 is moved in, by the least that it is: the first
// and the last pieces of it, which may overlap.
var steps = []struct {
	least  byte
	pieces []piece
}{
	{33, []piece{{0, byWord}, {8, byWord}, {16, byWord}, {24, byWord}, {-32, byWord}, {-24, byWord}, {-16, byWord}, {-8, byWord}}},
	{16, []piece{{0, byWord}, {8, byWord}, {-16, byWord}, {-8, byWord}}},
	{8, []piece{{0, byWord}, {-8, byWord}}},
	{4, []piece{{0, byHalf}, {-4, byHalf}}},
	{1, []piece{{0, byByte}, {middle, byByte}, {-1, byByte}}},
}

// copyFunction reads all that it moves before it writes any, as memory.copy does.
var copyFunction = moved(moreCopy, func(b []byte, pieces []piece) []byte {
	for i, p := range pieces {
		b = append(p.address(b, source), p.access.load, 0, p.fixed(), opLocalSet, p.access.local+byte(i))
	}
	for i, p := range pieces {
		b = append(p.address(b, to), opLocalGet, p.access.local+byte(i), p.access.store, 0, p.fixed())
	}
	return b
})

// fillFunction fills with zeros, which is all that Go fills with, and leaves others to
// memory.fill.
var fillFunction = moved(moreFill, func(b []byte, pieces []piece) []byte {
	for _, p := range pieces {
		b = append(p.address(b, to), p.access.zero, 0, p.access.store, 0, p.fixed())
	}
	return b
})

// moved is a function that leaves what is not of a usual size to an instruction.
func moved(instruction byte, move func(b []byte, pieces []piece) []byte) []byte {
	const noValue = 0x40
	b := []byte{2, half - word, typeI64, 3, typeI32} // locals
	b = append(b, opBlock, noValue)
	// Out of the block where size is not one of 1 to 64: size - 1 > 63, without a sign.
	b = append(b, opLocalGet, size, opI32Const, 1, opSub, opI32Const, 63, opI32GtU)
	if instruction == moreFill {
		b = append(b, opLocalGet, source, opI32Or)
	}
	b = append(b, opBranchIf, 0)
	for _, s := range steps {
		b = append(b, opLocalGet, size, opI32Const, s.least, opI32GeU, opIf, noValue)
		b = append(move(b, s.pieces), opReturn, opEnd)
	}
	b = append(b, opEnd, opLocalGet, to, opLocalGet, source, opLocalGet, size, opMore, instruction, 0)
	if instruction == moreCopy {
		b = append(b, 0)
	}
	return append(b, opEnd)
}

// address is where a piece is, but for its fixed offset, which the access adds.
func (p piece) address(b []byte, local byte) []byte {
	b = append(b, opLocalGet, local)
	switch {
	case p.offset == middle:
		b = append(b, opLocalGet, size, opI32Const, 1, opI32ShrU, opAdd)
	case p.offset < 0:
		b = append(b, opLocalGet, size, opAdd, opI32Const, byte(-p.offset), opSub)
	}
	return b
}

func (p piece) fixed() byte {
	if p.offset == middle {
		return 0
	}
	return byte(max(p.offset, 0))
}
