package mock_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/shared"
	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/mock"
	"github.com/sluice-gateway/sluice/tokenizer"
)

func start(t testing.TB, script string) *mock.Server {
	t.Helper()
	s, err := mock.Start(mock.Options{Script: script})
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

func openaiClient(s *mock.Server, more ...option.RequestOption) openai.Client {
	return openai.NewClient(append([]option.RequestOption{
		option.WithBaseURL(s.URL() + "/v1"), option.WithAPIKey("sk-test"), option.WithMaxRetries(0),
	}, more...)...)
}

func ask(text string) openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{
		Model:    "gpt-4o",
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(text)},
	}
}

// collect reads a stream to its end the way the SDK's users do.
func collect(t testing.TB, s *mock.Server, p openai.ChatCompletionNewParams, more ...option.RequestOption) (openai.ChatCompletionAccumulator, []openai.ChatCompletionChunk) {
	t.Helper()
	client := openaiClient(s, more...)
	stream := client.Chat.Completions.NewStreaming(context.Background(), p)
	var all openai.ChatCompletionAccumulator
	var chunks []openai.ChatCompletionChunk
	for stream.Next() {
		require.True(t, all.AddChunk(stream.Current()))
		chunks = append(chunks, stream.Current())
	}
	require.NoError(t, stream.Err())
	return all, chunks
}

func bill(t testing.TB, s *mock.Server) mock.Account {
	t.Helper()
	require.NoError(t, s.Wait(t.Context()))
	require.Len(t, s.Usage(), 1)
	return s.Usage()[0]
}

func TestChat(t *testing.T) {
	s := start(t, "")
	client := openaiClient(s)
	got, err := client.Chat.Completions.New(t.Context(), ask("hello there"))
	require.NoError(t, err)
	require.EqualValues(t, "chat.completion", got.Object)
	require.Equal(t, "gpt-4o", got.Model)
	require.True(t, strings.HasPrefix(got.ID, "chatcmpl-"))
	require.Contains(t, got.RawJSON(), `"system_fingerprint":"fp_`)
	require.Positive(t, got.Created)
	require.Equal(t, "stop", got.Choices[0].FinishReason)
	text := got.Choices[0].Message.Content
	require.EqualValues(t, tokenizer.O200kBase().CountString(text), got.Usage.CompletionTokens)
	require.EqualValues(t, 3+1+2+3, got.Usage.PromptTokens, "message, role, hello there, answer")
	require.Equal(t, got.Usage.PromptTokens+got.Usage.CompletionTokens, got.Usage.TotalTokens)

	again, err := client.Chat.Completions.New(t.Context(), ask("hello there"))
	require.NoError(t, err)
	require.Equal(t, text, again.Choices[0].Message.Content, "the same question has the same answer")
	require.NotEqual(t, got.ID, again.ID)

	streamed, chunks := collect(t, s, ask("hello there"))
	require.Equal(t, text, streamed.Choices[0].Message.Content, "streamed or not")
	require.Equal(t, "stop", streamed.Choices[0].FinishReason)
	require.Zero(t, streamed.Usage.TotalTokens, "usage was not asked for")
	for _, c := range chunks {
		require.NotContains(t, c.RawJSON(), "usage")
	}

	other, err := client.Chat.Completions.New(t.Context(), ask("hello here"))
	require.NoError(t, err)
	require.NotEqual(t, text, other.Choices[0].Message.Content)
	require.EqualValues(t, 4, bill(t, s).Requests)
}

func TestStreamUsage(t *testing.T) {
	s := start(t, "defaults: {answer: {tokens: 30, reasoning: 12, cached: 4}}")
	p := ask("how many")
	p.StreamOptions = openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)}
	all, chunks := collect(t, s, p)
	for _, c := range chunks[:len(chunks)-1] {
		require.Contains(t, c.RawJSON(), `"usage":null`)
		require.Len(t, c.Choices, 1)
	}
	last := chunks[len(chunks)-1]
	require.Empty(t, last.Choices)
	require.Contains(t, last.RawJSON(), `"choices":[]`)
	require.EqualValues(t, 42, last.Usage.CompletionTokens)
	require.EqualValues(t, 12, last.Usage.CompletionTokensDetails.ReasoningTokens)
	require.EqualValues(t, 4, last.Usage.PromptTokensDetails.CachedTokens)
	require.EqualValues(t, 30, tokenizer.O200kBase().CountString(all.Choices[0].Message.Content))
	require.Equal(t, mock.Tokens{Input: last.Usage.PromptTokens, Output: 42, Cached: 4, Reasoning: 12}, bill(t, s).Tokens)
}

func TestManyAnswers(t *testing.T) {
	s := start(t, "defaults: {answer: {tokens: 10}}")
	p := ask("three, please")
	p.N = openai.Int(3)
	p.StreamOptions = openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)}
	all, _ := collect(t, s, p)
	require.Len(t, all.Choices, 3)
	require.NotEqual(t, all.Choices[0].Message.Content, all.Choices[1].Message.Content)
	require.EqualValues(t, 30, all.Usage.CompletionTokens, "n multiplies the output")
	client := openaiClient(s)
	whole, err := client.Chat.Completions.New(t.Context(), p)
	require.NoError(t, err)
	require.EqualValues(t, 30, whole.Usage.CompletionTokens)
	for i := range whole.Choices {
		require.Equal(t, all.Choices[i].Message.Content, whole.Choices[i].Message.Content)
	}
}

func TestLimits(t *testing.T) {
	s := start(t, "")
	client := openaiClient(s)
	for _, c := range []struct {
		change func(*openai.ChatCompletionNewParams)
		header string
		tokens int64
		finish string
		why    string
	}{
		{func(p *openai.ChatCompletionNewParams) { p.MaxTokens = openai.Int(7) }, "{tokens: 50}", 7, "length", "the old name"},
		{func(p *openai.ChatCompletionNewParams) { p.MaxCompletionTokens = openai.Int(9) }, "{tokens: 50}", 9, "length", "the new name"},
		{func(p *openai.ChatCompletionNewParams) {
			p.MaxTokens, p.MaxCompletionTokens = openai.Int(1), openai.Int(12)
		}, "{tokens: 50}", 12, "length", "both: the larger"},
		{func(p *openai.ChatCompletionNewParams) { p.MaxTokens = openai.Int(50) }, "{tokens: 50}", 50, "stop", "just enough"},
		{func(p *openai.ChatCompletionNewParams) { p.MaxTokens = openai.Int(5) }, "{tokens: 50, reasoning: 20}", 5, "length", "all of it went into thinking"},
		{func(p *openai.ChatCompletionNewParams) { p.MaxTokens = openai.Int(3) }, `{text: "one two three four five"}`, 3, "length", "a given text is counted, too"},
	} {
		p := ask("speak")
		c.change(&p)
		got, err := client.Chat.Completions.New(t.Context(), p, option.WithHeader("x-mock-answer", c.header))
		require.NoError(t, err, c.why)
		require.Equal(t, c.tokens, got.Usage.CompletionTokens, c.why)
		require.Equal(t, c.finish, got.Choices[0].FinishReason, c.why)
		require.EqualValues(t, c.tokens-got.Usage.CompletionTokensDetails.ReasoningTokens,
			tokenizer.O200kBase().CountString(got.Choices[0].Message.Content), c.why)
	}
}

func TestStopSequences(t *testing.T) {
	s := start(t, `defaults: {answer: {text: "alpha beta gamma delta"}}`)
	p := ask("greek")
	p.Stop = openai.ChatCompletionNewParamsStopUnion{OfStringArray: []string{"delta", "mma"}}
	all, _ := collect(t, s, p)
	require.Equal(t, "alpha beta ga", all.Choices[0].Message.Content)
	require.Equal(t, "stop", all.Choices[0].FinishReason)
	require.EqualValues(t, tokenizer.O200kBase().CountString("alpha beta ga"), bill(t, s).Output)
}

var weather = openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{
	Name: "get_weather",
	Parameters: shared.FunctionParameters{
		"type":       "object",
		"properties": map[string]any{"city": map[string]any{"type": "string"}, "days": map[string]any{"type": "integer"}},
		"required":   []string{"city", "days"},
	},
})

var clock = openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{Name: "get_time", Parameters: shared.FunctionParameters{"type": "object"}})

func TestTools(t *testing.T) {
	s := start(t, "")
	p := ask("Call get_weather and get_time, both.")
	p.Tools = []openai.ChatCompletionToolUnionParam{weather, clock}
	client := openaiClient(s)
	whole, err := client.Chat.Completions.New(t.Context(), p)
	require.NoError(t, err)
	require.Equal(t, "tool_calls", whole.Choices[0].FinishReason)
	calls := whole.Choices[0].Message.ToolCalls
	require.Len(t, calls, 2, "in parallel")
	require.Equal(t, "get_weather", calls[0].Function.Name)
	var arguments struct {
		City *string
		Days *int
	}
	require.NoError(t, json.Unmarshal([]byte(calls[0].Function.Arguments), &arguments))
	require.NotNil(t, arguments.City, "arguments follow the schema")
	require.NotNil(t, arguments.Days)
	require.NotEqual(t, calls[0].ID, calls[1].ID)

	streamed, chunks := collect(t, s, p)
	require.Equal(t, calls[0].Function.Arguments, streamed.Choices[0].Message.ToolCalls[0].Function.Arguments)
	require.Equal(t, calls[1].Function.Name, streamed.Choices[0].Message.ToolCalls[1].Function.Name)
	fragments := 0
	for _, c := range chunks {
		if len(c.Choices[0].Delta.ToolCalls) > 0 && c.Choices[0].Delta.ToolCalls[0].Function.Arguments != "" {
			fragments++
		}
	}
	require.Greater(t, fragments, 3)

	p.ParallelToolCalls = openai.Bool(false)
	one, err := client.Chat.Completions.New(t.Context(), p)
	require.NoError(t, err)
	require.Len(t, one.Choices[0].Message.ToolCalls, 1)

	p.Messages = append(p.Messages, one.Choices[0].Message.ToParam(), openai.ToolMessage("sunny", one.Choices[0].Message.ToolCalls[0].ID))
	after, err := client.Chat.Completions.New(t.Context(), p)
	require.NoError(t, err)
	require.Empty(t, after.Choices[0].Message.ToolCalls, "the result is there: now it speaks")

	scripted, err := client.Chat.Completions.New(t.Context(), ask("hi"),
		option.WithHeader("x-mock-answer", `{tools: [{name: lookup, arguments: {id: 7}}]}`))
	require.NoError(t, err)
	require.Equal(t, `{"id":7}`, scripted.Choices[0].Message.ToolCalls[0].Function.Arguments)
}

func TestJSON(t *testing.T) {
	s := start(t, "")
	client := openaiClient(s)
	p := ask("as JSON")
	p.ResponseFormat = openai.ChatCompletionNewParamsResponseFormatUnion{OfJSONObject: &shared.ResponseFormatJSONObjectParam{}}
	got, err := client.Chat.Completions.New(t.Context(), p)
	require.NoError(t, err)
	require.True(t, json.Valid([]byte(got.Choices[0].Message.Content)))

	p.ResponseFormat = openai.ChatCompletionNewParamsResponseFormatUnion{OfJSONSchema: &shared.ResponseFormatJSONSchemaParam{
		JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{Name: "x", Schema: json.RawMessage(`{
			"type":"object","required":["kind","list","maybe","node"],
			"$defs":{"node":{"type":"object","properties":{"next":{"$ref":"#/$defs/node"}}}},
			"properties":{"kind":{"enum":["a","b"]},"list":{"type":"array","items":{"type":"number"}},
				"maybe":{"type":["null","boolean"]},"node":{"$ref":"#/$defs/node"},"optional":{"type":"string"}}}`)},
	}}
	got, err = client.Chat.Completions.New(t.Context(), p)
	require.NoError(t, err)
	var value struct {
		Kind     string
		List     []float64
		Maybe    *bool
		Node     map[string]any
		Optional *string
	}
	require.NoError(t, json.Unmarshal([]byte(got.Choices[0].Message.Content), &value))
	require.Contains(t, []string{"a", "b"}, value.Kind)
	require.Len(t, value.List, 1)
	require.NotNil(t, value.Maybe)
	require.NotNil(t, value.Node, "a schema that refers to itself ends")
	require.Nil(t, value.Optional)
}

func TestEcho(t *testing.T) {
	s := start(t, "defaults: {answer: {echo: true}}")
	p := ask("Grüße, 世界 👋 with \"quotes\"\nand lines")
	all, _ := collect(t, s, p)
	require.Equal(t, "Grüße, 世界 👋 with \"quotes\"\nand lines", all.Choices[0].Message.Content)
}

func TestCompletions(t *testing.T) {
	s := start(t, "")
	client := openaiClient(s)
	p := openai.CompletionNewParams{
		Model:  "gpt-3.5-turbo-instruct",
		Prompt: openai.CompletionNewParamsPromptUnion{OfArrayOfStrings: []string{"once", "twice upon"}},
		N:      openai.Int(2), BestOf: openai.Int(3), Echo: openai.Bool(true),
	}
	got, err := client.Completions.New(t.Context(), p)
	require.NoError(t, err)
	require.Len(t, got.Choices, 4)
	require.True(t, strings.HasPrefix(got.Choices[2].Text, "twice upon"))
	require.EqualValues(t, "length", got.Choices[0].FinishReason, "16 tokens unless asked for more")
	require.EqualValues(t, 2*3*16, got.Usage.CompletionTokens, "all that was generated for best_of is paid")
	prompts := int64(tokenizer.Cl100kBase().CountString("once") + tokenizer.Cl100kBase().CountString("twice upon"))
	require.Equal(t, prompts, got.Usage.PromptTokens)

	stream := client.Completions.NewStreaming(t.Context(), openai.CompletionNewParams{
		Model: "gpt-3.5-turbo-instruct", Prompt: openai.CompletionNewParamsPromptUnion{OfArrayOfTokens: []int64{1, 2, 3}}, MaxTokens: openai.Int(5),
	})
	var text strings.Builder
	for stream.Next() {
		text.WriteString(stream.Current().Choices[0].Text)
	}
	require.NoError(t, stream.Err())
	require.Equal(t, 5, tokenizer.Cl100kBase().CountString(text.String()))
	require.NoError(t, s.Wait(t.Context()))
	require.Equal(t, prompts+3, s.Usage()[0].Input)
}

func TestEmbeddings(t *testing.T) {
	s := start(t, "")
	client := openaiClient(s)
	p := openai.EmbeddingNewParams{Model: "text-embedding-3-small", Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"one two", "three"}}}
	got, err := client.Embeddings.New(t.Context(), p)
	require.NoError(t, err)
	require.Len(t, got.Data, 2)
	require.Len(t, got.Data[0].Embedding, 1536)
	require.NotEqual(t, got.Data[0].Embedding, got.Data[1].Embedding)
	var square float64
	for _, x := range got.Data[0].Embedding {
		square += x * x
	}
	require.InDelta(t, 1, math.Sqrt(square), 1e-4)
	require.EqualValues(t, 3, got.Usage.PromptTokens)
	require.EqualValues(t, 3, bill(t, s).Input)

	p.Dimensions = openai.Int(8)
	small, err := client.Embeddings.New(t.Context(), p)
	require.NoError(t, err)
	require.Len(t, small.Data[1].Embedding, 8)

	p.EncodingFormat = openai.EmbeddingNewParamsEncodingFormatBase64
	raw := struct {
		Data []struct{ Embedding []byte }
	}{}
	require.NoError(t, client.Post(t.Context(), "embeddings", p, &raw))
	require.Len(t, raw.Data[0].Embedding, 4*8)
}

func TestModels(t *testing.T) {
	s := start(t, "models: [gpt-4o, my-model]")
	client := openaiClient(s)
	page, err := client.Models.List(t.Context())
	require.NoError(t, err)
	require.Len(t, page.Data, 2)
	one, err := client.Models.Get(t.Context(), "my-model")
	require.NoError(t, err)
	require.Equal(t, "my-model", one.ID)
	_, err = client.Models.Get(t.Context(), "other")
	requireOpenAI(t, err, 404, "invalid_request_error", "model_not_found")
	p := ask("x")
	p.Model = "gpt-9"
	_, err = client.Chat.Completions.New(t.Context(), p)
	requireOpenAI(t, err, 404, "invalid_request_error", "model_not_found")
}

func requireOpenAI(t testing.TB, err error, status int, kind, code string) {
	t.Helper()
	var typed *openai.Error
	require.True(t, errors.As(err, &typed), "%v", err)
	require.Equal(t, status, typed.StatusCode)
	require.Equal(t, kind, typed.Type)
	require.Equal(t, code, typed.Code)
	require.NotEmpty(t, typed.Message)
	require.True(t, strings.HasPrefix(typed.Response.Header.Get("x-request-id"), "req_"))
}

func TestOpenAIErrors(t *testing.T) {
	s := start(t, "keys: [sk-right]")
	call := func(key string, options ...option.RequestOption) error {
		client := openaiClient(s, append([]option.RequestOption{option.WithAPIKey(key)}, options...)...)
		_, err := client.Chat.Completions.New(t.Context(), ask("hi"))
		return err
	}
	require.NoError(t, call("sk-right"))
	requireOpenAI(t, call("sk-wrong-but-long-enough"), 401, "invalid_request_error", "invalid_api_key")
	require.NotContains(t, call("sk-wrong-but-long-enough").Error(), "sk-wrong-but-long-enough")
	requireOpenAI(t, call("sk-right", option.WithHeader("x-mock-fault", "status: 429")), 429, "requests", "rate_limit_exceeded")
	requireOpenAI(t, call("sk-right", option.WithHeader("x-mock-fault", "status: 500")), 500, "server_error", "")
	requireOpenAI(t, call("sk-right", option.WithHeader("x-mock-fault", "{status: 400, type: odd, message: no}")), 400, "odd", "")
	requireOpenAI(t, call("sk-right", option.WithJSONSet("messages", []string{})), 400, "invalid_request_error", "")
	requireOpenAI(t, call("sk-right", option.WithJSONSet("n", 0)), 400, "invalid_request_error", "")
	requireOpenAI(t, call("sk-right", option.WithJSONSet("max_tokens", 0)), 400, "invalid_request_error", "")
	require.NoError(t, s.Wait(t.Context()))
	for _, account := range s.Usage() {
		if account.Key == "sk-right" {
			require.EqualValues(t, 7, account.Requests)
			require.EqualValues(t, 6, account.Refused)
			require.Equal(t, s.Requests()[0].Bill, account.Tokens, "an error costs nothing")
		}
	}

	// The SDK retries what the headers ask it to.
	require.NoError(t, s.Script("rules: [{match: {first: 1}, fault: {status: 429, headers: {retry-after-ms: '1', retry-after: '0'}}}]"))
	require.NoError(t, call("sk-right", option.WithMaxRetries(1)))
}
