package wasmhost

import "slices"

// Request is what a client sends.
type Request struct {
	Headers  Headers
	Body     [][]byte // in the pieces in which it arrives
	Trailers Headers
	// EndWithLast: the last piece carries the end of the stream, as over HTTP/2. Without
	// it the end comes in a call of its own with no bytes, as over HTTP/1.
	EndWithLast bool
	Properties  map[string]string
}

// Response is what an upstream answers.
type Response struct {
	Headers     Headers
	Body        [][]byte
	Trailers    Headers
	EndWithLast bool // as in Request
	Reset       bool // the connection breaks after the body; without headers it breaks before any
	Stalls      bool // nothing more comes after the body, not even an end; without headers nothing comes
}

// Upstream answers a request that has reached it whole.
type Upstream func(Message) Response

// Exchange runs a request through the module and back: client, filter chain and upstream
// in one. The stream has ended when it returns, unless it hangs (Stream.Hung) or waits
// for a call (Plugin.Calls); what both sides saw is in Stream.Upstream and Stream.Client.
// The upstream is not asked when the request does not reach it.
func (p *Plugin) Exchange(r Request, upstream Upstream) *Stream {
	s := p.NewStream(r.Properties)
	s.Send(r)
	s.Respond(upstream)
	return s
}

// Send is the first half of Exchange: all steps of a request. A client that asks whether it may
// send its body (expect: 100-continue) is told so by the host, or has its answer instead and
// sends none.
func (s *Stream) Send(r Request) {
	noBody := len(r.Body) == 0 && r.Trailers == nil
	asks := !noBody && r.Headers.Has("expect")
	if asks && s.vm.rules.answersExpect {
		s.continued = true
		r.Headers = slices.Clone(r.Headers)
		r.Headers.remove("expect")
	}
	s.RequestHeaders(r.Headers, noBody)
	if asks && !s.continued {
		s.continued = !s.over && !s.ended
	}
	if !noBody && (!asks || s.continued) {
		feed(r.Body, r.Trailers, r.EndWithLast, s.RequestBody, s.RequestTrailers)
	}
}

// Respond asks the upstream for its answer if the request has reached it whole, and runs
// the answer through the module: the second half of Exchange, for a request that had to
// wait for a call.
func (s *Stream) Respond(upstream Upstream) {
	if s.over || s.ended || !s.request.out.End || s.response.begun {
		return
	}
	a := upstream(s.request.out)
	switch {
	case len(a.Headers) > 0:
	case a.Stalls:
		return
	default:
		s.UpstreamReset()
		return
	}
	noBody := len(a.Body) == 0 && a.Trailers == nil && !a.Reset && !a.Stalls
	s.ResponseHeaders(a.Headers, noBody)
	switch {
	case noBody:
	case a.Reset || a.Stalls:
		for _, piece := range a.Body {
			s.ResponseBody(piece, false)
		}
		if a.Reset {
			s.UpstreamReset()
		}
	default:
		feed(a.Body, a.Trailers, a.EndWithLast, s.ResponseBody, s.ResponseTrailers)
	}
}

// feed sends a body in its pieces and then its end, in one of the three ways.
func feed(pieces [][]byte, trailers Headers, endWithLast bool,
	body func([]byte, bool) Message, trailing func(Headers) Message) {
	for i, piece := range pieces {
		body(piece, endWithLast && trailers == nil && i == len(pieces)-1)
	}
	switch {
	case trailers != nil:
		trailing(trailers)
	case !endWithLast || len(pieces) == 0:
		body(nil, true)
	}
}
