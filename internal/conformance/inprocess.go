package conformance

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/sluice-gateway/sluice/internal/mock"
	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

// ask has a server answer what left the gateway, without a network between them: its
// writes are the pieces of the answer. The second result ends a server that is silent.
func ask(server *mock.Server, m wasmhost.Message) (wasmhost.Response, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	silent := &silence{Context: ctx, noticed: make(chan struct{})}
	r, err := http.NewRequestWithContext(silent, m.Headers.Get(":method"), m.Headers.Get(":path"), bytes.NewReader(m.Body()))
	if err != nil {
		cancel()
		return wasmhost.Response{Headers: wasmhost.Headers{{":status", "400"}}}, func() {}
	}
	r.RequestURI, r.Host = m.Headers.Get(":path"), m.Headers.Get(":authority")
	for _, h := range m.Headers {
		if !strings.HasPrefix(h[0], ":") {
			r.Header.Add(h[0], h[1])
		}
	}
	w, done := &written{method: r.Method, header: http.Header{}}, make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if problem := recover(); problem != nil && problem != http.ErrAbortHandler {
				panic(problem)
			} else if problem != nil {
				w.reset = true
			}
		}()
		server.ServeHTTP(w, r)
	}()
	select {
	case <-done:
		cancel()
		return w.response(), func() {}
	case <-silent.noticed:
	}
	answer := w.response()
	answer.Stalls = true
	return answer, func() { cancel(); <-done }
}

// silence notices that somebody waits for the end of a request: a server that says no more.
type silence struct {
	context.Context
	once    sync.Once
	noticed chan struct{}
}

func (s *silence) Done() <-chan struct{} {
	s.once.Do(func() { close(s.noticed) })
	return s.Context.Done()
}

// written is what a server has written, piece by piece.
type written struct {
	method string // of the request
	header http.Header
	status int
	sent   wasmhost.Headers
	pieces [][]byte
	piece  []byte
	reset  bool
}

func (w *written) Header() http.Header { return w.header }

func (w *written) WriteHeader(status int) {
	if w.status != 0 || status < 200 {
		return
	}
	w.status = status
	w.sent = wasmhost.Headers{{":status", strconv.Itoa(status)}}
	for name, values := range w.header {
		for _, v := range values {
			if name != "Trailer" {
				w.sent = append(w.sent, [2]string{name, v})
			}
		}
	}
}

func (w *written) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if !bodiless(w.method, w.status) {
		w.piece = append(w.piece, b...)
	}
	return len(b), nil
}

// FlushError ends a piece.
func (w *written) FlushError() error {
	w.WriteHeader(http.StatusOK)
	if len(w.piece) > 0 {
		w.pieces, w.piece = append(w.pieces, w.piece), nil
	}
	return nil
}

func (w *written) response() wasmhost.Response {
	if len(w.piece) > 0 {
		_ = w.FlushError()
	}
	a := wasmhost.Response{Headers: w.sent, Body: w.pieces, Reset: w.reset}
	for _, name := range w.header.Values("Trailer") {
		a.Trailers = append(a.Trailers, [2]string{name, w.header.Get(name)})
	}
	return a
}
