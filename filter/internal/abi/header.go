//go:build wasip1

package abi

import (
	"runtime"
	"unsafe"
)

//go:wasmimport env proxy_get_header_map_value
func proxyGetHeaderMapValue(mapType uint32, key unsafe.Pointer, keySize uint32, data, size *uint32) uint32

//go:wasmimport env proxy_add_header_map_value
func proxyAddHeaderMapValue(mapType uint32, key unsafe.Pointer, keySize uint32, value unsafe.Pointer, valueSize uint32) uint32

//go:wasmimport env proxy_replace_header_map_value
func proxyReplaceHeaderMapValue(mapType uint32, key unsafe.Pointer, keySize uint32, value unsafe.Pointer, valueSize uint32) uint32

//go:wasmimport env proxy_remove_header_map_value
func proxyRemoveHeaderMapValue(mapType uint32, key unsafe.Pointer, keySize uint32) uint32

//go:wasmimport env proxy_get_header_map_pairs
func proxyGetHeaderMapPairs(mapType uint32, data, size *uint32) uint32

//go:wasmimport env proxy_set_header_map_pairs
func proxySetHeaderMapPairs(mapType uint32, pairs unsafe.Pointer, size uint32) uint32

// Headers names a map of headers or trailers.
type Headers uint32

// The maps of a stream and of the answer to an HTTP call.
const (
	RequestHeaders   Headers = 0
	RequestTrailers  Headers = 1
	ResponseHeaders  Headers = 2
	ResponseTrailers Headers = 3
	CallHeaders      Headers = 6
	CallTrailers     Headers = 7
)

// Header reads one header into scratch or, where that is too small, a new slice.
// NotFound when it is absent. Envoy answers BadArgument when the callback may not see the
// map at all, such as response headers that have gone on to the client.
func Header(scratch []byte, m Headers, key string) ([]byte, Status) {
	before := ask(scratch)
	status := proxyGetHeaderMapValue(uint32(m), text(key), uint32(len(key)), &out.data, &out.size)
	runtime.KeepAlive(key)
	return taken(before), Status(status)
}

func (*host) ProxyGetHeaderMapValue(mapType uint32, key *byte, keySize int, value **byte, valueSize *int) uint32 {
	before := ask(nil)
	status := proxyGetHeaderMapValue(mapType, unsafe.Pointer(key), uint32(keySize), &out.data, &out.size)
	runtime.KeepAlive(key)
	give(taken(before), value, valueSize)
	return status
}

func (*host) ProxyAddHeaderMapValue(mapType uint32, key *byte, keySize int, value *byte, valueSize int) uint32 {
	return proxyAddHeaderMapValue(mapType, unsafe.Pointer(key), uint32(keySize), unsafe.Pointer(value), uint32(valueSize))
}

func (*host) ProxyReplaceHeaderMapValue(mapType uint32, key *byte, keySize int, value *byte, valueSize int) uint32 {
	return proxyReplaceHeaderMapValue(mapType, unsafe.Pointer(key), uint32(keySize), unsafe.Pointer(value), uint32(valueSize))
}

func (*host) ProxyRemoveHeaderMapValue(mapType uint32, key *byte, keySize int) uint32 {
	return proxyRemoveHeaderMapValue(mapType, unsafe.Pointer(key), uint32(keySize))
}

func (*host) ProxyGetHeaderMapPairs(mapType uint32, pairs **byte, pairsSize *int) uint32 {
	before := ask(nil)
	status := proxyGetHeaderMapPairs(mapType, &out.data, &out.size)
	give(taken(before), pairs, pairsSize)
	return status
}

func (*host) ProxySetHeaderMapPairs(mapType uint32, pairs *byte, pairsSize int) uint32 {
	return proxySetHeaderMapPairs(mapType, unsafe.Pointer(pairs), uint32(pairsSize))
}
