package dialect

import (
	"encoding/json"
	"testing"

	ant "github.com/anthropics/anthropic-sdk-go"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/responses"
	"github.com/stretchr/testify/require"
)

// The vendors' own clients take it for an answer, see why it says nothing, and find nothing
// of the one in whose place it stands.
func TestWithheld(t *testing.T) {
	read := func(op Op, body string, into any) string {
		out := Withheld(op, []byte(body))
		require.NoError(t, json.Unmarshal(out, into), "%s", out)
		require.NotContains(t, string(out), "secret")
		return string(out)
	}
	var chat openai.ChatCompletion
	read(ChatCompletions, `{"id":"c","object":"chat.completion","created":7,"model":"m","choices":[{"message":{"content":"secret"}},{}],"usage":{"prompt_tokens":3,"completion_tokens":2},"system_fingerprint":null,"x":"secret"}`, &chat)
	require.Equal(t, []any{"c", "m", int64(7), int64(2), 1}, []any{chat.ID, chat.Model, chat.Created, chat.Usage.CompletionTokens, len(chat.Choices)})
	require.Equal(t, "content_filter", chat.Choices[0].FinishReason)
	require.Empty(t, chat.Choices[0].Message.Content)

	var completion openai.Completion
	read(Completions, `{"id":"c","model":"m","choices":[{"text":"secret"}]}`, &completion)
	require.Equal(t, openai.CompletionChoiceFinishReasonContentFilter, completion.Choices[0].FinishReason)

	var message ant.Message
	read(Messages, `{"id":"a","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"secret"}],"stop_reason":"end_turn","stop_sequence":"secret","usage":{"input_tokens":3,"output_tokens":2}}`, &message)
	require.Equal(t, []any{"a", ant.StopReasonRefusal, int64(2), 0}, []any{message.ID, message.StopReason, message.Usage.OutputTokens, len(message.Content)})

	var response responses.Response
	read(Responses, `{"id":"r","object":"response","created_at":7,"model":"m","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"secret"}]}],"instructions":"secret","usage":{"input_tokens":3,"output_tokens":2}}`, &response)
	require.Equal(t, []any{"r", responses.ResponseStatusIncomplete, "content_filter", ""}, []any{response.ID, response.Status, response.IncompleteDetails.Reason, response.OutputText()})

	require.True(t, json.Valid([]byte(read(ChatCompletions, `no JSON: secret`, &chat))))
}
