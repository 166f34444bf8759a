package mock

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/tokenizer"
)

// The example of "How to count tokens with tiktoken" in the OpenAI cookbook, whose
// counts the API itself has confirmed: 129 tokens for gpt-3.5-turbo and gpt-4, 124
// for gpt-4o.
func TestInputTokens(t *testing.T) {
	body := `{"model":"MODEL","messages":[
	{"role":"system","content":"You are a helpful, pattern-following assistant that translates corporate jargon into plain English."},
	{"role":"system","name":"example_user","content":"New synergies will help drive top-line growth."},
	{"role":"system","name":"example_assistant","content":"Things working well together will increase revenue."},
	{"role":"system","name":"example_user","content":"Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage."},
	{"role":"system","name":"example_assistant","content":"Let's talk later when we're less busy about how to do better."},
	{"role":"user","content":"This late pivot means we don't have time to boil the ocean for the client deliverable."}]}`
	for model, want := range map[string]int64{"gpt-3.5-turbo": 129, "gpt-4": 129, "gpt-4-0613": 129, "gpt-4o": 124, "gpt-4o-mini": 124} {
		q := &query{op: opChat, limit: noLimit, n: 1}
		require.Nil(t, q.parse([]byte(body)))
		q.model = model
		require.Equal(t, want, inputTokens(q), model)
	}
}

func TestInputTokensOfParts(t *testing.T) {
	count := func(op op, body string) int64 {
		q := &query{op: op, limit: noLimit, n: 1}
		require.Nil(t, q.parse([]byte(body)))
		return inputTokens(q)
	}
	plain := count(opChat, `{"model":"gpt-4o","messages":[{"role":"user","content":"look here"}]}`)
	require.Equal(t, plain, count(opChat, `{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"text","text":"look"},{"type":"text","text":" here"}]}]}`))
	require.Equal(t, plain+85, count(opChat, `{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"text","text":"look here"},{"type":"image_url","image_url":{"url":"x"}}]}]}`))

	claude := count(opMessages, `{"model":"claude-sonnet-4-5","max_tokens":1,"messages":[{"role":"user","content":"look here"}]}`)
	require.Equal(t, claude+2, count(opMessages, `{"model":"claude-sonnet-4-5","max_tokens":1,"system":"look here","messages":[{"role":"user","content":"look here"}]}`))
	tools := `[{"name":"f","input_schema":{"type":"object"}}]`
	overhead := tokenizer.ForModel("claude-sonnet-4-5").Overhead.Tools
	require.EqualValues(t, claude+int64(overhead.Tokens(tokenizer.O200kBase(), []byte(tools), true)),
		count(opMessages, `{"model":"claude-sonnet-4-5","max_tokens":1,"messages":[{"role":"user","content":"look here"}],"tool_choice":{"type":"any"},"tools":`+tools+`}`))
}
