package translate

import (
	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/jsontree"
)

// chatMember is a member of an object of a chat completions request. One that has no
// equal in Anthropic's API has a value that changes nothing, and may be there with it.
// null changes nothing anywhere.
type chatMember struct {
	name  string
	quiet string // that value as JSON, "" = there is none; or what the value has to be
}

// What a member has to be that is looked at elsewhere, or says nothing at all.
const (
	chatAny   = "*"
	isString  = "a string"
	isList    = "a list"
	isObject  = "an object"
	isBoolean = "true or false"
)

// The members of each object of a request:
// https://platform.openai.com/docs/api-reference/chat/create.
// docs/translation/openai-to-anthropic.md has what becomes of each.
var (
	chatMembers = [...]chatMember{
		{"messages", chatAny}, {"model", chatAny}, {"max_tokens", chatAny}, {"max_completion_tokens", chatAny},
		{"stream", isBoolean}, {"stream_options", chatAny}, {"stop", chatAny}, {"temperature", chatAny}, {"top_p", chatAny},
		{"tools", isList}, {"tool_choice", chatAny}, {"parallel_tool_calls", isBoolean},
		{"functions", isList}, {"function_call", chatAny},
		{"response_format", chatAny}, {"reasoning_effort", chatAny},
		{"user", isString}, {"safety_identifier", isString}, {"service_tier", chatAny},

		{"n", "1"}, {"seed", ""}, {"logprobs", "false"}, {"top_logprobs", "0"}, {"logit_bias", "{}"},
		{"presence_penalty", "0"}, {"frequency_penalty", "0"}, {"store", "false"}, {"metadata", "{}"},
		{"modalities", `["text"]`}, {"audio", ""}, {"prediction", ""}, {"web_search_options", ""},
		{"verbosity", `"medium"`}, {"moderation", ""},
		{"prompt_cache_key", ""}, {"prompt_cache_retention", ""}, {"prompt_cache_options", ""},
	}
	streamOptionsMembers = [...]chatMember{{"include_usage", chatAny}, {"include_obfuscation", "false"}}

	// A message of anybody but the assistant.
	chatMessageMembers = [...]chatMember{
		{"role", chatAny}, {"content", chatAny}, {"name", chatAny}, {"tool_call_id", chatAny}, {"cache_control", isObject},
	}
	// The last is what an answer has that a client sends back whole.
	chatAssistantMembers = [...]chatMember{
		{"role", chatAny}, {"content", chatAny}, {"name", chatAny}, {"tool_calls", isList}, {"function_call", chatAny},
		{"refusal", isString}, {"reasoning_content", chatAny}, {"thinking_blocks", isList}, {"cache_control", isObject},
		{"audio", ""}, {"annotations", chatAny},
	}
	chatThoughtMembers = [...]chatMember{
		{"type", chatAny}, {"thinking", chatAny}, {"signature", chatAny}, {"data", chatAny}, {"index", chatAny},
	}
	chatCallMembers         = [...]chatMember{{"id", isString}, {"type", chatAny}, {"index", chatAny}, {"function", chatAny}, {"custom", chatAny}}
	chatCallFunctionMembers = [...]chatMember{{"name", chatAny}, {"arguments", isString}}

	chatPartMembers = [...]chatMember{
		{"type", chatAny}, {"text", isString}, {"image_url", chatAny}, {"file", chatAny}, {"refusal", isString},
		{"cache_control", isObject}, {"prompt_cache_breakpoint", ""},
	}
	chatImageMembers = [...]chatMember{{"url", chatAny}, {"detail", `"auto"`}}
	chatFileMembers  = [...]chatMember{{"file_data", chatAny}, {"file_id", chatAny}, {"filename", isString}}

	chatToolMembers     = [...]chatMember{{"type", chatAny}, {"function", chatAny}, {"cache_control", isObject}}
	chatFunctionMembers = [...]chatMember{
		{"name", chatAny}, {"description", isString}, {"parameters", isObject}, {"strict", chatAny}, {"cache_control", isObject},
	}

	chatFormatMembers = [...]chatMember{{"type", chatAny}, {"json_schema", chatAny}}
	// The name says nothing to the model there.
	chatSchemaMembers = [...]chatMember{{"name", chatAny}, {"schema", chatAny}, {"strict", chatAny}, {"description", ""}}
)

// members checks that an object has no member but those that are known, or change
// nothing. An object that is absent has none.
func (c *chatBody) members(v jsontree.Value, path string, known []chatMember) {
	if chatThere(v) && chatKind(v) != jsontree.Object {
		c.wrong(path, "is not an object")
	}
	for _, m := range chatList(v) {
		if !chatThere(m) {
			continue
		}
		name := m.Name()
		quiet := ""
		for i := range known {
			if known[i].name == name {
				quiet = known[i].quiet
			}
		}
		if path != "" {
			name = path + "." + name
		}
		switch {
		case quiet == chatAny || quiet != "" && quiet == chatKinds[chatKind(m)]:
		case quiet == isString || quiet == isList || quiet == isObject || quiet == isBoolean:
			c.wrong(name, "is not "+quiet)
		case quiet == "" || !chatSame(m, quiet):
			c.without(name, "has no equal in "+c.there)
		}
	}
}

var chatKinds = [...]string{
	jsontree.False: isBoolean, jsontree.True: isBoolean, jsontree.String: isString, jsontree.Array: isList, jsontree.Object: isObject,
}

// chatSame tells that a value is the one of a short text: 0.0 is 0, and [ ] is [].
func chatSame(v jsontree.Value, text string) bool {
	raw := v.Raw()
	if len(raw) > 64 {
		return false
	}
	if chatKind(v) == jsontree.Number {
		return jsonscan.Millionths(raw) == jsonscan.Millionths([]byte(text))
	}
	out := make([]byte, 0, 64)
	for _, b := range raw {
		if b > ' ' {
			out = append(out, b)
		}
	}
	return string(out) == text
}
