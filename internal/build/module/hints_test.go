package module

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// branching is a module with two functions, of which each leaves a block by a br_if, at byte 5 of
// its body, and enters an if, at byte 10.
func branching() []byte {
	wasm := []byte("\x00asm\x01\x00\x00\x00")
	wasm = appendSection(wasm, sectionType, []byte{1, typeFunction, 0, 0})
	wasm = appendSection(wasm, sectionFunction, []byte{2, 0, 0})
	body := []byte{0, opBlock, 0x40, opI32Const, 1, opBranchIf, 0, opEnd, opI32Const, 0, opIf, 0x40, opEnd, opEnd}
	wasm = appendSection(wasm, sectionCode, appendSized(appendSized([]byte{2}, body), body))
	functions := appendName(append(appendName([]byte{2, 0}, "main.one"), 1), "main.two")
	return appendSection(wasm, sectionCustom, append(appendName(nil, nameSection), appendSized([]byte{1}, functions)...))
}

// The section is as https://webassembly.github.io/branch-hinting/metadata/code/binary.html has it,
// in front of the code.
func TestHinted(t *testing.T) {
	for name, tt := range map[string]struct {
		profile string
		want    []byte // behind the section's name; nil = there is none
	}{
		"one":            {"main.one 10\n", []byte{1, 0, 2, 5, 1, 1, 10, 1, 0}},
		"both":           {"main.two 01\nmain.one 0.\nnot.there 0\n", []byte{2, 0, 1, 5, 1, 0, 1, 2, 5, 1, 0, 10, 1, 1}},
		"either way":     {"main.two -1", []byte{1, 1, 1, 10, 1, 1}},
		"nothing to say": {"main.one -.\n", nil},
		"changed since":  {"main.one 101\nmain.two 0\n", nil},
		"no profile":     {"", nil},
	} {
		t.Run(name, func(t *testing.T) {
			wasm := branching()
			names, err := functionNames(wasm)
			require.NoError(t, err)
			hinted, err := hinted(wasm, names, tt.profile)
			require.NoError(t, err)
			if tt.want == nil {
				require.Equal(t, wasm, hinted)
				return
			}
			section := appendSection(nil, sectionCustom, append(appendName(nil, hintSection), tt.want...))
			code := bytes.Index(wasm, []byte{sectionCode, 31})
			require.Positive(t, code)
			require.Equal(t, append(append(wasm[:code:code], section...), wasm[code:]...), hinted)
		})
	}
}
