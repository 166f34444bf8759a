//go:build wasip1 && sluicepanic

package main

import "sync"

// sabotage panics in the callback that the stream's property sluice.panic names, after
// the gateway has decided and before any of it is done: at the worst moment. "trap" ends
// the virtual machine, as running out of memory would.
func (*edge) sabotage(at callback) { sabotage("", at) }

// The provider role's steps have names of their own.
func (*provider) sabotage(at callback) { sabotage("provider_", at) }

func sabotage(role string, at callback) {
	switch step, _ := property([]string{"sluice.panic"}); {
	case step == role+[...]string{"request_headers", "request_body", "response_headers", "response_body"}[at]:
		panic("sabotaged in " + step)
	case step == role+"trap" && at == requestBody:
		new(sync.Mutex).Unlock() // which Go does not recover from
	}
}
