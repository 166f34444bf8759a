//go:build wasip1

package main

import (
	"math/rand/v2"
	"strings"

	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm"
	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/types"

	"github.com/sluice-gateway/sluice/filter/internal/abi"
	"github.com/sluice-gateway/sluice/gateway"
)

// edge is one stream in the listener's filter chain.
type edge struct {
	stream
	request *gateway.Request
	id      string // by which its attempts find the request; "" = there are none

	held       int64 // when the request's headers were held; 0 = they are not
	body       bool  // a body callback has come
	bodySize   int   // bytes of the request's body that the host has
	bodyEnd    bool  // they are all
	waits      bool  // for a tick, to read on
	answerSize int   // bytes of the answer that the host holds
	mute       bool  // the client has its end of the answer, and the host cannot close
}

func (s *edge) OnHttpRequestHeaders(count int, endOfStream bool) types.Action {
	s.plugin.meet()
	headers, err := proxywasm.GetHttpRequestHeaders()
	if err != nil {
		panic("request headers: " + err.Error())
	}
	headers = s.plugin.host.headers(headers)
	if s.plugin.routed {
		headers = routed(headers)
	}
	now := clock()
	var out gateway.Outcome
	s.request, out = s.plugin.gateway.Begin(gateway.Arrival{
		Now: now, ID: newID(), Headers: headers, Property: property,
		Cut: s.plugin.host.cut(len(headers), count), EndOfStream: endOfStream && s.plugin.host.headersEnd, HoldsAnswers: s.plugin.host.holdsAnswers, FixedTarget: s.plugin.host.fixedTarget, Slices: !s.plugin.host.wholeBodies,
		CallsResume: s.plugin.host.callsResume, CallsBreak: s.plugin.host.callsBreak,
	})
	action := s.do(requestHeaders, out)
	if action == types.ActionPause && out.Reply == nil {
		s.held = now
	}
	return action
}

func (s *edge) OnHttpRequestBody(size int, endOfStream bool) types.Action {
	if !s.open() {
		return types.ActionContinue
	}
	s.body, s.bodySize, s.bodyEnd = true, size, endOfStream
	return s.readOn()
}

// readOn takes the next slice of the body. What it leaves is taken in a tick, so that
// the worker's other streams have their turn before.
func (s *edge) readOn() types.Action {
	now := int64(0)
	if s.bodyEnd { // before, it does not matter
		now = clock()
	}
	out := s.request.Body(now, s.bodySize, s.bodyEnd, s.reader(abi.RequestBody))
	if out.More && !s.waits {
		s.plugin.readLater(clock(), s)
	}
	s.waits = out.More
	if out.Follow {
		s.follow()
	}
	if out.Call != nil {
		s.call(out.Call)
	}
	return s.do(requestBody, out)
}

// call makes a call of the gateway's own for this stream, and the one that goes with it.
func (s *edge) call(c *gateway.Call) {
	s.plugin.call(c, func(headers [][2]string, body []byte) {
		if len(headers) > 0 || s.plugin.host.callsResume {
			// The SDK takes a call that is made in a tick for the plugin's.
			abi.Resume(s.context, func() { s.called(c, headers, body) })
			return
		}
		// It failed, perhaps while the callback that made it still has to tell the host
		// to hold the stream: what is let go now would be held for ever.
		now := clock()
		s.plugin.wakeLater(now, now, s.context, func() { s.called(c, nil, nil) })
	})
	if c.Also != nil {
		s.call(c.Also)
	}
}

func (s *edge) called(c *gateway.Call, headers [][2]string, body []byte) {
	if !s.open() {
		return
	}
	s.goOn(s.request.Called(clock(), c, headers, body, s.reader(abi.RequestBody)))
}

// goOn does what follows a call: another call, an answer, to wait, or to let the request
// go.
func (s *edge) goOn(out gateway.Outcome) {
	if out.Tell != nil {
		s.plugin.tellLater(clock(), out.Tell)
	}
	switch {
	case out.More:
		s.plugin.readLater(clock(), s)
		s.waits = true
	case out.Call != nil:
		s.call(out.Call)
		s.do(requestBody, out)
	case out.After > 0:
		now := clock()
		s.plugin.wakeLater(now, now+out.After, s.context, func() {
			if s.open() {
				s.goOn(s.request.CallAgain(clock(), s.reader(abi.RequestBody)))
			}
		})
	default:
		if out.Follow {
			s.follow()
		}
		if s.do(requestBody, out) == types.ActionContinue && !s.plugin.host.callsResume {
			resume(requestBody)
		}
	}
}

// follow lets the request's attempts find it.
func (s *edge) follow() {
	s.id = s.request.ID()
	following[s.id] = s.request
	must(requestProperty, proxywasm.SetProperty([]string{requestProperty}, []byte(s.id)))
}

// do does what a step wants.
func (s *edge) do(at callback, out gateway.Outcome) types.Action {
	s.sabotage(at)
	if out.Reply != nil || out.Action == gateway.Continue && (at == requestHeaders || at == requestBody) {
		s.held = 0
	}
	action := s.apply(at, out)
	if out.Action == gateway.Close && !s.plugin.host.closes {
		s.mute = true
	}
	return action
}

// resume is readOn in a tick: what the host would do with a callback's result has to be
// asked of it.
func (s *edge) resume() {
	if !s.waits { // a callback has read the rest
		return
	}
	s.waits = false
	if s.open() && s.readOn() == types.ActionContinue {
		must("resume", proxywasm.ResumeHttpRequest())
	}
}

func (s *edge) OnHttpRequestTrailers(int) types.Action {
	if !s.open() {
		return types.ActionContinue
	}
	s.bodyEnd = true
	return s.readOn()
}

func (s *edge) OnHttpResponseHeaders(_ int, endOfStream bool) types.Action {
	if !s.open() {
		return types.ActionContinue
	}
	headers, err := proxywasm.GetHttpResponseHeaders()
	if err != nil {
		panic("response headers: " + err.Error())
	}
	return s.do(responseHeaders, s.request.ResponseHeaders(clock(), s.plugin.host.headers(headers), endOfStream && s.plugin.host.headersEnd))
}

func (s *edge) OnHttpResponseBody(size int, endOfStream bool) types.Action {
	if s.mute {
		must("response body", abi.ReplaceBody(abi.ResponseBody, s.plugin.host.piece(nil)).Err())
		return types.ActionContinue
	}
	if !s.open() {
		return types.ActionContinue
	}
	s.answerSize = size
	return s.do(responseBody, s.request.ResponseBody(clock(), size, endOfStream, s.reader(abi.ResponseBody)))
}

func (s *edge) OnHttpResponseTrailers(int) types.Action {
	if !s.open() {
		return types.ActionContinue
	}
	return s.do(responseBody, s.request.ResponseEnd(clock(), s.answerSize, s.reader(abi.ResponseBody)))
}

// OnHttpStreamDone is the host's log phase on Envoy as on Kong: the last that a stream
// sees, and the one in which the access log can still be given something.
func (s *edge) OnHttpStreamDone() {
	delete(streams, s.context)
	delete(following, s.id)
	if s.request != nil {
		now := clock()
		s.report(now, s.request.Done(now, s.open() && upstreamBroke()))
		s.request = nil
	}
}

// open tells whether the stream's next callback can matter. What passes by, and what has
// been refused, costs no host call more.
func (s *edge) open() bool { return s.request != nil && s.request.Open() }

// panicked runs after a callback of this stream has panicked and been answered.
func (s *edge) panicked() {
	delete(streams, s.context)
	delete(following, s.id)
	if s.request == nil {
		return
	}
	now := clock()
	s.request.Panicked(now)
	s.report(now, s.request.Done(now, false))
	s.request = nil
}

func (s *edge) report(now int64, r gateway.Report) {
	if r.Log != "" {
		proxywasm.LogWarn("sluice: " + r.Log)
	}
	if r.Record != nil {
		if err := proxywasm.SetProperty(s.plugin.host.record, r.Record); err != nil && !s.plugin.lostRecord {
			s.plugin.lostRecord = true
			proxywasm.LogWarn("sluice: the decision record could not be handed to the access log (said once): " + err.Error())
		}
	}
	s.plugin.count(r.Samples)
	if r.Call != nil {
		s.plugin.tellLater(now, r.Call)
	}
	s.plugin.pace(now)
}

// bodyWait is for how long a stream's headers are held while not one callback for its
// body comes, in milliseconds.
const bodyWait = 60_000

// waitsInVain tells whether a stream is to be ended: see overdue.
func (s *edge) waitsInVain(now int64) bool {
	return s.bodyOverdue(now) || s.open() && s.request.Overdue(now)
}

func (s *edge) bodyOverdue(now int64) bool { return s.held != 0 && !s.body && now-s.held >= bodyWait }

// overdue ends a stream whose headers are held and whose body the host does not bring.
// The likely cause is a listener that holds a filter's headers and body together, so
// that the body waits for the headers and the headers for the body; it would hang
// for ever. Letting it go on would let it by uncounted.
func (s *edge) overdue(now int64) {
	if s.open() && s.request.Overdue(now) && s.plugin.host.closes {
		abi.CloseResponse()
		return
	}
	if !s.bodyOverdue(now) {
		return
	}
	s.held = 0
	proxywasm.LogError("sluice: no body came for a request whose headers are held; if this happens to all requests, the listener's plugin lacks allow_on_headers_stop_iteration: true (sluice render writes it)")
	s.do(requestHeaders, s.request.BodyOverdue())
}

// newID is new and not to be guessed: 122 random bits as a UUID (RFC 9562, version 4).
func newID() string {
	const digits = "0123456789abcdef"
	hi, lo := rand.Uint64()&^0xf000|0x4000, rand.Uint64()&^(3<<62)|1<<63
	b := make([]byte, 0, 36)
	for i := 60; i >= 0; i -= 4 {
		b = append(b, digits[hi>>i&15])
		if i == 32 || i == 16 || i == 0 {
			b = append(b, '-')
		}
	}
	for i := 60; i >= 0; i -= 4 {
		b = append(b, digits[lo>>i&15])
		if i == 48 {
			b = append(b, '-')
		}
	}
	return string(b)
}

// property finds a host property by its path.
func property(path []string) (string, bool) {
	value, status := abi.Property(nil, strings.Join(path, "\x00"))
	return string(value), status == abi.OK && len(value) > 0
}
