//go:build wasip1

package abi

import (
	_ "unsafe" // for go:linkname

	_ "github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm"
)

// host is what the SDK takes for its mock: each method makes one host call. The
// methods are in the files of their ABI group.
type host struct{}

// hostCalls has the methods of the SDK's internal.ProxyWasmHost, every one of them: a
// method more or less would shift the method table under the SDK's feet. Where the SDK
// has a named type (LogLevel, MapType, Status, …) this has the uint32 that it is.
type hostCalls interface {
	ProxyLog(level uint32, message *byte, size int) uint32

	ProxyGetProperty(path *byte, pathSize int, value **byte, valueSize *int) uint32
	ProxySetProperty(path *byte, pathSize int, value *byte, valueSize int) uint32

	ProxyGetHeaderMapValue(mapType uint32, key *byte, keySize int, value **byte, valueSize *int) uint32
	ProxyAddHeaderMapValue(mapType uint32, key *byte, keySize int, value *byte, valueSize int) uint32
	ProxyReplaceHeaderMapValue(mapType uint32, key *byte, keySize int, value *byte, valueSize int) uint32
	ProxyRemoveHeaderMapValue(mapType uint32, key *byte, keySize int) uint32
	ProxyGetHeaderMapPairs(mapType uint32, pairs **byte, pairsSize *int) uint32
	ProxySetHeaderMapPairs(mapType uint32, pairs *byte, pairsSize int) uint32

	ProxyGetBufferBytes(bufferType uint32, start, maxSize int, data **byte, size *int) uint32
	ProxySetBufferBytes(bufferType uint32, start, maxSize int, data *byte, size int) uint32

	ProxyGetSharedData(key *byte, keySize int, value **byte, valueSize *int, cas *uint32) uint32
	ProxySetSharedData(key *byte, keySize int, value *byte, valueSize int, cas uint32) uint32

	ProxyDefineMetric(metricType uint32, name *byte, nameSize int, id *uint32) uint32
	ProxyIncrementMetric(id uint32, offset int64) uint32
	ProxyRecordMetric(id uint32, value uint64) uint32
	ProxyGetMetric(id uint32, value *uint64) uint32

	ProxyHttpCall(upstream *byte, upstreamSize int, headers *byte, headersSize int,
		body *byte, bodySize int, trailers *byte, trailersSize int, timeout uint32, id *uint32) uint32

	ProxySendLocalResponse(status uint32, details *byte, detailsSize int,
		body *byte, bodySize int, headers *byte, headersSize int, grpcStatus int32) uint32
	ProxyContinueStream(streamType uint32) uint32
	ProxyCloseStream(streamType uint32) uint32

	ProxySetEffectiveContext(contextID uint32) uint32
	ProxySetTickPeriodMilliseconds(period uint32) uint32
	ProxyDone() uint32

	ProxyRegisterSharedQueue(name *byte, nameSize int, id *uint32) uint32
	ProxyResolveSharedQueue(vmID *byte, vmIDSize int, name *byte, nameSize int, id *uint32) uint32
	ProxyDequeueSharedQueue(id uint32, data **byte, size *int) uint32
	ProxyEnqueueSharedQueue(id uint32, data *byte, size int) uint32
	ProxyCallForeignFunction(name *byte, nameSize int, param *byte, paramSize int, result **byte, resultSize *int) uint32
}

//go:linkname registerHost github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/internal.RegisterMockWasmHost
func registerHost(h hostCalls) (release func())

// init is the earliest moment, and early enough: hosts call the module's _initialize,
// which runs init functions and never main, before any callback. No host call may be
// made here (Envoy aborts the virtual machine), and none is.
func init() {
	if release := registerHost(&host{}); release == nil {
		kept = methods() // never: the SDK always returns a function, which only a mock would call
	}
}

var kept []any

// methods names every method, so that the linker cannot drop any of them.
func methods() []any {
	return []any{
		(*host).ProxyLog,
		(*host).ProxyGetProperty,
		(*host).ProxySetProperty,
		(*host).ProxyGetHeaderMapValue,
		(*host).ProxyAddHeaderMapValue,
		(*host).ProxyReplaceHeaderMapValue,
		(*host).ProxyRemoveHeaderMapValue,
		(*host).ProxyGetHeaderMapPairs,
		(*host).ProxySetHeaderMapPairs,
		(*host).ProxyGetBufferBytes,
		(*host).ProxySetBufferBytes,
		(*host).ProxyGetSharedData,
		(*host).ProxySetSharedData,
		(*host).ProxyDefineMetric,
		(*host).ProxyIncrementMetric,
		(*host).ProxyRecordMetric,
		(*host).ProxyGetMetric,
		(*host).ProxyHttpCall,
		(*host).ProxySendLocalResponse,
		(*host).ProxyContinueStream,
		(*host).ProxyCloseStream,
		(*host).ProxySetEffectiveContext,
		(*host).ProxySetTickPeriodMilliseconds,
		(*host).ProxyDone,
		(*host).ProxyRegisterSharedQueue,
		(*host).ProxyResolveSharedQueue,
		(*host).ProxyDequeueSharedQueue,
		(*host).ProxyEnqueueSharedQueue,
		(*host).ProxyCallForeignFunction,
	}
}
