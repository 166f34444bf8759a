package wasmhost

import (
	"slices"
	"strings"
)

// buffer is the bytes that a host call names, nil if there are none to see. Bodies are
// only there in their own callbacks, or while they are held.
func (c *hostCall) buffer() *[]byte {
	s := c.stream()
	c.trapIf(c.vm.rules.ownBodies && !c.bodyHere(), "not allowed in "+c.vm.callback)
	switch id := c.number(0); {
	case id == 0 && s != nil:
		return s.request.readable()
	case id == 1 && s != nil:
		return s.response.readable()
	case id == 4 && c.vm.answering != nil:
		return &c.vm.answering.answer.Body
	case id == 6:
		return &c.vm.options.VMConfig
	case id == 7:
		return &c.vm.plugin.config
	}
	return nil
}

// bodyHere tells whether the running callback is one in which Kong lets a body be touched.
func (c *hostCall) bodyHere() bool {
	switch callback := c.vm.callback; c.number(0) {
	case 0:
		return strings.HasPrefix(callback, "proxy_on_request_") || callback == "proxy_on_log" && c.name == "proxy_get_buffer_bytes"
	case 1:
		return callback == "proxy_on_response_body"
	case 4:
		return callback == "proxy_on_http_call_response"
	}
	return true
}

func (h *half) readable() *[]byte {
	if h.body == nil && h.holding {
		return &h.held
	}
	return h.body
}

// unreadable says that Kong keeps the request's body in a file.
func (c *hostCall) unreadable() bool {
	s := c.stream()
	return c.number(0) == 0 && s != nil && s.request.unread
}

func getBuffer(c *hostCall) Status {
	b := c.buffer()
	if b == nil || c.unreadable() {
		return NotFound
	}
	start := uint64(c.number(1))
	if c.vm.rules.ignoresOffset {
		start = 0
	}
	start = min(start, uint64(len(*b)))
	end := min(start+uint64(c.number(2)), uint64(len(*b)))
	if start == end && c.vm.options.Profile == Envoy {
		return OK // and writes nothing
	}
	return c.returnBytes((*b)[start:end])
}

// setBuffer changes a body:
//
//	start 0, max 0               data goes before it
//	start 0, max < its length    Envoy: data goes in place of max bytes; Kong: the first max bytes of data are the body
//	start 0, max >= its length   data is the body (on Kong at most max bytes)
//	start >= its length          data goes behind it
//	else                         BadArgument
func setBuffer(c *hostCall) Status {
	b := c.buffer()
	start, limit, data := uint64(c.number(1)), uint64(c.number(2)), c.bytes(3)
	switch {
	case b == nil || c.number(0) > 1:
		return NotFound
	case start == 0 && limit == 0:
		*b = slices.Concat(data, *b)
	case start == 0 && c.unreadable():
		*b = append(*b, data...)
	case start == 0 && c.vm.rules.maxTruncates:
		*b = data[:min(limit, uint64(len(data)))]
	case start == 0:
		*b = slices.Concat(data, (*b)[min(limit, uint64(len(*b))):])
	case start >= uint64(len(*b)):
		*b = append(*b, data...)
	default:
		return BadArgument
	}
	return OK
}
