package module

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// requestFunctions are the names of the functions that usual requests run, in the order in
// which these come to them: see TestFunctions in package filter, which writes them.
//
//go:embed together.txt
var requestFunctions string

// oneByte is the index from which on a call takes a byte more.
const oneByte = 128

// together puts the functions of a list beside each other, since V8 lays out machine code in
// the order of the module's functions, or in the reverse of it. A request runs one in five of
// them, and wherever they lie alone it needs a page, and the entries of the processor for
// that, of its own.
//
// What is below the index from stays: what most places call, which --reorder-functions has put
// there.
func together(wasm []byte, names map[string]uint32, list string, from uint32) ([]byte, error) {
	var imported uint32
	var place []uint32 // the new index of each function
	var order []uint32 // and which it was; imports are not among these
	moved := func(index uint32) uint32 { return place[index] }
	wasm, err := changed(wasm, func(id byte, contents []byte) ([]byte, error) {
		s := &reader{rest: contents}
		switch id {
		case sectionImport:
			imported = uint32(len(s.imports()))
		case sectionFunction:
			types := make([]uint32, s.uint32())
			for i := range types {
				types[i] = s.uint32()
			}
			place, order = ordered(imported, uint32(len(types)), from, names, list)
			contents = binary.AppendUvarint(nil, uint64(len(order)))
			for _, index := range order {
				contents = binary.AppendUvarint(contents, uint64(types[index-imported]))
			}
		case sectionExport:
			contents = s.exportsMoved(moved)
		case sectionElement:
			contents = s.elementsMoved(moved)
		case sectionStart:
			contents = binary.AppendUvarint(nil, uint64(moved(s.uint32())))
		case sectionCode:
			bodies := make([][]byte, s.uint32())
			for i := range bodies {
				body, err := replaced(s.bytes(), func(op byte, operand uint32) []byte {
					if op != opCall {
						return nil
					}
					return calls(moved(operand), 1)
				})
				if err != nil {
					return nil, err
				}
				bodies[i] = body
			}
			contents = binary.AppendUvarint(nil, uint64(len(bodies)))
			for _, index := range order {
				contents = appendSized(contents, bodies[index-imported])
			}
		}
		return contents, s.err
	})
	for name, index := range names {
		if int(index) < len(place) {
			names[name] = moved(index)
		}
	}
	return wasm, err
}

// ordered is the order of a module's n own functions, and the place of each function in it.
func ordered(imported, n, from uint32, names map[string]uint32, list string) (place, order []uint32) {
	place = make([]uint32, imported+n)
	placed := make([]bool, imported+n)
	put := func(index uint32) {
		if index >= imported && !placed[index] {
			placed[index] = true
			place[index] = imported + uint32(len(order))
			order = append(order, index)
		}
	}
	for i := range imported {
		place[i] = i
	}
	for i := imported; i < min(from, imported+n); i++ {
		put(i)
	}
	for name := range strings.Lines(list) {
		if index, found := names[strings.TrimSpace(name)]; found {
			put(index)
		}
	}
	for i := range n {
		put(imported + i)
	}
	return place, order
}

// exportsMoved are the exports with the new indices of functions.
func (r *reader) exportsMoved(moved func(uint32) uint32) []byte {
	const function = 0
	n := r.uint32()
	out := binary.AppendUvarint(nil, uint64(n))
	for ; n > 0 && r.err == nil; n-- {
		out = appendSized(out, r.bytes())
		kind, index := r.byte(), r.uint32()
		if kind == function && r.err == nil {
			index = moved(index)
		}
		out = binary.AppendUvarint(append(out, kind), uint64(index))
	}
	return out
}

// elementsMoved are the tables' contents with the new indices: lists of functions from an
// offset on, which is all that Go makes.
func (r *reader) elementsMoved(moved func(uint32) uint32) []byte {
	n := r.uint32()
	out := binary.AppendUvarint(nil, uint64(n))
	for ; n > 0 && r.err == nil; n-- {
		if form := r.byte(); form != 0 {
			r.fail(fmt.Errorf("elements of form %d, which is not known here", form))
			break
		}
		offset := r.rest
		if op := r.byte(); op != opI32Const {
			r.fail(errors.New("an offset that is no constant"))
			break
		}
		r.number()
		r.skip(1) // end
		out = append(append(out, 0), offset[:len(offset)-len(r.rest)]...)
		length := r.uint32()
		out = binary.AppendUvarint(out, uint64(length))
		for ; length > 0 && r.err == nil; length-- {
			if index := r.uint32(); r.err == nil {
				out = binary.AppendUvarint(out, uint64(moved(index)))
			}
		}
	}
	return out
}
