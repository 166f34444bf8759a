package e2e

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// prose is about so many bytes of text that no counter can take short cuts through.
func prose(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "Line %d: the quick brown fox, %x, jumps over the lazy dog; naïve café 東京.\n", i, i*2654435761)
	}
	return b.String()
}

// TestLargeBodies holds that a body is counted right whatever its size and the way in
// which it comes: what is reserved is what the provider bills for it, and the cap.
func TestLargeBodies(t *testing.T) {
	small, large := openAI.body(prose(1_000_000), false, `"max_tokens":10`), openAI.body(prose(5_000_000), true, `"max_tokens":10`)
	eachGateway(t, several, func(t *testing.T, g *gateway) {
		for _, c := range []struct {
			name   string
			client *http.Client
			body   string
			chunks bool
		}{
			{"1 MB", http1, small, false}, {"1 MB in chunks", http1, small, true}, {"1 MB over HTTP 2", http2, small, false},
			{"5 MB", http1, large, false}, {"5 MB over HTTP 2 in chunks", http2, large, true},
		} {
			t.Run(c.name, func(t *testing.T) {
				r := request{path: openAI.path, body: c.body, client: c.client}
				if c.chunks {
					r.reader = io.MultiReader(strings.NewReader(c.body)) // of unknown length
				}
				a := g.send(t, r)
				require.NoError(t, a.err)
				require.Equal(t, 200, a.status, short(a.body))
				up, rec := g.upstream(t, a.name), g.record(t, a.name)
				require.Greater(t, up.Bill.Input, int64(len(c.body)/10))
				require.Equal(t, up.Bill.Input, rec.Tokens.Input)
				require.Equal(t, strconv.FormatInt(up.Bill.Input+10, 10), rec.budget(t, "key-bucket").Reserved.String())
				require.Equal(t, len(c.body), len(strings.Replace(string(up.Body), `"stream_options":{"include_usage":true},`, "", 1)))
			})
		}
	})
}

// TestSlowUpload sends a request in many small pieces.
func TestSlowUpload(t *testing.T) {
	eachGateway(t, monthly, func(t *testing.T, g *gateway) {
		body := openAI.body(prose(3000), false, "")
		for _, client := range []*http.Client{http1, http2} {
			pipe, writer := io.Pipe()
			go func() {
				for at := 0; at < len(body); at += 17 {
					if _, err := io.WriteString(writer, body[at:min(at+17, len(body))]); err != nil {
						return
					}
					time.Sleep(2 * time.Millisecond)
				}
				_ = writer.Close()
			}()
			a := g.send(t, request{path: openAI.path, reader: pipe, client: client})
			require.NoError(t, a.err)
			require.Equal(t, 200, a.status, a.body)
			require.Equal(t, body, string(g.upstream(t, a.name).Body))
		}
	})
}

// TestTrailers holds that a request is complete when its trailers come, which no body
// event says.
func TestTrailers(t *testing.T) {
	eachGateway(t, monthly, func(t *testing.T, g *gateway) {
		for _, client := range []*http.Client{http1, http2} {
			for _, d := range []dialect{openAI, anthropic} {
				name := newName(t)
				req, err := http.NewRequestWithContext(bounded(t), "POST", g.url+d.path, io.MultiReader(strings.NewReader(d.body("Trailers.", true, ""))))
				require.NoError(t, err)
				req.Header.Set("x-case", name)
				req.Trailer = http.Header{"X-Checksum": {"abc"}}
				res, err := client.Do(req)
				require.NoError(t, err)
				text, err := io.ReadAll(res.Body)
				require.NoError(t, err)
				require.NoError(t, res.Body.Close())
				require.Equal(t, 200, res.StatusCode, "%s", text)
				require.True(t, readStream(string(text)).done)
				require.Equal(t, "complete", g.record(t, name).End)
			}
		}
	})
}

// TestHTTP2 has many streams on one connection.
func TestHTTP2(t *testing.T) {
	eachGateway(t, monthly, func(t *testing.T, g *gateway) {
		var streams sync.WaitGroup
		for i := range 40 {
			streams.Go(func() {
				d := []dialect{openAI, anthropic}[i%2]
				a := g.send(t, request{path: d.path, body: d.body("Many at once.", i%4 < 2, ""), client: http2, header: map[string]string{"x-mock-pace": "{per_event: 1ms}"}})
				if a.err != nil || a.status != 200 || a.seen(i%4 < 2) == "" {
					t.Errorf("stream %d: %v %d %s", i, a.err, a.status, short(a.body))
				}
			})
		}
		streams.Wait()
	})
}

// TestTooLarge holds that a body over the limit is refused in the dialect, before it is
// all there.
func TestTooLarge(t *testing.T) {
	eachGateway(t, monthly, func(t *testing.T, g *gateway) {
		for _, d := range []dialect{openAI, anthropic} {
			head := "POST " + d.path + " HTTP/1.1\r\nhost: gateway\r\nx-case: {name}\r\ncontent-type: application/json\r\n"
			over := g.policy.Limits.RequestBody + 1
			for about, text := range map[string]string{
				"announced": head + fmt.Sprintf("content-length: %d\r\n\r\n", over),
				"in chunks": head + fmt.Sprintf("transfer-encoding: chunked\r\n\r\n%x\r\n", over) + "{" + strings.Repeat(" ", int(over)-1),
			} {
				a := g.sendRaw(t, text)
				require.NoError(t, a.err, about)
				require.Equal(t, 413, a.status, about)
				require.Equal(t, map[string]string{"openai": "invalid_request_error", "anthropic": "request_too_large"}[d.name], a.problem(t, d).Error.Type)
				require.Empty(t, g.arrived(a.name), about)
				require.Equal(t, "request_too_large", g.record(t, a.name).Code)
			}
		}
	})
}

// TestUnreadable holds that what cannot be read, or can be read in two ways, is refused
// in the dialect and reaches nobody.
func TestUnreadable(t *testing.T) {
	eachGateway(t, monthly, func(t *testing.T, g *gateway) {
		for _, d := range []dialect{openAI, anthropic} {
			for _, client := range []*http.Client{http1, http2} {
				for about, body := range map[string]string{
					"empty":              "",
					"not JSON":           "hello",
					"cut off":            `{"model":`,
					"a list":             `[]`,
					"text behind":        d.body("?", false, "") + "x",
					"two objects":        d.body("?", false, "") + d.body("?", false, ""),
					"a key twice":        `{"model":"gpt-4o","model":"gpt-4o-mini","max_tokens":1,"messages":[]}`,
					"a key twice inside": `{"model":"` + d.model + `","max_tokens":1,"messages":[{"role":"user","content":"a","content":"b"}]}`,
					"invalid UTF-8":      "{\"model\":\"" + d.model + "\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"\xff\"}]}",
					"another case":       `{"model":"` + d.model + `","max_tokens":1,"Max_Tokens":100000,"messages":[]}`,
					"a cap as text":      `{"model":"` + d.model + `","max_tokens":"1","messages":[]}`,
					"a cap with a point": `{"model":"` + d.model + `","max_tokens":1.5,"messages":[]}`,
					"a byte order mark":  "\ufeff" + d.body("?", false, ""),
					"a deep body":        strings.Repeat("[", 100_000),
				} {
					a := g.send(t, request{path: d.path, body: body, client: client})
					require.Equal(t, 400, a.status, "%s: %s", about, a.body)
					require.Equal(t, "invalid_request_error", a.problem(t, d).Error.Type, about)
					require.Empty(t, g.arrived(a.name), about)
				}
				for _, encoding := range []string{"gzip", "br", "zstd", "deflate, gzip"} {
					a := g.send(t, request{path: d.path, body: "\x1f\x8b", client: client, header: map[string]string{"content-encoding": encoding}})
					require.Equal(t, 415, a.status, encoding)
					a.problem(t, d)
					require.Empty(t, g.arrived(a.name), encoding)
				}
			}
		}
		require.Equal(t, 200, g.send(t, request{path: openAI.path, body: openAI.body("?", false, ""), header: map[string]string{"content-encoding": "identity"}}).status)
	})
}
