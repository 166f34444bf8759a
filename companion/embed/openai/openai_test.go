package openai

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-gateway/sluice/companion/embed"
	"github.com/sluice-gateway/sluice/internal/mock"
	"github.com/stretchr/testify/require"
)

var _ embed.Embedder = (*Client)(nil)

// asked is what a service was asked for.
type asked struct {
	Path, Key      string
	Model          string   `json:"model"`
	Input          []string `json:"input"`
	EncodingFormat string   `json:"encoding_format"`
	Dimensions     int      `json:"dimensions"`
}

// service answers each request with the next of its answers, and with the last for ever.
type service struct {
	*httptest.Server
	mu      sync.Mutex
	answers []http.HandlerFunc
	asked   []asked
}

func serve(t *testing.T, answers ...http.HandlerFunc) *service {
	s := &service{answers: answers}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := asked{Path: r.URL.Path, Key: r.Header.Get("Authorization")}
		b, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(b, &a)
		}
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" || len(r.Header["Idempotency-Key"]) > 0 {
			t.Errorf("%v, or another method or type than wanted: %s %v", err, r.Method, r.Header)
		}
		s.mu.Lock()
		s.asked = append(s.asked, a)
		answer := s.answers[0]
		if len(s.answers) > 1 {
			s.answers = s.answers[1:]
		}
		s.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func says(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// data is an answer with these vectors, the first for text 0.
func data(vectors ...string) string {
	var items []string
	for i, v := range vectors {
		items = append(items, fmt.Sprintf(`{"object":"embedding","index":%d,"embedding":%s}`, i, v))
	}
	return `{"object":"list","data":[` + strings.Join(items, ",") + `],"model":"m","usage":{"prompt_tokens":1,"total_tokens":1}}`
}

func coded(numbers ...float32) string {
	var b []byte
	for _, x := range numbers {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return `"` + base64.StdEncoding.EncodeToString(b) + `"`
}

// open is a client of a service whose vectors have two numbers, and that waits for nothing.
func open(t *testing.T, s *service, o Options) *Client {
	o.URL, o.Model = s.URL, "m"
	if o.Dimensions == 0 {
		o.Dimensions = 2
	}
	c, err := Open(t.Context(), o)
	require.NoError(t, err)
	c.backoff = time.Microsecond
	return c
}

func TestEmbed(t *testing.T) {
	s := serve(t, says(200, `{"data":[{"index":1,"embedding":[0,-5]},{"index":0,"embedding":`+coded(3, 4)+`}]}`))
	c := open(t, s, Options{Key: "k", Window: 3})
	v, err := c.Embed(t.Context(), []string{"one", "three"})
	require.NoError(t, err)
	require.Equal(t, []embed.Vector{{Values: []float32{0.6, 0.8}}, {Values: []float32{0, -1}, Cut: true}}, v)
	require.Equal(t, []asked{{"/v1/embeddings", "Bearer k", "m", []string{"one", "three"}, "base64", 2}}, s.asked)
	require.Equal(t, "openai:m/2", c.Space())

	none, err := c.Embed(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestOpenAsksForTheDimensions(t *testing.T) {
	s := serve(t, says(200, data("[1,2,2]")))
	c, err := Open(t.Context(), Options{URL: s.URL + "/api/v1/", Model: "org/m"})
	require.NoError(t, err)
	require.Equal(t, "openai:org/m/3", c.Space())
	require.Equal(t, []asked{{"/api/v1/embeddings", "", "org/m", []string{"dimensions"}, "base64", 0}}, s.asked)
	require.Equal(t, 510, c.o.Window)

	s = serve(t, says(404, `{"error":"model \"m\" not found, try pulling it first"}`))
	_, err = Open(t.Context(), Options{URL: s.URL + "/v1/embeddings", Model: "m"})
	require.EqualError(t, err, "openai: "+s.URL+`/v1/embeddings: 404 Not Found: "model \"m\" not found, try pulling it first"`)
}

func TestOpenRefuses(t *testing.T) {
	for want, o := range map[string]Options{
		`openai: "localhost:1" is no http:// or https:// address`:                                                {URL: "localhost:1", Model: "m"},
		`openai: "" is no http:// or https:// address`:                                                           {Model: "m"},
		`openai: http://u:xxxxx@h/: a user, a query or a fragment has no place in the address`:                   {URL: "http://u:secret@h/", Model: "m"},
		`openai: http://h?a=b: a user, a query or a fragment has no place in the address`:                        {URL: "http://h?a=b", Model: "m"},
		`openai: http://h/v1/embeddings: no model is named`:                                                      {URL: "http://h"},
		`openai: http://h/v1/embeddings: dimensions -1, window 0, inputs 0, timeout 0s or attempts 0 is below 0`: {URL: "http://h", Model: "m", Dimensions: -1},
	} {
		_, err := Open(t.Context(), o)
		require.EqualError(t, err, want)
	}
}

func TestEmbedInParts(t *testing.T) {
	s := serve(t, says(200, data("[1,0]", "[0,1]")), says(200, data("[0,2]", "[2,0]")), says(200, data("[-1,0]")))
	v, err := open(t, s, Options{Inputs: 2}).Embed(t.Context(), []string{"a", "b", "c", "d", "e"})
	require.NoError(t, err)
	require.Equal(t, []embed.Vector{{Values: []float32{1, 0}}, {Values: []float32{0, 1}}, {Values: []float32{0, 1}}, {Values: []float32{1, 0}}, {Values: []float32{-1, 0}}}, v)
	require.Len(t, s.asked, 3)
	require.Equal(t, []string{"c", "d"}, s.asked[1].Input)
}

func TestRetries(t *testing.T) {
	good := says(200, data("[1,0]"))
	for name, test := range map[string]struct {
		answers []http.HandlerFunc
		asked   int
		err     string // "" = none
	}{
		"too many requests": {[]http.HandlerFunc{says(429, ``), good}, 2, ""},
		"twice in trouble":  {[]http.HandlerFunc{says(500, ``), says(503, ``, "Retry-After", "0"), good}, 3, ""},
		"three times":       {[]http.HandlerFunc{says(502, `bad gateway`)}, 3, `502 Bad Gateway: "bad gateway" (attempt 3, the last)`},
		"a date that was":   {[]http.HandlerFunc{says(529, ``, "Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"), good}, 2, ""},
		"what nobody reads": {[]http.HandlerFunc{says(429, ``, "Retry-After", "soon"), good}, 2, ""},
		"a long wait":       {[]http.HandlerFunc{says(429, `{"error":{"message":"slow down"}}`, "Retry-After", "31"), good}, 1, `429 Too Many Requests: "slow down" (it wants to be left alone for 31s, longer than 30s)`},
		"no right":          {[]http.HandlerFunc{says(401, `{"error":{"message":"Incorrect API key provided: sk-12345"}}`), good}, 1, "401 Unauthorized: the key for model m is refused"},
		"nothing there":     {[]http.HandlerFunc{says(404, `{"message":"no such path"}`), good}, 1, `404 Not Found: "no such path"`},
		"elsewhere":         {[]http.HandlerFunc{says(307, ``, "Location", "/elsewhere"), good}, 1, `307 Temporary Redirect: ""`},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, test.answers...)
			_, err := open(t, s, Options{}).Embed(t.Context(), []string{"a"})
			if test.err == "" {
				require.NoError(t, err)
			} else {
				require.EqualError(t, err, "openai: "+s.URL+"/v1/embeddings: "+test.err)
			}
			require.Len(t, s.asked, test.asked)
		})
	}
}

func TestWaitsObeyTheContext(t *testing.T) {
	s := serve(t, says(503, ``, "Retry-After", "20"))
	c := open(t, s, Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err := c.Embed(ctx, []string{"a"})
	require.ErrorContains(t, err, "(no time is left for attempt 2, in 20s)")

	ctx, cancel = context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { _, err := c.Embed(ctx, []string{"a"}); done <- err }()
	require.Eventually(t, func() bool { s.mu.Lock(); defer s.mu.Unlock(); return len(s.asked) == 2 }, 10*time.Second, time.Millisecond)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
}

func TestPauseGrows(t *testing.T) {
	c := &Client{backoff: 100 * time.Millisecond}
	for attempt, whole := range map[int]time.Duration{1: 100 * time.Millisecond, 2: 200 * time.Millisecond, 4: 800 * time.Millisecond, 99: 102400 * time.Millisecond} {
		for range 100 {
			p := c.pause(attempt)
			require.True(t, whole/2 <= p && p <= whole, "%s before attempt %d", p, attempt+1)
		}
	}
}

// A text that is refused is told apart from a service in trouble, by every service's words.
func TestRefusedTexts(t *testing.T) {
	for _, test := range []struct {
		status int
		body   string
		want   error
	}{
		{400, `{"error":{"message":"This model's maximum context length is 8192 tokens, however you requested 25701 tokens.","type":"invalid_request_error"}}`, embed.ErrTooLong},
		{413, "{\"error\":\"Input validation error: `inputs` must have less than 512 tokens. Given: 534\",\"error_type\":\"Validation\"}", embed.ErrTooLong},
		{400, `{"error":"the input length exceeds the context length"}`, embed.ErrTooLong},
		{400, `{"object":"error","message":"This model's maximum context length is 512 tokens.","code":400}`, embed.ErrTooLong},
		{400, `{"error":{"message":"'$.input' is invalid."}}`, embed.ErrRefused},
		{422, `<html>`, embed.ErrRefused},
	} {
		s := serve(t, says(test.status, test.body))
		_, err := open(t, s, Options{}).Embed(t.Context(), []string{"a", "four"})
		require.ErrorIs(t, err, test.want)
		require.ErrorIs(t, err, embed.ErrRefused)
		require.Equal(t, test.want == embed.ErrTooLong, errors.Is(err, embed.ErrTooLong))
		require.ErrorContains(t, err, "2 texts, the longest of 4 bytes, for model m")
		require.Len(t, s.asked, 1)
	}
}

func TestBadAnswers(t *testing.T) {
	for want, body := range map[string]string{
		"an answer of 4 bytes: ":                   `[1,2`,
		"an answer of 0 bytes: ":                   ``,
		"1 vectors for 2 texts":                    data("[1,0]"),
		"3 vectors for 2 texts":                    data("[1,0]", "[1,0]", "[1,0]"),
		"0 vectors for 2 texts":                    `{"error":"what"}`,
		"vector 1 of 2 has no index":               `{"data":[{"index":0,"embedding":[1,0]},{"embedding":[1,0]}]}`,
		"an impossible one or another":             `{"data":[{"index":0,"embedding":[1,0]},{"index":2,"embedding":[1,0]}]}`,
		"vector 1 of 2":                            `{"data":[{"index":0,"embedding":[1,0]},{"index":0,"embedding":[1,0]}]}`,
		"vector 0 of 2":                            `{"data":[{"index":-1,"embedding":[1,0]},{"index":0,"embedding":[1,0]}]}`,
		"vector 0 of model m has 3 numbers, not 2": data("[1,0,0]", "[1,0,0]"),
		"vector 1 of model m has 3 numbers, not 2": data("[1,0]", "[1,0,0]"),
		"vector 0: 0 numbers of length 0":          data("[]", "[]"),
		"vector 0: 2 numbers of length 0":          data("[0,0]", "[1,0]"),
		"vector 1: 2 numbers of length NaN":        data("[1,0]", coded(1, float32(math.NaN()))),
		"vector 1: 2 numbers of length +Inf":       data("[1,0]", coded(1, float32(math.Inf(1)))),
		"vector 1: 3 bytes are no float32":         data("[1,0]", `"AAAA"`),
		"illegal base64":                           data("[1,0]", `"****"`),
		"cannot unmarshal":                         data("[1,0]", `{"a":1}`),
		"vector 1: 0 numbers":                      data("[1,0]", `null`),
		"1e99":                                     data("[1,1e99]", "[1,0]"),
		"more than 1572864 bytes for 2 texts":      strings.Repeat(" ", 1572865),
	} {
		s := serve(t, says(200, body))
		_, err := open(t, s, Options{}).Embed(t.Context(), []string{"a", "b"})
		require.ErrorContains(t, err, want)
		require.True(t, strings.HasPrefix(err.Error(), "openai: "+s.URL), err)
		require.Len(t, s.asked, 1, "not asked for again: %s", err)
	}
}

func TestBrokenConnections(t *testing.T) {
	abort := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	s := serve(t, abort)
	_, err := open(t, s, Options{}).Embed(t.Context(), []string{"a"})
	require.ErrorContains(t, err, "EOF")

	half := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"data":[`)
	}
	_, err = open(t, serve(t, half), Options{}).Embed(t.Context(), []string{"a"})
	require.ErrorContains(t, err, "unexpected EOF")

	never := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	s = serve(t, never)
	_, err = open(t, s, Options{Timeout: time.Millisecond}).Embed(t.Context(), []string{"a"})
	require.EqualError(t, err, "openai: "+s.URL+"/v1/embeddings: no answer within 1ms")
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	_, err = open(t, s, Options{}).Embed(ctx, []string{"a"})
	require.ErrorIs(t, err, context.Canceled)
}

func TestErrorsAreShortAndOfOneLine(t *testing.T) {
	s := serve(t, says(404, strings.Repeat("é\n", 10_000)))
	_, err := open(t, s, Options{}).Embed(t.Context(), []string{"a"})
	require.Less(t, len(err.Error()), 700)
	require.NotContains(t, err.Error(), "\n")
	require.NotContains(t, err.Error(), `\x`)
}

// Against the project's own provider, its faults included, behind a Batcher and a Memo.
func TestMock(t *testing.T) {
	server, err := mock.Start(mock.Options{Script: `
rules:
  - match: {model: text-embedding-3-small, nth: [2]}
    fault: {status: 429, headers: {retry-after: "0"}}
`})
	require.NoError(t, err)
	defer func() { _ = server.Close() }()
	c, err := Open(t.Context(), Options{URL: server.URL(), Model: "text-embedding-3-small", Key: "sk-test"})
	require.NoError(t, err)
	c.backoff = time.Microsecond
	require.Equal(t, "openai:text-embedding-3-small/1536", c.Space())
	require.Equal(t, 8191, c.o.Window)
	e := embed.NewMemo(embed.NewBatcher(c, embed.BatchOptions{}), 1<<20)
	v, err := e.Embed(t.Context(), []string{"a", "b", "a"})
	require.NoError(t, err)
	require.Len(t, v[0].Values, 1536)
	require.Equal(t, v[0], v[2])
	require.NotEqual(t, v[0], v[1])
	again, err := e.Embed(t.Context(), []string{"b"})
	require.NoError(t, err)
	require.Equal(t, v[1:2], again)
	require.Len(t, server.Requests(), 3, "the dimensions, a refusal, and the vectors")

	small, err := Open(t.Context(), Options{URL: server.URL(), Model: "text-embedding-3-large", Dimensions: 256})
	require.NoError(t, err)
	v, err = small.Embed(t.Context(), []string{"a"})
	require.NoError(t, err)
	require.Len(t, v[0].Values, 256)
	require.Equal(t, "openai:text-embedding-3-large/256", small.Space())
}

// Whatever a service answers, what is taken has the right number and length.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{data("[1,0]", "[0,1]"), data(coded(1, 2), "[0.5,1e-3]"), `{"data":[{"index":1,"embedding":[0,-5]},{"index":0,"embedding":"AACAPwAAAAA="}]}`, `{"data":null}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c := &Client{}
		c.dimensions.Store(2)
		vectors, err := c.decode(b, 2)
		if err != nil {
			return
		}
		require.Len(t, vectors, 2)
		for _, v := range vectors {
			require.Len(t, v, 2)
			require.InDelta(t, 1, math.Hypot(float64(v[0]), float64(v[1])), 1e-6)
		}
	})
}
