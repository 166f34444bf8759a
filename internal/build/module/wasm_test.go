package module

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
)

// crafted writes a module with the given sections and nothing else.
type crafted struct {
	imports, exports []string // imports as "module.name" with the parts in pairs
	code, data       int      // bytes of contents
}

func (c crafted) bytes() []byte {
	var imports, exports []byte
	imports = binary.AppendUvarint(imports, uint64(len(c.imports)/2))
	for i := 0; i < len(c.imports); i += 2 {
		imports = append(appendName(appendName(imports, c.imports[i]), c.imports[i+1]), 0, 0)
	}
	exports = binary.AppendUvarint(exports, uint64(len(c.exports)))
	for _, name := range c.exports {
		exports = append(appendName(exports, name), 0, 0)
	}
	wasm := []byte("\x00asm\x01\x00\x00\x00")
	wasm = appendSection(wasm, 0, appendName(nil, "custom"))
	wasm = appendSection(wasm, sectionImport, imports)
	wasm = appendSection(wasm, sectionExport, exports)
	wasm = appendSection(wasm, sectionCode, make([]byte, c.code))
	return appendSection(wasm, sectionData, make([]byte, c.data))
}

func appendName(b []byte, name string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(name))), name...)
}

func appendSection(wasm []byte, id byte, contents []byte) []byte {
	return append(binary.AppendUvarint(append(wasm, id), uint64(len(contents))), contents...)
}

func TestParse(t *testing.T) {
	b, err := parse(crafted{imports: []string{"env", "a", "wasi", "b"}, exports: []string{"x", "y"}, code: 300, data: 5}.bytes())
	require.NoError(t, err)
	require.Equal(t, sections{code: 300, data: 5, imports: []string{"env.a", "wasi.b"}, exports: []string{"x", "y"}}, b)
}

// Memories, tables and globals can be imported too; the function behind them must not
// be read from the wrong place.
func TestParseOtherKindsOfImport(t *testing.T) {
	section := []byte{5}
	section = append(appendName(appendName(section, "env"), "table"), 1, 0x70, 1, 2, 200, 1)
	section = append(appendName(appendName(section, "env"), "memory"), 2, 0, 17)
	section = append(appendName(appendName(section, "env"), "bounded"), 2, 1, 17, 18)
	section = append(appendName(appendName(section, "env"), "global"), 3, 0x7f, 1)
	section = append(appendName(appendName(section, "env"), "function"), 0, 200, 1)
	b, err := parse(appendSection([]byte("\x00asm\x01\x00\x00\x00"), sectionImport, section))
	require.NoError(t, err)
	require.Equal(t, []string{"env.table", "env.memory", "env.bounded", "env.global", "env.function"}, b.imports)
}

func TestParseRefuses(t *testing.T) {
	whole := crafted{imports: []string{"env", "a"}, exports: []string{"x"}}.bytes()
	for name, tt := range map[string]struct{ wasm, problem string }{
		"not wasm":            {"ELF", "not a WebAssembly module"},
		"a component":         {"\x00asm\x0d\x00\x01\x00", "not a WebAssembly module of version 1"},
		"cut in a section":    {string(whole[:len(whole)-1]), "truncated"},
		"cut in a size":       {"\x00asm\x01\x00\x00\x00\x0a\x80", "truncated"},
		"number too long":     {"\x00asm\x01\x00\x00\x00\x0a\xff\xff\xff\xff\x7f", "32 bits"},
		"unknown import kind": {"\x00asm\x01\x00\x00\x00\x02\x06\x01\x01e\x01f\x09", "section 2: import e.f has the unknown kind 9"},
		"more imports stated": {"\x00asm\x01\x00\x00\x00\x02\x02\x02\x00", "section 2: truncated"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse([]byte(tt.wasm))
			require.ErrorContains(t, err, tt.problem)
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(crafted{imports: []string{"env", "a"}, exports: []string{"x"}, code: 3}.bytes())
	f.Add([]byte("\x00asm\x01\x00\x00\x00\x02\xff\xff\xff\xff\x0f"))
	f.Fuzz(func(t *testing.T, wasm []byte) {
		b, err := parse(wasm)
		if err == nil {
			require.LessOrEqual(t, b.code+b.data, len(wasm))
		}
	})
}
