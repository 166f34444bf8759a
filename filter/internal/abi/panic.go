//go:build wasip1

package abi

import (
	"runtime"
	"unsafe"
)

// fate is what has become of a context that is no longer in good order. The table has
// only such contexts, so the common request costs one look-up in an empty map a
// callback, and proxyOnDelete takes each entry out again.
type fate uint8

const (
	alive    fate = iota // not in the table
	replied              // in good order, and a local reply of the filter's is on its way
	owed                 // failed before a request could be answered: 500 at the first callback
	answered             // failed and answered, or cut off: nothing may go upstream any more
	passed               // failed where the host lets nothing be changed: the bytes go their way
)

var (
	fates   = map[uint32]fate{}
	active  uint32 // the context the host is calling, or the effective context set since
	onPanic = func(contextID uint32, callback string) {}
)

// OnPanic registers a function to be told of every recovered panic, after the request
// has been answered: the place to count it and to give back what the request holds. The
// stream's context is dead by then and gets no further callback, OnHttpStreamDone
// included. Of the other callbacks ("proxy_on_tick", for instance) contextID is the
// plugin's, which lives on.
func OnPanic(f func(contextID uint32, callback string)) { onPanic = f }

func enter(contextID uint32) { active = contextID }

func dead(contextID uint32) bool { return fates[contextID] > replied }

// place is where in a context's life a callback is, which decides what can still be
// done for the request when it panics.
type place uint8

const (
	outside         place = iota // no stream: virtual machine, plugin, tick
	creating                     // the stream's context is being made
	inRequest                    // request callbacks and answers to HTTP calls
	inHeaders                    // response headers: the host has not sent any
	inBody                       // response body and trailers: the host may have sent the headers
	ending                       // done and log: the client has all it will get
	deleted                      // the context is gone
	deletedAndKnown              // the same, of a context that has failed before
)

// rescue is deferred by every export that runs the filter's or the SDK's code. After a
// panic it logs, decides the context's fate, sets the callback's result and tells the
// filter.
func rescue(callback string, contextID uint32, at place, action *uint32) {
	cause := recover()
	if cause == nil || at == deletedAndKnown {
		return
	}
	report(callback, contextID, cause)
	switch at {
	case creating:
		fates[contextID] = owed
	case inRequest, inHeaders, inBody:
		*action = fail(contextID, at)
	case ending:
		fates[contextID] = answered
	}
	tell(contextID, callback)
}

// Resume runs f for a stream outside of the stream's own callbacks, in a tick: host calls
// are made in its name, and a panic costs that stream and no other.
func Resume(contextID uint32, f func()) {
	if dead(contextID) || proxySetEffectiveContext(contextID) != uint32(OK) {
		return
	}
	before := active
	active = contextID
	defer func() {
		active = before
		proxySetEffectiveContext(before)
	}()
	var action uint32
	defer rescue("proxy_on_tick", contextID, inRequest, &action)
	f()
}

// tell runs the filter's hook, which must not bring the virtual machine down either.
func tell(contextID uint32, callback string) {
	defer func() {
		if cause := recover(); cause != nil {
			report("the hook of OnPanic", contextID, cause)
		}
	}()
	onPanic(contextID, callback)
}

const (
	actionContinue = 0
	actionPause    = 1
)

// fail ends a stream as the host allows at this point, and returns the callback's
// action. Envoy does the right thing with a local reply in every callback: where the
// response headers have gone it resets the stream, so that a broken answer never looks
// like a whole one (seen on 1.37.0 and 1.40.0). Kong traps on that, and on closing a
// stream: there, the rest of an answer that has begun passes unread.
func fail(contextID uint32, at place) (action uint32) {
	if fates[contextID] == replied {
		fates[contextID] = answered
		return afterFailure(contextID, at)
	}
	kong := OnKong()
	switch {
	case kong && at == inBody:
		fates[contextID] = passed
		return actionContinue
	case sendInternalError() == OK:
	case !kong:
		CloseResponse()
	}
	fates[contextID] = answered
	if kong && at == inHeaders {
		return actionContinue // Kong cannot pause a response
	}
	return actionPause
}

// afterFailure is the action of every callback of a dead context: the request goes no
// further, and the local reply passes.
func afterFailure(contextID uint32, at place) (action uint32) {
	switch fates[contextID] {
	case owed:
		return fail(contextID, at)
	case answered:
		if at == inRequest {
			return actionPause
		}
	}
	return actionContinue
}

// OnKong asks for properties that Envoy does not have. Kong has the first since 3.6.
func OnKong() bool {
	for _, path := range [...]string{"kong.version", "ngx.nginx_version"} {
		if value, status := Property(nil, path); status == OK && len(value) > 0 {
			return true
		}
	}
	return false
}

// internalError is an error to the clients of either dialect: OpenAI's read the inner
// object, Anthropic's the outer type as well.
const internalError = `{"type":"error","error":{"type":"internal_error","code":"internal_error","param":null,` +
	`"message":"the gateway failed on this request"}}`

// jsonHeaders is a header map as it crosses the ABI: the number of pairs; the sizes of
// each key and value; then each key and each value with a NUL behind it.
const jsonHeaders = "\x01\x00\x00\x00" + "\x0c\x00\x00\x00" + "\x10\x00\x00\x00" +
	"content-type\x00" + "application/json\x00"

func sendInternalError() Status {
	const noGRPC = -1
	const details = "sluice_panic" // Envoy's %RESPONSE_CODE_DETAILS%
	return Status(proxySendLocalResponse(500, text(details), uint32(len(details)),
		text(internalError), uint32(len(internalError)), text(jsonHeaders), uint32(len(jsonHeaders)), noGRPC))
}

// report logs a panic in one message. A stack shows addresses and lengths, never the
// bytes of a request.
func report(callback string, contextID uint32, cause any) {
	message := append([]byte("panic in "), callback...)
	message = append(message, ": "...)
	switch cause := cause.(type) {
	case error:
		message = append(message, cause.Error()...)
	case string:
		message = append(message, cause...)
	default:
		message = append(message, "a value that is neither an error nor a string"...)
	}
	message = append(message, '\n')

	stack := make([]byte, 8<<10)
	message = append(message, stack[:runtime.Stack(stack, false)]...)
	proxyLog(levelError, unsafe.Pointer(unsafe.SliceData(message)), uint32(len(message)))
}
