//go:build wasip1

package abi

import "unsafe"

//go:wasmimport env proxy_log
func proxyLog(level uint32, message unsafe.Pointer, size uint32) uint32

const levelError = 4

func (*host) ProxyLog(level uint32, message *byte, size int) uint32 {
	return proxyLog(level, unsafe.Pointer(message), uint32(size))
}
