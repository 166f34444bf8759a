package render_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// testModule writes a proxy-wasm module that does what the rendered configuration
// is there for, and nothing else, and returns its path. It holds a request's
// headers until the body is complete, routes the request to the cluster given,
// and when the stream is done counts in each metric and leaves the record. It traps
// when a request has more than manyHeaders headers.
// It is assembled here, by hand, because a module of a few hundred bytes is
// compiled by Envoy in no time: what the real module does is tested in e2e.
func testModule(t *testing.T, cluster, record string, metrics ...metric) string {
	t.Helper()
	a := &assembler{}
	header, name := a.text("x-sluice-cluster"), a.text("sluice_record")
	value, content := a.text(cluster), a.text(record)

	onHeaders := cat(
		getLocal(1), i32(manyHeaders), trapIfGreater,
		call(replaceHeader, i32(requestHeaders), header, value), drop,
		getLocal(2), ifZero(i32(pause), i32(proceed)),
	)
	onBody := cat(getLocal(2), ifZero(i32(pause), i32(proceed)))
	onLog := cat(call(setProperty, name, content), drop)
	for _, m := range metrics {
		onLog = cat(onLog,
			call(defineMetric, i32(m.kind), a.text(m.name), i32(scratch)), drop,
			call(m.verb(), cat(i32(scratch), load), i64(m.value)), drop,
		)
	}
	path := filepath.Join(t.TempDir(), "test.wasm")
	require.NoError(t, os.WriteFile(path, a.module(onHeaders, onBody, onLog), 0o600))
	return path
}

const manyHeaders = 40

// metric is a metric that the module counts in.
type metric struct {
	kind  int32
	name  string
	value int64
}

// The kinds of metric, as the ABI numbers them.
const (
	counter   = 0
	gauge     = 1
	histogram = 2
)

func (m metric) verb() byte {
	if m.kind == counter {
		return incrementMetric
	}
	return recordMetric
}

// Values of the proxy-wasm ABI 0.2.1.
const (
	proceed        = 0
	pause          = 1
	requestHeaders = 0
)

// The imported functions, numbered in the order of import.
const (
	replaceHeader byte = iota
	setProperty
	defineMetric
	incrementMetric
	recordMetric
	imports
)

// Where things are in the module's one page of memory: what the host writes into
// the module goes to scratch too, for this module reads only what it asked for last.
const (
	scratch  = 0
	textBase = 32 << 10
)

type assembler struct{ data []byte }

// text puts a string in memory and returns the code that pushes address and length.
func (a *assembler) text(s string) []byte {
	at := textBase + len(a.data)
	a.data = append(a.data, s...)
	return cat(i32(int32(at)), i32(int32(len(s))))
}

// module is the binary, section by section (WebAssembly core, chapter 5).
func (a *assembler) module(onHeaders, onBody, onLog []byte) []byte {
	const i32Type, i64Type, function = 0x7f, 0x7e, 0x60
	typeOf := func(params, results []byte) []byte {
		return cat([]byte{function}, vector(params), vector(results))
	}
	types := [][]byte{
		typeOf([]byte{i32Type, i32Type, i32Type, i32Type, i32Type}, []byte{i32Type}), // 0 replace header
		typeOf([]byte{i32Type, i32Type, i32Type, i32Type}, []byte{i32Type}),          // 1 set property, define metric
		typeOf([]byte{i32Type, i64Type}, []byte{i32Type}),                            // 2 increment, record
		typeOf([]byte{i32Type, i32Type, i32Type}, []byte{i32Type}),                   // 3 on headers, on body
		typeOf([]byte{i32Type, i32Type}, []byte{i32Type}),                            // 4 on start, on configure
		typeOf([]byte{i32Type, i32Type}, nil),                                        // 5 on create
		typeOf([]byte{i32Type}, nil),                                                 // 6 on log
		typeOf([]byte{i32Type}, []byte{i32Type}),                                     // 7 allocate
		typeOf(nil, nil),                                                             // 8 version
	}
	var imported [][]byte
	for _, f := range []struct {
		name string
		kind byte
	}{
		{"proxy_replace_header_map_value", 0}, {"proxy_set_property", 1},
		{"proxy_define_metric", 1}, {"proxy_increment_metric", 2}, {"proxy_record_metric", 2},
	} {
		imported = append(imported, cat(vector([]byte("env")), vector([]byte(f.name)), []byte{0, f.kind}))
	}
	var declared, exported, bodies [][]byte
	for i, f := range []struct {
		name string
		kind byte
		code []byte
	}{
		{"proxy_abi_version_0_2_1", 8, nil},
		{"proxy_on_memory_allocate", 7, i32(scratch)},
		{"proxy_on_vm_start", 4, i32(1)},
		{"proxy_on_configure", 4, i32(1)},
		{"proxy_on_context_create", 5, nil},
		{"proxy_on_request_headers", 3, onHeaders},
		{"proxy_on_request_body", 3, onBody},
		{"proxy_on_log", 6, onLog},
	} {
		declared = append(declared, []byte{f.kind})
		exported = append(exported, cat(vector([]byte(f.name)), []byte{0, imports + byte(i)}))
		bodies = append(bodies, vector(cat([]byte{0}, f.code, []byte{0x0b})))
	}
	exported = append(exported, cat(vector([]byte("memory")), []byte{2, 0}))
	return cat(
		[]byte("\x00asm\x01\x00\x00\x00"),
		section(1, items(types)),
		section(2, items(imported)),
		section(3, items(declared)),
		section(5, items([][]byte{{0, 1}})), // one page
		section(7, items(exported)),
		section(10, items(bodies)),
		section(11, items([][]byte{cat([]byte{0}, i32(textBase), []byte{0x0b}, vector(a.data))})),
	)
}

// The few instructions that are needed.
var (
	drop = []byte{0x1a}
	load = []byte{0x28, 2, 0} // i32.load, aligned to 4

	// if the first of two numbers is greater, unreachable
	trapIfGreater = []byte{0x4a, 0x04, 0x40, 0x00, 0x0b}
)

func i32(v int32) []byte     { return signed(0x41, int64(v)) }
func i64(v int64) []byte     { return signed(0x42, v) }
func getLocal(n byte) []byte { return []byte{0x20, n} }
func call(f byte, arguments ...[]byte) []byte {
	return cat(cat(arguments...), []byte{0x10, f})
}

// ifZero takes a number from the stack and pushes one of two.
func ifZero(then, otherwise []byte) []byte {
	return cat([]byte{0x45, 0x04, 0x7f}, then, []byte{0x05}, otherwise, []byte{0x0b})
}

// signed is an instruction with a LEB128 operand.
func signed(instruction byte, v int64) []byte {
	out := []byte{instruction}
	for {
		low := byte(v & 0x7f)
		v >>= 7
		if v == 0 && low&0x40 == 0 || v == -1 && low&0x40 != 0 {
			return append(out, low)
		}
		out = append(out, low|0x80)
	}
}

func unsigned(v int) []byte {
	var out []byte
	for ; v >= 0x80; v >>= 7 {
		out = append(out, byte(v)|0x80)
	}
	return append(out, byte(v))
}

func vector(b []byte) []byte              { return cat(unsigned(len(b)), b) }
func items(all [][]byte) []byte           { return cat(unsigned(len(all)), cat(all...)) }
func section(id byte, body []byte) []byte { return cat([]byte{id}, vector(body)) }

func cat(parts ...[]byte) []byte {
	var out []byte
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}
