package mock_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/openai/openai-go/v3/option"
	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/mock"
)

func TestEchoOfOtherPaths(t *testing.T) {
	s := start(t, "")
	request, err := http.NewRequest("PATCH", s.URL()+"/anything/at%20all?q=1&q=2", strings.NewReader("body"))
	require.NoError(t, err)
	request.Header.Set("X-Own", "kept")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	var got struct {
		Method, Path, Body string
		Headers            http.Header
	}
	require.NoError(t, json.NewDecoder(response.Body).Decode(&got))
	require.Equal(t, "PATCH", got.Method)
	require.Equal(t, "/anything/at%20all?q=1&q=2", got.Path)
	require.Equal(t, "body", got.Body)
	require.Equal(t, "kept", got.Headers.Get("x-own"))
	require.Empty(t, s.Usage())
}

func TestBasePath(t *testing.T) {
	s := start(t, "")
	client := openaiClient(s, option.WithBaseURL(s.URL()+"/deep/base/v1"))
	_, err := client.Chat.Completions.New(t.Context(), ask("hi"))
	require.NoError(t, err)
}

func TestControl(t *testing.T) {
	s := start(t, "rules: [{match: {nth: [1]}, answer: {text: first}}]")
	client := openaiClient(s)
	say := func() string {
		got, err := client.Chat.Completions.New(t.Context(), ask("hi"))
		require.NoError(t, err)
		return got.Choices[0].Message.Content
	}
	require.Equal(t, "first", say())
	require.NotEqual(t, "first", say())
	require.NoError(t, s.Wait(t.Context()))

	control := func(method, path, body string) (int, []byte) {
		request, err := http.NewRequest(method, s.URL()+"/_mock/"+path, strings.NewReader(body))
		require.NoError(t, err)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		defer response.Body.Close()
		b, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response.StatusCode, b
	}
	_, b := control("GET", "requests", "")
	var requests []mock.Request
	require.NoError(t, json.Unmarshal(b, &requests))
	require.Len(t, requests, 2)
	require.Equal(t, "rules[0]", requests[0].Rule)
	require.Contains(t, string(requests[0].Body), `"gpt-4o"`)
	require.Equal(t, "Bearer sk-test", requests[0].Header.Get("authorization"))
	_, b = control("GET", "usage", "")
	var usage []mock.Account
	require.NoError(t, json.Unmarshal(b, &usage))
	require.Equal(t, s.Usage(), usage)
	require.Equal(t, "sk-test", usage[0].Key)

	status, _ := control("POST", "reset", "")
	require.Equal(t, 204, status)
	require.Empty(t, s.Requests())
	require.Empty(t, s.Usage())
	require.Equal(t, "first", say(), "the script counts anew")

	status, _ = control("PUT", "script", "defaults: {answer: {text: second}}")
	require.Equal(t, 204, status)
	require.Equal(t, "second", say())
	status, b = control("PUT", "script", "x: 1")
	require.Equal(t, 400, status)
	require.Contains(t, string(b), "x: unknown field")
	require.Equal(t, "second", say(), "a bad script changes nothing")
	status, _ = control("GET", "nothing", "")
	require.Equal(t, 404, status)
}

func TestBadHeader(t *testing.T) {
	s := start(t, "")
	response := post(t, s, chatWhole, "{cutt: 1}")
	require.Equal(t, 400, response.StatusCode)
	require.Contains(t, read(t, response), "x-mock-fault: cutt: unknown field")
}

func TestMemoryIsBounded(t *testing.T) {
	s, err := mock.Start(mock.Options{Keep: 3, KeepBytes: 2500})
	require.NoError(t, err)
	defer s.Close()
	send := func(n int) {
		response, err := http.Post(s.URL()+"/other", "text/plain", bytes.NewReader(make([]byte, n)))
		require.NoError(t, err)
		response.Body.Close()
	}
	for range 5 {
		send(1000)
	}
	require.NoError(t, s.Wait(t.Context()))
	all := s.Requests()
	require.Len(t, all, 3)
	require.EqualValues(t, 3, all[0].N)
	require.EqualValues(t, 5, all[2].N)
	require.True(t, all[0].BodyDropped)
	require.EqualValues(t, 1000, all[0].BodyBytes)
	require.Len(t, all[1].Body, 1000)
	send(9000)
	all = s.Requests()
	require.True(t, all[2].BodyDropped, "larger than all that is kept")
	require.Len(t, all[1].Body, 1000, "and it drives nobody out")

	none, err := mock.Start(mock.Options{Keep: -1})
	require.NoError(t, err)
	defer none.Close()
	client := openaiClient(none)
	_, err = client.Chat.Completions.New(t.Context(), ask("hi"))
	require.NoError(t, err)
	require.Empty(t, none.Requests())
	require.EqualValues(t, 1, bill(t, none).Requests, "the bill is complete all the same")
}

// The sum of what clients were told is what the provider bills.
func TestUsageAddsUp(t *testing.T) {
	s := start(t, "")
	var told mock.Tokens
	var mu sync.Mutex
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			client := openaiClient(s)
			for i := range 25 {
				got, err := client.Chat.Completions.New(context.Background(), ask(strings.Repeat("word ", worker+i)))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				told.Input += got.Usage.PromptTokens
				told.Output += got.Usage.CompletionTokens
				mu.Unlock()
			}
		})
	}
	all.Wait()
	require.Equal(t, told, bill(t, s).Tokens)
	require.EqualValues(t, 200, bill(t, s).Requests)
}

func TestCommand(t *testing.T) {
	script := filepath.Join(t.TempDir(), "script.yaml")
	require.NoError(t, os.WriteFile(script, []byte("defaults: {answer: {text: hello}}"), 0o600))
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	code := make(chan int)
	go func() {
		code <- mock.Command(ctx, []string{"--listen", "127.0.0.1:0", "--script", script}, in, io.Discard)
	}()
	line := make([]byte, 200)
	n, err := out.Read(line)
	require.NoError(t, err)
	url := strings.TrimSpace(strings.TrimPrefix(string(line[:n]), "listening on "))
	response, err := http.Post(url+"/v1/chat/completions", "application/json", strings.NewReader(chatWhole))
	require.NoError(t, err)
	require.Contains(t, read(t, response), `"content":"hello"`)
	response.Body.Close()
	stop()
	require.Zero(t, <-code)

	for _, c := range []struct {
		arguments []string
		code      int
		says      string
	}{
		{[]string{"--nonsense"}, 2, "nonsense"},
		{[]string{"stray"}, 2, "unexpected argument"},
		{[]string{"--script", script + ".not"}, 1, "no such file"},
		{[]string{"--tls-cert", script, "--tls-key", script}, 1, "certificate"},
		{[]string{"--listen", "127.0.0.1:-1"}, 1, "mock: listen"},
	} {
		var said bytes.Buffer
		require.Equal(t, c.code, mock.Command(t.Context(), c.arguments, io.Discard, &said), "%v", c.arguments)
		require.Contains(t, said.String(), c.says)
	}
	require.NoError(t, os.WriteFile(script, []byte("rules: [{fault: {oops: 1}}]"), 0o600))
	var said bytes.Buffer
	require.Equal(t, 1, mock.Command(t.Context(), []string{"--script", script}, io.Discard, &said))
	require.Contains(t, said.String(), "rules[0].fault.oops: unknown field")
}

func BenchmarkChat(b *testing.B)   { benchmark(b, chatWhole) }
func BenchmarkStream(b *testing.B) { benchmark(b, chatStream) }

func benchmark(b *testing.B, body string) {
	s, err := mock.Start(mock.Options{Keep: -1, Script: "defaults: {answer: {tokens: 32}, fault: {join_events: 64}}"})
	require.NoError(b, err)
	defer s.Close()
	b.ReportAllocs()
	for b.Loop() {
		response, err := http.Post(s.URL()+"/v1/chat/completions", "application/json", strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
}
