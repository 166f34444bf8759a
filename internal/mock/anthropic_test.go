package mock_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/mock"
	"github.com/sluice-gateway/sluice/tokenizer"
)

func anthropicClient(s *mock.Server, more ...option.RequestOption) anthropic.Client {
	return anthropic.NewClient(append([]option.RequestOption{
		option.WithBaseURL(s.URL()), option.WithAPIKey("sk-ant-test"), option.WithMaxRetries(0),
	}, more...)...)
}

func tell(text string) anthropic.MessageNewParams {
	return anthropic.MessageNewParams{
		Model:     "claude-sonnet-4-5",
		MaxTokens: 1000,
		Messages:  []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(text))},
	}
}

func accumulate(t testing.TB, s *mock.Server, p anthropic.MessageNewParams, more ...option.RequestOption) (anthropic.Message, []string) {
	t.Helper()
	client := anthropicClient(s, more...)
	stream := client.Messages.NewStreaming(t.Context(), p)
	var all anthropic.Message
	var kinds []string
	for stream.Next() {
		require.NoError(t, all.Accumulate(stream.Current()))
		if kind := string(stream.Current().Type); len(kinds) == 0 || kinds[len(kinds)-1] != kind {
			kinds = append(kinds, kind)
		}
	}
	require.NoError(t, stream.Err())
	return all, kinds
}

func TestMessages(t *testing.T) {
	s := start(t, "")
	client := anthropicClient(s)
	p := tell("hello there")
	p.System = []anthropic.TextBlockParam{{Text: "be kind"}}
	got, err := client.Messages.New(t.Context(), p)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(got.ID, "msg_01"))
	require.EqualValues(t, "claude-sonnet-4-5", got.Model)
	require.EqualValues(t, "end_turn", got.StopReason)
	require.Len(t, got.Content, 1)
	require.EqualValues(t, tokenizer.O200kBase().CountString(got.Content[0].Text), got.Usage.OutputTokens)
	require.Equal(t, mock.Tokens{Input: got.Usage.InputTokens, Output: got.Usage.OutputTokens}, bill(t, s).Tokens)

	all, kinds := accumulate(t, s, p)
	require.Equal(t, got.Content[0].Text, all.Content[0].Text)
	require.Equal(t, got.Usage.OutputTokens, all.Usage.OutputTokens)
	require.Equal(t, got.Usage.InputTokens, all.Usage.InputTokens)
	// The SDK keeps the pings to itself.
	require.Equal(t, []string{"message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop"}, kinds)

	count, err := client.Messages.CountTokens(t.Context(), anthropic.MessageCountTokensParams{
		Model: p.Model, Messages: p.Messages, System: anthropic.MessageCountTokensParamsSystemUnion{OfTextBlockArray: p.System},
	})
	require.NoError(t, err)
	require.Equal(t, got.Usage.InputTokens, count.InputTokens)
	require.EqualValues(t, 2*got.Usage.InputTokens, bill(t, s).Input, "counting costs nothing")
}

func TestMessagesLimitsAndStops(t *testing.T) {
	s := start(t, "")
	p := tell("x")
	p.MaxTokens = 8
	all, _ := accumulate(t, s, p, option.WithHeader("x-mock-answer", "tokens: 99"))
	require.EqualValues(t, "max_tokens", all.StopReason)
	require.EqualValues(t, 8, all.Usage.OutputTokens)

	p.MaxTokens, p.StopSequences = 100, []string{"###"}
	all, _ = accumulate(t, s, p, option.WithHeader("x-mock-answer", `text: "one ### two"`))
	require.EqualValues(t, "stop_sequence", all.StopReason)
	require.Equal(t, "###", all.StopSequence)
	require.Equal(t, "one ", all.Content[0].Text)

	ignored, _ := accumulate(t, s, tell("x"), option.WithHeader("x-mock-answer", "tokens: 1200"), option.WithHeader("x-mock-fault", "ignore_max_tokens: true"))
	require.EqualValues(t, 1200, ignored.Usage.OutputTokens)
	require.EqualValues(t, "end_turn", ignored.StopReason)
}

func TestMessagesCacheUsage(t *testing.T) {
	s := start(t, "defaults: {answer: {cached: 5, cache_write: 3, input_scale: 10}}")
	client := anthropicClient(s)
	got, err := client.Messages.New(t.Context(), tell("hello"))
	require.NoError(t, err)
	account := bill(t, s)
	require.EqualValues(t, 5, got.Usage.CacheReadInputTokens)
	require.EqualValues(t, 3, got.Usage.CacheCreationInputTokens)
	require.EqualValues(t, 3, got.Usage.CacheCreation.Ephemeral5mInputTokens)
	require.Equal(t, account.Input, got.Usage.InputTokens+8, "Anthropic counts the cache beside the input")
	require.Zero(t, account.Input%10)
}

func TestMessagesTools(t *testing.T) {
	s := start(t, "")
	p := tell("Use lookup and then sum.")
	for _, name := range []string{"lookup", "sum"} {
		p.Tools = append(p.Tools, anthropic.ToolUnionParam{OfTool: &anthropic.ToolParam{
			Name:        name,
			InputSchema: anthropic.ToolInputSchemaParam{Properties: map[string]any{"q": map[string]any{"type": "string"}}},
		}})
	}
	client := anthropicClient(s)
	whole, err := client.Messages.New(t.Context(), p)
	require.NoError(t, err)
	require.EqualValues(t, "tool_use", whole.StopReason)
	require.Len(t, whole.Content, 2)
	require.Equal(t, "lookup", whole.Content[0].Name)
	var input struct{ Q *string }
	require.NoError(t, json.Unmarshal(whole.Content[0].Input, &input))
	require.NotNil(t, input.Q)

	streamed, _ := accumulate(t, s, p)
	require.Len(t, streamed.Content, 2)
	require.JSONEq(t, string(whole.Content[1].Input), string(streamed.Content[1].Input))
	require.EqualValues(t, "tool_use", streamed.StopReason)

	p.ToolChoice = anthropic.ToolChoiceUnionParam{OfTool: &anthropic.ToolChoiceToolParam{Name: "sum"}}
	forced, err := client.Messages.New(t.Context(), p)
	require.NoError(t, err)
	require.Len(t, forced.Content, 1)
	require.Equal(t, "sum", forced.Content[0].Name)

	p.ToolChoice = anthropic.ToolChoiceUnionParam{}
	p.Messages = append(p.Messages, whole.ToParam(), anthropic.NewUserMessage(
		anthropic.NewToolResultBlock(whole.Content[0].ID, "lookup: found", false), anthropic.NewToolResultBlock(whole.Content[1].ID, "3", false)))
	after, err := client.Messages.New(t.Context(), p)
	require.NoError(t, err)
	require.EqualValues(t, "end_turn", after.StopReason)
}

func TestAnthropicErrors(t *testing.T) {
	s := start(t, "keys: [sk-ant-test]\nmodels: [claude-sonnet-4-5]")
	call := func(options ...option.RequestOption) error {
		client := anthropicClient(s, options...)
		_, err := client.Messages.New(t.Context(), tell("hi"))
		return err
	}
	require.NoError(t, call())
	for _, c := range []struct {
		option option.RequestOption
		status int
		kind   string
	}{
		{option.WithAPIKey("wrong"), 401, "authentication_error"},
		{option.WithJSONSet("model", "claude-9"), 404, "not_found_error"},
		{option.WithJSONSet("max_tokens", nil), 400, "invalid_request_error"},
		{option.WithJSONSet("messages", []int{}), 400, "invalid_request_error"},
		{option.WithHeader("x-mock-fault", "status: 400"), 400, "invalid_request_error"},
		{option.WithHeader("x-mock-fault", "status: 429"), 429, "rate_limit_error"},
		{option.WithHeader("x-mock-fault", "status: 500"), 500, "api_error"},
		{option.WithHeader("x-mock-fault", "status: 529"), 529, "overloaded_error"},
	} {
		var typed *anthropic.Error
		err := call(c.option)
		require.True(t, errors.As(err, &typed), "%v", err)
		require.Equal(t, c.status, typed.StatusCode)
		require.EqualValues(t, c.kind, typed.Type())
		require.True(t, strings.HasPrefix(typed.RequestID, "req_01"))
		require.Contains(t, typed.RawJSON(), typed.RequestID)
	}
}
