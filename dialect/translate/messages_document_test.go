package translate

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/dialect"
)

// messagesBlocks is a request whose only message has a text and another block.
func messagesBlocks(block string) string {
	return `"messages":[{"role":"user","content":[{"type":"text","text":"a"},` + block + `]}]`
}

func messagesCall(members string) string {
	return `"messages":[{"role":"assistant","content":[{"type":"text","text":"a"},{"type":"tool_use","id":"i","name":"f","input":{},` + members + `}]},` +
		`{"role":"user","content":[{"type":"tool_result","tool_use_id":"i"}]}]`
}

// messagesWithout has a request for each field that may be left out, in which it is what
// cannot be translated, and where its place is.
var messagesWithout = map[string]struct{ members, at string }{
	"stop_sequences":       {`"stop_sequences":["a","b","c","d","e"]`, "stop_sequences[4]"},
	"temperature":          {`"model":"o3","temperature":0.5`, ""},
	"top_p":                {`"model":"gpt-5","top_p":0.5`, ""},
	"top_k":                {`"top_k":5`, ""},
	"thinking":             {`"model":"gpt-4o","thinking":{"type":"enabled","budget_tokens":1024}`, ""},
	"output_config.effort": {`"model":"gpt-4o","output_config":{"effort":"low"}`, ""},

	"output_format":         {`"output_format":{"type":"json_schema","schema":{}}`, ""},
	"container":             {`"container":"c"`, ""},
	"mcp_servers":           {`"mcp_servers":[{}]`, ""},
	"context_management":    {`"context_management":{"edits":[]}`, ""},
	"compaction":            {`"compaction":{}`, ""},
	"inference_geo":         {`"inference_geo":"us"`, ""},
	"diagnostics":           {`"diagnostics":{}`, ""},
	"fallbacks":             {`"fallbacks":[{}]`, ""},
	"fallback_credit_token": {`"fallback_credit_token":"t"`, ""},
	"speed":                 {`"speed":"fast"`, ""},

	"messages.content.type":            {messagesBlocks(`{"type":"server_tool_use"}`), "messages[0].content[1].type"},
	"messages.content.citations":       {messagesBlocks(`{"type":"document","source":{"type":"text","data":"x"},"citations":{"enabled":true}}`), "messages[0].content[1].citations"},
	"messages.content.source":          {messagesBlocks(`{"type":"image","source":{"type":"file"}}`), "messages[0].content[1].source"},
	"messages.content.transformations": {messagesBlocks(`{"type":"image","source":{"type":"url","url":"https://x"},"transformations":{"x":1}}`), "messages[0].content[1].transformations"},
	"messages.content.caller":          {messagesCall(`"caller":{"type":"code"}`), "messages[0].content[1].caller"},
	"messages.content.toolset_name":    {messagesCall(`"toolset_name":"x"`), "messages[0].content[1].toolset_name"},
	"messages.content.content.type": {`"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"i","name":"f","input":{}}]},` +
		`{"role":"user","content":[{"type":"tool_result","tool_use_id":"i","content":[{"type":"tool_reference"}]}]}]`, "messages[1].content[0].content.type"},

	"tools.type":            {`"tools":[{"name":"f"},{"type":"web_search_20250305","name":"web_search"}]`, "tools[1].type"},
	"tools.defer_loading":   {`"tools":[{"name":"f","defer_loading":true}]`, "tools[0].defer_loading"},
	"tools.allowed_callers": {`"tools":[{"name":"f","allowed_callers":[]}]`, "tools[0].allowed_callers"},
	"tools.input_examples":  {`"tools":[{"name":"f","input_examples":[{}]}]`, "tools[0].input_examples"},

	// What neither API knows.
	"mood":                         {`"mood":1`, ""},
	"metadata.mood":                {`"metadata":{"mood":1}`, ""},
	"thinking.mood":                {`"thinking":{"type":"adaptive","mood":1}`, ""},
	"output_config.mood":           {`"output_config":{"mood":1}`, ""},
	"output_config.format.mood":    {`"output_config":{"format":{"type":"json_schema","schema":{},"mood":1}}`, ""},
	"tool_choice.mood":             {`"tools":[{"name":"f"}],"tool_choice":{"type":"auto","mood":1}`, ""},
	"tools.mood":                   {`"tools":[{"name":"f","mood":1}]`, "tools[0].mood"},
	"messages.mood":                {`"messages":[{"role":"user","content":"a","mood":1}]`, "messages[0].mood"},
	"messages.content.mood":        {messagesBlocks(`{"type":"text","text":"b","mood":1}`), "messages[0].content[1].mood"},
	"messages.content.source.mood": {messagesBlocks(`{"type":"image","source":{"type":"url","url":"https://x","mood":1}}`), "messages[0].content[1].source.mood"},
}

// Every field that may be left out is refused where it may not, under its place, and
// left out where it may, under its name; and no other is.
func TestMessagesWithout(t *testing.T) {
	for field, c := range messagesWithout {
		members := c.members
		if !strings.Contains(members, `"messages":`) {
			members += `,"messages":[{"role":"user","content":"a"}]`
		}
		model := "m"
		if named, ok := strings.CutPrefix(members, `"model":"`); ok {
			model, _, _ = strings.Cut(named, `"`)
		}
		at := c.at
		if at == "" {
			at = field
		}
		body := []byte(`{"max_tokens":9,` + members + "}")
		_, err := MessagesToChat(body, Options{Model: model, Drop: func(other string) bool { return other != field }})
		var refused *dialect.FieldError
		require.ErrorAs(t, err, &refused, field)
		require.Equal(t, at, refused.Field)

		q, err := MessagesToChat(body, Options{Model: model, Drop: func(other string) bool { return other == field }})
		require.NoError(t, err, field)
		require.Equal(t, []string{field}, q.Dropped)
		chatHolds(t, q.Body)
	}
}

// The document has every member that the code knows, and every field that may be left
// out, and says of no other that it may.
func TestMessagesDocument(t *testing.T) {
	_, answer, documented, droppable := document(t, "anthropic-to-openai.md")
	for path, members := range map[string][]knownMember{
		"":                             messagesMembers[:],
		"metadata.":                    messagesMetadataMembers[:],
		"thinking.":                    messagesThinkingMembers[:],
		"output_config.":               messagesOutputMembers[:],
		"output_config.format.":        messagesFormatMembers[:],
		"tool_choice.":                 messagesChoiceMembers[:],
		"tools[].":                     messagesToolMembers[:],
		"messages[].":                  messagesTurnMembers[:],
		"messages[].content[].":        messagesBlockMembers[:],
		"messages[].content[].source.": messagesSourceMembers[:],
	} {
		for _, m := range members {
			require.True(t, documented[path+m.name], path+m.name)
		}
	}
	got := slices.DeleteFunc(slices.Sorted(maps.Keys(messagesWithout)), func(field string) bool {
		return field == "mood" || strings.HasSuffix(field, ".mood")
	})
	require.Equal(t, slices.Sorted(maps.Keys(droppable)), got)
	for _, s := range completionStops {
		require.Contains(t, answer, "`"+s.finish+"`")
		require.Contains(t, answer, "`"+s.stop+"`")
	}
}
