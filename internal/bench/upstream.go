package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

// upstream answers every request at once and alike, without reading it: the bodies are
// thrown away, the answers are made beforehand. Headers of the request, which no gateway
// changes, ask for others: x-events is the number of events with text of a stream, x-gap the
// time between two of them in microseconds, x-words the number of words of a whole answer. With
// x-marks each event of a stream has a part of a placeholder.
type upstream struct {
	listener net.Listener
	mu       sync.Mutex
	open     map[net.Conn]bool
}

// epoch is what the times in events count from. Client and upstream are one process.
var epoch = time.Now()

func startUpstream() (*upstream, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	u := &upstream{listener: l, open: map[net.Conn]bool{}}
	go u.accept()
	return u, nil
}

func (u *upstream) address() string { return u.listener.Addr().String() }

func (u *upstream) accept() {
	for {
		c, err := u.listener.Accept()
		if err != nil {
			return
		}
		u.mu.Lock()
		u.open[c] = true
		u.mu.Unlock()
		go func() {
			u.serve(c)
			u.mu.Lock()
			delete(u.open, c)
			u.mu.Unlock()
			_ = c.Close()
		}()
	}
}

func (u *upstream) close() error {
	err := u.listener.Close()
	u.mu.Lock()
	defer u.mu.Unlock()
	for c := range u.open {
		_ = c.Close()
	}
	return err
}

// serve answers one connection's requests until it ends, or sends what is not expected.
func (u *upstream) serve(c net.Conn) {
	r := bufio.NewReaderSize(c, 64<<10)
	for {
		head, err := readHead(r)
		if err != nil {
			return
		}
		length := head.number("content-length")
		if length < 0 {
			fmt.Fprint(c, "HTTP/1.1 411 Length Required\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
			return
		}
		if _, err := r.Discard(length); err != nil {
			return
		}
		gap := time.Duration(head.number("x-gap")) * time.Microsecond
		switch events := head.number("x-events"); {
		case head.path("/broken/"):
			_, err = c.Write(refusal)
		case head.path("/v1/messages") && events >= 0:
			err = messageTo(c, events, gap)
		case head.path("/v1/messages"):
			_, err = c.Write(message)
		case events >= 0:
			err = streamTo(c, events, gap, head.number("x-marks") >= 0)
		case head.number("x-words") >= 0:
			_, err = c.Write(wordsOf(head.number("x-words")))
		default:
			_, err = c.Write(answer)
		}
		if err != nil {
			return
		}
	}
}

// answer is a chat completion of 20 tokens.
var answer = func() []byte {
	const body = `{"id":"chatcmpl-Bx0r1","object":"chat.completion","created":1790000000,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,` +
		`"message":{"role":"assistant","content":"The quick answer is that a proxy adds little when it does little, and this one does little here.","refusal":null},` +
		`"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":220,"completion_tokens":20,"total_tokens":240,` +
		`"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}},"system_fingerprint":"fp_1"}`
	return whole("200 OK", body)
}()

// wordsOf is a chat completion of so many words, each of which is a token.
func wordsOf(n int) []byte {
	return whole("200 OK", `{"id":"chatcmpl-Bx0r1","object":"chat.completion","created":1790000000,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,`+
		`"message":{"role":"assistant","content":"`+strings.Repeat(" word", n)+`","refusal":null},"logprobs":null,"finish_reason":"stop"}],`+
		`"usage":{"prompt_tokens":220,"completion_tokens":`+strconv.Itoa(n)+`,"total_tokens":`+strconv.Itoa(220+n)+`}}`)
}

// message is the same answer as Anthropic gives it, and refusal one that is none.
var (
	message = whole("200 OK", `{"id":"msg_Bx0r1","type":"message","role":"assistant","model":"claude-haiku-4-5","content":[{"type":"text","text":`+
		`"The quick answer is that a proxy adds little when it does little, and this one does little here."}],"stop_reason":"end_turn",`+
		`"stop_sequence":null,"usage":{"input_tokens":220,"output_tokens":20,"cache_creation_input_tokens":0,"cache_read_input_tokens":0}}`)
	refusal = whole("503 Service Unavailable", `{"error":{"message":"overloaded","type":"server_error","param":null,"code":null}}`)
)

func whole(status, body string) []byte {
	return []byte("HTTP/1.1 " + status + "\r\ncontent-type: application/json\r\ncontent-length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
}

// messageTo is streamTo in Anthropic's dialect. No event tells when it was sent.
func messageTo(c net.Conn, events int, gap time.Duration) error {
	buffer := append(make([]byte, 0, 1024), streamHead...)
	buffer = appendChunk(buffer, "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-haiku-4-5\",",
		"\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":220,\"output_tokens\":1}}}\n\n",
		"event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n")
	next := time.Now()
	for i := range events {
		if i > 0 && gap > 0 {
			next = next.Add(gap)
			time.Sleep(time.Until(next))
		}
		buffer = appendChunk(buffer, "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\" word\"}}\n\n")
		if _, err := c.Write(buffer); err != nil {
			return err
		}
		buffer = buffer[:0]
	}
	buffer = appendChunk(buffer, "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
		"event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":", strconv.Itoa(events), "}}\n\n",
		"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
	_, err := c.Write(append(buffer, "0\r\n\r\n"...))
	return err
}

// An event is as OpenAI sends it. Its obfuscation, which is random letters there, is the
// time at which it was sent, in nanoseconds.
const (
	eventHead = `data: {"id":"chatcmpl-Bx0r1","object":"chat.completion.chunk","created":1790000000,"model":"gpt-4o-mini-2024-07-18",` +
		`"service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":`
	eventTail  = `,"logprobs":null,"finish_reason":null}],"obfuscation":"`
	timeDigits = 16
	streamHead = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n"
	streamEnd  = eventHead + `{},"logprobs":null,"finish_reason":"stop"}]}` + "\n\n"
)

// streamTo sends a stream, each event in a chunk and a write of its own, as a model does.
func streamTo(c net.Conn, events int, gap time.Duration, marks bool) error {
	buffer := append(make([]byte, 0, 1024), streamHead...)
	next := time.Now()
	for i := range events {
		delta := `{"content":" word"}`
		if i == 0 {
			delta = `{"role":"assistant","content":"A"}`
		} else if marks {
			delta = [...]string{`{"content":" [EMA"}`, `{"content":"IL_1]"}`}[(i-1)%2]
		}
		if i > 0 && gap > 0 {
			next = next.Add(gap)
			time.Sleep(time.Until(next))
		}
		stamp := strconv.FormatInt(int64(time.Since(epoch)), 10)
		stamp = "0000000000000000"[len(stamp):] + stamp
		buffer = appendChunk(buffer, eventHead, delta, eventTail, stamp, "\"}\n\n")
		if _, err := c.Write(buffer); err != nil {
			return err
		}
		buffer = buffer[:0]
	}
	buffer = appendChunk(buffer, streamEnd)
	buffer = appendChunk(buffer, `data: {"id":"chatcmpl-Bx0r1","object":"chat.completion.chunk","created":1790000000,"model":"gpt-4o-mini-2024-07-18","choices":[],`+
		`"usage":{"prompt_tokens":220,"completion_tokens":`, strconv.Itoa(events), `,"total_tokens":`, strconv.Itoa(220+events), "}}\n\n")
	buffer = appendChunk(buffer, "data: [DONE]\n\n")
	_, err := c.Write(append(buffer, "0\r\n\r\n"...))
	return err
}

func appendChunk(b []byte, pieces ...string) []byte {
	size := 0
	for _, p := range pieces {
		size += len(p)
	}
	b = append(strconv.AppendInt(b, int64(size), 16), "\r\n"...)
	for _, p := range pieces {
		b = append(b, p...)
	}
	return append(b, "\r\n"...)
}

// head is a message's first line and headers as they came.
type head []byte

// readHead reads up to the empty line. The result is valid until the next read.
func readHead(r *bufio.Reader) (head, error) {
	for {
		data, err := r.Peek(r.Buffered())
		if at := bytes.Index(data, []byte("\r\n\r\n")); at >= 0 {
			_, _ = r.Discard(at + 4) // they are buffered
			return head(data[:at+2]), nil
		}
		if err == nil {
			_, err = r.Peek(len(data) + 1) // reads more; fails when the buffer is full
		}
		if err != nil {
			return nil, err
		}
	}
}

// path tells whether the request's path begins so.
func (h head) path(prefix string) bool {
	return bytes.HasPrefix(h, []byte("POST "+prefix))
}

// number is a header's value; -1 when it is absent or no number. Names are in lower
// case, as Envoy writes them.
func (h head) number(name string) int {
	n, err := strconv.Atoi(h.text(name))
	if err != nil {
		return -1
	}
	return n
}

// text is a header's value; "" when it is absent.
func (h head) text(name string) string {
	at := bytes.Index(h, []byte("\r\n"+name+": "))
	if at < 0 {
		return ""
	}
	value := h[at+len(name)+4:]
	return string(value[:bytes.IndexByte(value, '\r')])
}
