package mock

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// Options are how a server is made; the zero value is a server on a free port of
// 127.0.0.1 that never fails.
type Options struct {
	Listen      string           // host:port; 127.0.0.1:0 when empty
	Script      string           // YAML or JSON, see ParseScript
	Certificate *tls.Certificate // serves TLS with it, HTTP/1.1 and HTTP/2
	Keep        int              // how many requests are remembered; 1000 when 0, none when negative
	KeepBytes   int64            // and how many bytes of their bodies; 64 MiB when 0, none when negative
	Now         func() time.Time // time.Now when nil
}

// Server is the mock provider. It is an http.Handler.
type Server struct {
	now     func() time.Time
	program atomic.Pointer[program]
	book    book
	ids     atomic.Uint64

	http     *http.Server
	listener net.Listener
	scheme   string
}

// New makes a handler that does not listen anywhere.
func New(o Options) (*Server, error) {
	s := &Server{now: o.Now}
	if s.now == nil {
		s.now = time.Now
	}
	s.book.keep, s.book.keepBytes = o.Keep, o.KeepBytes
	if o.Keep == 0 {
		s.book.keep = 1000
	}
	if o.KeepBytes == 0 {
		s.book.keepBytes = 64 << 20
	}
	return s, s.Script(o.Script)
}

// Start makes a server and lets it serve: HTTP/1.1 and, with prior knowledge, HTTP/2
// without TLS on the same port.
func Start(o Options) (*Server, error) {
	s, err := New(o)
	if err != nil {
		return nil, err
	}
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if s.listener, err = net.Listen("tcp", o.Listen); err != nil {
		return nil, fmt.Errorf("mock: %w", err)
	}
	s.scheme = "http"
	s.http = &http.Server{
		Handler:           s,
		Protocols:         new(http.Protocols),
		ReadHeaderTimeout: time.Minute,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, c)
		},
	}
	s.http.Protocols.SetHTTP1(true)
	if o.Certificate == nil {
		s.http.Protocols.SetUnencryptedHTTP2(true)
		go s.http.Serve(s.listener)
		return s, nil
	}
	s.scheme = "https"
	s.http.Protocols.SetHTTP2(true)
	s.http.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*o.Certificate}}
	go s.http.ServeTLS(s.listener, "", "")
	return s, nil
}

// URL is the server's base URL, without a slash at its end.
func (s *Server) URL() string { return s.scheme + "://" + s.listener.Addr().String() }

// Addr is the host and port that the server listens on.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close ends the server and all its connections.
func (s *Server) Close() error { return s.http.Close() }

// Script replaces the script; every rule counts from the beginning.
func (s *Server) Script(text string) error {
	script, err := ParseScript(text)
	if err != nil {
		return err
	}
	s.program.Store(newProgram(script))
	return nil
}

// Requests are the requests that are remembered, oldest first.
func (s *Server) Requests() []Request { return s.book.requests() }

// Usage is what would be billed, of all requests since the start or the last reset.
func (s *Server) Usage() []Account { return s.book.usage() }

// Reset forgets the requests and the usage, and lets the script count from the
// beginning.
func (s *Server) Reset() {
	s.book.reset()
	s.program.Store(newProgram(s.program.Load().Script))
}

// Wait returns when every request that has come has also ended, and is in Usage. A
// client may know that an answer has ended a moment before the server does.
func (s *Server) Wait(ctx context.Context) error { return s.book.wait(ctx) }

// maxBody is the longest request body that is read; a longer one is answered with 413.
const maxBody = 256 << 20

// ServeHTTP is the life of a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if path, ok := strings.CutPrefix(r.URL.Path, "/_mock/"); ok {
		s.control(w, r, path)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	seen := &Request{
		Time: s.now(), Proto: r.Proto, Method: r.Method, Path: r.RequestURI, Host: r.Host,
		Header: r.Header.Clone(), Body: body, BodyBytes: int64(len(body)), Key: keyOf(r.Header),
	}
	q := &query{op: operation(r), key: seen.Key, limit: noLimit, n: 1}
	bad := q.parse(body)
	seen.Model, seen.Stream = q.model, q.stream
	s.book.open(seen)
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		bad = &problem{status: http.StatusRequestEntityTooLarge}
	} else if err != nil { // the client went before it had said everything
		s.book.close(seen, 0, EndClientGone, Tokens{})
		return
	}

	program := s.program.Load()
	behaviour, rule, err := program.behaviour(r, q, body)
	t := newTask(q, behaviour, program.Seed, mix(program.Seed^mix(s.ids.Add(1))), seen.Time.Unix())
	var reply *reply
	if err != nil {
		reply = bodyReply(http.StatusBadRequest, marshal(map[string]string{"error": err.Error()}))
	} else {
		reply = t.answer(r, body, program.Script, bad)
	}
	t.vendorHeaders(reply.header)
	s.book.plan(seen, rule, reply.whole)

	d := delivery{w: w, r: r, reply: reply, fault: t.fault, dialect: q.op, id: t.requestID()}
	if t.Pace != nil {
		d.pace = *t.Pace
	}
	end, abort := d.run()
	s.book.close(seen, d.status, end, t.billed(reply, d.output, end))
	if slow, ok := d.w.(*slowHeaders); ok {
		slow.conn.Close()
		return
	}
	if abort {
		breakOff(r, t.fault.Cut.How)
	}
}

// control is the mock's own API: what it saw, what it would bill, start anew.
func (s *Server) control(w http.ResponseWriter, r *http.Request, path string) {
	switch r.Method + " " + path {
	case "GET requests":
		writeJSON(w, http.StatusOK, s.Requests())
	case "GET usage":
		writeJSON(w, http.StatusOK, s.Usage())
	case "POST reset":
		s.Reset()
		w.WriteHeader(http.StatusNoContent)
	case "PUT script":
		text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<20))
		if err == nil {
			err = s.Script(string(text))
		}
		if err != nil {
			writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
			return
		}
		w.WriteHeader(http.StatusNoContent)
	default:
		writeJSON(w, http.StatusNotFound, map[string]string{
			"error": "there are GET /_mock/requests, GET /_mock/usage, POST /_mock/reset and PUT /_mock/script",
		})
	}
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	b := marshal(v)
	w.Header().Set("Content-Type", "application/json")
	setLength(w.Header(), len(b))
	w.WriteHeader(status)
	w.Write(b)
}
