package wasmhost

import (
	"bytes"
	"maps"
	"strconv"
	"strings"
)

// Stream is one request and its answer.
type Stream struct {
	vm        *VM
	plugin    *Plugin
	id        uint32
	start     int // the instance it began in; another knows nothing of it
	props     map[string]string
	state     map[string]string // filter state, or nginx's variables
	request   half
	response  half
	local     *LocalReply // asked for in the running callback
	replied   bool
	over      bool // the client has its answer or none is coming: no more callbacks but the last
	ended     bool // done, log and delete have been called
	hung      bool
	continued bool // the client has asked whether it may send its body, and been told to
	trapped   error
	locals    []LocalReply
	calls     []*Call // made by the running callback
	trace     *strings.Builder

	// Of the streams of a Router.
	upstream bool        // an attempt: its local replies are the edge's to show
	reply    *LocalReply // such a reply
	progress func()      // what follows a step
}

// LocalReply is an answer that the module made.
type LocalReply struct {
	Status  int
	Details string
	Headers Headers
	Body    []byte
	GRPC    int
}

// Message is what one side has seen of the other: all of it, or what a step added.
type Message struct {
	Headers  Headers // nil: none yet
	Chunks   [][]byte
	Trailers Headers
	End      bool // there is no more to come, properly
	Reset    bool // the connection broke before the end
}

// Body is all chunks in one.
func (m Message) Body() []byte { return bytes.Join(m.Chunks, nil) }

// Status is the :status header, 0 if there is none.
func (m Message) Status() int {
	n, _ := strconv.Atoi(m.Headers.Get(":status"))
	return n
}

// since is what m has more than an earlier state of it.
func (m Message) since(before Message) Message {
	d := Message{End: m.End && !before.End, Reset: m.Reset && !before.Reset}
	if len(m.Chunks) > len(before.Chunks) {
		d.Chunks = m.Chunks[len(before.Chunks):]
	}
	if before.Headers == nil {
		d.Headers = m.Headers
	}
	if before.Trailers == nil {
		d.Trailers = m.Trailers
	}
	return d
}

// NewStream begins a request. The properties are the stream's own, by path with dots.
func (p *Plugin) NewStream(properties map[string]string) *Stream {
	return p.stream(properties).create()
}

func (p *Plugin) stream(properties map[string]string) *Stream {
	s := &Stream{vm: p.vm, plugin: p, props: map[string]string{}, state: map[string]string{}, trace: &strings.Builder{}}
	maps.Copy(s.props, properties)
	s.request.init(s, true)
	s.response.init(s, false)
	return s
}

// create has the module make the stream's context.
func (s *Stream) create() *Stream {
	vm := s.vm
	if err := vm.revive(); err != nil {
		s.trapped = err
		return s
	}
	s.id, s.start = vm.nextContext, vm.started
	vm.nextContext++
	vm.contexts[s.id] = s
	s.callback("proxy_on_context_create", s.plugin.id)
	return s
}

// RequestHeaders are the first step. The result is what went on to the upstream.
func (s *Stream) RequestHeaders(h Headers, end bool) Message {
	return s.step(&s.request, func() { s.request.onHeaders(h, end) })
}

// RequestBody is a piece of the request's body, which may be empty at the end.
func (s *Stream) RequestBody(piece []byte, end bool) Message {
	return s.step(&s.request, func() { s.request.onBody(piece, end) })
}

// RequestTrailers end the request.
func (s *Stream) RequestTrailers(h Headers) Message {
	return s.step(&s.request, func() { s.request.onTrailers(h) })
}

// ResponseHeaders begin the upstream's answer. The result is what went on to the client.
func (s *Stream) ResponseHeaders(h Headers, end bool) Message {
	return s.step(&s.response, func() { s.response.onHeaders(h, end) })
}

// ResponseBody is a piece of the answer's body, which may be empty at the end.
func (s *Stream) ResponseBody(piece []byte, end bool) Message {
	return s.step(&s.response, func() { s.response.onBody(piece, end) })
}

// ResponseTrailers end the answer.
func (s *Stream) ResponseTrailers(h Headers) Message {
	return s.step(&s.response, func() { s.response.onTrailers(h) })
}

// UpstreamReset is the upstream breaking its connection. Before its headers the gateway
// answers by itself, after them the client's connection breaks too.
func (s *Stream) UpstreamReset() Message {
	return s.step(&s.response, func() {
		switch {
		case s.response.begun:
			s.breakOff()
		case s.upstream: // the router will see to it
			s.breakOff()
		default:
			s.own(s.vm.rules.upstreamStatus, noConnection)
		}
	})
}

// unanswered is the gateway answering by itself.
func (s *Stream) unanswered(status, text string) {
	s.step(&s.response, func() { s.own(status, text) })
}

func (s *Stream) own(status, text string) {
	contentType := "text/plain"
	if s.vm.options.Profile == Kong {
		contentType, text = s.kongPage(status)
	}
	s.response.onHeaders(Headers{{":status", status}, {"content-length", strconv.Itoa(len(text))}, {"content-type", contentType}}, false)
	s.response.onBody([]byte(text), true)
}

// kongPage is what Kong says of an error of its own: in the form that the request accepts, or
// else is in itself, and in JSON where that says nothing else.
// https://github.com/Kong/kong/blob/3.9.0/kong/error_handlers.lua
func (s *Stream) kongPage(status string) (contentType, text string) {
	text = map[string]string{
		"500": "An unexpected error occurred",
		"502": "An invalid response was received from the upstream server",
		"503": "The upstream server is currently unavailable",
		"504": "The upstream server is timing out",
	}[status]
	const id = "6a2b1c0d9e8f7a6b5c4d3e2f1a0b9c8d"
	wants, ok := s.request.original.lookup("accept")
	if !ok {
		if wants, ok = s.request.original.lookup("content-type"); !ok {
			wants = "text/plain"
		}
	}
	switch {
	case strings.HasPrefix(wants, "text/html"):
		return "text/html; charset=utf-8", "<!doctype html>\n<html><body><h1>Error</h1><p>" + text + ".</p><p>request_id: " + id + "</p></body></html>\n"
	case strings.HasPrefix(wants, "text/plain"):
		return "text/plain; charset=utf-8", text + "\nrequest_id: " + id + "\n"
	}
	return "application/json; charset=utf-8", "{\n  \"message\":\"" + text + "\",\n  \"request_id\":\"" + id + "\"\n}"
}

// answeredUpstream is a local reply of an attempt at this stream's request, which passes
// the response callbacks like an answer, where there has been none so far.
func (s *Stream) answeredUpstream(reply LocalReply) {
	s.step(&s.response, func() {
		if s.response.begun {
			s.breakOff()
			return
		}
		h := reply.message()
		s.response.onHeaders(h, len(reply.Body) == 0)
		if len(reply.Body) > 0 && !s.over {
			s.response.onBody(reply.Body, true)
		}
	})
}

// step runs one event of a direction and tells what came of it.
func (s *Stream) step(h *half, event func()) Message {
	before := h.out
	if !s.over && !h.ended {
		event()
	}
	s.goOn()
	return h.out.since(before)
}

// Abort is the client hanging up.
func (s *Stream) Abort() {
	if !s.over {
		s.breakOff()
	}
	s.goOn()
}

// Close is the end of the stream, if it has not ended with the answer.
func (s *Stream) Close() { s.end() }

func (s *Stream) breakOff() {
	s.response.out.Reset = true
	s.over = true
}

// goOn ends a stream that is over, and does what follows of where it is now. An attempt
// ends when its router has taken what it let go.
func (s *Stream) goOn() {
	if !s.upstream && (s.over || s.response.out.End) {
		s.end()
	}
	if s.progress != nil {
		s.progress()
	}
}

// end runs the stream's last callbacks, once.
func (s *Stream) end() {
	if s.ended {
		return
	}
	s.ended, s.over = true, true
	if s.vm.rules.cancelsCalls {
		s.cancelCalls()
	}
	last := []string{"proxy_on_done", "proxy_on_log", "proxy_on_delete"}
	if s.vm.rules.logThenDone {
		last = []string{"proxy_on_log", "proxy_on_done", "proxy_on_delete"}
	}
	for _, name := range last {
		if s.trapped == nil {
			s.callback(name)
		}
	}
	delete(s.vm.contexts, s.id)
}

// callback runs a callback of the stream; ok is false when it trapped, or when the
// stream's instance is gone.
func (s *Stream) callback(name string, params ...uint32) (result uint32, ok bool) {
	vm := s.vm
	if vm.crashed != nil || s.trapped != nil || s.start != vm.started || vm.instance == nil {
		s.fail(vm.crashed)
		return 0, false
	}
	vm.current, vm.plugin, vm.callback, vm.effective = s, s.plugin, name, s.id
	result, err := vm.traced(name, append([]uint32{s.id}, params...))
	vm.current = nil
	if err != nil {
		s.trap(err)
		return 0, false
	}
	return result, true
}

// trap is the end of the instance in a callback of the stream. One that has sent a local reply
// already takes Kong's worker along: https://github.com/Kong/ngx_wasm_module/issues/696.
func (s *Stream) trap(err error) {
	if s.local != nil && !s.vm.rules.trapAfterReply && s.vm.crashed == nil {
		s.vm.crash("a trap after a local reply: " + firstLine(err))
	}
	s.fail(err)
}

// fail ends a stream whose instance has trapped: with the gateway's own answer, or by
// breaking the connection when the answer has begun.
func (s *Stream) fail(err error) {
	if err == nil {
		err = trap("the module's instance has ended")
	}
	if s.trapped == nil {
		s.trapped = err
	}
	switch {
	case s.over:
	case s.response.out.Headers != nil:
		s.breakOff()
	default:
		s.response.out.Headers = Headers{{":status", s.vm.rules.trapStatus}}
		s.response.out.End = true
		s.over = true
	}
}

// Upstream is all that the upstream has seen of the request.
func (s *Stream) Upstream() Message { return s.request.out }

// Client is all that the client has seen of the answer.
func (s *Stream) Client() Message { return s.response.out }

// Continued says that the client has asked whether it may send its body, and was told to.
func (s *Stream) Continued() bool { return s.continued }

// LocalReplies are the answers that the module sent or tried to send.
func (s *Stream) LocalReplies() []LocalReply { return s.locals }

// FilterState is what the module has set with set_property, by path with dots.
func (s *Stream) FilterState() map[string]string { return maps.Clone(s.state) }

// Trace is every callback and host call of the stream.
func (s *Stream) Trace() string { return s.trace.String() }

// Trapped is why the stream's instance ended, nil if it did not.
func (s *Stream) Trapped() error { return s.trapped }

// Hung says that the stream waits for something that will never come: its callback
// paused, nobody resumes it, and no call is open.
func (s *Stream) Hung() bool {
	return s.hung || !s.ended && (s.request.stopped || s.response.stopped) && len(s.plugin.calls) == 0
}
