package normal

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	ant "github.com/anthropics/anthropic-sdk-go"
	antoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/stretchr/testify/require"
)

// TestClients: the vendors' own clients, asking a server that replays, get the answer.
func TestClients(t *testing.T) {
	var now atomic.Pointer[Answer]
	var asked sync.Map // the keys of what the clients sent
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		api := Chat
		if r.URL.Path == "/v1/messages" {
			api = Messages
		}
		var body json.RawMessage
		if json.NewDecoder(r.Body).Decode(&body) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		q, err := ReadRequest(api, body, Settings{MaxTemperature: 1})
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		var k keys
		k.exact, k.scope = q.Keys(Context{})
		asked.Store(k, true)
		contentType, replay := Replay(q.Delivery(), now.Load(), Fresh{ID: r.URL.Path, Created: time.Unix(1764169200, 0)})
		w.Header().Set("content-type", contentType)
		w.Write(replay)
	}))
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	chatClient := openai.NewClient(option.WithBaseURL(server.URL+"/v1"), option.WithAPIKey("k"), option.WithMaxRetries(0))
	messagesClient := ant.NewClient(antoption.WithBaseURL(server.URL), antoption.WithAPIKey("k"), antoption.WithMaxRetries(0))
	// Each client says the same in its own words.
	ask := openai.ChatCompletionNewParams{Model: "m", Temperature: param.NewOpt(0.5),
		Messages: []openai.ChatCompletionMessageParamUnion{openai.SystemMessage("be brief"), openai.UserMessage("hello")},
		Stop:     openai.ChatCompletionNewParamsStopUnion{OfString: param.NewOpt("x")},
		Tools: []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{
			Name: "f", Description: param.NewOpt("does"), Parameters: openai.FunctionParameters{"properties": map[string]any{"a": map[string]any{"type": "string"}}, "required": []string{"a"}, "type": "object"}})}}
	askMessages := ant.MessageNewParams{Model: "m", MaxTokens: 4096, Temperature: ant.Float(0.5),
		System: []ant.TextBlockParam{{Text: "be brief"}}, StopSequences: []string{"x"}, Messages: []ant.MessageParam{ant.NewUserMessage(ant.NewTextBlock("hello"))},
		Tools: []ant.ToolUnionParam{{OfTool: &ant.ToolParam{Name: "f", Description: ant.String("does"),
			InputSchema: ant.ToolInputSchemaParam{Properties: map[string]any{"a": map[string]any{"type": "string"}}, Required: []string{"a"}}}}}}

	r := rand.New(rand.NewPCG(11, 12))
	for range 60 {
		a := someAnswer(r)
		now.Store(a)

		whole, err := chatClient.Chat.Completions.New(ctx, ask)
		require.NoError(t, err)
		require.Equal(t, carried(*a, Delivery{API: Chat}), ofCompletion(t, *whole))

		ask.StreamOptions = openai.ChatCompletionStreamOptionsParam{IncludeUsage: param.NewOpt(true)}
		stream := chatClient.Chat.Completions.NewStreaming(ctx, ask)
		var sum openai.ChatCompletionAccumulator
		var written int64
		for stream.Next() {
			require.True(t, sum.AddChunk(stream.Current()))
			written = stream.Current().Usage.PromptTokensDetails.CacheWriteTokens
		}
		require.NoError(t, stream.Err())
		require.Equal(t, a.Usage.Written, written)
		sum.Usage.PromptTokensDetails.CacheWriteTokens = written // its accumulator leaves it out
		require.Equal(t, carried(*a, Delivery{API: Chat}), ofCompletion(t, sum.ChatCompletion))
		ask.StreamOptions = openai.ChatCompletionStreamOptionsParam{}

		message, err := messagesClient.Messages.New(ctx, askMessages)
		require.NoError(t, err)
		require.Equal(t, carried(*a, Delivery{API: Messages}), ofMessage(t, *message))

		events := messagesClient.Messages.NewStreaming(ctx, askMessages)
		var total ant.Message
		for events.Next() {
			require.NoError(t, total.Accumulate(events.Current()))
		}
		require.NoError(t, events.Err())
		require.Equal(t, carried(*a, Delivery{API: Messages}), ofMessage(t, total))
	}
	different := 0
	asked.Range(func(any, any) bool { different++; return true })
	require.Equal(t, 1, different, "the clients have asked one thing")
}

// ofCompletion is the answer as OpenAI's client has it.
func ofCompletion(t *testing.T, c openai.ChatCompletion) *Answer {
	require.Len(t, c.Choices, 1)
	m := c.Choices[0].Message
	a := &Answer{Model: c.Model, Text: m.Content, End: End(c.Choices[0].FinishReason)}
	for _, call := range m.ToolCalls {
		require.EqualValues(t, "function", call.Type)
		require.Regexp(t, `^call_[0-9A-Za-z]{24}$`, call.ID)
		a.Calls = append(a.Calls, Call{call.Function.Name, call.Function.Arguments})
	}
	u := c.Usage
	require.Equal(t, u.TotalTokens, u.PromptTokens+u.CompletionTokens)
	a.Usage = Usage{Known: true, Input: u.PromptTokens, Output: u.CompletionTokens, Cached: u.PromptTokensDetails.CachedTokens, Written: u.PromptTokensDetails.CacheWriteTokens, Reasoning: u.CompletionTokensDetails.ReasoningTokens}
	return a
}

// ofMessage is the answer as Anthropic's client has it.
func ofMessage(t *testing.T, m ant.Message) *Answer {
	a := &Answer{Model: string(m.Model), End: Stop, StopSequence: m.StopSequence}
	for _, b := range m.Content {
		switch b.Type {
		case "text":
			require.Empty(t, a.Calls)
			a.Text += b.Text
		case "tool_use":
			require.Regexp(t, `^toolu_01[0-9A-Za-z]{22}$`, b.ID)
			a.Calls = append(a.Calls, Call{b.Name, string(b.Input)})
		default:
			require.Fail(t, b.Type)
		}
	}
	switch m.StopReason {
	case ant.StopReasonToolUse:
		a.End = ToolCalls
	case ant.StopReasonStopSequence:
		require.NotEmpty(t, a.StopSequence)
	default:
		require.Equal(t, ant.StopReasonEndTurn, m.StopReason)
	}
	u := m.Usage
	a.Usage = Usage{Known: true, Input: u.InputTokens + u.CacheReadInputTokens + u.CacheCreationInputTokens, Output: u.OutputTokens,
		Cached: u.CacheReadInputTokens, Written: u.CacheCreationInputTokens, Reasoning: u.OutputTokensDetails.ThinkingTokens}
	return a
}
