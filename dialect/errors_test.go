package dialect

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/openai/openai-go/v3"
	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/policy"
)

var overBudget = &Error{Status: 429, Kind: RateLimited, Code: "budget_exceeded", RetryAfter: 7,
	Message: "budget \"key-minute\" of 50000 tokens every 1m: 12 tokens left \u2028 \x01 </script>"}

func TestErrorBodies(t *testing.T) {
	require.Equal(t, [][2]string{{"content-type", "application/json"}, {"retry-after", "7"}}, overBudget.Headers())
	require.Equal(t, [][2]string{{"content-type", "application/json"}}, (&Error{Status: 400}).Headers())

	type object = map[string]any
	for _, c := range []struct {
		e       *Error
		dialect policy.Dialect
		want    object
	}{
		{overBudget, policy.OpenAI, object{"error": object{"message": overBudget.Message, "type": "rate_limit_exceeded", "code": "budget_exceeded", "param": nil}}},
		{overBudget, policy.Anthropic, object{"type": "error", "error": object{"type": "rate_limit_error", "message": overBudget.Message}}},
		{&Error{Kind: InvalidRequest, Code: "invalid_field", Param: "n", Message: "m"}, policy.OpenAI,
			object{"error": object{"message": "m", "type": "invalid_request_error", "code": "invalid_field", "param": "n"}}},
		{&Error{Kind: InvalidRequest, Param: "n", Message: "m"}, policy.Anthropic, object{"type": "error", "error": object{"type": "invalid_request_error", "message": "m"}}},
		{&Error{Kind: NotFound, Message: "m"}, policy.OpenAI, object{"error": object{"message": "m", "type": "invalid_request_error", "code": nil, "param": nil}}},
		{&Error{Kind: NotFound, Message: "m"}, policy.Anthropic, object{"type": "error", "error": object{"type": "not_found_error", "message": "m"}}},
		{&Error{Kind: TooLarge, Message: "m"}, policy.Anthropic, object{"type": "error", "error": object{"type": "request_too_large", "message": "m"}}},
		{&Error{Kind: Unavailable, Message: "m"}, policy.OpenAI, object{"error": object{"message": "m", "type": "server_error", "code": nil, "param": nil}}},
		{&Error{Kind: Unavailable, Message: "m"}, policy.Anthropic, object{"type": "error", "error": object{"type": "overloaded_error", "message": "m"}}},
		{&Error{Kind: Internal, Message: "m"}, policy.Anthropic, object{"type": "error", "error": object{"type": "api_error", "message": "m"}}},
	} {
		var got object
		require.NoError(t, json.Unmarshal(c.e.Body(c.dialect), &got))
		require.Equal(t, c.want, got)
	}
}

// Both clients raise a refusal as the error that they raise for the provider's own.
func TestErrorsInTheClients(t *testing.T) {
	openAI := openAIClient(serve(t, 429, overBudget.Headers(), overBudget.Body(policy.OpenAI)))
	_, err := openAI.Chat.Completions.New(context.Background(), openai.ChatCompletionNewParams{Model: "gpt-4o"})
	var fromOpenAI *openai.Error
	require.ErrorAs(t, err, &fromOpenAI)
	require.Equal(t, 429, fromOpenAI.StatusCode)
	require.Equal(t, "rate_limit_exceeded", fromOpenAI.Type)
	require.Equal(t, "budget_exceeded", fromOpenAI.Code)
	require.Equal(t, overBudget.Message, fromOpenAI.Message)
	require.Equal(t, "7", fromOpenAI.Response.Header.Get("Retry-After"))

	client := anthropicClient(serve(t, 429, overBudget.Headers(), overBudget.Body(policy.Anthropic)))
	_, err = client.Messages.New(context.Background(), anthropic.MessageNewParams{Model: "claude-haiku-4-5", MaxTokens: 1})
	var fromAnthropic *anthropic.Error
	require.ErrorAs(t, err, &fromAnthropic)
	require.Equal(t, 429, fromAnthropic.StatusCode)
	require.Equal(t, "rate_limit_error", string(fromAnthropic.Type()))
	require.Contains(t, fromAnthropic.RawJSON(), "12 tokens left")
	require.Equal(t, "7", fromAnthropic.Response.Header.Get("Retry-After"))
}
