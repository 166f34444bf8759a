package translate

import (
	"bytes"
	"strconv"

	"github.com/sluice-gateway/sluice/jsontree"
)

// chatMember is a member of an object of a chat completions request. One that has no
// equal in Anthropic's API has a value that changes nothing, and may be there with it.
// null changes nothing anywhere.
type chatMember struct {
	name  string
	quiet string // that value as JSON, "" = there is none; any = it is looked at elsewhere, or says nothing at all
}

const chatAny = "*"

// The members of each object of a request:
// https://platform.openai.com/docs/api-reference/chat/create.
// docs/translation/openai-to-anthropic.md has what becomes of each.
var (
	chatMembers = [...]chatMember{
		{"messages", chatAny}, {"model", chatAny}, {"max_tokens", chatAny}, {"max_completion_tokens", chatAny},
		{"stream", chatAny}, {"stream_options", chatAny}, {"stop", chatAny}, {"temperature", chatAny}, {"top_p", chatAny},
		{"tools", chatAny}, {"tool_choice", chatAny}, {"parallel_tool_calls", chatAny},
		{"functions", chatAny}, {"function_call", chatAny},
		{"response_format", chatAny}, {"reasoning_effort", chatAny},
		{"user", chatAny}, {"safety_identifier", chatAny}, {"service_tier", chatAny},

		{"n", "1"}, {"seed", ""}, {"logprobs", "false"}, {"top_logprobs", "0"}, {"logit_bias", "{}"},
		{"presence_penalty", "0"}, {"frequency_penalty", "0"}, {"store", "false"}, {"metadata", "{}"},
		{"modalities", `["text"]`}, {"audio", ""}, {"prediction", ""}, {"web_search_options", ""},
		{"verbosity", `"medium"`}, {"moderation", ""},
		{"prompt_cache_key", ""}, {"prompt_cache_retention", ""}, {"prompt_cache_options", ""},
	}
	streamOptionsMembers = [...]chatMember{{"include_usage", chatAny}, {"include_obfuscation", "false"}}

	// A message of anybody but the assistant.
	chatMessageMembers = [...]chatMember{
		{"role", chatAny}, {"content", chatAny}, {"name", chatAny}, {"tool_call_id", chatAny}, {"cache_control", chatAny},
	}
	// The last is what an answer has that a client sends back whole.
	chatAssistantMembers = [...]chatMember{
		{"role", chatAny}, {"content", chatAny}, {"name", chatAny}, {"tool_calls", chatAny}, {"function_call", chatAny},
		{"refusal", chatAny}, {"reasoning_content", chatAny}, {"thinking_blocks", chatAny}, {"cache_control", chatAny},
		{"audio", ""}, {"annotations", chatAny},
	}
	chatThoughtMembers = [...]chatMember{
		{"type", chatAny}, {"thinking", chatAny}, {"signature", chatAny}, {"data", chatAny}, {"index", chatAny},
	}
	chatCallMembers         = [...]chatMember{{"id", chatAny}, {"type", chatAny}, {"index", chatAny}, {"function", chatAny}, {"custom", chatAny}}
	chatCallFunctionMembers = [...]chatMember{{"name", chatAny}, {"arguments", chatAny}}

	chatPartMembers = [...]chatMember{
		{"type", chatAny}, {"text", chatAny}, {"image_url", chatAny}, {"file", chatAny}, {"refusal", chatAny},
		{"cache_control", chatAny}, {"prompt_cache_breakpoint", ""},
	}
	chatImageMembers = [...]chatMember{{"url", chatAny}, {"detail", `"auto"`}}
	chatFileMembers  = [...]chatMember{{"file_data", chatAny}, {"file_id", chatAny}, {"filename", chatAny}}

	chatToolMembers     = [...]chatMember{{"type", chatAny}, {"function", chatAny}, {"cache_control", chatAny}}
	chatFunctionMembers = [...]chatMember{
		{"name", chatAny}, {"description", chatAny}, {"parameters", chatAny}, {"strict", chatAny}, {"cache_control", chatAny},
	}

	chatFormatMembers = [...]chatMember{{"type", chatAny}, {"json_schema", chatAny}}
	// The name says nothing to the model there.
	chatSchemaMembers = [...]chatMember{{"name", chatAny}, {"schema", chatAny}, {"strict", chatAny}, {"description", ""}}
)

// members checks that an object has no member but those that are known, or change
// nothing. An object that is absent has none.
func (c *chatBody) members(v jsontree.Value, path string, known []chatMember) error {
	if chatThere(v) && chatKind(v) != jsontree.Object {
		return c.wrong(path, "is not an object")
	}
	for _, m := range chatList(v) {
		if !chatThere(m) || chatQuiet(m, known) {
			continue
		}
		at := m.Name()
		if path != "" {
			at = path + "." + at
		}
		if err := c.without(at, "has no equal in Anthropic's API"); err != nil {
			return err
		}
	}
	return nil
}

// chatQuiet tells that a member is looked at elsewhere, or changes nothing.
func chatQuiet(m jsontree.Value, known []chatMember) bool {
	name := m.RawName()
	for i := range known {
		k := &known[i]
		if string(name[1:len(name)-1]) != k.name && (bytes.IndexByte(name, '\\') < 0 || m.Name() != k.name) {
			continue
		}
		if k.quiet == chatAny {
			return true
		}
		if m.Kind() == jsontree.Number { // 0.0 is 0
			is, err := strconv.ParseFloat(string(m.Raw()), 64)
			quiet, wanted := strconv.ParseFloat(k.quiet, 64)
			return err == nil && wanted == nil && is == quiet
		}
		return string(chatCompact(m.Raw())) == k.quiet
	}
	return false
}

// chatCompact is a text that is no longer than a quiet value, without white space.
func chatCompact(raw []byte) []byte {
	if len(raw) > 64 {
		return nil
	}
	out := make([]byte, 0, 64)
	for _, b := range raw {
		if b > ' ' {
			out = append(out, b)
		}
	}
	return out
}
