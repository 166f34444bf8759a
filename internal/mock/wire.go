package mock

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"time"
)

// wire writes a body in the pieces and with the codings that a fault asks for.
type wire struct {
	out     io.Writer
	flusher *http.ResponseController
	gzip    *gzip.Writer
	crlf    bool
	split   int
	pause   time.Duration
	join    int
	pending []byte // events that wait for others to join them
	joined  int
	left    int64 // bytes until the cut; negative without
}

func newWire(w http.ResponseWriter, f *Fault) *wire {
	x := &wire{
		out:     w,
		flusher: http.NewResponseController(w),
		crlf:    f.CRLF,
		split:   f.SplitBytes,
		pause:   time.Duration(f.SplitPause),
		join:    f.JoinEvents,
		left:    -1,
	}
	if f.Gzip {
		x.gzip = gzip.NewWriter(w)
		x.out = x.gzip
	}
	if f.Cut != nil && f.Cut.AfterBytes != nil {
		x.left = *f.Cut.AfterBytes
	}
	return x
}

// event writes one, and flushes it when it belongs to a stream.
func (x *wire) event(data []byte, stream bool) error {
	if x.crlf {
		data = bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
	}
	if x.join > 1 {
		x.pending = append(x.pending, data...)
		if x.joined++; x.joined < x.join {
			return nil
		}
		return x.flush()
	}
	if err := x.write(data); err != nil {
		return err
	}
	if !stream {
		return nil
	}
	return x.flush()
}

func (x *wire) write(data []byte) error {
	cut := x.left >= 0 && int64(len(data)) >= x.left
	if cut {
		data = data[:x.left]
	}
	if x.left >= 0 {
		x.left -= int64(len(data))
	}
	for len(data) > 0 {
		n := len(data)
		if x.split > 0 {
			n = min(n, x.split)
		}
		if _, err := x.out.Write(data[:n]); err != nil {
			return err
		}
		if data = data[n:]; x.split > 0 {
			if err := x.push(); err != nil {
				return err
			}
			time.Sleep(x.pause)
		}
	}
	if cut {
		return errCut
	}
	return nil
}

// flush sends what waits.
func (x *wire) flush() error {
	if len(x.pending) > 0 {
		data := x.pending
		x.pending, x.joined = nil, 0
		if err := x.write(data); err != nil {
			return err
		}
	}
	return x.push()
}

func (x *wire) push() error {
	if x.gzip != nil {
		if err := x.gzip.Flush(); err != nil {
			return err
		}
	}
	return x.flusher.Flush()
}

// finish is the end of a whole body.
func (x *wire) finish() error {
	if len(x.pending) > 0 {
		if err := x.flush(); err != nil {
			return err
		}
	}
	if x.gzip != nil {
		return x.gzip.Close()
	}
	return nil
}

func setLength(h http.Header, n int) {
	h.Set("Content-Length", strconv.Itoa(n))
}

// slowHeaders is a response whose head comes byte by byte. It takes the connection
// over, so it is HTTP/1.1 without keep-alive and its body ends with the connection.
type slowHeaders struct {
	conn   io.WriteCloser
	r      *http.Request
	header http.Header
	pause  time.Duration
	err    error
}

// newSlowHeaders is nil when the connection cannot be taken over, as in HTTP/2.
func newSlowHeaders(w http.ResponseWriter, r *http.Request, pause time.Duration) *slowHeaders {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil
	}
	return &slowHeaders{conn: conn, r: r, header: w.Header().Clone(), pause: pause}
}

func (s *slowHeaders) Header() http.Header { return s.header }

func (s *slowHeaders) WriteHeader(status int) {
	if status < 200 {
		return
	}
	s.header.Set("Connection", "close")
	var head bytes.Buffer
	head.WriteString("HTTP/1.1 " + strconv.Itoa(status) + " " + http.StatusText(status) + "\r\n")
	s.header.Write(&head) // a buffer does not fail
	head.WriteString("\r\n")
	for _, c := range head.Bytes() {
		if s.err != nil || !sleep(s.r.Context(), s.pause) {
			return
		}
		_, s.err = s.conn.Write([]byte{c})
	}
}

func (s *slowHeaders) Write(b []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	return s.conn.Write(b)
}

// FlushError makes it a http.Flusher for http.ResponseController; nothing is held.
func (s *slowHeaders) FlushError() error { return s.err }
