package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/mock"
)

// request is one call as a client makes it.
type request struct {
	method string // "" = POST
	path   string
	body   string
	key    string            // the API key; "" = one that no other request has
	header map[string]string // further ones; `x-mock-…` tell the provider what to do
	client *http.Client      // nil = HTTP/1.1
	reader io.Reader         // in place of body: sent in chunks, without content-length

	// meet, where it is set, is shown the answer while it comes; the rest is read
	// when it returns.
	meet func(headers http.Header, body io.Reader)
}

// answer is what its client saw.
type answer struct {
	status int
	header http.Header
	body   string
	err    error  // why the answer could not be read to its end
	name   string // finds what the gateway and the provider know of the request
	key    string
}

// The two protocols that the gateway serves. Neither client asks for compression, or
// asks again.
var (
	http1 = client(http1Only)
	http2 = client(http2Only)
)

func http1Only(p *http.Protocols) { p.SetHTTP1(true) }
func http2Only(p *http.Protocols) { p.SetUnencryptedHTTP2(true) }

func client(speaks func(*http.Protocols)) *http.Client {
	var p http.Protocols
	speaks(&p)
	return &http.Client{
		Transport: &http.Transport{Protocols: &p, DisableCompression: true, MaxIdleConnsPerHost: 100},
		Timeout:   30 * time.Second,
	}
}

var names atomic.Int64

// newName is a name that no other request, or client, has.
func newName(t *testing.T) string {
	return fmt.Sprintf("%s/%d", strings.NewReplacer(" ", "-", ".", "-").Replace(t.Name()), names.Add(1))
}

// send makes a request and reads its answer to the end, whatever that is.
func (g *gateway) send(t *testing.T, r request) answer {
	t.Helper()
	return g.sendContext(t.Context(), t, r)
}

func (g *gateway) sendContext(ctx context.Context, t *testing.T, r request) answer {
	t.Helper()
	a := answer{name: newName(t), key: r.key}
	if a.key == "" {
		a.key = "sk-" + a.name
	}
	var body io.Reader = strings.NewReader(r.body)
	if r.reader != nil {
		body = r.reader
	}
	method := r.method
	if method == "" {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, g.url+r.path, body)
	require.NoError(t, err)
	req.Header.Set("content-type", "application/json")
	req.Header.Set("x-case", a.name)
	if strings.HasPrefix(r.path, "/v1/messages") {
		req.Header.Set("x-api-key", a.key)
		req.Header.Set("anthropic-version", "2023-06-01")
	} else {
		req.Header.Set("authorization", "Bearer "+a.key)
	}
	for name, value := range r.header {
		if value == "" {
			req.Header.Del(name)
			continue
		}
		req.Header.Set(name, value)
	}
	c := r.client
	if c == nil {
		c = http1
	}
	res, err := c.Do(req)
	if err != nil {
		a.err = err
		return a
	}
	defer func() { _ = res.Body.Close() }()
	a.status, a.header = res.StatusCode, res.Header
	if r.meet != nil {
		r.meet(res.Header, res.Body)
	}
	text, err := io.ReadAll(res.Body)
	a.body, a.err = string(text), err
	return a
}

// sendRaw sends bytes as they are, with {name} filled in, and reads an answer to them.
func (g *gateway) sendRaw(t *testing.T, text string) answer {
	t.Helper()
	a := answer{name: newName(t)}
	conn, err := net.Dial("tcp", strings.TrimPrefix(g.url, "http://"))
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	require.NoError(t, conn.SetDeadline(time.Now().Add(time.Minute)))
	_, err = io.WriteString(conn, strings.ReplaceAll(text, "{name}", a.name))
	require.NoError(t, err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		a.err = err
		return a
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	a.status, a.header, a.body, a.err = res.StatusCode, res.Header, string(body), err
	return a
}

// upstream is what the provider got of a request, with its bill.
func (g *gateway) upstream(t *testing.T, name string) mock.Request {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	found := g.arrived(name)
	require.Len(t, found, 1, "requests %q at the provider", name)
	for found[0].End == "" {
		require.NoError(t, ctx.Err(), "the provider has not ended request %q", name)
		time.Sleep(10 * time.Millisecond)
		found = g.arrived(name)
	}
	return found[0]
}

// arrived are the requests of that name that have come to a provider.
func (g *gateway) arrived(name string) (found []mock.Request) {
	for _, server := range []*mock.Server{g.mock, g.tls, g.twin} {
		for _, r := range server.Requests() {
			if r.Header.Get("X-Case") == name {
				found = append(found, r)
			}
		}
	}
	return found
}

// event is one of an event stream, as its client reads it.
type event struct{ typ, data string }

// events reads a stream the way the standard says, for streams that it accepts.
func events(body string) (list []event) {
	body = strings.ReplaceAll(body, "\r\n", "\n")
	for block := range strings.SplitSeq(body, "\n\n") {
		var e event
		var data []string
		for line := range strings.SplitSeq(block, "\n") {
			field, value, _ := strings.Cut(line, ":")
			value = strings.TrimPrefix(value, " ")
			switch field {
			case "event":
				e.typ = value
			case "data":
				data = append(data, value)
			}
		}
		if data != nil {
			e.data = strings.Join(data, "\n")
			list = append(list, e)
		}
	}
	return list
}

// stream is what a client makes of a stream.
type stream struct {
	text   string
	finish []string // the finish reasons, or the stop reason
	done   bool     // [DONE] or message_stop
	failed string   // the message of an error event
	usage  []usage  // the usage objects in it that are not null
	nulls  int      // "usage":null
	bad    []string // data that is not JSON
}

// usage is a usage object of either dialect.
type usage struct {
	PromptTokens     int64 `json:"prompt_tokens"`
	CompletionTokens int64 `json:"completion_tokens"`
	InputTokens      int64 `json:"input_tokens"`
	OutputTokens     int64 `json:"output_tokens"`
}

func (u usage) output() int64 { return u.CompletionTokens + u.OutputTokens }

func readStream(body string) (s stream) {
	for _, e := range events(body) {
		if e.data == "[DONE]" {
			s.done = true
			continue
		}
		var d struct {
			Type    string
			Choices []struct {
				Text         string
				Delta        struct{ Content string }
				FinishReason *string `json:"finish_reason"`
			}
			Delta struct {
				Text       string
				StopReason *string `json:"stop_reason"`
			}
			Message struct{ Usage *usage }
			Usage   json.RawMessage
			Error   *struct{ Message string }
		}
		if json.Unmarshal([]byte(e.data), &d) != nil {
			s.bad = append(s.bad, e.data)
			continue
		}
		s.done = s.done || d.Type == "message_stop"
		if d.Error != nil {
			s.failed += d.Error.Message + "\n"
		}
		for _, c := range d.Choices {
			s.text += c.Text + c.Delta.Content
			if c.FinishReason != nil {
				s.finish = append(s.finish, *c.FinishReason)
			}
		}
		s.text += d.Delta.Text
		if d.Delta.StopReason != nil {
			s.finish = append(s.finish, *d.Delta.StopReason)
		}
		if d.Message.Usage != nil {
			s.usage = append(s.usage, *d.Message.Usage)
		}
		switch string(d.Usage) {
		case "":
		case "null":
			s.nulls++
		default:
			var u usage
			if json.Unmarshal(d.Usage, &u) == nil {
				s.usage = append(s.usage, u)
			}
		}
	}
	return s
}

// dialect is how one API is asked and how it answers.
type dialect struct {
	name  string
	path  string
	model string
}

var (
	openAI    = dialect{"openai", "/v1/chat/completions", "gpt-4o-mini"}
	anthropic = dialect{"anthropic", "/v1/messages", "claude-haiku-4-5"}
)

// body asks for an answer to a prompt. more are further members; Anthropic's requests
// need a cap, which is 256 if more does not have one.
func (d dialect) body(prompt string, stream bool, more string) string {
	b := `{"model":"` + d.model + `","messages":[{"role":"user","content":` + strconv.Quote(prompt) + `}]`
	if stream {
		b += `,"stream":true`
	}
	if d.name == "anthropic" && !strings.Contains(more, "max_tokens") {
		b += `,"max_tokens":256`
	}
	if more != "" {
		b += "," + more
	}
	return b + "}"
}

// problem is an error in either dialect.
type problem struct {
	Type  string // Anthropic's outer one
	Error struct {
		Type, Message string
		Code          *string
		Param         *string
	}
}

// problem reads an error answer, which has to be in that dialect and whole.
func (a answer) problem(t *testing.T, d dialect) problem {
	t.Helper()
	require.NoError(t, a.err)
	var p problem
	decoder := json.NewDecoder(bytes.NewReader([]byte(a.body)))
	require.NoError(t, decoder.Decode(&p), "%d %s", a.status, a.body)
	require.Contains(t, a.header.Get("content-type"), "application/json")
	require.NotEmpty(t, p.Error.Message, a.body)
	require.NotEmpty(t, p.Error.Type, a.body)
	if d.name == "anthropic" {
		require.Equal(t, "error", p.Type, a.body)
	} else {
		require.Empty(t, p.Type, a.body)
		require.Contains(t, a.body, `"code":`)
		require.Contains(t, a.body, `"param":`)
	}
	return p
}
