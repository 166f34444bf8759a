package gateway_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// reservedFor is what a request without output reserves: its input as counted.
func reservedFor(t *testing.T, w *world, path, body string) int64 {
	c := w.post(path, body)
	require.Nil(t, c.reply, c.replyBody())
	r := c.done()
	n, err := r.Budgets[0].Reserved.Int64()
	require.NoError(t, err)
	return n
}

// The messages and the counts are those of OpenAI's cookbook, "How to count tokens with
// tiktoken", section 6, where they are compared with what the API reported.
func TestCookbook(t *testing.T) {
	const conversation = `"messages":[
		{"role":"system","content":"You are a helpful, pattern-following assistant that translates corporate jargon into plain English."},
		{"role":"system","name":"example_user","content":"New synergies will help drive top-line growth."},
		{"role":"system","name":"example_assistant","content":"Things working well together will increase revenue."},
		{"role":"system","name":"example_user","content":"Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage."},
		{"role":"system","name":"example_assistant","content":"Let's talk later when we're less busy about how to do better."},
		{"role":"user","content":"This late pivot means we don't have time to boil the ocean for the client deliverable."}]`
	for model, want := range map[string]int64{"gpt-3.5-turbo": 129, "gpt-4-0613": 129, "gpt-4": 129, "gpt-4o": 124, "gpt-4o-mini": 124} {
		w := newWorld(t, monthly)
		require.Equal(t, want, reservedFor(t, w, chat, `{"model":"`+model+`",`+conversation+`,"max_tokens":0}`), model)
		require.Equal(t, want, reservedFor(t, w, chat, `{`+conversation+`,"max_tokens":0,"model":"`+model+`"}`), "%s, named last", model)
	}
}

func TestInput(t *testing.T) {
	w := newWorld(t, strings.Replace(monthly, "100000", "10000000", 1))
	chatWith := func(rest string) int64 {
		return reservedFor(t, w, chat, `{"model":"gpt-4o","max_tokens":0,"messages":[{"role":"user","content":"hi"}]`+rest+`}`)
	}
	plain := chatWith("")
	require.Equal(t, int64(3+3+1+1), plain, "a message, the reply, a role, a word")

	// A function of the cookbook's section 7 without properties: 7 for it, 12 at the
	// end, and "name:description".
	tools := chatWith(`,"tools":[{"type":"function","function":{"name":"now","description":"the time"}}]`)
	require.Equal(t, plain+7+12+4, tools)
	require.Greater(t, chatWith(`,"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"}}}`), plain+5)

	picture := func(detail string) int64 {
		return reservedFor(t, w, chat, `{"model":"gpt-4o","max_tokens":0,"messages":[{"role":"user","content":[{"type":"text","text":"hi"},
			{"type":"image_url","image_url":{"url":"https://example.com/a.png","detail":"`+detail+`"}}]}]}`)
	}
	require.Equal(t, plain+85, picture("low"))
	require.Equal(t, plain+85+8*170, picture("high"), "one that cannot be seen counts as the largest")

	require.Equal(t, int64(5), reservedFor(t, w, "/v1/embeddings", `{"model":"text-embedding-3-small","input":[[1,2,3],[4,5]]}`), "ids are tokens")
	require.Equal(t, int64(2), reservedFor(t, w, "/v1/completions", `{"model":"gpt-3.5-turbo-instruct","prompt":["hello","hello"],"max_tokens":0}`))
}

// An estimate for a model whose tokenizer is not public learns from what is reported.
func TestLearned(t *testing.T) {
	w := newWorld(t, strings.Replace(monthly, "100000", "100000000", 1))
	body := `{"model":"claude-haiku-4-5","max_tokens":1,"messages":[{"role":"user","content":"` + strings.Repeat("The quick brown fox jumps over the lazy dog. ", 100) + `"}]}`
	first := reservedFor(t, w, messages, body)
	for range 50 {
		c := w.post(messages, body).respond("200", "application/json")
		c.stream(true, `{"content":[{"type":"text","text":"a"}],"usage":{"input_tokens":2000,"output_tokens":1}}`)
		require.Equal(t, "complete", c.done().End)
	}
	learned := reservedFor(t, w, messages, body)
	require.NotEqual(t, first, learned)
	require.InDelta(t, 2001, learned, 60)
	require.Equal(t, first, reservedFor(t, w, messages, strings.Replace(body, "haiku", "sonnet", 1)), "of that model alone")
}
