//go:build wasip1

package main

import (
	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm"
	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/types"

	"github.com/sluice-gateway/sluice/filter/internal/abi"
	"github.com/sluice-gateway/sluice/gateway"
)

// stream is what both roles have of one stream in a filter chain.
type stream struct {
	types.DefaultHttpContext
	plugin  *plugin
	context uint32
	scratch []byte
}

// role is a stream in its role: see edge and provider.
type role interface {
	types.HttpContext
	// panicked runs after a callback of the stream has panicked and been answered.
	panicked()
}

func (s *stream) reader(which abi.Body) gateway.Read {
	return func(start, size int) []byte {
		if size == 0 {
			return nil
		}
		if s.plugin.host.wholeBodies && start > 0 { // get_buffer ignores the offset there
			data, _ := abi.ReadBody(s.scratch, which, 0, start+size)
			s.keep(data)
			return data[min(start, len(data)):]
		}
		data, _ := abi.ReadBody(s.scratch, which, start, size)
		s.keep(data)
		return data
	}
}

// keep keeps the buffer of a read for the next one. What a step is shown is valid
// until the next.
func (s *stream) keep(data []byte) {
	if cap(data) <= maxScratch {
		s.scratch = data[:0]
	}
}

const maxScratch = 64 << 10

// resume lets go what a callback has held.
func resume(at callback) {
	if at == requestHeaders || at == requestBody {
		must("resume", proxywasm.ResumeHttpRequest())
		return
	}
	must("resume", proxywasm.ResumeHttpResponse())
}
