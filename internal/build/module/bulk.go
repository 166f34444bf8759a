package module

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// smallMoves puts calls of two functions in the place of every memory.copy and memory.fill.
// Go's compiler writes these for whatever is longer than 16 bytes and the runtime for whatever
// it moves, in a request some hundred times, mostly less than 65 bytes; and V8 makes a call
// out of the module of each, which takes three times as long as the few loads and stores of
// these functions. A call is shorter, too.
//
// It is done before wasm-opt, which checks what comes out.
func smallMoves(wasm []byte) ([]byte, error) {
	const header = 8
	out := append([]byte(nil), wasm[:header]...)
	var first uint32 // the index of the first of the two functions
	var typeIndex uint32
	for r := (&reader{rest: wasm[header:]}); len(r.rest) > 0; {
		id := r.byte()
		contents := r.bytes()
		if r.err != nil {
			return nil, r.err
		}
		s := &reader{rest: contents}
		switch id {
		case sectionType:
			typeIndex = s.uint32()
			contents = append(binary.AppendUvarint(nil, uint64(typeIndex)+1), s.rest...)
			contents = append(contents, 0x60, 3, 0x7f, 0x7f, 0x7f, 0) // (i32, i32, i32) -> ()
		case sectionImport:
			first += uint32(len(s.imports())) // Go imports nothing but functions
		case sectionFunction:
			n := s.uint32()
			first += n
			contents = append(binary.AppendUvarint(nil, uint64(n)+2), s.rest...)
			contents = binary.AppendUvarint(binary.AppendUvarint(contents, uint64(typeIndex)), uint64(typeIndex))
		case sectionCode:
			n := s.uint32()
			contents = binary.AppendUvarint(nil, uint64(n)+2)
			for range n {
				body, err := movesReplaced(s.bytes(), first)
				if err = errors.Join(err, s.err); err != nil {
					return nil, err
				}
				contents = appendSized(contents, body)
			}
			contents = appendSized(appendSized(contents, copyFunction), fillFunction)
		}
		out = append(binary.AppendUvarint(append(out, id), uint64(len(contents))), contents...)
	}
	return out, nil
}

func appendSized(b, contents []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(contents))), contents...)
}

// What is named here of https://webassembly.github.io/spec/core/binary/instructions.html.
const (
	opBlock, opLoop, opIf, opEnd       = 0x02, 0x03, 0x04, 0x0b
	opReturn, opCall, opCallIndirect   = 0x0f, 0x10, 0x11
	opBranch, opBranchIf, opBranches   = 0x0c, 0x0d, 0x0e
	opLocalGet, opLocalSet, opLastOf   = 0x20, 0x21, 0x24 // of local.* and global.*
	opFirstAccess, opLastAccess        = 0x28, 0x3e       // of loads and stores
	opI64Load, opI64Store              = 0x29, 0x37
	opI32Load, opI32Store              = 0x28, 0x36
	opI32Load8, opI32Store8            = 0x2d, 0x3a // without a sign
	opMemorySize, opMemoryGrow         = 0x3f, 0x40
	opI32Const, opI64Const             = 0x41, 0x42
	opF32Const, opF64Const             = 0x43, 0x44
	opI32GtU, opI32GeU, opAdd, opSub   = 0x4b, 0x4f, 0x6a, 0x6b
	opI32Or, opI32ShrU                 = 0x72, 0x76
	opFirstPlain, opLastPlain          = 0x45, 0xc4 // without operands of their own
	opMore, moreCopy, moreFill         = 0xfc, 10, 11
	opUnreachable, opNop, opElse       = 0x00, 0x01, 0x05
	opDrop, opSelect, moreLastSaturate = 0x1a, 0x1b, 7
)

// movesReplaced is a function's body with calls in the place of its copies and fills.
func movesReplaced(body []byte, first uint32) ([]byte, error) {
	r := &reader{rest: body}
	for n := r.uint32(); n > 0; n-- { // the locals: how many, of which type
		r.uint32()
		r.byte()
	}
	var out []byte
	kept := 0 // what of the body is in out
	for len(r.rest) > 0 {
		at := len(body) - len(r.rest)
		switch op := r.byte(); {
		case op == opMore:
			switch more := r.uint32(); more {
			case moreCopy, moreFill:
				r.byte()
				if more == moreCopy {
					r.byte()
				}
				out = append(append(out, body[kept:at]...), opCall)
				out = binary.AppendUvarint(out, uint64(first+more-moreCopy))
				kept = len(body) - len(r.rest)
			default:
				if more > moreLastSaturate {
					return nil, fmt.Errorf("instruction 0xfc %d, which is not known here", more)
				}
			}
		case op == opBlock, op == opLoop, op == opIf, op == opBranch, op == opBranchIf, op == opCall, op >= opLocalGet && op <= opLastOf,
			op == opMemorySize, op == opMemoryGrow, op == opI32Const, op == opI64Const:
			r.number()
		case op == opCallIndirect, op >= opFirstAccess && op <= opLastAccess:
			r.number()
			r.number()
		case op == opBranches:
			for n := uint64(r.uint32()) + 1; n > 0 && r.err == nil; n-- {
				r.number()
			}
		case op == opF32Const:
			r.skip(4)
		case op == opF64Const:
			r.skip(8)
		case op <= opNop, op == opElse, op == opEnd, op == opReturn, op == opDrop, op == opSelect, op >= opFirstPlain && op <= opLastPlain:
		default:
			return nil, fmt.Errorf("instruction 0x%x, which is not known here", op)
		}
	}
	return append(out, body[kept:]...), r.err
}

// number passes over a number in LEB128, of whatever size and sign.
func (r *reader) number() {
	for r.byte() >= 0x80 {
	}
}

func (r *reader) skip(n int) {
	for range n {
		r.byte()
	}
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
	b := []byte{2, half - word, 0x7e, 3, 0x7f} // locals of 64 and of 32 bits
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
