//go:build wasip1

package main

import (
	"strconv"
	"unsafe"
)

// In Envoy the module is a filter that answers each request itself. The body is the number of an encoding, as a byte, and the text;
// the answer is "tokens nanoseconds", by Envoy's monotonic clock, which leaves the transport out.

//go:wasmimport env proxy_get_buffer_bytes
func getBufferBytes(kind, start, most uint32, data, size *uint32) uint32

//go:wasmimport env proxy_send_local_response
func sendLocalResponse(status uint32, details unsafe.Pointer, detailsSize uint32, body unsafe.Pointer, bodySize uint32,
	headers unsafe.Pointer, headersSize uint32, grpcStatus int32) uint32

const (
	requestBody = 0
	pause       = 1 // what a callback returns for Envoy not to go on with the request yet
)

//go:wasmexport proxy_abi_version_0_2_1
func abiVersion() {}

// The only memory that Envoy asks for is where it puts a body.
//
//go:wasmexport proxy_on_memory_allocate
func onMemoryAllocate(size uint32) unsafe.Pointer { return room(size) }

//go:wasmexport proxy_on_vm_start
func onVMStart(_, _ uint32) uint32 { return 1 }

//go:wasmexport proxy_on_configure
func onConfigure(_, _ uint32) uint32 { return 1 }

//go:wasmexport proxy_on_context_create
func onContextCreate(_, _ uint32) {}

//go:wasmexport proxy_on_request_headers
func onRequestHeaders(_, _, _ uint32) uint32 { return pause }

// Envoy writes here, so it is not on a stack, which may move.
var got struct{ data, size uint32 }

//go:wasmexport proxy_on_request_body
func onRequestBody(_, size, end uint32) uint32 {
	if end == 0 {
		return pause // and keep what there is
	}
	getBufferBytes(requestBody, 0, size, &got.data, &got.size)
	tokens, took := timed(text[0], text[1:])
	answer := strconv.AppendInt(nil, int64(tokens), 10)
	answer = append(answer, ' ')
	answer = strconv.AppendInt(answer, took.Nanoseconds(), 10)
	sendLocalResponse(200, nil, 0, unsafe.Pointer(&answer[0]), uint32(len(answer)), nil, 0, -1)
	return pause
}

//go:wasmexport proxy_on_done
func onDone(_ uint32) uint32 { return 1 }

//go:wasmexport proxy_on_delete
func onDelete(_ uint32) {}
