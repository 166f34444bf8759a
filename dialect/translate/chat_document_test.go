package translate

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/dialect"
)

// chatWithout has a request for each field that may be left out, in which it is what
// cannot be translated, and where its place is.
var chatWithout = map[string]struct{ members, at string }{
	"stream_options.include_obfuscation": {`"stream_options":{"include_obfuscation":true}`, ""},

	"stop":             {`"stop":["a"," "]`, "stop[1]"},
	"temperature":      {`"temperature":1.5`, ""},
	"top_p":            {`"temperature":0.5,"top_p":0.5`, ""},
	"reasoning_effort": {`"reasoning_effort":"low","max_tokens":1024`, ""},
	"response_format":  {`"response_format":{"type":"json_object"}`, ""},

	"response_format.json_schema.description": {`"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{},"description":"y"}}`, ""},

	"tool_choice":               {`"model":"claude-opus-5-5","tool_choice":"required","tools":[{"function":{"name":"f"}}]`, ""},
	"tool_choice.allowed_tools": {`"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto"}}`, ""},
	"tool_choice.custom":        {`"tool_choice":{"type":"custom","custom":{"name":"x"}}`, ""},

	"user":                   {`"user":"a","safety_identifier":"b"`, ""},
	"service_tier":           {`"service_tier":"priority"`, ""},
	"n":                      {`"n":2`, ""},
	"seed":                   {`"seed":0`, ""},
	"logprobs":               {`"logprobs":true`, ""},
	"top_logprobs":           {`"top_logprobs":1`, ""},
	"logit_bias":             {`"logit_bias":{"1":1}`, ""},
	"presence_penalty":       {`"presence_penalty":0.1`, ""},
	"frequency_penalty":      {`"frequency_penalty":0.1`, ""},
	"store":                  {`"store":true`, ""},
	"metadata":               {`"metadata":{"a":"b"}`, ""},
	"modalities":             {`"modalities":["text","audio"]`, ""},
	"audio":                  {`"audio":{}`, ""},
	"prediction":             {`"prediction":{}`, ""},
	"web_search_options":     {`"web_search_options":{}`, ""},
	"verbosity":              {`"verbosity":"high"`, ""},
	"moderation":             {`"moderation":{}`, ""},
	"prompt_cache_key":       {`"prompt_cache_key":"k"`, ""},
	"prompt_cache_retention": {`"prompt_cache_retention":"24h"`, ""},
	"prompt_cache_options":   {`"prompt_cache_options":{}`, ""},

	"messages.content":           {`"messages":[{"role":"system","content":[{"type":"image_url","image_url":{"url":"https://x"}}]},{"role":"user","content":"a"}]`, "messages[0].content[0]"},
	"messages.name":              {`"messages":[{"role":"user","name":"n","content":"a"}]`, "messages[0].name"},
	"messages.tool_calls.custom": {`"messages":[{"role":"assistant","tool_calls":[{"id":"c","type":"custom","custom":{"name":"x","input":"y"}}]}]`, "messages[0].tool_calls[0].custom"},
	"messages.thinking_blocks":   {`"messages":[{"role":"assistant","content":"a","thinking_blocks":[{"type":"thinking","thinking":"x"}]}]`, "messages[0].thinking_blocks[0]"},
	"messages.reasoning_content": {`"messages":[{"role":"assistant","content":"a","reasoning_content":"x"}]`, "messages[0].reasoning_content"},
	"messages.audio":             {`"messages":[{"role":"assistant","content":"a","audio":{"id":"x"}}]`, "messages[0].audio"},

	"messages.content.type":                    {`"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"poem"}]}]`, "messages[0].content[1].type"},
	"messages.content.image_url.detail":        {`"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x","detail":"low"}}]}]`, "messages[0].content[0].image_url.detail"},
	"messages.content.input_audio":             {`"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"input_audio","input_audio":{}}]}]`, "messages[0].content[1].input_audio"},
	"messages.content.file.file_data":          {`"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"file","file":{"file_data":"data:text/plain;base64,eA=="}}]}]`, "messages[0].content[1].file.file_data"},
	"messages.content.file.file_id":            {`"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"file","file":{"file_id":"f"}}]}]`, "messages[0].content[1].file.file_id"},
	"messages.content.prompt_cache_breakpoint": {`"messages":[{"role":"user","content":[{"type":"text","text":"a","prompt_cache_breakpoint":{"mode":"explicit"}}]}]`, "messages[0].content[0].prompt_cache_breakpoint"},

	"tools.type":   {`"tools":[{"function":{"name":"f"}},{"type":"web_search"}]`, "tools[1].type"},
	"tools.custom": {`"tools":[{"type":"custom","custom":{"name":"x"}}]`, "tools[0].custom"},

	// What neither API knows.
	"top_k":                         {`"top_k":5`, ""},
	"messages.tool_calls.mood":      {`"messages":[{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f"},"mood":1}]}]`, "messages[0].tool_calls[0].mood"},
	"messages.function_call.mood":   {`"messages":[{"role":"assistant","function_call":{"name":"f","mood":1}}]`, "messages[0].function_call.mood"},
	"tools.function.mood":           {`"tools":[{"function":{"name":"f","mood":1}}]`, "tools[0].function.mood"},
	"functions.mood":                {`"functions":[{"name":"f","mood":1}]`, "functions[0].mood"},
	"messages.thinking_blocks.mood": {`"messages":[{"role":"assistant","content":"a","thinking_blocks":[{"type":"redacted_thinking","data":"x","mood":1}]}]`, "messages[0].thinking_blocks[0].mood"},
}

// Every field that may be left out is refused where it may not, under its place, and
// left out where it may, under its name; and no other is.
func TestChatWithout(t *testing.T) {
	for field, c := range chatWithout {
		members := c.members
		for _, usual := range []string{`"messages":[{"role":"user","content":"a"}]`, `"model":"claude-sonnet-4-5"`} {
			if name, _, _ := strings.Cut(usual, ":"); !strings.Contains(members, name+":") {
				members += "," + usual
			}
		}
		at := c.at
		if at == "" {
			at = field
		}
		body := []byte("{" + members + "}")
		o := Options{Model: "claude-sonnet-4-5", OutputCap: 4096}
		if strings.Contains(members, "claude-opus-5-5") {
			o.Model = "claude-opus-5-5"
		}
		o.Drop = func(other string) bool { return other != field }
		_, err := ChatToMessages(body, o)
		var refused *dialect.FieldError
		require.ErrorAs(t, err, &refused, field)
		require.Equal(t, at, refused.Field)

		o.Drop = func(other string) bool { return other == field }
		q, err := ChatToMessages(body, o)
		require.NoError(t, err, field)
		require.Equal(t, []string{field}, q.Dropped)
		chatRequestHolds(t, q.Body)
	}
}

// The document has every member that the code knows, and every field that may be left
// out, and says of no other that it may.
func TestChatDocument(t *testing.T) {
	request, answer, documented, droppable := document(t, "openai-to-anthropic.md")
	known := func(path string, members []knownMember) {
		for _, m := range members {
			require.True(t, documented[path+m.name], path+m.name)
		}
	}
	known("", chatMembers[:])
	known("stream_options.", streamOptionsMembers[:])
	known("messages[].", chatMessageMembers[:])
	known("messages[].", chatAssistantMembers[:])
	known("messages[].thinking_blocks[].", chatThoughtMembers[:])
	known("messages[].tool_calls[].", chatCallMembers[:])
	known("messages[].tool_calls[].function.", chatCallFunctionMembers[:])
	known("messages[].function_call.", chatCallFunctionMembers[:])
	known("messages[].content[].", chatPartMembers[:])
	known("messages[].content[].image_url.", chatImageMembers[:])
	known("messages[].content[].file.", chatFileMembers[:])
	known("tools[].", chatToolMembers[:])
	known("tools[].function.", chatFunctionMembers[:])
	known("functions[].", chatFunctionMembers[:])
	known("response_format.", chatFormatMembers[:])
	known("response_format.json_schema.", chatSchemaMembers[:])

	want := slices.Sorted(maps.Keys(droppable))
	got := slices.DeleteFunc(slices.Sorted(maps.Keys(chatWithout)), func(field string) bool {
		return strings.HasSuffix(field, ".mood") || field == "top_k"
	})
	require.Equal(t, want, got)

	for _, f := range messageFinishes {
		require.Contains(t, answer, "`"+f.stop+"`")
		require.Contains(t, answer, "`"+f.finish+"`")
	}
	for _, e := range messageErrors {
		require.Contains(t, answer, "`"+e.anthropic+"`")
		require.Contains(t, answer, "`"+e.openAI+"`")
	}
	for _, e := range efforts {
		require.Contains(t, request, "`"+e.name+"`")
	}
}

// document reads a page of docs/translation: its two parts, the fields that the first
// names, and those that it says may be left out.
func document(t *testing.T, name string) (request, answer string, documented, droppable map[string]bool) {
	page, err := os.ReadFile("../../docs/translation/" + name)
	require.NoError(t, err)
	request, answer, ok := strings.Cut(string(page), "\n## The answer\n")
	require.True(t, ok)

	word := regexp.MustCompile("`[^`]+`")
	documented, droppable = map[string]bool{}, map[string]bool{}
	before, _, _ := strings.Cut(request, "### Thinking")
	for line := range strings.Lines(before) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || strings.Contains(line, "---") {
			continue
		}
		for _, name := range word.FindAllString(cells[1], -1) {
			documented[strings.Trim(name, "`")] = true
		}
		if name := word.FindString(cells[3]); name != "" {
			droppable[strings.Trim(name, "`")] = true
		}
	}
	return request, answer, documented, droppable
}
