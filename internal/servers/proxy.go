package servers

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// Proxy passes TCP connections on to a server until it is told to stall: then it keeps
// what it reads to itself, as a network does that loses everything.
type Proxy struct {
	Address string // host:port to connect to

	stalled atomic.Bool
	mu      sync.Mutex
	open    map[net.Conn]bool
}

// Through starts a proxy before a server.
func Through(t testing.TB, server string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &Proxy{Address: l.Addr().String(), open: map[net.Conn]bool{}}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { p.serve(client, server) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		p.Cut()
		serving.Wait()
	})
	return p
}

// Stall has nothing more pass.
func (p *Proxy) Stall() { p.stalled.Store(true) }

// Resume lets new connections pass, and cuts those that have lost something.
func (p *Proxy) Resume() {
	p.Cut()
	p.stalled.Store(false)
}

// Cut ends all connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		c.Close()
	}
}

func (p *Proxy) serve(client net.Conn, server string) {
	defer p.forget(client)
	p.keep(client)
	upstream, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer p.forget(upstream)
	p.keep(upstream)
	var pumping sync.WaitGroup
	pumping.Go(func() { p.pump(upstream, client) })
	p.pump(client, upstream)
	upstream.Close()
	client.Close()
	pumping.Wait()
}

// pump copies until one side ends, and drops what comes while it is stalled.
func (p *Proxy) pump(to, from net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 && !p.stalled.Load() {
			if _, err := to.Write(buffer[:n]); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	to.Close()
}

func (p *Proxy) keep(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[c] = true
}

func (p *Proxy) forget(c net.Conn) {
	c.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
}
