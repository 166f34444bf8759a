package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// conn is a client's connection that stays open, with one request at a time on it.
type conn struct {
	net.Conn
	r *bufio.Reader

	cache string // the last answer's x-sluice-cache
}

// patience bounds every exchange, so that a gateway that hangs ends the run.
const patience = 60 * time.Second

func dial(address string) (*conn, error) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, r: bufio.NewReaderSize(c, 64<<10)}, nil
}

// dialMany opens connections; the caller closes them with closeAll.
func dialMany(address string, n int) ([]*conn, error) {
	var all []*conn
	for range n {
		c, err := dial(address)
		if err != nil {
			closeAll(all)
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

func closeAll(all []*conn) {
	for _, c := range all {
		_ = c.Close()
	}
}

// exchange sends a request and reads the answer to its end. Every piece of the answer's body
// is shown to see, which may be nil.
func (c *conn) exchange(request []byte, see func([]byte)) error {
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := c.Write(request); err != nil {
		return err
	}
	h, err := readHead(c.r)
	if err != nil {
		return fmt.Errorf("read the answer's headers: %w", err)
	}
	if !bytes.HasPrefix(h, []byte("HTTP/1.1 200 ")) {
		body := make([]byte, max(0, h.number("content-length")))
		status := string(h)
		_, _ = io.ReadFull(c.r, body) // to say more, if there is more
		return fmt.Errorf("the gateway answered %s%s", status, body)
	}
	c.cache = h.text("x-sluice-cache")
	if length := h.number("content-length"); length >= 0 {
		if see != nil {
			body := make([]byte, length)
			_, err = io.ReadFull(c.r, body)
			see(body)
			return err
		}
		_, err = c.r.Discard(length)
		return err
	}
	return c.chunks(see)
}

// chunks reads a chunked body. Envoy writes what it has at hand as one chunk.
func (c *conn) chunks(see func([]byte)) error {
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(strings.TrimSpace(string(line)), 16, 32)
		if err != nil {
			return fmt.Errorf("a chunk's size: %w", err)
		}
		for left := int(size); left > 0; {
			data, err := c.r.Peek(min(left, c.r.Size()))
			if err != nil {
				return err
			}
			if see != nil {
				see(data)
			}
			left -= len(data)
			_, _ = c.r.Discard(len(data)) // it is buffered
		}
		if _, err := c.r.Discard(len("\r\n")); err != nil {
			return err
		}
		if size == 0 {
			return nil
		}
	}
}

// request is a chat request with a prompt of so many bytes and further headers.
func request(promptBytes int, stream bool, headers string) []byte {
	body := `{"model":"gpt-4o-mini","max_tokens":256,`
	if stream {
		body += `"stream":true,`
	}
	body += `"messages":[{"role":"system","content":"You are a concise assistant."},{"role":"user","content":"` + prose(promptBytes) + `"}]}`
	return []byte("POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n" +
		"authorization: Bearer sk-client\r\nx-client-id: app\r\nx-team: search\r\nx-user-id: ada\r\n" + headers +
		"content-length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
}

// prose is text that costs a tokenizer about what English does: words of usual lengths
// in an order that does not repeat, with numbers, names and marks between them.
func prose(size int) string {
	words := strings.Fields(`the of gateway and to in request is that budget for it was on are as with they be at one have this from
		by not word but what some we can out other were all there when up use your how said an each she which do their time if will
		way about many then them write would like so these her long make thing see him two has look more day could go come did number
		sound no most people my over know water than call first who may down side been now find any new work part take get place made
		latency, tokens. Kubernetes; configuration: (observability) 2026-11-23 "quoted" it's don't users' v1.40.0 94,301 München naïve`)
	var b strings.Builder
	for state := uint64(88172645463325252); b.Len() < size; {
		state ^= state << 13 // xorshift64
		state ^= state >> 7
		state ^= state << 17
		b.WriteString(strings.ReplaceAll(words[state%uint64(len(words))], `"`, `\"`))
		if state>>60 == 0 {
			b.WriteString(`\n`)
		} else {
			b.WriteByte(' ')
		}
	}
	text := b.String()
	for size > 0 && text[size-1] != ' ' { // never inside an escape or a character
		size--
	}
	return text[:size]
}
