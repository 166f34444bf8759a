package module

import (
	_ "embed"
	"encoding/binary"
	"strings"
)

// requestBranches tells which way the branches of the functions go that usual requests run: a
// line for each function, with its name and a sign for each of its branches in their order. See
// TestBranches in package filter, which writes it.
//
//go:embed branches.txt
var requestBranches string

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
	var hints []function // in the order of their indices
	err := eachFunction(wasm, func(index uint32, body []byte) error {
		of, f, n := signs[index], function{index: index}, 0
		err := branches(body, func(at int) {
			if n < len(of) && (of[n] == Never || of[n] == Always) {
				f.hints = append(f.hints, hint{at, of[n] - Never})
			}
			n++
		})
		if n == len(of) && len(f.hints) > 0 {
			hints = append(hints, f)
		}
		return err
	})
	if err != nil || len(hints) == 0 {
		return wasm, err
	}
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
