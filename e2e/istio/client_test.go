//go:build istio

package istio

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// clientKey is what clients show: it has no business at a provider.
const clientKey = "sk-key-of-the-client"

// api is one that clients speak.
type api struct {
	name, path, model string
	key               string // the header that has it
	events            string // of a stream, where its text is
	text              string // of a whole answer
	end               string // of a stream
}

var (
	openAI    = api{"openai", "/v1/chat/completions", "gpt-4o-mini", "authorization", "choices.0.delta.content", "choices.0.message.content", "data: [DONE]"}
	anthropic = api{"anthropic", "/v1/messages", "claude-haiku-4-5", "x-api-key", "delta.text", `content.#(type=="text").text`, "event: message_stop"}
)

// request is one of a client.
type request struct {
	api
	team   string
	model  string // "" = the API's
	prompt string
	stream bool
	more   string // of the body, as `"max_tokens":5`
	header map[string]string
}

// seen is what its client saw.
type seen struct {
	status int
	header http.Header
	body   string
	text   string // of an answer, whole or a stream
	whole  bool   // the body has come to its end, and a stream to its API's
}

var client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16}}

func (r *request) body() string {
	model := r.model
	if model == "" {
		model = r.api.model
	}
	prompt, _ := json.Marshal(r.prompt)
	text := fmt.Sprintf(`{"model":%q,"messages":[{"role":"user","content":%s}]`, model, prompt)
	if r.api == anthropic && !strings.Contains(r.more, "max_tokens") {
		text += `,"max_tokens":50`
	}
	if r.stream {
		text += `,"stream":true`
	}
	if r.more != "" {
		text += "," + r.more
	}
	return text + "}"
}

// try makes a request, and returns an error only where there was no answer at all.
func (g *gateway) try(r request) (seen, error) {
	req, err := http.NewRequest(http.MethodPost, g.url+r.path, strings.NewReader(r.body()))
	if err != nil {
		return seen{}, err
	}
	if g.host != "" {
		req.Host = g.host
	}
	req.Header.Set("content-type", "application/json")
	if r.team != "" {
		req.Header.Set("x-team", r.team)
	}
	if r.api == anthropic {
		req.Header.Set("x-api-key", clientKey)
		req.Header.Set("anthropic-version", "2023-06-01")
	} else {
		req.Header.Set("authorization", "Bearer "+clientKey)
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	res, err := client.Do(req)
	if err != nil {
		return seen{}, err
	}
	defer func() { _ = res.Body.Close() }()
	body, broken := io.ReadAll(res.Body)
	s := seen{status: res.StatusCode, header: res.Header, body: string(body), whole: broken == nil}
	if !strings.HasPrefix(res.Header.Get("content-type"), "text/event-stream") {
		s.text = gjson.Get(s.body, r.api.text).String()
		return s, nil
	}
	s.whole = s.whole && strings.Contains(s.body, r.end)
	for line := range strings.Lines(s.body) {
		if data, is := strings.CutPrefix(line, "data: "); is {
			s.text += gjson.Get(data, r.events).String()
		}
	}
	return s, nil
}

// do makes a request that has to be answered.
func (g *gateway) do(t *testing.T, r request) seen {
	t.Helper()
	s, err := g.try(r)
	require.NoError(t, err)
	return s
}

// record is the decision record of an answer, from the gateway's log.
func (g *gateway) record(t *testing.T, s seen) gjson.Result {
	t.Helper()
	id := s.header.Get("x-sluice-id")
	require.NotEmpty(t, id, "%d %s", s.status, s.body)
	var found gjson.Result
	soon(t, func() bool {
		for _, line := range g.Lines() {
			if gjson.Get(line, "id").Str == id {
				found = gjson.Parse(line)
				return true
			}
		}
		return false
	}, "a record of "+id)
	return found
}
