//go:build wasip1

package abi

import (
	"runtime"
	"unsafe"
)

//go:wasmimport env proxy_get_property
func proxyGetProperty(path unsafe.Pointer, pathSize uint32, data, size *uint32) uint32

//go:wasmimport env proxy_set_property
func proxySetProperty(path unsafe.Pointer, pathSize uint32, value unsafe.Pointer, valueSize uint32) uint32

// Property reads a property into scratch or, where that is too small, a new slice. The
// parts of the path are separated by a NUL byte, as they cross the ABI:
// "upstream\x00request_attempt_count". NotFound when the host has no such property.
func Property(scratch []byte, path string) ([]byte, Status) {
	before := ask(scratch)
	status := proxyGetProperty(text(path), uint32(len(path)), &out.data, &out.size)
	runtime.KeepAlive(path)
	return taken(before), Status(status)
}

func (*host) ProxyGetProperty(path *byte, pathSize int, value **byte, valueSize *int) uint32 {
	before := ask(nil)
	status := proxyGetProperty(unsafe.Pointer(path), uint32(pathSize), &out.data, &out.size)
	runtime.KeepAlive(path)
	give(taken(before), value, valueSize)
	return status
}

func (*host) ProxySetProperty(path *byte, pathSize int, value *byte, valueSize int) uint32 {
	return proxySetProperty(unsafe.Pointer(path), uint32(pathSize), unsafe.Pointer(value), uint32(valueSize))
}
