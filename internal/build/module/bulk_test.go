package module

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
)

// moving is a module of two functions that copy and fill what they are told.
func moving() []byte {
	body := func(more ...byte) []byte {
		return append([]byte{0, opLocalGet, 0, opLocalGet, 1, opLocalGet, 2, opMore}, append(more, opEnd)...)
	}
	wasm := []byte("\x00asm\x01\x00\x00\x00")
	wasm = appendSection(wasm, sectionType, []byte{1, 0x60, 3, 0x7f, 0x7f, 0x7f, 0})
	wasm = appendSection(wasm, sectionFunction, []byte{2, 0, 0})
	wasm = appendSection(wasm, 5, []byte{1, 0, 1})
	exports := append(appendName([]byte{3}, "memory"), 2, 0)
	exports = append(appendName(exports, "copy"), 0, 0)
	exports = append(appendName(exports, "fill"), 0, 1)
	wasm = appendSection(wasm, sectionExport, exports)
	return appendSection(wasm, sectionCode, appendSized(appendSized([]byte{2}, body(moreCopy, 0, 0)), body(moreFill, 0)))
}

// The functions do what the instructions do, for every size and overlap.
func TestSmallMoves(t *testing.T) {
	replaced, err := smallMoves(moving())
	require.NoError(t, err)
	require.Equal(t, 1, bytes.Count(replaced, []byte{opMore, moreCopy}))
	require.Equal(t, 1, bytes.Count(replaced, []byte{opMore, moreFill}))

	ctx := t.Context()
	runtime := wazero.NewRuntime(ctx)
	defer runtime.Close(ctx)
	m, err := runtime.Instantiate(ctx, replaced)
	require.NoError(t, err)
	text := make([]byte, 256)
	for i := range text {
		text[i] = byte(i + 1)
	}
	for size := range 70 {
		for to := 60; to < 140; to++ {
			const from = 100
			require.True(t, m.Memory().Write(0, text))
			_, err := m.ExportedFunction("copy").Call(ctx, uint64(to), from, uint64(size))
			require.NoError(t, err)
			want := bytes.Clone(text)
			copy(want[to:], text[from:from+size])
			got, _ := m.Memory().Read(0, uint32(len(text)))
			require.Equal(t, want, got, "%d bytes from %d to %d", size, from, to)
		}
		for _, with := range []byte{0, 7} {
			require.True(t, m.Memory().Write(0, text))
			_, err := m.ExportedFunction("fill").Call(ctx, 50, uint64(with), uint64(size))
			require.NoError(t, err)
			want := bytes.Clone(text)
			copy(want[50:], bytes.Repeat([]byte{with}, size))
			got, _ := m.Memory().Read(0, uint32(len(text)))
			require.Equal(t, want, got, "%d bytes of %d", size, with)
		}
	}
}

// An instruction that is not known could hide a copy, or be read as one.
func TestSmallMovesUnknown(t *testing.T) {
	for _, body := range [][]byte{{0, 0xfd, 1, opEnd}, {0, opMore, 8, 0, 0, opEnd}, {0, opCall}} {
		wasm := appendSection([]byte("\x00asm\x01\x00\x00\x00"), sectionCode, appendSized(binary.AppendUvarint(nil, 1), body))
		_, err := smallMoves(wasm)
		require.Error(t, err)
	}
}
