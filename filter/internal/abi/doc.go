// Package abi joins the API of github.com/tetratelabs/proxy-wasm-go-sdk to Go's own
// wasip1 target, so that the filter is written against the SDK and built by the
// standard Go compiler. Import it for its side effects; the functions that it exports
// are host calls the SDK lacks or makes with garbage that a hot path cannot afford.
//
// # Who calls whom
//
// The SDK is written for TinyGo: there, its host calls are imported functions and its
// callbacks are exported ones. Built by Go, the same calls go to an interface meant
// for mocks, and the callbacks are plain functions in the SDK's internal package. This
// package is that mock, and it is real:
//
//	gateway ──proxy_on_request_body──▶ export here ──▶ internal.ProxyOnRequestBody (SDK)
//	                                   (recover)            │
//	                                                        ▼
//	                                              filter's OnHttpRequestBody
//	                                                        │ proxywasm.GetHttpRequestBody
//	                                                        ▼
//	gateway ◀──proxy_get_buffer_bytes── host{} here ◀── internal.currentHost (SDK)
//	   │                                   ▲
//	   └──proxy_on_memory_allocate─────────┘  where the gateway may write its answer
//
// Three tricks make the join, all of them checked by the tests that run the built
// module:
//
//   - go:linkname reaches the functions of the SDK's internal package. A declaration
//     without a body compiles only in a package with an assembly file: linkname_wasm.s
//     is empty for that reason.
//   - The parameter of the SDK's RegisterMockWasmHost is an interface type of that
//     internal package, which we cannot name. Ours has the same methods, so its method
//     table has the same layout; the types of the parameters differ only in name.
//   - Because those names differ, the linker sees no call of our methods from the SDK
//     and would replace each by a trap. host.go therefore names every method in code
//     that never runs but that the linker must keep.
//
// # Memory
//
// Go's heap does not move, so the gateway may write into a slice that Go allocated, but
// only as long as the collector sees a reference to it: see memory.go.
//
// # Panics
//
// Every export recovers: a panic is logged once with its stack, costs the one request
// it happened in, and leaves the virtual machine alive: see panic.go. What cannot be
// recovered in Go (out of memory, a stack that outgrows its limit) traps, and the
// gateway starts a new virtual machine.
//
// # What is left out
//
// TCP callbacks and proxy_on_queue_ready are not exported. Shared queues answer
// "unimplemented" without a host call, since Kong traps on one of them, and each import
// is one more that a host must know or refuse the module. proxy_get_log_level is not
// imported: Kong's has another signature, and its worker exits.
package abi
