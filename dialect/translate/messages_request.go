package translate

import (
	"strings"

	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/jsontree"
)

// MessagesToChat translates the body of a call of Anthropic's messages into one for
// OpenAI's chat completions: the pages are those of ChatToMessages. What the client can
// mend is a *dialect.FieldError.
func MessagesToChat(body []byte, o Options) (Request, error) {
	read, err := readRequest(body, "OpenAI's chat completions", o)
	if err != nil {
		return Request{}, err
	}
	m := messagesBody{requestBody: read, reasons: reasons(o.Model)}
	m.begin()
	m.conversation()
	m.tools()
	m.toolChoice()
	m.thinking()
	m.sampling()
	m.rest()
	if m.err != nil {
		return Request{}, m.err
	}
	return m.translated(), nil
}

// messagesBody is a request on its way from messages to chat completions.
type messagesBody struct {
	requestBody
	reasons   reasoning
	blocks    jsonText // of the turn at hand
	calls     jsonText // of tools, which OpenAI has beside the content
	toolCount int
}

// reasoning is what a model of OpenAI's, or of a server like it, is known to do, by how
// its name begins: https://platform.openai.com/docs/guides/reasoning.
type reasoning struct {
	name  string
	never bool
	// least is the least effort of one that takes no temperature, "" = nobody knows: what is
	// asked for is passed on. none is no effort, minimal a few tokens.
	least string
}

var reasoners = [...]reasoning{
	{"gpt-3", true, ""}, {"gpt-4", true, ""}, {"chatgpt", true, ""}, {"gpt-5-chat", true, ""},
	{"o1", false, "low"}, {"o3", false, "low"}, {"o4", false, "low"}, {"gpt-5.", false, "none"}, {"gpt-5", false, "minimal"},
}

func reasons(model string) reasoning {
	model = model[strings.LastIndexByte(model, '/')+1:]
	for _, r := range reasoners {
		if strings.HasPrefix(model, r.name) {
			return r
		}
	}
	return reasoning{}
}

// The members of each object of a request:
// https://platform.claude.com/docs/en/api/messages.
// docs/translation/anthropic-to-openai.md has what becomes of each.
var (
	messagesMembers = [...]knownMember{
		{"model", anyValue}, {"messages", anyValue}, {"max_tokens", anyValue}, {"system", anyValue}, {"stream", isBoolean},
		{"stop_sequences", isList}, {"temperature", anyValue}, {"top_p", anyValue}, {"tools", isList}, {"tool_choice", anyValue},
		{"metadata", isObject}, {"thinking", isObject}, {"output_config", isObject}, {"service_tier", anyValue},
		// OpenAI caches by itself, and what is too short to be cached costs nothing more.
		{"cache_control", anyValue},
		{"top_k", ""}, {"container", ""}, {"mcp_servers", "[]"}, {"context_management", "{}"}, {"inference_geo", ""},
		{"diagnostics", ""}, {"compaction", ""}, {"fallbacks", "[]"}, {"fallback_credit_token", ""}, {"output_format", ""}, {"speed", `"standard"`},
	}
	messagesMetadataMembers = [...]knownMember{{"user_id", isString}}
	messagesTurnMembers     = [...]knownMember{{"role", anyValue}, {"content", anyValue}}
	messagesThinkingMembers = [...]knownMember{{"type", anyValue}, {"budget_tokens", anyValue}, {"display", anyValue}}
	messagesOutputMembers   = [...]knownMember{{"format", isObject}, {"effort", isString}}
	messagesFormatMembers   = [...]knownMember{{"type", anyValue}, {"schema", isObject}}

	messagesBlockMembers = [...]knownMember{
		{"type", anyValue}, {"text", isString}, {"source", isObject}, {"id", isString}, {"name", isString}, {"input", isObject},
		{"tool_use_id", isString}, {"content", anyValue}, {"is_error", isBoolean}, {"title", isString}, {"context", isString},
		{"cache_control", anyValue}, {"caller", `{"type":"direct"}`}, {"thinking", anyValue}, {"signature", anyValue}, {"data", anyValue},
		{"citations", anyValue}, {"toolset_name", ""}, {"transformations", "{}"},
	}
	messagesSourceMembers = [...]knownMember{
		{"type", anyValue}, {"media_type", isString}, {"data", isString}, {"url", isString}, {"content", anyValue},
	}
	messagesToolMembers = [...]knownMember{
		{"type", anyValue}, {"name", isString}, {"description", isString}, {"input_schema", isObject}, {"strict", isBoolean},
		{"cache_control", anyValue}, {"eager_input_streaming", anyValue},
		{"defer_loading", "false"}, {"allowed_callers", `["direct"]`}, {"input_examples", "[]"},
	}
	messagesChoiceMembers = [...]knownMember{{"type", anyValue}, {"name", isString}, {"disable_parallel_tool_use", isBoolean}}
)

// begin checks that every member is known, and writes what comes first.
func (m *messagesBody) begin() {
	m.members(m.root, "", messagesMembers[:])
	m.out.quoted(`{"model":`, m.o.Model)
	limit := m.o.OutputCap
	if v := m.root.Get("max_tokens"); isPresent(v) {
		n, ok := v.Int()
		if !ok || n < 1 { // 0 fills Anthropic's cache; here it would be no cap at all
			m.wrong("max_tokens", "is not a whole number of at least 1")
			return
		}
		limit = n
	}
	if limit > 0 {
		name := `,"max_completion_tokens":`
		if m.o.LegacyCap {
			name = `,"max_tokens":`
		}
		m.out.number(name, limit)
	}
}

// messagesEfforts are Anthropic's words for how much to think, and OpenAI's; and up to how
// many tokens to think with they are meant. Not every model takes more than high.
var messagesEfforts = [...]struct {
	asked, word string
	budget      int64
}{{"low", "low", 2048}, {"medium", "medium", 16384}, {"high", "high", 1 << 62}, {"xhigh", "high", -1}, {"max", "high", -1}}

// thinking writes how much the model is to think.
func (m *messagesBody) thinking() {
	config := m.root.Get("output_config")
	m.members(config, "output_config", messagesOutputMembers[:])
	m.format(config.Get("format"))
	thinking, asked := m.root.Get("thinking"), config.Get("effort")
	m.members(thinking, "thinking", messagesThinkingMembers[:])
	typ := messagesType(thinking)
	if isPresent(thinking) && typ < ofAdaptive {
		m.wrong("thinking.type", "is none of enabled, adaptive and disabled")
	}
	budget := int64(1 << 62)
	if typ == ofEnabled {
		var ok bool
		if budget, ok = thinking.Get("budget_tokens").Int(); !ok {
			m.wrong("thinking.budget_tokens", "is not a whole number")
		}
	}
	path, effort := "output_config.effort", ""
	for i := range messagesEfforts {
		e := &messagesEfforts[i]
		if isWord(asked, e.asked) || !isPresent(asked) && typ == ofEnabled && effort == "" && budget <= e.budget {
			effort = e.word
		}
	}
	if effort == "" && isPresent(asked) {
		m.wrong(path, "is none of low, medium, high, xhigh and max")
	}
	switch typ {
	case ofEnabled:
		path = "thinking"
	case ofDisabled:
		if effort = m.reasons.least; effort == "low" {
			m.without("thinking", "is disabled, and this model always reasons")
		}
	}
	if effort == "" {
		return
	}
	if m.reasons.never {
		m.without(path, "is asked of a model that does not reason")
		return
	}
	m.out.quoted(`,"reasoning_effort":`, effort)
}

// format writes the schema that the answer is to fit. OpenAI wants a name for it.
func (m *messagesBody) format(format jsontree.Value) {
	if !isPresent(format) {
		return
	}
	m.members(format, "output_config.format", messagesFormatMembers[:])
	schema := format.Get("schema")
	if !memberIs(format, "type", "json_schema") || !isPresent(schema) {
		m.wrong("output_config.format", "is not of type json_schema with a schema")
		return
	}
	m.out.put(`,"response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":`)
	if strict(schema) {
		m.out.raw(`true,"schema":`, schema)
	} else {
		m.out.raw(`false,"schema":`, schema)
	}
	m.out.put("}}")
}

// strict tells whether OpenAI takes a schema as one to be kept to: each object has to
// require all that it has, and nothing else.
// https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
func strict(schema jsontree.Value) bool {
	if properties := schema.Get("properties"); isPresent(properties) {
		closed := schema.Get("additionalProperties")
		if closed.Kind() != jsontree.False || schema.Get("required").Len() != properties.Len() {
			return false
		}
	}
	for _, v := range elements(schema) {
		if !strict(v) {
			return false
		}
	}
	return true
}

// sampling writes temperature and top_p, 1 being both APIs' default of both.
func (m *messagesBody) sampling() {
	for _, name := range [...]string{"temperature", "top_p"} {
		v := m.root.Get(name)
		if !isPresent(v) {
			continue
		}
		n := int64(-1)
		if kindOf(v) == jsontree.Number {
			n = jsonscan.Millionths(v.Raw())
		}
		switch {
		case n < 0 || n > one:
			m.wrong(name, "is not a number from 0 to 1")
		case n == one:
		case m.reasons.least != "":
			m.without(name, "takes no value but 1 on this model")
		default:
			m.out.quoted(",", name)
			m.out.raw(":", v)
		}
	}
}

// rest writes what stands for itself.
func (m *messagesBody) rest() {
	before := `,"stop":[`
	for i, v := range elements(m.root.Get("stop_sequences")) {
		m.index[0] = i
		if !isText(v) {
			m.wrong("stop_sequences[]", "is not a string")
			return
		}
		if i >= maxStops {
			m.without("stop_sequences[]", "is one more than the 4 that OpenAI takes")
			continue
		}
		m.out.raw(before, v)
		before = ","
	}
	if before == "," {
		m.out.put("]")
	}
	if kindOf(m.root.Get("stream")) == jsontree.True {
		m.out.put(`,"stream":true`)
		if m.o.AskUsage {
			m.out.put(`,"stream_options":{"include_usage":true}`)
		}
	}
	metadata := m.root.Get("metadata")
	m.members(metadata, "metadata", messagesMetadataMembers[:])
	if who := metadata.Get("user_id"); hasText(who) {
		m.out.raw(`,"user":`, who)
	}
	switch tier := m.root.Get("service_tier"); {
	case !isPresent(tier) || isWord(tier, "auto"):
	case isWord(tier, "standard_only"):
		m.out.put(`,"service_tier":"default"`)
	default:
		m.wrong("service_tier", "is neither auto nor standard_only")
	}
}

// maxStops is how many stop sequences OpenAI takes:
// https://platform.openai.com/docs/api-reference/chat/create#chat-create-stop
const maxStops = 4
