package mock_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/internal/mock"
)

const thinks = `{thoughts: [{text: "Let me see what this is", signed: true}, {sealed: c2VhbGVk}, {text: plain}], text: It is late}`

// Thoughts are blocks of Anthropic's, whole and streamed, and taken back as they were.
func TestMessagesThoughts(t *testing.T) {
	s := start(t, "")
	client, say := anthropicClient(s), option.WithHeader("x-mock-answer", thinks)
	p := tell("What is it?")
	got, err := client.Messages.New(t.Context(), p, say)
	require.NoError(t, err)
	all, _ := accumulate(t, s, p, say)
	for _, m := range []*anthropic.Message{got, &all} {
		require.Len(t, m.Content, 4)
		require.Equal(t, "Let me see what this is", m.Content[0].Thinking)
		require.NotEmpty(t, m.Content[0].Signature)
		require.Equal(t, "c2VhbGVk", m.Content[1].Data)
		require.Equal(t, "plain", m.Content[2].Thinking)
		require.Empty(t, m.Content[2].Signature)
		require.Equal(t, "It is late", m.Content[3].Text)
		require.EqualValues(t, 10, m.Usage.OutputTokens, "thoughts are counted")
	}
	require.Equal(t, got.Content[0].Signature, all.Content[0].Signature)

	called, err := client.Messages.New(t.Context(), p, option.WithHeader("x-mock-answer", `{thoughts: [{text: a, signed: true}], tools: [{name: f, arguments: {}}]}`))
	require.NoError(t, err)
	require.Equal(t, []string{"thinking", "tool_use"}, []string{called.Content[0].Type, called.Content[1].Type})

	p.Messages = append(p.Messages, got.ToParam(), anthropic.NewUserMessage(anthropic.NewTextBlock("Why?")))
	_, err = client.Messages.New(t.Context(), p)
	require.NoError(t, err)
	turn := func(content string) string {
		return `{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":` + content + `},{"role":"user","content":"b"}]}`
	}
	for content, why := range map[string]string{
		`[{"type":"thinking","thinking":"Let me see it","signature":"` + got.Content[0].Signature + `"},{"type":"text","text":"x"}]`: "messages.1.content.0: Invalid `signature` in `thinking` block",
		`[]`:                                   "messages.1: all messages must have non-empty content except for the optional final assistant message",
		`[{"type":"thinking","thinking":"x"}]`: "messages.1: The final block in an assistant message cannot be `thinking`.",
	} {
		err = client.Post(t.Context(), "/v1/messages", json.RawMessage(turn(content)), nil)
		var refused *anthropic.Error
		require.ErrorAs(t, err, &refused, content)
		require.Equal(t, 400, refused.StatusCode)
		require.Contains(t, refused.RawJSON(), why)
	}
}

// A chat has them beside its content, in the form that those have who sign none, or OpenRouter's.
func TestChatThoughts(t *testing.T) {
	s := start(t, "")
	for say, want := range map[string][3]string{
		`{thoughts: [{text: "It may be"}, {text: " late"}], text: "It is late"}`: {"It may be late", "", ""},
		thinks: {"", "Let me see what this isplain", `[{"type":"reasoning.text","text":"Let me see what this is","signature":"SIGN","format":"anthropic-claude-v1","index":0},{"type":"reasoning.encrypted","data":"c2VhbGVk","format":"anthropic-claude-v1","index":1},{"type":"reasoning.text","text":"plain","format":"anthropic-claude-v1","index":2}]`},
	} {
		body := `{"model":"gpt-4o","messages":[{"role":"user","content":"What?"}],"stream":`
		whole := saying(t, s, body+"false}", say)
		message := gjson.Get(whole, "choices.0.message")
		sign := message.Get("reasoning_details.0.signature").Str
		require.Equal(t, "It is late", message.Get("content").Str)
		details := message.Get("reasoning_details").Raw
		require.Equal(t, want, [3]string{message.Get("reasoning_content").Str, message.Get("reasoning").Str, strings.ReplaceAll(details, `"`+sign+`"`, `"SIGN"`)})

		streamed := saying(t, s, body+"true}", say)
		var got [3]string
		pieces := map[int64]string{}
		for line := range strings.SplitSeq(streamed, "\n") {
			delta := gjson.Get(strings.TrimPrefix(line, "data: "), "choices.0.delta")
			got[0] += delta.Get("reasoning_content").Str
			got[1] += delta.Get("reasoning").Str
			got[2] += delta.Get("content").Str
			for _, d := range delta.Get("reasoning_details").Array() {
				pieces[d.Get("index").Int()] += d.Get("text").Str + d.Get("signature").Str + d.Get("data").Str
			}
		}
		require.Equal(t, [3]string{want[0], want[1], "It is late"}, got)
		if details != "" {
			require.Equal(t, map[int64]string{0: "Let me see what this is" + sign, 1: "c2VhbGVk", 2: "plain"}, pieces)
		}
	}
}

// saying is the answer to a chat that is told what to say.
func saying(t *testing.T, s *mock.Server, body, say string) string {
	r, err := http.NewRequestWithContext(t.Context(), "POST", s.URL()+"/v1/chat/completions", strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("x-mock-answer", say)
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, 200, answer.StatusCode, string(text))
	return string(text)
}
