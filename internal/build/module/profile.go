package module

import (
	"slices"
	"strings"
)

// The signs of a branch: an if that is entered, or a br_if that leaves.
const (
	NotRun = '.'
	Never  = '0'
	Always = '1'
	Either = '-'
)

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
	name := make(map[uint32]string, len(names))
	for of, index := range names {
		name[index] = of
	}
	var lines []string
	err = eachFunction(wasm, func(index uint32, body []byte) error {
		var signs []byte
		run := false
		err := branches(body, func(int) {
			sign, is := seen[Branch{Function: index, Number: uint32(len(signs))}]
			if !is {
				sign = NotRun
			}
			signs, run = append(signs, sign), run || is
		})
		if run && name[index] != "" {
			lines = append(lines, name[index]+" "+string(signs)+"\n")
		}
		return err
	})
	slices.Sort(lines)
	return strings.Join(lines, ""), err
}
