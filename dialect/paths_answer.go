package dialect

// The places in an answer, or in an event of one, that matter.
const (
	atAnswer = iota + 1
	atID
	atAnswerModel
	atCreated
	atError
	atType
	atChoice
	atIndex
	atFinish
	atOutput
	atSaid    // output that is said to the user
	atRefusal // output that says why nothing is said
	atOutputRaw
	atUsage
	atUsageInput
	atUsageOutput
	atUsageTotal
	atUsageCached
	atUsageCacheWrite
	atUsageCacheWriteLong
	atUsageReasoning
	atStatus
	atSequence
	atContentIndex
	atItem
	atItemID
	atItemType
)

// Output is what a model wrote: text, refusals, thoughts, and calls of tools.
var (
	openAIPlaces = []place{
		{"", atAnswer},
		{"id", atID},
		{"model", atAnswerModel},
		{"created", atCreated},
		{"error", atError},
		{"choices[]", atChoice},
		{"choices[].index", atIndex},
		{"choices[].finish_reason", atFinish},
		{"choices[].text", atOutput},
		{"usage", atUsage},
		{"usage.prompt_tokens", atUsageInput},
		{"usage.completion_tokens", atUsageOutput},
		{"usage.total_tokens", atUsageTotal},
		{"usage.prompt_tokens_details.cached_tokens", atUsageCached},
		{"usage.prompt_tokens_details.cache_write_tokens", atUsageCacheWrite},
		{"usage.completion_tokens_details.reasoning_tokens", atUsageReasoning},
	}

	// of choices[].message or choices[].delta
	messagePlaces = []place{
		{"content", atSaid},
		{"content[].text", atSaid}, // Mistral's
		{"content[].thinking[].text", atOutput},
		{"refusal", atRefusal},
		{"reasoning", atOutput},
		{"reasoning_content", atOutput},
		{"audio.transcript", atOutput},
		{"function_call.name", atOutput},
		{"function_call.arguments", atOutput},
		{"tool_calls[].function.name", atOutput},
		{"tool_calls[].function.arguments", atOutput},
		{"tool_calls[].custom.name", atOutput},
		{"tool_calls[].custom.input", atOutput},
	}
)

var (
	openAIChunkPaths  = pathsOf(openAIPlaces, messagePlaces, "choices[].delta.")
	openAIAnswerPaths = pathsOf(openAIPlaces, messagePlaces, "choices[].message.")

	anthropicEventPaths  = pathsOf(anthropicEventPlaces, anthropicUsage, "", "message.")
	anthropicAnswerPaths = pathsOf(anthropicAnswerPlaces, anthropicUsage, "")

	// https://platform.openai.com/docs/api-reference/responses/object
	responseEventPaths  = pathsOf(responseEventPlaces, responsePlaces, "response.")
	responseAnswerPaths = pathsOf(responseAnswerPlaces, responsePlaces, "")
)

var (
	anthropicEventPlaces = []place{
		{"", atAnswer},
		{"type", atType},
		{"index", atIndex},
		{"error", atError},
		{"message.id", atID},
		{"message.model", atAnswerModel},
		{"content_block.text", atSaid},
		{"content_block.thinking", atOutput},
		{"content_block.name", atOutput},
		{"delta.text", atSaid},
		{"delta.partial_json", atOutput},
		{"delta.thinking", atOutput},
		{"delta.stop_reason", atFinish},
	}

	anthropicUsage = []place{
		{"usage", atUsage},
		{"usage.input_tokens", atUsageInput},
		{"usage.output_tokens", atUsageOutput},
		{"usage.cache_read_input_tokens", atUsageCached},
		{"usage.cache_creation_input_tokens", atUsageCacheWrite},
		{"usage.cache_creation.ephemeral_1h_input_tokens", atUsageCacheWriteLong},
		{"usage.output_tokens_details.thinking_tokens", atUsageReasoning},
	}

	anthropicAnswerPlaces = []place{
		{"", atAnswer},
		{"id", atID},
		{"model", atAnswerModel},
		{"error", atError},
		{"stop_reason", atFinish},
		{"content[].text", atOutput},
		{"content[].thinking", atOutput},
		{"content[].name", atOutput},
		{"content[].input", atOutputRaw},
	}
)

var (
	responsePlaces = []place{
		{"id", atID},
		{"model", atAnswerModel},
		{"created_at", atCreated},
		{"usage", atUsage},
		{"usage.input_tokens", atUsageInput},
		{"usage.output_tokens", atUsageOutput},
		{"usage.total_tokens", atUsageTotal},
		{"usage.input_tokens_details.cached_tokens", atUsageCached},
		{"usage.input_tokens_details.cache_write_tokens", atUsageCacheWrite},
		{"usage.output_tokens_details.reasoning_tokens", atUsageReasoning},
	}

	responseEventPlaces = []place{
		{"", atAnswer},
		{"type", atType},
		{"sequence_number", atSequence},
		{"error", atError},
		{"output_index", atIndex},
		{"content_index", atContentIndex},
		{"delta", atOutput}, // of texts, thoughts, refusals, calls of tools
		{"item", atItem},
		{"item.id", atItemID},
		{"item.type", atItemType},
		{"item.name", atOutput},
	}

	responseAnswerPlaces = []place{
		{"", atAnswer},
		{"error", atError},
		{"status", atStatus},
		{"output[].content[].text", atOutput},
		{"output[].content[].refusal", atOutput},
		{"output[].summary[].text", atOutput},
		{"output[].name", atOutput},
		{"output[].arguments", atOutput},
		{"output[].input", atOutput}, // of a custom tool
		{"output[].code", atOutput},
	}
)
