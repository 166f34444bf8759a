package mock_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3/option"
	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/mock"
	"github.com/sluice-gateway/sluice/internal/testca"
)

const (
	chatStream    = `{"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hi"}]}`
	chatWhole     = `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}`
	messageStream = `{"model":"claude-sonnet-4-5","max_tokens":50,"stream":true,"messages":[{"role":"user","content":"hi"}]}`
)

// post sends body to the API that it is for, with a fault, and without any decoding
// by the client.
func post(t testing.TB, s *mock.Server, body, fault string) *http.Response {
	t.Helper()
	path := "/v1/chat/completions"
	if strings.Contains(body, "claude") {
		path = "/v1/messages"
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+path, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("x-mock-answer", "{tokens: 10}")
	request.Header.Set("x-mock-fault", fault)
	transport := &http.Transport{DisableCompression: true, DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	require.NoError(t, err)
	t.Cleanup(func() { response.Body.Close() })
	return response
}

func read(t testing.TB, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return string(b)
}

// last waits for the newest request to end.
func last(t testing.TB, s *mock.Server) mock.Request {
	t.Helper()
	require.NoError(t, s.Wait(t.Context()))
	all := s.Requests()
	return all[len(all)-1]
}

func events(body string) []string {
	return strings.SplitAfter(strings.TrimSuffix(body, "\n\n"), "\n\n")
}

func TestSoundStream(t *testing.T) {
	s := start(t, "")
	got := events(read(t, post(t, s, chatStream, "{}")))
	require.Len(t, got, 1+10+1+1+1, "role, tokens, finish, usage, end")
	require.Equal(t, "data: [DONE]", got[len(got)-1])
	require.Equal(t, mock.EndComplete, last(t, s).End)
	require.EqualValues(t, 10, last(t, s).Bill.Output)
	require.EqualValues(t, 10, last(t, s).Whole)

	got = events(read(t, post(t, s, messageStream, "{}")))
	var kinds []string
	for _, e := range got {
		kind, data, ok := strings.Cut(e, "\ndata: ")
		require.True(t, ok)
		kinds = append(kinds, strings.TrimPrefix(kind, "event: "))
		require.Contains(t, data, `{"type":"`+kinds[len(kinds)-1]+`"`)
	}
	want := append([]string{"message_start", "content_block_start", "ping"}, slicesOf("content_block_delta", 10)...)
	require.Equal(t, append(want, "content_block_stop", "message_delta", "message_stop"), kinds)
}

func slicesOf(s string, n int) []string {
	return strings.Fields(strings.Repeat(s+" ", n))
}

func TestCut(t *testing.T) {
	s := start(t, "")
	whole := read(t, post(t, s, chatStream, "{}"))
	for how, check := range map[string]func(error){
		"close": func(err error) { require.ErrorIs(t, err, io.ErrUnexpectedEOF) },
		"reset": func(err error) { require.ErrorIs(t, err, syscall.ECONNRESET) },
		"end":   func(err error) { require.NoError(t, err) },
	} {
		response := post(t, s, chatStream, "cut: {after_events: 4, how: "+how+"}")
		b, err := io.ReadAll(response.Body)
		check(err)
		if how != "reset" { // a reset may overtake what was sent before it
			require.Len(t, events(string(b)), 4)
		}
		require.Equal(t, mock.EndFault, last(t, s).End)
		require.EqualValues(t, 3, last(t, s).Bill.Output, "the role and three tokens")
		require.EqualValues(t, 10, last(t, s).Whole)

		response = post(t, s, chatStream, "cut: {after_bytes: 700, how: "+how+"}")
		b, err = io.ReadAll(response.Body)
		check(err)
		if how != "reset" {
			require.Len(t, b, 700)
			require.Less(t, 700, len(whole))
		}
	}
	for _, fault := range []string{"cut: {after_bytes: 20}", "cut: {after_events: 0}", "cut: {after_events: 0, how: end}"} {
		_, err := io.ReadAll(post(t, s, chatWhole, fault).Body)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, fault)
	}
	require.Equal(t, whole[:0], readCut(t, post(t, s, chatStream, "cut: {after_events: 0}")), "headers and nothing else")
}

func readCut(t testing.TB, r *http.Response) string {
	b, err := io.ReadAll(r.Body)
	require.Error(t, err)
	return string(b)
}

func TestErrors(t *testing.T) {
	s := start(t, "")
	response := post(t, s, chatWhole, `{status: 503, headers: {retry-after: "7"}, body: "<html>"}`)
	require.Equal(t, 503, response.StatusCode)
	require.Equal(t, "7", response.Header.Get("retry-after"))
	require.Equal(t, "<html>", read(t, response))
	require.Equal(t, mock.EndRefused, last(t, s).End)
	require.Zero(t, last(t, s).Bill)

	response = post(t, s, chatStream, "error_body: true")
	require.Equal(t, 200, response.StatusCode)
	require.Equal(t, "application/json", response.Header.Get("content-type"))
	require.Contains(t, read(t, response), `{"error":{`)

	got := events(read(t, post(t, s, chatStream, "error_event: {after_events: 0}")))
	require.Len(t, got, 1)
	require.True(t, strings.HasPrefix(got[0], `data: {"error":{`))
	require.Zero(t, last(t, s).Bill.Output)

	got = events(read(t, post(t, s, messageStream, "error_event: {after_events: 5}")))
	require.Len(t, got, 6)
	require.True(t, strings.HasPrefix(got[5], "event: error\ndata: {"), got[5])
	require.Contains(t, got[5], `"overloaded_error"`)
	require.EqualValues(t, 2, last(t, s).Bill.Output)
	require.Equal(t, mock.EndFault, last(t, s).End)

	// What the SDKs make of it.
	client := openaiClient(s)
	stream := client.Chat.Completions.NewStreaming(t.Context(), ask("hi"), option.WithHeader("x-mock-fault", "error_event: {after_events: 3}"))
	for stream.Next() {
	}
	require.ErrorContains(t, stream.Err(), "server_error")
	other := anthropicClient(s, anthropicoption.WithHeader("x-mock-fault", "error_event: {after_events: 3}"))
	messages := other.Messages.NewStreaming(t.Context(), tell("hi"))
	for messages.Next() {
	}
	var typed *anthropic.Error
	require.True(t, errors.As(messages.Err(), &typed), "%v", messages.Err())
}

func TestShapeOfStream(t *testing.T) {
	s := start(t, "")
	fault := func(f string) []string { return events(read(t, post(t, s, chatStream, f))) }

	got := fault("malformed: {after_events: 2}")
	require.False(t, json.Valid([]byte(strings.TrimPrefix(got[2], "data: "))))
	require.Len(t, got, 15)
	require.Equal(t, "data: {oops\n\n", fault("malformed: {after_events: 2, data: '{oops'}")[2])

	got = fault("huge: {after_events: 1, bytes: 1048576}")
	require.Greater(t, len(got[1]), 1<<20)
	require.True(t, json.Valid([]byte(strings.TrimPrefix(got[1], "data: "))))
	require.EqualValues(t, 10, last(t, s).Bill.Output)

	got = fault("no_done: true")
	require.Contains(t, got[len(got)-1], `"total_tokens"`)
	got = fault("no_finish: true")
	require.Len(t, got, 11)
	require.NotContains(t, strings.Join(got, ""), `"finish_reason":"`)
	got = fault("after_done: surprise")
	require.Equal(t, "data: surprise", got[len(got)-1])
	require.NotContains(t, read(t, post(t, s, messageStream, "no_done: true")), "message_stop")
	require.NotContains(t, read(t, post(t, s, messageStream, "no_finish: true")), "message_delta")
}

func TestUsageFaults(t *testing.T) {
	s := start(t, "")
	for _, body := range []string{chatStream, chatWhole, messageStream} {
		require.NotContains(t, read(t, post(t, s, body, "usage: missing")), `"usage"`, body)
		null := read(t, post(t, s, body, `usage: "null"`))
		require.Contains(t, null, `"usage":null`, body)
		require.NotContains(t, null, `"usage":{`, body)
		zero := read(t, post(t, s, body, "usage: zero"))
		require.Regexp(t, `"(prompt_tokens|input_tokens)":0`, zero, body)
		require.NotRegexp(t, `tokens":[1-9]`, zero, body)
		require.Positive(t, last(t, s).Bill.Output, "what it says is not what it bills")
	}
}

func TestCodings(t *testing.T) {
	s := start(t, "")
	plain := read(t, post(t, s, chatStream, "{}"))
	same := func(body string) {
		t.Helper() // ids and times differ
		require.Equal(t, len(events(plain)), len(events(body)))
		require.Contains(t, body, "data: [DONE]\n\n")
	}
	response := post(t, s, chatStream, "gzip: true")
	require.Equal(t, "gzip", response.Header.Get("content-encoding"))
	unzipped, err := gzip.NewReader(response.Body)
	require.NoError(t, err)
	b, err := io.ReadAll(unzipped)
	require.NoError(t, err)
	same(string(b))

	body := read(t, post(t, s, chatStream, "crlf: true"))
	require.Equal(t, strings.Count(body, "\n"), strings.Count(body, "\r\n"))
	same(strings.ReplaceAll(body, "\r\n", "\n"))
	same(read(t, post(t, s, chatStream, "{split_bytes: 7, split_pause: 1us}")))
	same(read(t, post(t, s, chatStream, "join_events: 5")))
	same(read(t, post(t, s, chatStream, "slow_headers: 1us")))

	require.Equal(t, "text/plain", post(t, s, chatStream, "content_type: text/plain").Header.Get("content-type"))
	require.True(t, post(t, s, chatWhole, "connection_close: true").Close)
	response = post(t, s, chatWhole, "trailers: {x-checksum: abc}")
	require.True(t, json.Valid([]byte(read(t, response))))
	require.Equal(t, "abc", response.Trailer.Get("x-checksum"))
	require.Equal(t, "made up", read(t, post(t, s, chatWhole, "body: made up")))
}

// Each write is its own chunk of the chunked coding: here they are, as sent.
func TestWrites(t *testing.T) {
	s := start(t, "")
	chunks := func(fault string) []string {
		conn, err := net.Dial("tcp", s.Addr())
		require.NoError(t, err)
		defer conn.Close()
		_, err = io.WriteString(conn, "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "+strconv.Itoa(len(chatStream))+
			"\r\nx-mock-answer: {text: \"héllo wörld\"}\r\nx-mock-fault: "+fault+"\r\n\r\n"+chatStream)
		require.NoError(t, err)
		r := textproto.NewReader(bufio.NewReader(conn))
		_, err = r.ReadLine()
		require.NoError(t, err)
		_, err = r.ReadMIMEHeader()
		require.NoError(t, err)
		var all []string
		for {
			line, err := r.ReadLine()
			require.NoError(t, err)
			n, err := strconv.ParseInt(line, 16, 64)
			require.NoError(t, err)
			if n == 0 {
				return all
			}
			chunk := make([]byte, n)
			_, err = io.ReadFull(r.R, chunk)
			require.NoError(t, err)
			all = append(all, string(chunk))
			_, err = r.ReadLine()
			require.NoError(t, err)
		}
	}
	sound := chunks("{}")
	require.Len(t, sound, len(events(strings.Join(sound, ""))), "one event a write")
	for _, c := range sound {
		require.True(t, strings.HasSuffix(c, "\n\n"))
	}
	bytes := chunks("split_bytes: 1")
	require.Contains(t, bytes, "\xc3", "characters are split")
	for _, c := range bytes {
		require.Len(t, c, 1)
	}
	joined := chunks("join_events: 3")
	require.Len(t, events(joined[0]), 3)
	require.Len(t, joined, (len(sound)+2)/3)
}

func TestEarlyHints(t *testing.T) {
	s := start(t, "")
	var hints []int
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, _ textproto.MIMEHeader) error {
		hints = append(hints, code)
		return nil
	}})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL()+"/v1/chat/completions", strings.NewReader(chatWhole))
	require.NoError(t, err)
	request.Header.Set("x-mock-fault", "early_hints: true")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, []int{103}, hints)
	require.Equal(t, 200, response.StatusCode)
	require.Empty(t, response.Header.Get("link"))
}

// A client that hangs up pays for what had been generated, and the mock notices in
// the middle of a pause.
func TestClientGone(t *testing.T) {
	s := start(t, "")
	for fault, want := range map[string]int64{
		"stall: {after_events: 6}":  5,  // the role and five tokens
		"stall: {after_events: 0}":  0,  // headers only
		"delay: 1h":                 0,  // not even those
		"stall: {after_events: 14}": 10, // all but the end of the body
	} {
		ctx, cancel := context.WithCancel(t.Context())
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL()+"/v1/chat/completions", strings.NewReader(chatStream))
		require.NoError(t, err)
		request.Header.Set("x-mock-answer", "tokens: 10")
		request.Header.Set("x-mock-fault", fault)
		before := len(s.Requests())
		if strings.HasPrefix(fault, "delay") {
			go func() {
				for len(s.Requests()) == before {
					time.Sleep(time.Millisecond)
				}
				cancel()
			}()
			_, err = http.DefaultClient.Do(request)
			require.ErrorIs(t, err, context.Canceled)
		} else {
			response, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			if want > 0 {
				buffered := bufio.NewReader(response.Body)
				for n := int64(0); n <= want; {
					line, err := buffered.ReadString('\n')
					require.NoError(t, err)
					if strings.HasPrefix(line, "data: ") {
						n++
					}
				}
			}
			cancel()
			response.Body.Close()
		}
		cancel()
		got := last(t, s)
		require.Equal(t, mock.EndClientGone, got.End, fault)
		require.Equal(t, want, got.Bill.Output, fault)
		require.Positive(t, got.Bill.Input)
		require.EqualValues(t, 10, got.Whole)
	}
	require.EqualValues(t, 4, s.Usage()[0].ClientGone)
	require.EqualValues(t, 15, s.Usage()[0].Output)
}

// In a bubble whose clock jumps, the pauses are exact.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := mock.New(mock.Options{Script: `
defaults:
  answer: {tokens: 4}
  pace: {first_token: 200ms, per_event: 10ms, tokens_per_second: 100}
  fault: {delay: 1s, stall: {after_events: 2, for: 1m}}`})
		require.NoError(t, err)
		before := time.Now()
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/v1/chat/completions", strings.NewReader(chatStream)))
		require.Contains(t, w.Body.String(), "[DONE]")
		require.Equal(t, time.Second+200*time.Millisecond+4*(10+10)*time.Millisecond+time.Minute, time.Since(before))
	})
}

func TestHTTP2(t *testing.T) {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	protocols.SetHTTP2(true)
	certificate := testca.Own("127.0.0.1")
	for _, o := range []mock.Options{{}, {Certificate: &certificate}} {
		s, err := mock.Start(o)
		require.NoError(t, err)
		client := &http.Client{Transport: &http.Transport{Protocols: protocols, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
		do := func(fault string) *http.Response {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+"/v1/chat/completions", strings.NewReader(chatStream))
			require.NoError(t, err)
			request.Header.Set("x-mock-fault", fault)
			response, err := client.Do(request)
			require.NoError(t, err)
			t.Cleanup(func() { response.Body.Close() })
			return response
		}
		response := do("trailers: {x-end: yes}")
		require.Equal(t, 2, response.ProtoMajor)
		require.Contains(t, read(t, response), "[DONE]")
		require.Equal(t, "yes", response.Trailer.Get("x-end"))
		for _, how := range []string{"reset", "close"} {
			_, err = io.ReadAll(do("cut: {after_events: 2, how: " + how + "}").Body)
			require.ErrorContains(t, err, "stream error")
		}
		require.Contains(t, read(t, do("slow_headers: 1us")), "[DONE]", "HTTP/2 has no bytes of headers to pause between")
		require.NoError(t, s.Close())
	}
}
