package rewrite

import (
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/jsonscan"
)

// role is what stands at a place of an answer or of an event. Roles are the numbers of
// jsonscan's paths.
type role uint8

// Roles of what is no text.
const (
	atNothing role = iota
	atAnswer
	atError
	atType
	atSequence
	atChoices
	atUsage
	atLogprobs
	atFinish
	// Elements of arrays, and the members that tell another index than the element's own.
	atChoice
	atItem
	atPart
	atChoiceIndex
	atItemIndex
	atPartIndex
	atPartType
	atSignature // of a thought
)

// Roles of texts.
const (
	wholes role = 17 + iota // and the kind
)
const (
	named   role = 24 + iota // a value whose member's name is a text as well
	result                   // a value unless its name says that it is none
	typed                    // a piece; of what, the event's type says
	retyped                  // the same text as a whole
	pieces                   // and the shape
)

// shape is a text that comes in pieces, and how an event looks that brings one more.
type shape struct {
	kind          Kind
	before, after string // of the quoted text; before has a $ for the tool call's index
	call          bool   // an empty piece begins it too
}

const (
	content = iota
	contentPart
	thinkingPart
	refusal
	reasoning
	reasoningContent
	transcript
	functionCall
	toolCall
	customCall
	completion
	thoughtCopy // beside the thoughts that are shown, as the next two
	detailText
	detailSummary
	blockThought
	blockText
	blockInput
	responses // and the place in stems
)

var shapes = [...]shape{
	content:          {kind: Content, before: `"delta":{"content":`, after: `}`},
	contentPart:      {kind: Content, before: `"delta":{"content":[{"type":"text","text":`, after: `}]}`},
	thinkingPart:     {kind: Reasoning, before: `"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":`, after: `}]}]}`},
	refusal:          {kind: Refusal, before: `"delta":{"refusal":`, after: `}`},
	reasoning:        {kind: Reasoning, before: `"delta":{"reasoning":`, after: `}`},
	reasoningContent: {kind: Reasoning, before: `"delta":{"reasoning_content":`, after: `}`},
	transcript:       {kind: Transcript, before: `"delta":{"audio":{"transcript":`, after: `}}`},
	functionCall:     {kind: Arguments, before: `"delta":{"function_call":{"arguments":`, after: `}}`, call: true},
	toolCall:         {kind: Arguments, before: `"delta":{"tool_calls":[{"index":$,"function":{"arguments":`, after: `}}]}`, call: true},
	customCall:       {kind: Input, before: `"delta":{"tool_calls":[{"index":$,"custom":{"input":`, after: `}}]}`, call: true},
	completion:       {kind: Content, before: `"text":`},
	thoughtCopy:      {kind: Value, before: `"delta":{"thinking_blocks":[{"index":$,"type":"thinking","thinking":`, after: `}]}`},
	detailText:       {kind: Value, before: `"delta":{"reasoning_details":[{"index":$,"type":"reasoning.text","text":`, after: `}]}`},
	detailSummary:    {kind: Value, before: `"delta":{"reasoning_details":[{"index":$,"type":"reasoning.summary","summary":`, after: `}]}`},
	blockThought:     {kind: Reasoning, before: `"thinking_delta","thinking":`},
	blockText:        {kind: Content, before: `"text_delta","text":`},
	blockInput:       {kind: Arguments, before: `"input_json_delta","partial_json":`},
}

// stems are the texts of a response: the types of their events without `.delta` or `.done`.
// https://platform.openai.com/docs/api-reference/responses-streaming
var stems = [...]struct {
	name string
	kind Kind
}{
	{"response.output_text", Content},
	{"response.refusal", Refusal},
	{"response.reasoning_summary_text", Reasoning},
	{"response.reasoning_text", Reasoning},
	{"response.function_call_arguments", Arguments},
	{"response.mcp_call_arguments", Arguments},
	{"response.custom_tool_call_input", Input},
	{"response.code_interpreter_call_code", Input},
	{"response.audio.transcript", Transcript},
}

// kindOf is the kind of a shape.
func kindOf(shape uint8) Kind {
	if shape >= responses {
		return stems[shape-responses].kind
	}
	return shapes[shape].kind
}

type entry struct {
	path string
	role role
}

const (
	asContent   = wholes + role(Content)
	asReasoning = wholes + role(Reasoning)
	asRefusal   = wholes + role(Refusal)
	asArguments = wholes + role(Arguments)
	asInput     = wholes + role(Input)
	asValue     = wholes + role(Value)
)

var (
	openAIPlaces = []entry{
		{"", atAnswer},
		{"error", atError},
		{"choices", atChoices},
		{"choices[]", atChoice},
		{"choices[].index", atChoiceIndex},
		{"choices[].finish_reason", atFinish},
		{"choices[].text", pieces + completion},
		{"choices[].logprobs", atLogprobs},
		{"usage", atUsage},
	}
	// Below `choices[].message`, or `.delta`. https://platform.openai.com/docs/api-reference/chat
	messagePlaces = []entry{
		{"content", pieces + content},
		{"content[].text", pieces + contentPart}, // Mistral's, and the next
		{"content[].thinking[].text", pieces + thinkingPart},
		{"refusal", pieces + refusal},
		{"reasoning", pieces + reasoning},
		{"reasoning_content", pieces + reasoningContent},
		{"thinking_blocks[]", atItem}, // Anthropic's, as LiteLLM has them, and our translation
		{"thinking_blocks[].index", atItemIndex},
		{"thinking_blocks[].thinking", pieces + thoughtCopy},
		{"thinking_blocks[].signature", atSignature},
		{"reasoning_details[]", atItem}, // OpenRouter's, with the signatures of its providers
		{"reasoning_details[].index", atItemIndex},
		{"reasoning_details[].text", pieces + detailText},
		{"reasoning_details[].summary", pieces + detailSummary},
		{"reasoning_details[].signature", atSignature},
		{"audio.transcript", pieces + transcript},
		{"function_call.arguments", pieces + functionCall},
		{"tool_calls[]", atItem},
		{"tool_calls[].index", atItemIndex},
		{"tool_calls[].function.arguments", pieces + toolCall},
		{"tool_calls[].custom.input", pieces + customCall},
	}
	anthropicPlaces = []entry{
		{"", atAnswer},
		{"content[]", atItem},
		{"stop_details.explanation", asValue},
	}
	// https://docs.anthropic.com/en/docs/build-with-claude/streaming
	anthropicEventPlaces = []entry{
		{"", atAnswer},
		{"type", atType},
		{"error", atError},
		{"index", atItemIndex},
		{"delta.thinking", pieces + blockThought},
		{"delta.signature", atSignature},
		{"delta.text", pieces + blockText},
		{"delta.partial_json", pieces + blockInput},
		{"delta.citation.**", result},
		{"delta.stop_details.explanation", asValue},
	}
	// Below a content block.
	blockPlaces = []entry{
		{"thinking", pieces + blockThought},
		{"signature", atSignature},
		{"text", pieces + blockText},
		{"citations[].**", result},
		{"input", asValue},
		{"input.**", named},
		{"content", asValue},
		{"content.**", result},
		{"content[].**", result},
	}
	responsePlaces = []entry{
		{"instructions", asValue},
		{"instructions[].**", result},
		{"output[]", atItem},
	}
	responseEventPlaces = []entry{
		{"", atAnswer},
		{"type", atType},
		{"sequence_number", atSequence},
		{"error", atError},
		{"output_index", atItemIndex},
		{"content_index", atPartIndex},
		{"summary_index", atPartIndex},
		{"logprobs", atLogprobs},
		{"delta", typed},
		{"text", retyped},
		{"refusal", retyped},
		{"arguments", retyped},
		{"input", retyped},
		{"code", retyped},
		{"part.type", atPartType},
		{"part.text", asContent},
		{"part.refusal", asRefusal},
		{"part.logprobs", atLogprobs},
	}
	// Below an item of a response. https://platform.openai.com/docs/api-reference/responses/object
	itemPlaces = []entry{
		{"content[]", atPart},
		{"content[].type", atPartType},
		{"content[].text", asContent},
		{"content[].refusal", asRefusal},
		{"content[].logprobs", atLogprobs},
		{"summary[]", atPart},
		{"summary[].text", asReasoning},
		{"arguments", asArguments},
		{"arguments.**", named},
		{"input", asInput},
		{"code", asInput},
		{"output", asValue},
		{"output[].stdout", asValue}, // of a shell, and the next
		{"output[].stderr", asValue},
		{"error", asValue}, // of a call
		{"revised_prompt", asValue},
		{"results[].**", result},
		{"pending_safety_checks[].message", asValue},
		{"outputs[].logs", asValue},
		{"queries[]", asValue},
		{"action.**", result},
		{"actions[].**", result},
		{"operation.**", result},
	}
)

// under is a prefix of some places.
type under struct {
	prefix string
	places []entry
}

var (
	root = []entry{{"", atAnswer}}

	chunkPlaces         = [...]under{{"", openAIPlaces}, {"choices[].delta.", messagePlaces}}
	completionPlaces    = [...]under{{"", openAIPlaces}, {"choices[].message.", messagePlaces}}
	messageEventPlaces  = [...]under{{"", anthropicEventPlaces}, {"content_block.", blockPlaces}}
	wholeMessagePlaces  = [...]under{{"", anthropicPlaces}, {"content[].", blockPlaces}}
	eventPlaces         = [...]under{{"", responseEventPlaces}, {"item.", itemPlaces}, {"response.", responsePlaces}, {"response.output[].", itemPlaces}}
	wholeResponsePlaces = [...]under{{"", root}, {"", responsePlaces}, {"output[].", itemPlaces}}
)

var (
	chunkPaths         = paths(chunkPlaces[:])
	completionPaths    = paths(completionPlaces[:])
	messageEventPaths  = paths(messageEventPlaces[:])
	messagePaths       = paths(wholeMessagePlaces[:])
	responseEventPaths = paths(eventPlaces[:])
	responsePaths      = paths(wholeResponsePlaces[:])
)

//go:noinline
func paths(all []under) *jsonscan.Paths {
	patterns := map[string]int{}
	for _, u := range all {
		for _, p := range u.places {
			patterns[u.prefix+p.path] = int(p.role)
		}
	}
	return jsonscan.NewPaths(patterns)
}

// pathsOf are the places of an operation's answer, nil where that has no text.
//
//go:noinline
func pathsOf(op dialect.Op, stream bool) *jsonscan.Paths {
	switch {
	case op == dialect.Messages && stream:
		return messageEventPaths
	case op == dialect.Messages:
		return messagePaths
	case op == dialect.Responses && stream:
		return responseEventPaths
	case op == dialect.Responses:
		return responsePaths
	case op == dialect.ChatCompletions && stream:
		return chunkPaths
	case op.Generates():
		return completionPaths
	}
	return nil
}
