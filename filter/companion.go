//go:build wasip1

package main

import (
	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm"

	"github.com/sluice-gateway/sluice/filter/internal/abi"
	"github.com/sluice-gateway/sluice/gateway"
)

// call makes a call of the gateway's own. answered gets the answer's headers, none where
// the call failed, and its body; it may be called before call returns.
func (p *plugin) call(c *gateway.Call, answered func(headers [][2]string, body []byte)) (id uint32) {
	upstream, timeout := c.Cluster, uint32(c.Timeout)
	if timeout == 0 {
		timeout = longestCall
	}
	if p.host.fixedTarget {
		upstream = c.Target
	}
	id, err := proxywasm.DispatchHttpCall(upstream, c.Headers, c.Body, nil, timeout, func(_, size, _ int) {
		if size == abi.Unanswered {
			answered(nil, nil)
			return
		}
		headers, _ := proxywasm.GetHttpCallResponseHeaders()
		headers = p.host.headers(headers)
		if _, ok := gateway.Headers(headers).Get(":status"); !ok { // Kong tells a failure by a header
			headers = nil
		}
		body, _ := abi.ReadBody(nil, abi.CallBody, 0, size)
		answered(headers, body)
	})
	c.Body = nil // the host has its copy, and the answer may take its time
	if err != nil {
		if p.host.callsResume {
			panic("call " + upstream + ": " + err.Error()) // where nobody could let the stream go
		}
		answered(nil, nil) // the host cannot even try
	}
	return id
}

// longestCall is how long a call may take that nothing else bounds, in milliseconds.
const longestCall = 15 * 60 * 1000

// tellLater makes a call in the next tick that no stream waits for. It is the plugin's
// then: a stream's own is forgotten with the stream.
func (p *plugin) tellLater(now int64, c *gateway.Call) {
	p.timer.untold = append(p.timer.untold, c)
	p.pace(now)
}

// telling is a call that no stream waits for, where the host does not tell that it failed.
type telling struct {
	id  uint32
	due int64 // when it is taken to have
}

// tell makes the calls that no stream waits for: all at once, or where two of them would end
// the worker the next when there is the answer to the one before.
func (p *plugin) tell(now int64) {
	if p.gateway == nil {
		return
	}
	t := &p.timer
	p.giveUp(now)
	if c := p.gateway.Records(now); c != nil {
		t.untold = append(t.untold, c)
	}
	for len(t.untold) > 0 && (t.calling == 0 || !p.host.callsAlone) {
		c := t.untold[0]
		t.untold = t.untold[1:]
		t.calling++
		id := p.call(c, func(headers [][2]string, _ []byte) {
			t.calling--
			now := clock()
			p.count(p.gateway.Told(now, c, headers))
			if p.host.callsAlone {
				p.tell(now)
			}
		})
		if p.host.callsLost {
			// The host's limit is one for each of its steps: to connect, to send and to read. No
			// limit of a call's bounds how long a name is looked for.
			due := now + 3*c.Timeout
			if c.Target[0] > '9' {
				due += resolving
			}
			t.telling = append(t.telling, telling{id, due})
		}
	}
}

// resolving is how long nginx looks for a name, in milliseconds:
// NGX_WASM_DEFAULT_RESOLVER_TIMEOUT.
const resolving = 30_000

// giveUp takes calls for failed that have had no answer in their time.
func (p *plugin) giveUp(now int64) {
	for t := &p.timer; len(t.telling) > 0 && t.telling[0].due <= now; {
		id := t.telling[0].id
		t.telling = t.telling[1:] // all may take as long, so that the first is due first
		abi.GiveUp(p.context, id)
	}
}
