package dialect

import "github.com/sluice-gateway/sluice/jsonscan"

// The places in a request's body that matter.
const (
	atNothing = iota // named only to keep a "**" off it
	atBody
	atModel
	atStream
	atMaxTokens
	atMaxCompletionTokens
	atN
	atBestOf
	atStreamOptions
	atIncludeUsage
	atTools
	atServers
	atFunctions
	atToolChoice
	atFormat
	atPrompts
	atPrompt
	atMessages
	atMessage
	atName
	atRole
	atText
	atSystem
	atThought
	atSignature
	atSealed
	atToolResult
	atItemKind
	atArguments
	atMetadata
	atUser
	atLabel
	atTokens
	atToolInput
	atCacheControl
	atBlock
	atBlockType
	atPicture
	atPictureDetail
	atRecording
	atDocument
	atFile
	atSource
	atSourceType
	atSourceMediaType
	atSourceData
	atSourceName
	atMaxOutputTokens
	atBackground
	atElsewhere
	atInput
	atInlinePicture
	atInlineFile
	atOther
)

// Inside a message every string is text, so that a field this table has never
// heard of is rather counted than missed. Only what is known to be no text (types,
// ids, pictures) is named.
var requestPaths = [...]*jsonscan.Paths{
	ChatCompletions: pathsOf(chatPlaces, nil),
	Completions:     pathsOf(completionsPlaces, nil),
	Embeddings:      pathsOf(embeddingsPlaces, nil),
	// Blocks of content stand in several places, and are the same in each.
	Messages: pathsOf(anthropicPlaces, anthropicBlock,
		"messages[].content[]",
		"messages[].content[].source.content[]",           // a document made of blocks
		"messages[].content[].content[]",                  // the result of a tool
		"messages[].content[].content[].source.content[]", // a document in one
		"messages[].content[].content.content",            // the page that was fetched
	),
	// The input is a text, or items of many types, some of which have parts of content in them.
	// https://platform.openai.com/docs/api-reference/responses/create
	Responses: pathsOf(responsesPlaces, responsesBlock,
		"input[].content[]",
		"input[].output", // of a computer: a screenshot
		"input[].output[]",
	),
}

// place is a path and what stands there. A list of them is data, where a small map is
// code that makes it.
type place struct {
	path string
	at   int
}

// pathsOf are the paths of a table, and of one that stands in several places.
func pathsOf(places, more []place, under ...string) *jsonscan.Paths {
	paths := map[string]int{}
	for _, p := range places {
		paths[p.path] = p.at
	}
	for _, prefix := range under {
		for _, p := range more {
			paths[prefix+p.path] = p.at
		}
	}
	return jsonscan.NewPaths(paths)
}

var chatPlaces = []place{
	{"", atBody},
	{"**", atOther},
	{"model", atModel},
	{"stream", atStream},
	{"max_tokens", atMaxTokens},
	{"max_completion_tokens", atMaxCompletionTokens},
	{"n", atN},
	{"stream_options", atStreamOptions},
	{"stream_options.include_usage", atIncludeUsage},
	{"tools", atTools},
	{"functions", atFunctions},
	{"tool_choice", atToolChoice},
	{"tool_choice.type", atToolChoice},
	{"response_format", atFormat},
	{"prediction.content", atText},
	{"prediction.content[].text", atText},
	{"user", atUser},
	{"safety_identifier", atUser},
	{"metadata", atMetadata},
	{"metadata.**", atLabel},
	{"messages", atMessages},
	{"messages[]", atMessage},
	{"messages[].**", atText},
	{"messages[].name", atName},
	{"messages[].role", atRole},
	{"messages[].tool_call_id", atNothing},
	{"messages[].tool_calls[].id", atNothing},
	{"messages[].tool_calls[].type", atNothing},
	{"messages[].tool_calls[].function.arguments", atArguments},
	{"messages[].function_call.arguments", atArguments},
	{"messages[].cache_control.**", atNothing},
	{"messages[].cache_control", atCacheControl},
	{"messages[].audio", atRecording},
	{"messages[].audio.**", atNothing},
	{"messages[].audio.transcript", atText},
	{"messages[].content[]", atBlock},
	{"messages[].content[].type", atNothing},
	{"messages[].content[].cache_control.**", atNothing},
	{"messages[].content[].cache_control", atCacheControl},
	{"messages[].content[].prompt_cache_breakpoint.**", atNothing},
	{"messages[].content[].image_url", atPicture},
	{"messages[].content[].image_url.url", atFile},
	{"messages[].content[].image_url.detail", atPictureDetail},
	{"messages[].content[].input_audio", atRecording},
	{"messages[].content[].input_audio.data", atFile},
	{"messages[].content[].input_audio.format", atNothing},
	{"messages[].content[].file", atDocument},
	{"messages[].content[].file.file_data", atFile},
	{"messages[].content[].file.file_id", atNothing},

	// Anthropic's, as clients have them who talk to it in this dialect.
	{"messages[].thinking_blocks[]", atBlock},
	{"messages[].thinking_blocks[].type", atNothing},
	{"messages[].thinking_blocks[].index", atNothing},
	{"messages[].thinking_blocks[].thinking", atThought},
	{"messages[].thinking_blocks[].signature", atSignature},
	{"messages[].thinking_blocks[].data", atSealed},

	// OpenRouter's, of whichever provider.
	{"messages[].reasoning_details[]", atBlock},
	{"messages[].reasoning_details[].type", atNothing},
	{"messages[].reasoning_details[].id", atNothing},
	{"messages[].reasoning_details[].index", atNothing},
	{"messages[].reasoning_details[].format", atNothing},
	{"messages[].reasoning_details[].text", atThought},
	{"messages[].reasoning_details[].signature", atSignature},
	{"messages[].reasoning_details[].data", atSealed},
}

var completionsPlaces = []place{
	{"", atBody},
	{"**", atOther},
	{"model", atModel},
	{"stream", atStream},
	{"max_tokens", atMaxTokens},
	{"n", atN},
	{"best_of", atBestOf},
	{"stream_options", atStreamOptions},
	{"stream_options.include_usage", atIncludeUsage},
	{"prompt", atPrompts},
	{"prompt[]", atPrompt},
	{"prompt[][]", atTokens},
	{"suffix", atText},
	{"user", atUser},
}

var embeddingsPlaces = []place{
	{"", atBody},
	{"**", atOther},
	{"model", atModel},
	{"input", atText},
	{"input[]", atTokens},
	{"input[][]", atTokens},
	{"user", atUser},
	// No API of OpenAI's: objects of texts and pictures, for models that take both.
	{"input.**", atText},
	{"input[].**", atText},
	{"input[].type", atNothing},
	{"input[].image", atNothing},
	{"input[].image_url.**", atNothing},
	{"input[].image_url", atNothing},
	{"input[].content[].type", atNothing},
	{"input[].content[].image_url.**", atNothing},
	{"input[].content[].image_url", atNothing},
}

var anthropicPlaces = []place{
	{"", atBody},
	{"**", atOther},
	{"model", atModel},
	{"stream", atStream},
	{"max_tokens", atMaxTokens},
	{"tools", atTools},
	{"tool_choice", atToolChoice},
	{"tool_choice.type", atToolChoice},
	{"mcp_servers", atServers},
	{"output_config", atFormat},

	{"metadata", atMetadata},
	{"metadata.**", atLabel},
	{"system", atSystem},
	{"system[].**", atSystem},
	{"system[].type", atNothing},
	{"system[].cache_control.**", atNothing},
	{"system[].cache_control", atCacheControl},
	{"cache_control.**", atNothing},
	{"cache_control", atCacheControl},

	{"messages", atMessages},
	{"messages[]", atMessage},
	{"messages[].**", atText},
	{"messages[].role", atRole},

	{"messages[].content[].citations[].encrypted_index", atSealed},
	{"messages[].content[].content", atToolResult},
	{"messages[].content[].content.encrypted_stdout", atSealed}, // of code that was run
	{"messages[].content[].content[].text", atToolResult},
}

var anthropicBlock = []place{
	{"", atBlock},
	{".type", atBlockType},
	{".id", atNothing},
	{".tool_use_id", atNothing},
	{".cache_control.**", atNothing},
	{".cache_control", atCacheControl},
	{".caller.**", atNothing},
	{".thinking", atThought},
	{".signature", atSignature},
	{".data", atSealed}, // of redacted_thinking: as the following only the provider's to read
	{".encrypted_content", atSealed},
	{".input", atToolInput},
	{".source", atSource},
	{".source.type", atSourceType},
	{".source.media_type", atSourceMediaType},
	{".source.data", atSourceData},
	{".source.url", atSourceName},
	{".source.file_id", atSourceName},
}

var responsesPlaces = []place{
	{"", atBody},
	{"**", atOther},
	{"model", atModel},
	{"stream", atStream},
	{"max_output_tokens", atMaxOutputTokens},
	{"background", atBackground},
	{"previous_response_id", atElsewhere},
	{"conversation", atElsewhere},
	{"tools", atTools},
	{"tool_choice", atToolChoice},
	{"tool_choice.type", atToolChoice},
	{"text.format", atFormat},
	{"prompt", atElsewhere},
	{"prompt.variables.**", atText},
	{"instructions", atInput},
	{"instructions.**", atSystem},
	{"instructions[].role", atNothing},
	{"instructions[].type", atNothing},
	{"instructions[].content[].type", atNothing},
	{"user", atUser},
	{"safety_identifier", atUser},
	{"metadata", atMetadata},
	{"metadata.**", atLabel},

	{"input", atInput},
	{"input[]", atMessage},
	{"input[].**", atText},
	{"input[].role", atRole},
	{"input[].id", atNothing},
	{"input[].type", atItemKind},
	{"input[].status", atNothing},
	{"input[].call_id", atNothing},
	{"input[].arguments", atArguments},
	{"input[].action.env", atToolInput},
	{"input[].summary[].type", atNothing},
	{"input[].result", atPicture},             // of the tool that makes pictures
	{"input[].encrypted_content", atDocument}, // thoughts that only the provider can read
}

var responsesBlock = []place{
	{"", atBlock},
	{".type", atBlockType},
	{".prompt_cache_breakpoint.**", atNothing},
	{".image_url", atInlinePicture},
	{".file_data", atInlineFile},
	{".file_id", atSourceName},
	{".file_url", atSourceName},
	{".detail", atPictureDetail},
	{".input_audio", atRecording},
	{".input_audio.data", atFile},
	{".input_audio.format", atNothing},
}
