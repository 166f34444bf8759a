package wasmhost

import (
	"strconv"
	"strings"
)

func sendLocalResponse(c *hostCall) Status {
	s := c.stream()
	c.crashIf(s == nil)
	if s == nil {
		return BadArgument
	}
	reply := LocalReply{
		Status: int(c.number(0)), Details: string(c.bytes(1)), Body: c.bytes(2), Headers: c.pairs(3), GRPC: int(int32(c.number(4))),
	}
	s.locals = append(s.locals, reply)
	if s.replied {
		c.trapIf(!c.vm.rules.secondReply, "a response has been sent already")
		return OK // and ignored
	}
	c.trapIf(!c.vm.rules.secondReply && s.response.out.Headers != nil, "the response headers have been sent")
	s.replied, s.local = true, &reply
	if c.vm.rules.cancelsCalls {
		s.cancelCalls()
	}
	return OK
}

// answerLocally sends the reply that the module, or the gateway itself, has made. Before
// there is an answer of the upstream's it passes the response callbacks like one; in
// place of such an answer it goes straight to the client; and after its headers nothing
// can be sent any more, so the connection breaks.
func (s *Stream) answerLocally() {
	reply := *s.local
	s.local = nil
	s.request.stopped, s.request.ended = false, true
	if s.upstream {
		s.reply, s.over = &reply, true
		return
	}

	if s.response.out.Headers != nil {
		s.breakOff()
		return
	}
	direct := s.response.begun
	if s.vm.rules.localNewline {
		if len(reply.Body) > 0 {
			reply.Body = append(reply.Body, '\n')
		}
		if direct {
			reply.Headers = nil
		}
	}
	h := reply.message()
	if direct {
		s.response.out.Headers, s.response.out.End = h, true
		if len(reply.Body) > 0 {
			s.response.out.Chunks = [][]byte{reply.Body}
		}
		s.over = true
		return
	}
	s.response.onHeaders(h, len(reply.Body) == 0)
	if len(reply.Body) > 0 && !s.over {
		s.response.onBody(reply.Body, true)
	}
}

// message is a reply's headers as the client gets them.
func (r *LocalReply) message() Headers {
	h := append(Headers{{":status", strconv.Itoa(r.Status)}}, r.Headers...)
	if len(r.Body) > 0 {
		h.set("content-length", strconv.Itoa(len(r.Body)))
		if !h.Has("content-type") {
			h.set("content-type", "text/plain")
		}
	}
	return h
}

// crashIf is what ends Kong's worker, and with it this VM and every stream.
func (c *hostCall) crashIf(condition bool) {
	if condition && !c.vm.rules.movesContext {
		c.vm.crash(c.name + " in " + c.vm.callback + ", where there is no request")
		panic(c.vm.crashed)
	}
}

func continueStream(c *hostCall) Status {
	s := c.stream()
	c.crashIf(s == nil)
	if s == nil {
		return BadArgument
	}
	switch c.number(0) {
	case 0:
		s.request.resuming = true
	case 1:
		c.trapIf(!c.vm.rules.pausesResponse, "a response cannot be resumed")
		s.response.resuming = true
	default:
		return BadArgument
	}
	return OK
}

func closeStream(c *hostCall) Status {
	c.trapIf(!c.vm.rules.closeStream, "not supported")
	s := c.stream()
	if s == nil || c.number(0) > 1 {
		return BadArgument
	}
	if !strings.HasPrefix(c.vm.callback, "proxy_on_log") {
		s.breakOff()
	}
	return OK
}
