package wasmhost_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

// Garbage, large bodies through the allocator, nested and repeated: nothing is read that
// the collector has taken, and memory stays flat.
func TestMemoryFlat(t *testing.T) {
	for _, scratch := range []string{"", "keep-scratch 70000"} {
		vm, plugin := start(t, wasmhost.Options{NoTrace: true}, `
			context_create: `+scratch+`
			request_headers: get accept; garbage 200
			request_body: sdk-body; body; garbage 200; body
			response_body: body; replace-body done
		`)
		piece := strings.Repeat("x", 64<<10)
		run := func(n int) {
			for range n {
				s := plugin.Exchange(post("/x", piece), streamed(piece))
				require.Equal(t, "donedone", string(s.Client().Body()))
				require.Equal(t, piece, string(s.Upstream().Body()))
			}
		}
		run(500) // the heap finds its size, give or take a step
		before := vm.MemoryBytes()
		run(500)
		require.LessOrEqual(t, vm.MemoryBytes(), before+1<<20, "500 requests left over 2 KiB each")
		for _, note := range notes(vm) {
			if strings.HasPrefix(note, "body = \"x") {
				require.Equal(t, `body = "`+piece[:80]+`"… of 65536`, note)
			}
		}
	}
}

// The host calls of a streamed answer allocate nothing when they are given scratch: the
// host writes into it.
func TestNoAllocations(t *testing.T) {
	vm, plugin := start(t, on(wasmhost.Envoy), "request_body@more: count m 1; allocations")
	s := plugin.Exchange(post("/x", "abc"), streamed())
	require.Equal(t, "abc", string(s.Upstream().Body()))
	require.Contains(t, notes(vm), "allocations = 0")
}
