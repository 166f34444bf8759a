// Command filter is sluice.wasm: the adapter between a proxy-wasm host and package
// gateway. It translates the host's callbacks into the gateway's steps and their
// outcomes into host calls. It decides nothing itself, and no other package makes a
// host call.
//
//	main.go      what the module is
//	vm.go        the virtual machine and its plugins: configuration
//	stream.go    what both roles have of a stream
//	timer.go     what a tick is for
//	edge.go      one stream of a client: callbacks to steps
//	provider.go  one attempt at a provider: callbacks to steps
//	companion.go calls of our own
//	apply.go     outcomes to host calls
//	host.go      which host this is, and what it can do
//	kong.go      what Kong has elsewhere: the environment, the path
//	store.go     shared data as the budgets' store
//	metrics.go   metrics, as the host numbers them
//	panic.go     where tests make it fail; nothing in what users get
//
// It is built with -buildmode=c-shared for GOOS=wasip1 (see internal/build), as a
// reactor: the host runs package initialisation and then calls exports. main is never
// called.
package main

func main() {}
