//go:build wasip1

package abi

import (
	"runtime"
	"unsafe"
)

//go:wasmimport env proxy_get_shared_data
func proxyGetSharedData(key unsafe.Pointer, keySize uint32, data, size, cas *uint32) uint32

//go:wasmimport env proxy_set_shared_data
func proxySetSharedData(key unsafe.Pointer, keySize uint32, value unsafe.Pointer, valueSize, cas uint32) uint32

// SharedData reads a key into scratch or, where that is too small, a new slice, with
// the version that a later write may be conditional on. NotFound when it is absent.
func SharedData(scratch []byte, key string) (value []byte, cas uint32, status Status) {
	before := ask(scratch)
	out.word = 0
	status = Status(proxyGetSharedData(text(key), uint32(len(key)), &out.data, &out.size, &out.word))
	runtime.KeepAlive(key)
	return taken(before), out.word, status
}

// SetSharedData writes a key if its version is still cas, else it answers CasMismatch.
// The hosts differ where it matters: cas 0 overwrites whatever is there on Envoy and
// means "only if absent" on Kong; a cas other than 0 for an absent key inserts on Envoy.
func SetSharedData(key string, value []byte, cas uint32) Status {
	return Status(proxySetSharedData(text(key), uint32(len(key)), pointer(value), uint32(len(value)), cas))
}

func (*host) ProxyGetSharedData(key *byte, keySize int, value **byte, valueSize *int, cas *uint32) uint32 {
	before := ask(nil)
	out.word = 0
	status := proxyGetSharedData(unsafe.Pointer(key), uint32(keySize), &out.data, &out.size, &out.word)
	runtime.KeepAlive(key)
	give(taken(before), value, valueSize)
	*cas = out.word
	return status
}

func (*host) ProxySetSharedData(key *byte, keySize int, value *byte, valueSize int, cas uint32) uint32 {
	return proxySetSharedData(unsafe.Pointer(key), uint32(keySize), unsafe.Pointer(value), uint32(valueSize), cas)
}
