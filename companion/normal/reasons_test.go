package normal

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func reasonOf(t *testing.T, err error) Reason {
	t.Helper()
	var no *NotCacheable
	require.ErrorAs(t, err, &no)
	require.True(t, strings.HasPrefix(err.Error(), "normal: not cacheable: "+string(no.Reason)+": "), err.Error())
	require.NotEmpty(t, no.Detail)
	return no.Reason
}

// TestRefusedRequests has each reason at least once.
func TestRefusedRequests(t *testing.T) {
	settings := Settings{MaxTemperature: 1}
	type row struct {
		want Reason
		api  API
		body string
	}
	user := func(content string) string { return talk(Chat, `[{"role":"user","content":`+content+`}]`) }
	said := func(content string) string { return talk(Messages, `[{"role":"user","content":`+content+`}]`) }
	rows := []row{
		{Malformed, Chat, ``}, {Malformed, Chat, `[]`}, {Malformed, Chat, chat("")[1:]}, {Malformed, Chat, chat("") + "x"}, {Malformed, Chat, "\ufeff" + chat("")},
		{Malformed, Chat, `{"model":"m"}`}, {Malformed, Chat, `{"model":"m","messages":{}}`}, {Malformed, Chat, `{"model":"","messages":[]}`}, {Malformed, Chat, `{"model":1,"messages":[{"role":"user","content":"a"}]}`},
		{Malformed, Chat, chat(`,"model":"m"`)}, {Malformed, Chat, chat(`,"m\u006fdel":"n"`)}, {Malformed, Chat, chat(`,"x":{"a":[{"b":1,"b":1}]}`)},
		{Malformed, Chat, user(`"\ud800"`)}, {Malformed, Chat, user(`"\udc00\ud800"`)}, {Malformed, Chat, chat(`,"x":"\uD83Dx"`)}, {Malformed, Chat, user("\"\xff\"")},
		{Malformed, Chat, chat(`,"x":` + strings.Repeat("[", 200) + strings.Repeat("]", 200))},
		{Malformed, Chat, chat(`,"x":[` + strings.Repeat("1,", 200_000) + `1]`)},
		{Malformed, Chat, chat(`,"max_tokens":0`)}, {Malformed, Chat, chat(`,"max_tokens":-1`)}, {Malformed, Chat, chat(`,"max_tokens":1e3`)}, {Malformed, Chat, chat(`,"max_tokens":"5"`)},
		{Malformed, Chat, chat(`,"stream":"true"`)}, {Malformed, Chat, chat(`,"stream_options":1`)}, {Malformed, Chat, chat(`,"stream_options":{"include_usage":1}`)}, {Malformed, Chat, chat(`,"temperature":"0"`)}, {Malformed, Chat, chat(`,"temperature":-1`)},
		{Malformed, Chat, chat(`,"top_p":"1"`)}, {Malformed, Chat, chat(`,"stop":1`)}, {Malformed, Chat, chat(`,"stop":[1]`)}, {Malformed, Chat, chat(`,"tools":{}`)}, {Malformed, Chat, chat(`,"tools":[1]`)}, {Malformed, Chat, chat(`,"tools":[{"type":"function"}]`)},
		{Malformed, Chat, chat(`,"parallel_tool_calls":1`)}, {Malformed, Chat, chat(`,"modalities":[]`)}, {Malformed, Chat, chat(`,"modalities":"text"`)},
		{Malformed, Chat, user(`null`)}, {Malformed, Chat, user(`1`)}, {Malformed, Chat, user(`[{"type":"text"}]`)}, {Malformed, Chat, talk(Chat, `[{"role":"critic","content":"a"}]`)}, {Malformed, Chat, talk(Chat, `["a"]`)},
		{Malformed, Chat, talk(Chat, `[{"role":"assistant","tool_calls":[{"id":1,"function":{"name":"f","arguments":"{}"}}]},{"role":"user","content":"a"}]`)}, {Malformed, Chat, talk(Chat, `[{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f"}}]},{"role":"user","content":"a"}]`)},
		{Malformed, Chat, talk(Chat, `[{"role":"assistant","tool_calls":{}},{"role":"user","content":"a"}]`)}, {Malformed, Chat, user(`[{"type":"image_url","image_url":"data:"}]`)},
		{Malformed, Messages, `{"model":"m","messages":[{"role":"user","content":"a"}]}`}, {Malformed, Messages, messages(`,"stop_sequences":"a"`)}, {Malformed, Messages, said(`null`)}, {Malformed, Messages, said(`[{"type":"image","source":{"type":"base64"}}]`)},
		{Malformed, Messages, said(`[{"type":"tool_use","id":"1","name":"f","input":{}}]`)}, {Malformed, Messages, talk(Messages, `[{"role":"tool","content":"a"}]`)}, {Malformed, Messages, messages(`,"tools":[{"input_schema":{}}]`)},
		{Malformed, Messages, messages(`,"tools":[{"name":"f","strict":1}]`)}, {Malformed, Messages, said(`[{"type":"text","text":null}]`)},
		{Temperature, Chat, chat(`,"temperature":1.01`)}, {Temperature, Chat, chat(`,"temperature":1e999`)}, {Temperature, Messages, messages(`,"temperature":2`)},
		{Choices, Chat, chat(`,"n":2`)}, {Choices, Chat, chat(`,"n":1.0`)}, {Choices, Chat, chat(`,"n":"1"`)},
		{Logprobs, Chat, chat(`,"logprobs":true`)}, {Logprobs, Chat, chat(`,"top_logprobs":2`)},
		{Audio, Chat, chat(`,"audio":{}`)}, {Audio, Chat, chat(`,"modalities":["audio"]`)}, {Audio, Chat, user(`[{"type":"input_audio","input_audio":{}}]`)}, {Audio, Chat, talk(Chat, `[{"role":"assistant","audio":{"id":"a"}},{"role":"user","content":"a"}]`)},
		{Reference, Chat, user(`[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]`)}, {Reference, Chat, user(`[{"type":"image_url","image_url":{"url":"data:image/svg+xml,<svg/>"}}]`)}, {Reference, Chat, user(`[{"type":"file","file":{"file_id":"f"}}]`)},
		{Reference, Messages, said(`[{"type":"image","source":{"type":"url","url":"https://example.com"}}]`)}, {Reference, Messages, said(`[{"type":"document","source":{"type":"file","file_id":"f"}}]`)}, {Reference, Messages, said(`[{"type":"document","source":{"type":"content","content":[]}}]`)},
		{Reference, Chat, talk(Chat, `[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]},{"role":"assistant","content":"b"},{"role":"user","content":"a"}]`)},
		{ServerTools, Chat, chat(`,"web_search_options":{}`)}, {ServerTools, Chat, chat(`,"tools":[{"type":"web_search"}]`)}, {ServerTools, Chat, chat(`,"tools":[{}]`)}, {ServerTools, Messages, messages(`,"tools":[{"type":"web_search_20250305","name":"web_search"}]`)},
		{ServerTools, Messages, messages(`,"container":"c"`)}, {ServerTools, Messages, messages(`,"mcp_servers":[{}]`)},
		{Thinking, Messages, messages(`,"thinking":{"type":"enabled","budget_tokens":1024}`)}, {Thinking, Messages, messages(`,"thinking":{"type":"adaptive"}`)}, {Thinking, Messages, messages(`,"thinking":1`)},
		{Background, Chat, chat(`,"background":true`)}, {Stored, Chat, chat(`,"store":true`)}, {Stored, Chat, chat(`,"store":"false"`)}, {Moderation, Chat, chat(`,"moderation":{"model":"m"}`)},
		{NotUsersTurn, Chat, talk(Chat, `[]`)}, {NotUsersTurn, Chat, talk(Chat, `[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]`)}, {NotUsersTurn, Chat, talk(Chat, `[{"role":"user","content":"a"},{"role":"system","content":"b"}]`)},
		{NotUsersTurn, Chat, talk(Chat, `[{"role":"user","content":"a"},{"role":"tool","tool_call_id":"1","content":"b"}]`)}, {NotUsersTurn, Messages, talk(Messages, `[{"role":"user","content":"a"},{"role":"assistant","content":"{"}]`)},
		{NotUsersTurn, Messages, said(`[{"type":"tool_result","tool_use_id":"1","content":"b"}]`)},
		{ToolResults, Chat, talk(Chat, `[{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"b"},{"role":"user","content":"a"}]`)},
		{ToolResults, Chat, talk(Chat, `[{"role":"tool","tool_call_id":"1","content":"b"},{"role":"system","content":"s"},{"role":"user","content":"a"}]`)},
		{ToolResults, Messages, said(`[{"type":"tool_result","tool_use_id":"1","content":"b"},{"type":"text","text":"a"}]`)}, {ToolResults, Messages, said(`[{"type":"text","text":"a"},{"type":"tool_result","tool_use_id":"1","content":[{"type":"text","text":"b"}]},{"type":"text","text":"a"}]`)},
		{UnknownContent, Chat, user(`[{"type":"hologram"}]`)}, {UnknownContent, Chat, user(`[1]`)}, {UnknownContent, Messages, said(`[{"type":"container_upload","file_id":"f"}]`)},
		{UnknownContent, Chat, talk(Chat, `[{"role":"assistant","tool_calls":[{"id":"1","type":"custom","custom":{"name":"f","input":"x"}}]},{"role":"user","content":"a"}]`)},
		{NoText, Chat, user(`""`)}, {NoText, Chat, user(`[]`)}, {NoText, Chat, user(`" \n"`)}, {NoText, Chat, user(`[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]`)}, {NoText, Messages, said(`[]`)},
	}
	seen := map[Reason]bool{}
	for _, r := range rows {
		_, err := ReadRequest(r.api, []byte(r.body), settings)
		require.Error(t, err, r.body)
		require.Equal(t, r.want, reasonOf(t, err), "%s: %v", r.body, err)
		seen[r.want] = true
	}
	for _, r := range reasons {
		require.Equal(t, r.of != "answer", seen[r.reason], r.reason)
	}
	_, err := ReadRequest(Chat, []byte(chat("")), Settings{})
	require.Equal(t, Temperature, reasonOf(t, err), "an absent one is 1")
	_, err = ReadRequest(Chat, []byte(chat(`,"temperature":0.0`)), Settings{})
	require.NoError(t, err)
	require.False(t, errors.Is(err, ErrCorrupt))
}
