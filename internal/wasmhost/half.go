package wasmhost

import (
	"slices"
	"strconv"
	"strings"
)

// half is one direction of a stream at the module's place in the filter chain: what has
// come, what the module holds, and what has gone on.
//
// On Envoy a pause stops the iteration there. Headers that are held stay editable, and
// the body's callbacks go on; a body that is paused is held too, and each later callback
// sees all of it. Continue from a later callback lets everything go that was held.
type half struct {
	s       *Stream
	request bool

	headers  Headers // as the module sees and edits them
	original Headers // as they came
	trailers Headers
	begun    bool // headers have come
	ended    bool // the source has no more
	trailing bool // trailers have come, and the callback has been run

	stopped  bool   // a callback has paused
	deaf     bool   // …and no further callback comes before the stream is resumed (Options.StopsBody)
	holding  bool   // the last body callback has paused: the next sees held as well
	held     []byte // body that has not gone on
	body     *[]byte
	inMap    bool // a callback of the headers is running
	heldMap  bool // the headers' callback has paused; Envoy leaves the map open from then on
	pieces   int  // of the body so far
	seen     int  // bytes of it
	unread   bool // Kong has the body in a file
	resuming bool // the module asked to go on
	appended bool // Kong has appended the query
	out      Message
}

func (h *half) init(s *Stream, request bool) { h.s, h.request = s, request }

func (h *half) name(part string) string {
	if h.request {
		return "proxy_on_request_" + part
	}
	return "proxy_on_response_" + part
}

func (h *half) onHeaders(headers Headers, end bool) {
	h.begun, h.ended = true, end
	h.headers = headers.clone(h.s.vm.rules.lowerNames)
	h.original = slices.Clone(h.headers)
	h.inMap = true
	// Before 3.7 Kong tells the end of the headers, and not of the stream: ngx_wasm_module, pull
	// request 514.
	action, ok := h.call("headers", h.told(), end && h.s.vm.rules.headersEnd || h.s.vm.before(7))
	h.inMap = false
	switch {
	case !ok || h.after():
	case action == pause:
		h.stopped, h.heldMap = true, true
		h.deaf = h.s.vm.options.StopsBody
		h.checkPause()
	case h.wholeBody() && !end: // goes on with the body
	default:
		h.flush()
	}
	h.afterwards()
}

// told is the number that the headers' callback gets, also where not all are handed out.
func (h *half) told() (n int) {
	for _, pair := range h.headers {
		if h.s.vm.rules.pseudoCounted || !strings.HasPrefix(pair[0], ":") {
			n++
		}
	}
	return n
}

func (h *half) onBody(piece []byte, end bool) {
	h.ended = end
	if h.deaf || h.wholeBody() {
		h.held = append(h.held, piece...)
		if h.wholeBody() && end && !h.stopped {
			h.onWholeBody()
		}
		return
	}
	h.bodyCallback(piece, end)
}

func (h *half) bodyCallback(piece []byte, end bool) {
	h.pieces++
	tellEnd := end
	announced := h.original.Get("content-length")
	h.seen += len(piece)
	last := end || announced == strconv.Itoa(h.seen)
	if !h.s.vm.rules.headersEnd && !h.request && announced != "" {
		// Kong never tells the end of a body whose length was announced, but for one
		// that came in one piece.
		if len(piece) == 0 && h.pieces > 1 {
			h.flush()
			return
		}
		tellEnd = end && h.pieces == 1
	}
	data := slices.Clone(piece)
	h.body = &data
	if h.holding {
		h.held = append(h.held, piece...)
		h.body = &h.held
	}
	action, ok := h.call("body", len(*h.body), tellEnd)
	h.body = nil
	if !ok || h.after() {
		return
	}
	if !h.holding {
		h.held = append(h.held, data...)
	}
	if last && len(piece) > 0 && len(data) == 0 && !h.request && h.s.vm.rules.emptyEndHangs {
		h.s.hung, h.stopped = true, true
		return
	}
	if action == pause {
		h.stopped, h.holding = true, true
		h.checkPause()
		h.checkLimit()
	} else {
		h.flush()
	}
	h.afterwards()
}

// onWholeBody is Kong's one callback for a request's body.
func (h *half) onWholeBody() {
	h.appendQuery()
	h.pieces++
	if len(h.held) > 0 {
		h.unread = len(h.held) > h.s.vm.options.BufferLimit
		h.body = &h.held
		action, ok := h.call("body", len(h.held), true)
		h.body = nil
		if !ok || h.after() {
			return
		}
		if action == pause {
			h.stopped = true
			h.checkPause()
			h.afterwards()
			return
		}
	}
	h.flush()
	h.afterwards()
}

func (h *half) onTrailers(trailers Headers) {
	h.ended = true
	h.trailers = trailers.clone(h.s.vm.rules.lowerNames)
	if h.deaf {
		return
	}
	h.trailersCallback()
}

func (h *half) trailersCallback() {
	h.trailing = true
	action := uint32(0)
	if h.s.vm.rules.trailersCalls {
		var ok bool
		if action, ok = h.call("trailers", len(h.trailers)); !ok || h.after() {
			return
		}
	} else if h.wholeBody() {
		if !h.stopped {
			h.onWholeBody()
		}
		return
	}
	if action == pause {
		h.stopped = true
	} else {
		h.flush()
	}
	h.afterwards()
}

const pause = 1

// call runs a callback of this direction.
func (h *half) call(part string, size int, end ...bool) (action uint32, ok bool) {
	params := []uint32{uint32(size)}
	for _, e := range end {
		params = append(params, map[bool]uint32{true: 1}[e])
	}
	h.s.calls = nil
	action, ok = h.s.callback(h.name(part), params...)
	if ok && action != pause && len(h.s.calls) > 0 && h.request && h.s.vm.rules.callResumes {
		h.s.vm.crash(h.name(part) + " made a call and did not pause")
		return action, false
	}
	return action, ok
}

func (h *half) wholeBody() bool { return h.request && h.s.vm.rules.wholeRequest }

// after does what a callback asked for beside its action: a local reply, a closed
// stream. It says whether the direction goes no further.
func (h *half) after() (finished bool) {
	s := h.s
	if s.local != nil {
		s.answerLocally()
		return true
	}
	return s.over
}

// afterwards lets a stream go on that a callback resumed, and answers its calls.
func (h *half) afterwards() {
	for _, other := range [...]*half{&h.s.request, &h.s.response} {
		if other.resuming {
			other.resume()
		}
	}
	h.s.vm.answerCalls()
}

// checkPause is where Kong's response callbacks must not pause.
func (h *half) checkPause() {
	if !h.request && !h.s.vm.rules.pausesResponse {
		h.s.fail(trap(h.s.vm.callback + ": a response cannot be paused"))
	}
}

// checkLimit is Envoy refusing to hold more.
func (h *half) checkLimit() {
	if len(h.held) <= h.s.vm.options.BufferLimit || h.s.over {
		return
	}
	h.s.local = &LocalReply{Status: 500, Body: []byte("Internal Server Error")}
	if h.request {
		h.s.local = &LocalReply{Status: 413, Body: []byte("Payload Too Large")}
	}
	h.s.answerLocally()
}

// resume is continue_stream, or on Kong the answer to a call.
func (h *half) resume() {
	h.resuming = false
	if !h.stopped {
		return
	}
	h.heldMap = false
	if h.wholeBody() { // a paused headers callback goes on to the body's
		h.stopped = false
		switch {
		case !h.ended:
		case h.pieces == 0:
			h.onWholeBody()
		default:
			h.flush()
		}
		return
	}
	if !h.deaf {
		h.flush()
		return
	}
	late := h.held
	h.deaf, h.held = false, nil
	ended := h.ended
	h.ended = false
	h.flush()
	if h.ended = ended; len(late) > 0 || ended && h.trailers == nil {
		h.bodyCallback(late, ended && h.trailers == nil)
	}
	if h.trailers != nil && !h.s.over {
		h.trailersCallback()
	}
}

// flush lets everything go that was held.
func (h *half) flush() {
	if h.s.over || h.out.End {
		return
	}
	h.stopped, h.holding = false, false
	h.appendQuery()
	if h.out.Headers == nil {
		h.out.Headers = h.forwarded()
	}
	if len(h.held) > 0 {
		h.out.Chunks = append(h.out.Chunks, h.held)
		h.held = nil
	}
	if h.ended {
		h.out.Trailers = h.trailers
		h.out.End = true
	}
}

// forwarded is the header map as the next in the chain gets it, which on Kong is not
// quite as the module left it.
func (h *half) forwarded() Headers {
	sent := slices.Clone(h.headers)
	if !h.request {
		return sent
	}
	if h.s.vm.rules.keepsRemoved {
		for _, pair := range h.original {
			if !sent.Has(pair[0]) {
				sent = append(sent, pair)
			}
		}
	}
	if h.s.vm.rules.fixedTarget {
		for _, name := range [...]string{":path", ":authority"} {
			if value, ok := h.original.lookup(name); ok {
				sent.set(name, value)
			}
		}
		if uri, ok := h.s.vm.property(h.s, upstreamURI); ok {
			sent.set(":path", uri)
		}
	}
	return sent
}

// appendQuery is what Kong does to the variable of which nginx builds the request line: once,
// when the access phase of its own goes on behind the callback for the headers.
// https://github.com/Kong/kong/blob/3.9.0/kong/runloop/handler.lua (access.after)
func (h *half) appendQuery() {
	if !h.request || h.appended || !h.s.vm.rules.appendsQuery {
		return
	}
	h.appended = true
	uri, ok := h.s.vm.property(h.s, upstreamURI)
	query, _ := h.s.vm.property(h.s, "ngx.args")
	if path, _ := h.original.lookup(":path"); ok && (query != "" || strings.HasSuffix(path, "?")) {
		h.s.state[upstreamURI] = uri + "?" + query
	}
}

// visible says whether a host call may see the map of headers.
func (h *half) visible() bool {
	return h.begun && (!h.s.vm.rules.hidesHeaders || h.inMap || h.heldMap || strings.HasPrefix(h.s.vm.callback, "proxy_on_log"))
}
