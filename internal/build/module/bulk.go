package module

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// smallMoves puts calls of two functions in the place of every memory.copy and memory.fill.
// Go's compiler writes these for whatever is longer than 16 bytes and the runtime for whatever
// it moves, in a request some hundred times, mostly for less than 33 bytes; and V8 makes a
// call out of the module of each, which takes three times as long as the few loads and stores
// of these functions. A call is shorter, too.
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
	opMemorySize, opMemoryGrow         = 0x3f, 0x40
	opI32Const, opI64Const             = 0x41, 0x42
	opF32Const, opF64Const             = 0x43, 0x44
	opI32GtU, opI32GeU, opAdd, opSub   = 0x4b, 0x4f, 0x6a, 0x6b
	opI32Or                            = 0x72
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

// The parameters of both functions, and what they have read.
const (
	to, source, size = 0, 1, 2 // source is the byte to fill with in the second
	word0            = 3       // to word3
)

// copyFunction reads all that it moves before it writes any, as memory.copy does:
//
//	size > 32 or < 8   memory.copy
//	size >= 16         the first and the last 16 bytes, which may overlap
//	else               the first and the last 8
var copyFunction = moved(moreCopy, func(b []byte, offsets ...int) []byte {
	for i, at := range offsets {
		b = append(address(b, source, at), opI64Load, 0, offset(at))
		b = append(b, opLocalSet, byte(word0+i))
	}
	for i, at := range offsets {
		b = append(address(b, to, at), opLocalGet, byte(word0+i))
		b = append(b, opI64Store, 0, offset(at))
	}
	return b
})

// fillFunction fills with zeros, which is all that Go fills with, and leaves others to
// memory.fill.
var fillFunction = moved(moreFill, func(b []byte, offsets ...int) []byte {
	for _, at := range offsets {
		b = append(address(b, to, at), opI64Const, 0, opI64Store, 0, offset(at))
	}
	return b
})

// moved is a function that leaves what is not of the usual size to an instruction. Offsets
// below zero are from the end.
func moved(instruction byte, words func(b []byte, offsets ...int) []byte) []byte {
	const noValue = 0x40
	b := []byte{1, 4, 0x7e} // four locals, of 64 bits
	b = append(b, opBlock, noValue)
	// Out of the block where the size is not one of 8 to 32: size - 8 > 24, without a sign.
	b = append(b, opLocalGet, size, opI32Const, 8, opSub, opI32Const, 24, opI32GtU)
	if instruction == moreFill {
		b = append(b, opLocalGet, source, opI32Or)
	}
	b = append(b, opBranchIf, 0)
	b = append(b, opLocalGet, size, opI32Const, 16, opI32GeU, opIf, noValue)
	b = append(words(b, 0, 8, -16, -8), opElse)
	b = append(words(b, 0, -8), opEnd, opReturn, opEnd)
	b = append(b, opLocalGet, to, opLocalGet, source, opLocalGet, size, opMore, instruction, 0)
	if instruction == moreCopy {
		b = append(b, 0)
	}
	return append(b, opEnd)
}

// address is where the word at an offset is, but for offset, which the access adds.
func address(b []byte, local byte, at int) []byte {
	b = append(b, opLocalGet, local)
	if at < 0 {
		b = append(b, opLocalGet, size, opAdd, opI32Const, byte(-at), opSub)
	}
	return b
}

func offset(at int) byte { return byte(max(at, 0)) }
