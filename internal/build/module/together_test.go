package module

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Wherever the functions are, they call each other, and are found by the host and in tables.
func TestTogether(t *testing.T) {
	for name, tt := range map[string]struct {
		list string
		from uint32
		run  byte // the place of main.run
	}{
		"as it is":      {"", 0, 3},
		"to the front":  {"main.run\nnot.there\n", 0, 1},
		"behind others": {"main.run\nruntime.morestack\n", 2, 2},
		"reversed":      {"main.run\nruntime.morestack_noctxt\nmain.run\n", 0, 1},
		"all stay":      {"main.run\n", 128, 3},
	} {
		t.Run(name, func(t *testing.T) {
			wasm := growing("runtime.morestack", "runtime.morestack_noctxt", "main.run")
			names, err := functionNames(wasm)
			require.NoError(t, err)
			wasm, err = together(wasm, names, tt.list, tt.from)
			require.NoError(t, err)
			require.Contains(t, string(wasm), string(append(appendName(nil, "run"), 0, tt.run)))
			require.EqualValues(t, tt.run, names["main.run"])
			require.Equal(t, []uint64{110}, run(t, wasm))
		})
	}
}

// What Go does not make might hold an index that is not seen.
func TestTogetherUnknown(t *testing.T) {
	module := []byte("\x00asm\x01\x00\x00\x00")
	_, err := together(appendSection(module, sectionElement, []byte{1, 1, 0}), nil, "", 0)
	require.ErrorContains(t, err, "elements of form 1")
	_, err = together(appendSection(module, sectionElement, []byte{1, 0, 0x23, 0, opEnd, 0}), nil, "", 0)
	require.ErrorContains(t, err, "an offset that is no constant")
	_, err = together(appendSection(module, sectionCode, appendSized([]byte{1}, []byte{0, 0xd2, 0, opEnd})), nil, "", 0) // ref.func
	require.ErrorContains(t, err, "instruction 0xd2")
}
