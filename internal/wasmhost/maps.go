package wasmhost

import "strings"

// headerMap is the map that a host call names, nil if the running callback may not see
// it.
func (c *hostCall) headerMap() *Headers {
	s := c.stream()
	switch id := c.number(0); {
	case id == 6 && c.vm.answering != nil:
		return &c.vm.answering.answer.Headers
	case id == 7 && c.vm.answering != nil:
		return &c.vm.answering.answer.Trailers
	case s == nil:
	case id == 0 && s.request.visible():
		return &s.request.headers
	case id == 1 && s.request.trailing:
		return &s.request.trailers
	case id == 2 && s.response.visible():
		return &s.response.headers
	case id == 3 && s.response.trailing:
		return &s.response.trailers
	}
	return nil
}

func getHeader(c *hostCall) Status {
	m := c.headerMap()
	if m == nil {
		return BadArgument
	}
	value, ok := m.lookup(string(c.bytes(1)))
	if !ok {
		return NotFound
	}
	return c.returnBytes([]byte(value))
}

func getHeaders(c *hostCall) Status {
	m := c.headerMap()
	if m == nil {
		return BadArgument
	}
	handed := *m
	if most := c.vm.rules.mostPairs; most > 0 && len(handed) > most {
		handed = handed[:most]
	}
	c.returnBytes(handed.marshal())
	c.result = " " + quotedPairs(handed)
	return OK
}

// edited is the map for a host call that changes it.
func (c *hostCall) edited() *Headers {
	if c.number(0) >= 6 {
		return nil // of a call's answer
	}
	return c.headerMap()
}

func (c *hostCall) headerName() string {
	if c.vm.rules.lowerNames {
		return strings.ToLower(string(c.bytes(1)))
	}
	return string(c.bytes(1))
}

func addHeader(c *hostCall) Status {
	m := c.edited()
	if m == nil {
		return BadArgument
	}
	*m = append(*m, [2]string{c.headerName(), string(c.bytes(2))})
	return OK
}

func replaceHeader(c *hostCall) Status {
	m := c.edited()
	if m == nil {
		return BadArgument
	}
	if c.vm.rules.fixedStatus && c.headerName() == ":status" {
		return OK // and nothing comes of it
	}
	m.set(c.headerName(), string(c.bytes(2)))
	return OK
}

func removeHeader(c *hostCall) Status {
	m := c.edited()
	if m == nil {
		return BadArgument
	}
	m.remove(string(c.bytes(1)))
	return OK
}

func setHeaders(c *hostCall) Status {
	m := c.edited()
	if m == nil {
		return BadArgument
	}
	*m = c.pairs(1).clone(c.vm.rules.lowerNames)
	return OK
}
