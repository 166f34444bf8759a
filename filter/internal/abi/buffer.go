//go:build wasip1

package abi

import "unsafe"

//go:wasmimport env proxy_get_buffer_bytes
func proxyGetBufferBytes(bufferType, start, maxSize uint32, data, size *uint32) uint32

//go:wasmimport env proxy_set_buffer_bytes
func proxySetBufferBytes(bufferType, start, maxSize uint32, data unsafe.Pointer, size uint32) uint32

// Body names the bytes that a callback may read and, but for CallBody, change.
type Body uint32

// The bodies of a stream, in the piece that the callback is about (or, while the filter
// pauses, all that is buffered), and of the answer to an HTTP call.
const (
	RequestBody  Body = 0
	ResponseBody Body = 1
	CallBody     Body = 4
)

// whole is as much of a buffer as there is. Kong takes a smaller maximum for the length
// of what is written and truncates; Envoy takes any that is not less than what is there.
const whole = 1<<31 - 1

// ReadBody reads the bytes from start on, at most limit of them, into scratch or, where
// that is too small, a new slice. Kong ignores start: ask for the whole (start 0) when
// both hosts must agree. NotFound when the host keeps the body where it cannot be read.
func ReadBody(scratch []byte, body Body, start, limit int) ([]byte, Status) {
	before := ask(scratch)
	status := proxyGetBufferBytes(uint32(body), uint32(start), uint32(limit), &out.data, &out.size)
	return taken(before), Status(status)
}

// SetBody is the host call as it is: data goes in place of limit bytes from start on.
// ReplaceBody, AppendBody and PrependBody are the cases that all hosts understand alike.
// With start 0 and a limit less than the body's length, Envoy 1.40 exchanges that many
// bytes at the front (no data drops them), and Kong replaces the whole body by the first
// limit bytes of data. A start inside the body is BadArgument on Envoy.
func SetBody(body Body, start, limit int, data []byte) Status {
	return Status(proxySetBufferBytes(uint32(body), uint32(start), uint32(limit), pointer(data), uint32(len(data))))
}

// ReplaceBody puts data in place of the whole body. On Kong no data in place of the
// last piece of a response hangs the answer.
func ReplaceBody(body Body, data []byte) Status { return SetBody(body, 0, whole, data) }

// AppendBody adds data behind the body.
func AppendBody(body Body, data []byte) Status { return SetBody(body, whole, 0, data) }

// PrependBody adds data before the body.
func PrependBody(body Body, data []byte) Status { return SetBody(body, 0, 0, data) }

func (*host) ProxyGetBufferBytes(bufferType uint32, start, maxSize int, data **byte, size *int) uint32 {
	before := ask(nil)
	status := proxyGetBufferBytes(bufferType, uint32(start), uint32(maxSize), &out.data, &out.size)
	give(taken(before), data, size)
	return status
}

func (*host) ProxySetBufferBytes(bufferType uint32, start, maxSize int, data *byte, size int) uint32 {
	return proxySetBufferBytes(bufferType, uint32(start), uint32(maxSize), unsafe.Pointer(data), uint32(size))
}
