//go:build wasip1

package abi

// Shared queues and foreign functions are part of the SDK's interface and of nothing
// that the filter does. Kong traps on some of them; none is imported.

func (*host) ProxyRegisterSharedQueue(*byte, int, *uint32) uint32 { return uint32(Unimplemented) }

func (*host) ProxyResolveSharedQueue(*byte, int, *byte, int, *uint32) uint32 {
	return uint32(Unimplemented)
}

func (*host) ProxyDequeueSharedQueue(uint32, **byte, *int) uint32 { return uint32(Unimplemented) }

func (*host) ProxyEnqueueSharedQueue(uint32, *byte, int) uint32 { return uint32(Unimplemented) }

func (*host) ProxyCallForeignFunction(*byte, int, *byte, int, **byte, *int) uint32 {
	return uint32(Unimplemented)
}
