package module

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
)

// growing is a module in which a function checks its stack first and then calls others, one
// of them through a table, as functions of Go do. An import stands before them, as in every
// module for a gateway.
func growing(names ...string) []byte {
	wasm := []byte("\x00asm\x01\x00\x00\x00")
	wasm = appendSection(wasm, sectionType, []byte{1, typeFunction, 0, 1, typeI32})
	wasm = appendSection(wasm, sectionImport, append(appendName(appendName([]byte{1}, "env"), "there"), 0, 0))
	wasm = appendSection(wasm, sectionFunction, []byte{3, 0, 0, 0})
	wasm = appendSection(wasm, 4, []byte{1, 0x70, 0, 1}) // a table for one function
	wasm = appendSection(wasm, sectionExport, append(appendName([]byte{1}, "run"), 0, 3))
	wasm = appendSection(wasm, sectionElement, []byte{1, 0, opI32Const, 0, opEnd, 1, 1})
	bodies := []byte{3}
	bodies = appendSized(bodies, []byte{1, 2, typeI32, opI32Const, 5, opEnd}) // with locals
	bodies = appendSized(bodies, []byte{0, opCall, 1, opEnd})
	bodies = appendSized(bodies, []byte{0, opCall, 2, opCall, 0, opAdd, opI32Const, 0, opCallIndirect, 0, 0, opAdd, opEnd})
	wasm = appendSection(wasm, sectionCode, bodies)
	var functions []byte
	functions = binary.AppendUvarint(functions, uint64(len(names)))
	for i, name := range names {
		functions = appendName(binary.AppendUvarint(functions, uint64(i+1)), name)
	}
	return appendSection(wasm, sectionCustom, append(appendName(nil, nameSection), appendSized([]byte{1}, functions)...))
}

// The functions do what they did, and before what grows a stack does it, it calls empty ones
// as often as V8 takes a call that is inlined: 60 times with the first.
func TestApart(t *testing.T) {
	named := growing("runtime.morestack", "runtime.morestack_noctxt", "main.run")
	names, err := functionNames(named)
	require.NoError(t, err)
	require.Equal(t, map[string]uint32{"runtime.morestack": 1, "runtime.morestack_noctxt": 2, "main.run": 3}, names)
	wasm, err := apart(named, names)
	require.NoError(t, err)
	wasm, err = nameless(wasm)
	require.NoError(t, err)
	empty, seven := []byte{2, 0, opEnd}, appendSized(nil, append(append([]byte{0}, bytes.Repeat([]byte{opCall, 4}, 7)...), opEnd))
	require.True(t, bytes.HasSuffix(wasm, append(empty, seven...)))
	require.Equal(t, 60, 1+7*(1+7)+3)
	first := append(bytes.Repeat([]byte{opCall, 5}, 7), bytes.Repeat([]byte{opCall, 4}, 3)...)
	require.Equal(t, 1, bytes.Count(wasm, append(append([]byte{1, 2, typeI32}, first...), opI32Const, 5, opEnd)))
	require.Equal(t, 1, bytes.Count(wasm, append(append([]byte{0}, first...), opCall, 1, opEnd)))
	require.NotContains(t, string(wasm), "morestack")

	require.Equal(t, []uint64{110}, run(t, wasm))
}

// run runs a growing module.
func run(t *testing.T, wasm []byte) []uint64 {
	ctx := t.Context()
	runtime := wazero.NewRuntime(ctx)
	t.Cleanup(func() { runtime.Close(ctx) })
	_, err := runtime.NewHostModuleBuilder("env").NewFunctionBuilder().WithFunc(func() uint32 { return 100 }).Export("there").Instantiate(ctx)
	require.NoError(t, err)
	m, err := runtime.Instantiate(ctx, wasm)
	require.NoError(t, err)
	results, err := m.ExportedFunction("run").Call(ctx)
	require.NoError(t, err)
	return results
}

// A release of Go that grows stacks otherwise is noticed, and not built more slowly.
func TestApartRefuses(t *testing.T) {
	_, err := apart(growing(), map[string]uint32{"runtime.morestack": 1, "runtime.grow": 2})
	require.ErrorContains(t, err, "no function is named runtime.morestack_noctxt")
}

func TestFunctionNamesTruncated(t *testing.T) {
	whole := growing("runtime.morestack")
	for cut := range len(nameSection) + len("runtime.morestack") {
		_, err := functionNames(whole[:len(whole)-1-cut])
		require.Error(t, err)
	}
}
