//go:build wasip1

package main

import (
	"strconv"
	"strings"

	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm"

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/filter/internal/abi"
	"github.com/sluice-gateway/sluice/gateway"
)

// host is what is known about the host. Which one it is cannot be told before the
// first request: Kong has no properties while it configures a plugin.
type host struct {
	known         bool
	rules         budget.Rules
	wholeBodies   bool // bodies come whole, and reads ignore their offset
	headersEnd    bool // it is told with the headers whether they are all; else that means nothing
	holdsAnswers  bool // a response callback may pause
	closes        bool // a stream may be closed
	hasMetrics    bool
	fewMetrics    bool // one too many ends the machine, and so does one whose name is too long
	cutsHeaders   bool // of a request's headers some may not be shown: see cut
	mixedCase     bool // header names keep the case that they were sent in
	overwrites    bool // removing a request header does not remove it upstream
	fixedTarget   bool // the route alone says which host a request goes to
	sharesRecords bool // workers send each other's decision records
	fixedTick     bool // the period of the tick is set once: a second time, or in a stream, ends the machine

	// A tick cannot act on a stream: set_effective_context does nothing, and the worker would
	// exit. What a stream waits for is a call's answer, and with that it goes on by itself.
	callsResume bool
	callsBreak  bool // a request whose call failed is answered 500 by the host
	callsLost   bool // of a call that failed the module is not told
	callsAlone  bool // a context's calls are made one after the other: two at once end the worker

	// record is the property in which the access log finds the decision record.
	record []string
}

func (h *host) recognise() {
	if h.known {
		return
	}
	h.known = true
	if abi.OnKong() {
		rules := budget.KongRules
		if !kongSince(7) {
			rules = budget.Kong36Rules
		}
		*h = host{known: true, rules: rules, wholeBodies: true, mixedCase: true, overwrites: true, fixedTarget: true, fixedTick: true, sharesRecords: true,
			callsResume: true, callsBreak: !kongSince(8), callsLost: !kongSince(9), callsAlone: !kongSince(8),
			hasMetrics: kongSince(8), fewMetrics: true, cutsHeaders: true, record: []string{"kong.ctx.shared.sluice_record"}}
		return
	}
	*h = host{known: true, rules: budget.EnvoyRules, headersEnd: true, holdsAnswers: true, closes: true, hasMetrics: true,
		record: []string{"sluice_record"}}
}

// kongSince tells Kong 3.minor and later. Before 3.8 there are no metrics: any such call ends
// the virtual machine.
func kongSince(minor int) bool {
	version, _ := property([]string{"kong.version"}) // since 3.6
	major, rest, _ := strings.Cut(version, ".")
	own, _, _ := strings.Cut(rest, ".")
	x, _ := strconv.Atoi(major)
	y, _ := strconv.Atoi(own)
	return x > 3 || x == 3 && y >= minor
}

// headers gives headers the form that the gateway reads: names in lower case.
func (h *host) headers(pairs [][2]string) [][2]string {
	if h.mixedCase {
		for i := range pairs {
			pairs[i][0] = strings.ToLower(pairs[i][0])
		}
	}
	return pairs
}

func (h *host) removeRequestHeader(name string) error {
	if h.overwrites {
		return proxywasm.ReplaceHttpRequestHeader(name, "")
	}
	return proxywasm.RemoveHttpRequestHeader(name)
}

func (h *host) setRequestHeader(at callback, name, value string) error {
	if h.fixedTarget {
		switch name {
		case gateway.ClusterHeader, ":authority":
			return nil // and the first would go out to the provider
		case ":path": // nginx builds the upstream's request line of this variable
			if at == requestHeaders { // and Kong appends the query to it behind this callback
				value, _, _ = strings.Cut(value, "?")
			}
			return proxywasm.SetProperty([]string{upstreamURI}, []byte(value))
		}
	}
	return proxywasm.ReplaceHttpRequestHeader(name, value)
}

// piece is what replaces a piece of a response. On Kong none at all in place of the
// last piece hangs the answer, and which is the last is not always told there. Between
// events, or behind a JSON object, a line end means nothing.
func (h *host) piece(data []byte) []byte {
	if len(data) == 0 && h.wholeBodies {
		return []byte("\n")
	}
	return data
}

// upstreamBroke tells whether a stream that is over was broken off by something other
// than its client: the upstream, or a limit on how long it may take. Envoy says so in
// response flags, 8 bytes little-endian: see StreamInfo::CoreResponseFlag.
func upstreamBroke() bool {
	const notTheClient = 1<<1 | // no healthy upstream
		1<<2 | // upstream request timeout
		1<<3 | // local reset
		1<<4 | // upstream remote reset
		1<<5 | // upstream connection failure
		1<<6 | // upstream connection termination
		1<<7 | // upstream overflow
		1<<16 | // stream idle timeout
		1<<19 | // upstream max stream duration reached
		1<<22 | // duration timeout
		1<<23 | // upstream protocol error: over HTTP/1, an answer shorter than announced
		1<<24 | // no cluster found
		1<<26 // DNS resolution failed
	return number("response\x00flags")&notTheClient != 0
}

// number is a property that Envoy gives as 8 bytes, little-endian; 0 where there is none.
func number(property string) (n uint64) {
	value, status := abi.Property(nil, property)
	if status != abi.OK || len(value) != 8 {
		return 0
	}
	for i, b := range value {
		n |= uint64(b) << (8 * i)
	}
	return n
}
