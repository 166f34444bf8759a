package module

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

// sections is what the gates need to know of a WebAssembly module; see
// https://webassembly.github.io/spec/core/binary/modules.html.
type sections struct {
	code, data int // bytes of the section's contents
	imports    []string
	exports    []string
}

const (
	sectionCustom   = 0
	sectionType     = 1
	sectionImport   = 2
	sectionFunction = 3
	sectionExport   = 7
	sectionStart    = 8
	sectionElement  = 9
	sectionCode     = 10
	sectionData     = 11
)

const (
	typeI32, typeI64 = 0x7f, 0x7e
	typeFunction     = 0x60
)

const headerSize = 8

var errTruncated = errors.New("truncated")

// parse reads the sections of a module. Imports are named "module.name".
//
//	"\0asm" 1 0 0 0 | id size contents | id size contents | …
func parse(wasm []byte) (sections, error) {
	var b sections
	header := []byte("\x00asm\x01\x00\x00\x00")
	if !bytes.HasPrefix(wasm, header) {
		return b, errors.New("not a WebAssembly module of version 1")
	}
	err := eachSection(wasm, func(id byte, contents []byte) error {
		section := &reader{rest: contents}
		switch id {
		case sectionImport:
			b.imports = section.imports()
		case sectionExport:
			b.exports = section.exports()
		case sectionCode:
			b.code = len(section.rest)
		case sectionData:
			b.data = len(section.rest)
		}
		return section.err
	})
	return b, err
}

// eachSection visits the sections of a module.
func eachSection(wasm []byte, visit func(id byte, contents []byte) error) error {
	for r := (&reader{rest: wasm[headerSize:]}); len(r.rest) > 0; {
		id := r.byte()
		contents := r.bytes()
		if r.err != nil {
			return r.err
		}
		if err := visit(id, contents); err != nil {
			return fmt.Errorf("section %d: %w", id, err)
		}
	}
	return nil
}

// eachFunction visits the bodies of a module's own functions, in the order of their indices.
func eachFunction(wasm []byte, visit func(index uint32, body []byte) error) error {
	var imported uint32
	return eachSection(wasm, func(id byte, contents []byte) error {
		s := &reader{rest: contents}
		switch id {
		case sectionImport:
			imported = uint32(len(s.imports())) // Go imports nothing but functions
		case sectionCode:
			for i := range s.uint32() {
				body := s.bytes()
				if s.err != nil {
					break
				}
				if err := visit(imported+i, body); err != nil {
					return err
				}
			}
		}
		return s.err
	})
}

// changed is a module with the contents of its sections as by gives them; nil leaves one out.
func changed(wasm []byte, by func(id byte, contents []byte) ([]byte, error)) ([]byte, error) {
	out := append([]byte(nil), wasm[:headerSize]...)
	err := eachSection(wasm, func(id byte, contents []byte) error {
		contents, err := by(id, contents)
		if contents != nil {
			out = appendSized(append(out, id), contents)
		}
		return err
	})
	return out, err
}

// before is a module with a section more, in front of the first of another kind.
func before(wasm []byte, which, id byte, section []byte) ([]byte, error) {
	out := append([]byte(nil), wasm[:headerSize]...)
	err := eachSection(wasm, func(is byte, contents []byte) error {
		if is == which {
			out = appendSized(append(out, id), section)
		}
		out = appendSized(append(out, is), contents)
		return nil
	})
	return out, err
}

func appendSized(b, contents []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(contents))), contents...)
}

// reader takes values off the front of rest. After an error it gives zero values.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) imports() (names []string) {
	for n := r.uint32(); n > 0 && r.err == nil; n-- {
		name := string(r.bytes()) + "." + string(r.bytes())
		switch kind := r.byte(); kind {
		case 0: // function: its type
			r.uint32()
		case 1: // table: element type, limits
			r.byte()
			r.limits()
		case 2: // memory
			r.limits()
		case 3: // global: value type, mutability
			r.byte()
			r.byte()
		default:
			r.fail(fmt.Errorf("import %s has the unknown kind %d", name, kind))
		}
		names = append(names, name)
	}
	return names
}

func (r *reader) exports() (names []string) {
	for n := r.uint32(); n > 0 && r.err == nil; n-- {
		names = append(names, string(r.bytes()))
		r.byte()   // kind
		r.uint32() // index
	}
	return names
}

func (r *reader) limits() {
	hasMaximum := r.byte()&1 == 1
	r.uint32()
	if hasMaximum {
		r.uint32()
	}
}

func (r *reader) byte() byte {
	if len(r.rest) == 0 {
		r.fail(errTruncated)
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

// bytes is a size and as many bytes.
func (r *reader) bytes() []byte {
	size := r.uint32()
	if uint64(size) > uint64(len(r.rest)) {
		r.fail(errTruncated)
		return nil
	}
	b := r.rest[:size]
	r.rest = r.rest[size:]
	return b
}

// uint32 is in LEB128: seven bits a byte, the lowest first.
func (r *reader) uint32() uint32 {
	var v uint64
	for shift := 0; shift < 35; shift += 7 {
		b := r.byte()
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			if bits.Len64(v) > 32 {
				break
			}
			return uint32(v)
		}
	}
	r.fail(errors.New("a number has more than 32 bits"))
	return 0
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.rest = nil
}
