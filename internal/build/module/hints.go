package module

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/binary"
	"slices"
	"strings"
)

// requestBranches tells which way the branches of the functions go that usual requests run: a
// line for each function, with its name and a sign for each of its branches in their order. See
// TestFunctions in package filter, which writes it.
//
//go:embed branches.txt
var requestBranches string

// The signs of a branch: an if that is entered, or a br_if that leaves.
const (
	NotRun = '.'
	Never  = '0'
	Always = '1'
	Either = '-'
)

// hintSection is the name of the custom section in which a module tells which branches are
// likely: https://webassembly.github.io/branch-hinting/metadata/code/binary.html.
const hintSection = "metadata.code.branch_hint"

// hinted tells V8, by the lines of a profile, which way branches go. It puts what is hardly ever
// run behind the rest of a function then, instead of between, and keeps registers free of it:
// a request's code is on fewer lines of the processor's cache. A function that has another
// number of branches than its line has signs has been changed since, and gets no hints.
//
// Whoever knows no hints passes over the section.
func hinted(wasm []byte, names map[string]uint32, profile string) ([]byte, error) {
	signs := map[uint32]string{} // by index
	for line := range strings.Lines(profile) {
		name, of, _ := strings.Cut(strings.TrimSpace(line), " ")
		if index, found := names[name]; found {
			signs[index] = of
		}
	}
	type hint struct {
		at    int // from the beginning of the body
		taken byte
	}
	type function struct {
		index uint32
		hints []hint
	}
	var hints []function
	var imported uint32
	err := eachSection(wasm, func(id byte, contents []byte) error {
		s := &reader{rest: contents}
		switch id {
		case sectionImport:
			imported = uint32(len(s.imports()))
		case sectionCode:
			for i := range s.uint32() {
				body := s.bytes()
				of, found := signs[imported+i]
				if !found {
					continue
				}
				f := function{index: imported + i}
				n := 0
				err := branches(body, func(at int) {
					if n < len(of) && (of[n] == Never || of[n] == Always) {
						f.hints = append(f.hints, hint{at, of[n] - Never})
					}
					n++
				})
				if err != nil {
					return err
				}
				if n == len(of) && len(f.hints) > 0 {
					hints = append(hints, f)
				}
			}
		}
		return s.err
	})
	if err != nil || len(hints) == 0 {
		return wasm, err
	}
	slices.SortFunc(hints, func(a, b function) int { return cmp.Compare(a.index, b.index) })
	section := appendSized(nil, []byte(hintSection))
	section = binary.AppendUvarint(section, uint64(len(hints)))
	for _, f := range hints {
		section = binary.AppendUvarint(section, uint64(f.index))
		section = binary.AppendUvarint(section, uint64(len(f.hints)))
		for _, h := range f.hints {
			section = append(binary.AppendUvarint(section, uint64(h.at)), 1, h.taken)
		}
	}
	return before(wasm, sectionCode, sectionCustom, section)
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

// branches visits the places in a function's body where it goes one way or another by a value.
func branches(body []byte, visit func(at int)) error {
	return instructions(body, func(at, _ int, op byte, _ uint32) {
		if op == opIf || op == opBranchIf {
			visit(at)
		}
	})
}

// Branch is one branch of a module's function.
type Branch struct {
	Function uint32 // its index
	Number   uint32 // from 0
}

// probed is a module, with names, in which each branch calls a function that has none, the only
// such one with three parameters and a result: with its value, which that returns, and with the
// numbers of its Branch.
func probed(wasm []byte) ([]byte, error) {
	return rewritten(wasm, rewriting{
		parameters: []byte{typeI32, typeI32, typeI32}, results: []byte{typeI32},
		added: func(uint32) [][]byte { return [][]byte{{0, opLocalGet, 0, opEnd}} },
		edit: func(probe, function uint32, body []byte) (out []byte, err error) {
			kept, n := 0, uint32(0)
			err = branches(body, func(at int) {
				out = append(out, body[kept:at]...)
				out = append(constant(constant(out, function), n), calls(probe, 1)...)
				kept = at
				n++
			})
			return append(out, body[kept:]...), err
		},
	})
}

// constant appends the code that gives a number.
func constant(code []byte, n uint32) []byte {
	code = append(code, opI32Const)
	for ; n > 0x3f; n >>= 7 {
		code = append(code, byte(n)|0x80)
	}
	return append(code, byte(n))
}

// Profile is how branches.txt has what was seen of the branches of a module with names.
func Profile(wasm []byte, seen map[Branch]byte) (string, error) {
	names, err := functionNames(wasm)
	if err != nil {
		return "", err
	}
	var lines []string
	var imported uint32
	err = eachSection(wasm, func(id byte, contents []byte) error {
		s := &reader{rest: contents}
		switch id {
		case sectionImport:
			imported = uint32(len(s.imports()))
		case sectionCode:
			name := make(map[uint32]string, len(names))
			for of, index := range names {
				name[index] = of
			}
			for i := range s.uint32() {
				b := Branch{Function: imported + i}
				var signs []byte
				err := branches(s.bytes(), func(int) {
					signs = append(signs, cmp.Or(seen[b], NotRun))
					b.Number++
				})
				if err != nil {
					return err
				}
				if name[b.Function] != "" && bytes.ContainsFunc(signs, func(r rune) bool { return r != NotRun }) {
					lines = append(lines, name[b.Function]+" "+string(signs)+"\n")
				}
			}
		}
		return s.err
	})
	slices.Sort(lines)
	return strings.Join(lines, ""), err
}
