package translate

// The members of each object of a request:
// https://platform.openai.com/docs/api-reference/chat/create.
// docs/translation/openai-to-anthropic.md has what becomes of each.
var (
	chatMembers = [...]knownMember{
		{"messages", anyValue}, {"model", anyValue}, {"max_tokens", anyValue}, {"max_completion_tokens", anyValue},
		{"stream", isBoolean}, {"stream_options", anyValue}, {"stop", anyValue}, {"temperature", anyValue}, {"top_p", anyValue},
		{"tools", isList}, {"tool_choice", anyValue}, {"parallel_tool_calls", isBoolean},
		{"functions", isList}, {"function_call", anyValue},
		{"response_format", anyValue}, {"reasoning_effort", anyValue},
		{"user", isString}, {"safety_identifier", isString}, {"service_tier", anyValue},

		{"n", "1"}, {"seed", ""}, {"logprobs", "false"}, {"top_logprobs", "0"}, {"logit_bias", "{}"},
		{"presence_penalty", "0"}, {"frequency_penalty", "0"}, {"store", "false"}, {"metadata", "{}"},
		{"modalities", `["text"]`}, {"audio", ""}, {"prediction", ""}, {"web_search_options", ""},
		{"verbosity", `"medium"`}, {"moderation", ""},
		{"prompt_cache_key", ""}, {"prompt_cache_retention", ""}, {"prompt_cache_options", ""},
	}
	streamOptionsMembers = [...]knownMember{{"include_usage", anyValue}, {"include_obfuscation", "false"}}

	// A message of anybody but the assistant.
	chatMessageMembers = [...]knownMember{
		{"role", anyValue}, {"content", anyValue}, {"name", anyValue}, {"tool_call_id", anyValue}, {"cache_control", isObject},
	}
	// The last is what an answer has that a client sends back whole.
	chatAssistantMembers = [...]knownMember{
		{"role", anyValue}, {"content", anyValue}, {"name", anyValue}, {"tool_calls", isList}, {"function_call", anyValue},
		{"refusal", isString}, {"reasoning_content", anyValue}, {"thinking_blocks", isList}, {"cache_control", isObject},
		{"audio", ""}, {"annotations", anyValue},
	}
	chatThoughtMembers = [...]knownMember{
		{"type", anyValue}, {"thinking", anyValue}, {"signature", anyValue}, {"data", anyValue}, {"index", anyValue},
	}
	chatCallMembers         = [...]knownMember{{"id", isString}, {"type", anyValue}, {"index", anyValue}, {"function", anyValue}, {"custom", anyValue}}
	chatCallFunctionMembers = [...]knownMember{{"name", anyValue}, {"arguments", isString}}

	chatPartMembers = [...]knownMember{
		{"type", anyValue}, {"text", isString}, {"image_url", anyValue}, {"file", anyValue}, {"refusal", isString},
		{"cache_control", isObject}, {"prompt_cache_breakpoint", ""},
	}
	chatImageMembers = [...]knownMember{{"url", anyValue}, {"detail", `"auto"`}}
	chatFileMembers  = [...]knownMember{{"file_data", anyValue}, {"file_id", anyValue}, {"filename", isString}}

	chatToolMembers     = [...]knownMember{{"type", anyValue}, {"function", anyValue}, {"cache_control", isObject}}
	chatFunctionMembers = [...]knownMember{
		{"name", anyValue}, {"description", isString}, {"parameters", isObject}, {"strict", anyValue}, {"cache_control", isObject},
	}

	chatFormatMembers = [...]knownMember{{"type", anyValue}, {"json_schema", anyValue}}
	// The name says nothing to the model there.
	chatSchemaMembers = [...]knownMember{{"name", anyValue}, {"schema", anyValue}, {"strict", anyValue}, {"description", ""}}
)
