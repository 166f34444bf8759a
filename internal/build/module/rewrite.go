package module

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// rewriting is what is changed of a module's functions.
type rewriting struct {
	// added are the bodies of functions more, which have the given parameters and results.
	// The first of them has the index first.
	parameters, results []byte // types of values
	added               func(first uint32) [][]byte

	// edit gives a function its new body.
	edit func(first, index uint32, body []byte) ([]byte, error)
}

// rewritten is a module with its functions changed.
func rewritten(wasm []byte, w rewriting) ([]byte, error) {
	var imported, first, typeIndex uint32
	var added [][]byte
	return changed(wasm, func(id byte, contents []byte) ([]byte, error) {
		s := &reader{rest: contents}
		switch id {
		case sectionType:
			typeIndex = s.uint32()
			contents = append(binary.AppendUvarint(nil, uint64(typeIndex)+1), s.rest...)
			contents = appendSized(appendSized(append(contents, typeFunction), w.parameters), w.results)
		case sectionImport:
			imported = uint32(len(s.imports())) // Go imports nothing but functions
		case sectionFunction:
			n := s.uint32()
			first = imported + n
			added = w.added(first)
			contents = append(binary.AppendUvarint(nil, uint64(n)+uint64(len(added))), s.rest...)
			for range added {
				contents = binary.AppendUvarint(contents, uint64(typeIndex))
			}
		case sectionCode:
			n := s.uint32()
			contents = binary.AppendUvarint(nil, uint64(n)+uint64(len(added)))
			for i := range n {
				body, err := w.edit(first, imported+i, s.bytes())
				if err = errors.Join(err, s.err); err != nil {
					return nil, err
				}
				contents = appendSized(contents, body)
			}
			for _, body := range added {
				contents = appendSized(contents, body)
			}
		}
		return contents, s.err
	})
}

// locals passes over a body's declarations of locals.
func (r *reader) locals() {
	for n := r.uint32(); n > 0 && r.err == nil; n-- { // how many, of which type
		r.uint32()
		r.byte()
	}
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

// replaced is a function's body with what by gives in the place of an instruction, which may be
// nil: the instruction stays. by is told the operand of calls, and which of the further
// instructions it is.
func replaced(body []byte, by func(op byte, operand uint32) []byte) ([]byte, error) {
	var out []byte
	kept := 0 // what of the body is in out
	err := instructions(body, func(at, end int, op byte, operand uint32) {
		if code := by(op, operand); code != nil {
			out = append(append(out, body[kept:at]...), code...)
			kept = end
		}
	})
	return append(out, body[kept:]...), err
}

// instructions visits the instructions of a function's body, of which each is body[at:end]. The
// operand is that of calls, and which of the further instructions it is.
func instructions(body []byte, visit func(at, end int, op byte, operand uint32)) error {
	r := &reader{rest: body}
	r.locals()
	for len(r.rest) > 0 {
		at := len(body) - len(r.rest)
		op, operand := r.byte(), uint32(0)
		switch {
		case op == opCall:
			operand = r.uint32()
		case op == opMore:
			switch operand = r.uint32(); {
			case operand == moreCopy:
				r.skip(2)
			case operand == moreFill:
				r.skip(1)
			case operand > moreLastSaturate:
				return fmt.Errorf("instruction 0xfc %d, which is not known here", operand)
			}
		case op == opBlock, op == opLoop, op == opIf, op == opBranch, op == opBranchIf, op >= opLocalGet && op <= opLastOf,
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
			return fmt.Errorf("instruction 0x%x, which is not known here", op)
		}
		if r.err == nil {
			visit(at, len(body)-len(r.rest), op, operand)
		}
	}
	return r.err
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
