package module

import (
	"encoding/binary"
	"fmt"
)

// apart keeps V8 from inlining the module's functions into each other.
//
// Envoy has V8 compile a module with its optimising compiler alone. Without the counts that
// the baseline compiler takes elsewhere, that inlines whatever a function calls, and what this
// calls, in the order in which it stands there: until twice the function's own bytes are used
// up, or 60 calls (NoLiftoffBudget and kMaxInlinedCount in V8's src/wasm/inlining-tree.h). What
// stands first in a function of Go is the check of its stack, and so more than half of the
// machine code was copies of how a stack grows, how a nil pointer is reported, and of other
// calls that hardly anybody makes, compiled at every start.
//
// So that first call uses up the 60, by calls of an empty function, which is no machine code;
// one more would be compiled, in each function again. Who grows a stack makes them, in less time
// than the growing takes; and an engine that counts otherwise inlines as it did before.
func apart(wasm []byte, names map[string]uint32) ([]byte, error) {
	growing := map[uint32]bool{}
	for _, name := range []string{"runtime.morestack_noctxt", "runtime.morestack"} {
		index, found := names[name]
		if !found {
			return nil, fmt.Errorf("no function is named %s: this Go release has changed it, so build with Go 1.26 or adapt internal/build/module/apart.go", name)
		}
		growing[index] = true
	}
	return rewritten(wasm, rewriting{
		// With itself, seven calls of a function that calls the empty one seven times, and
		// three of the empty one, are 60.
		added: func(first uint32) [][]byte {
			return [][]byte{{0, opEnd}, append(append([]byte{0}, calls(first, 7)...), opEnd)}
		},
		edit: func(first, index uint32, body []byte) ([]byte, error) {
			if !growing[index] {
				return body, nil
			}
			r := &reader{rest: body}
			r.locals()
			begin := len(body) - len(r.rest)
			code := append(calls(first+1, 7), calls(first, 3)...)
			return append(append(body[:begin:begin], code...), r.rest...), r.err
		},
	})
}

// calls is the code of n calls of a function without parameters or results.
func calls(function uint32, n int) (code []byte) {
	for range n {
		code = binary.AppendUvarint(append(code, opCall), uint64(function))
	}
	return code
}
