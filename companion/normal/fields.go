package normal

import (
	"strconv"

	"github.com/sluice-gateway/sluice/jsontree"
)

// treatment is what becomes of a field of a request.
type treatment string

const (
	inScope  treatment = "scope"            // as written, for its API alone
	inShared treatment = "scope, both APIs" // and is the same thing in the other API
	outside  treatment = "no part of it"
	checked  treatment = "checked"         // refused, but for what changes nothing
	capped   treatment = "with the answer" // compared with the answer's tokens: Request.Fits
)

// field is one of a request.
type field struct {
	name      string
	api       API // "" = both
	treatment treatment
	read      func(*query, jsontree.Value) // nil = the treatment says it all
	why       string
}

// fields are those that are known; all others are in the scope as written. The docs have
// this very table. They are the members that both vendors document in November 2026:
// https://platform.openai.com/docs/api-reference/chat/create,
// https://platform.claude.com/docs/en/api/messages.
var fields = []field{
	{"model", "", inShared, (*query).readModel, "the model asked for, not the one that answers"},
	{"messages", "", inShared, func(q *query, v jsontree.Value) { q.messages = v }, "all turns but the text of the last user message; see below"},
	{"system", Messages, inShared, func(q *query, v jsontree.Value) { q.system = v }, "the same as a first message of the role `system`"},
	{"tools", "", inShared, (*query).readTools, "by name, description and schema. Their order says nothing: a call names its tool. Other kinds of tools that the client runs are for their API alone"},
	{"tool_choice", "", inShared, (*query).readToolChoice, "`required` is Anthropic's `any`; `auto` is the default. What has no equal, such as `allowed_tools`, is for its API alone"},
	{"parallel_tool_calls", Chat, inShared, (*query).readParallel, "`false` is Anthropic's `disable_parallel_tool_use`, `true` the default"},
	{"temperature", "", inShared, (*query).readTemperature, "0 and 0.0 are one; absent and 1 are two, for some servers have another default"},
	{"top_p", "", inShared, (*query).readTopP, "the same"},
	{"stop", Chat, inShared, (*query).readStop, "a set: the order says nothing, and a string is a list of one"},
	{"stop_sequences", Messages, inShared, (*query).readStop, "the same"},

	{"max_tokens", "", capped, (*query).readCap, "an answer that came to its own end is the same under every cap that it fits"},
	{"max_completion_tokens", Chat, capped, (*query).readCap, "of two caps the smaller counts"},

	{"response_format", Chat, inScope, (*query).readFormat, "Anthropic's has no name and is always strict, so they are not one; `text` is the default"},
	{"output_config", Messages, inScope, nil, "format and effort"},
	{"output_format", Messages, inScope, nil, "format, as it was in the beta"},
	{"reasoning_effort", Chat, inScope, nil, "another effort, another answer; Anthropic's efforts are not the same"},
	{"verbosity", Chat, inScope, nil, "changes the length"},
	{"seed", Chat, inScope, nil, "who gives one wants that one's answer"},
	{"top_k", Messages, inScope, nil, "sampling"},
	{"frequency_penalty", Chat, inScope, nil, "sampling"},
	{"presence_penalty", Chat, inScope, nil, "sampling"},
	{"logit_bias", Chat, inScope, nil, "sampling"},
	{"prediction", Chat, inScope, nil, "in doubt: it should change the speed alone"},
	{"functions", Chat, inScope, nil, "the older form of tools; an answer that calls one is not kept"},
	{"function_call", Chat, inScope, nil, "the older form of tool_choice"},
	{"inference_geo", Messages, inScope, nil, "where an answer was made can be the very thing that a client must be sure of"},
	{"speed", Messages, inScope, nil, "in doubt: a beta"},
	{"context_management", Messages, inScope, nil, "changes what the model sees"},
	{"thinking", Messages, checked, (*query).readThinking, "`disabled` is in the scope, all else refused"},
	{"n", Chat, checked, (*query).readN, "1 is the default"},
	{"logprobs", Chat, checked, (*query).readLogprobs, "`false` is the default"},
	{"top_logprobs", Chat, checked, (*query).readTopLogprobs, "0 asks for none"},
	{"modalities", Chat, checked, (*query).readModalities, "`[\"text\"]` is the default"},
	{"audio", Chat, checked, always(Audio), "asks for audio"},
	{"moderation", Chat, checked, always(Moderation), "asks for a result about this prompt"},
	{"web_search_options", Chat, checked, always(ServerTools), "asks for a search"},
	{"container", Messages, checked, always(ServerTools), "code is run there, and what it left is there"},
	{"mcp_servers", Messages, checked, (*query).readServers, "`[]` is none"},
	{"background", Chat, checked, unlessFalse(Background), "`false` is the default"},
	{"store", Chat, checked, unlessFalse(Stored), "`false` changes nothing"},

	{"stream", "", outside, (*query).readStream, "how an answer comes is not what it says"},
	{"stream_options", Chat, outside, (*query).readStreamOptions, "the same"},
	{"user", Chat, outside, nil, "names an end user to the provider. Who may share answers is for `cache.scope` to say, which no client can write"},
	{"safety_identifier", Chat, outside, nil, "the same"},
	{"metadata", "", outside, nil, "the same in Anthropic's API; in OpenAI's, labels of stored completions"},
	{"service_tier", "", outside, nil, "what the work costs and how soon it is done; the model is the same"},
	{"prompt_cache_key", Chat, outside, nil, "the provider's own cache of prompts, which changes the price alone"},
	{"prompt_cache_retention", Chat, outside, nil, "the same"},
	{"prompt_cache_options", Chat, outside, nil, "the same"},
	{"cache_control", "", outside, nil, "the same; also of messages, parts and tools"},
}

func fieldOf(api API, name string) (field, bool) {
	for _, f := range fields {
		if f.name == name && (f.api == "" || f.api == api) {
			return f, true
		}
	}
	return field{}, false
}

func always(r Reason) func(*query, jsontree.Value) {
	return func(q *query, v jsontree.Value) { q.refuse(r, "`"+v.Name()+"` is there") }
}

func unlessFalse(r Reason) func(*query, jsontree.Value) {
	return func(q *query, v jsontree.Value) {
		if v.Kind() != jsontree.False {
			q.refuse(r, "`"+v.Name()+"` is not false")
		}
	}
}

func (q *query) readModel(v jsontree.Value) {
	q.request.Model = v.Text()
	q.shared("model", q.request.Model)
}

// usualTemperature is both APIs' where a request has none.
const usualTemperature = 1

func (q *query) readTemperature(v jsontree.Value) {
	q.heated = true
	// One too large for a float64 reads as infinite, which is above every setting.
	t, _ := strconv.ParseFloat(string(v.Raw()), 64)
	switch {
	case v.Kind() != jsontree.Number || t < 0:
		q.wrong("temperature")
	case t > q.settings.MaxTemperature:
		q.refuse(Temperature, quoted(string(v.Raw()))+" is above "+strconv.FormatFloat(q.settings.MaxTemperature, 'g', -1, 64))
	}
	q.shared("temperature", decimal(string(v.Raw())))
}

func (q *query) readTopP(v jsontree.Value) {
	if v.Kind() != jsontree.Number {
		q.wrong("top_p")
		return
	}
	q.shared("top_p", decimal(string(v.Raw())))
}

func (q *query) readStop(v jsontree.Value) {
	list := []jsontree.Value{v}
	if v.Kind() == jsontree.Array {
		list = v.Elements()
	} else if q.api == Messages {
		q.wrong(v.Name())
	}
	var all []encoding
	for _, s := range list {
		if s.Kind() != jsontree.String {
			q.wrong(v.Name())
			return
		}
		var e encoding
		e.text(s.Text())
		all = append(all, e)
	}
	if len(all) == 0 {
		return
	}
	q.scope.open("stop")
	q.scope.sorted(all, true)
	q.scope.close()
}

func (q *query) readCap(v jsontree.Value) {
	n, whole := v.Int()
	if !whole || n < 1 {
		q.wrong(v.Name())
		return
	}
	if q.request.MaxOutput == 0 || n < q.request.MaxOutput {
		q.request.MaxOutput = n
	}
}

func (q *query) readFormat(v jsontree.Value) {
	if v.Get("type").Is("text") && v.Len() == 1 {
		return
	}
	q.own(v.Name(), v)
}

func (q *query) readThinking(v jsontree.Value) {
	if !v.Get("type").Is("disabled") {
		q.refuse(Thinking, "`thinking` is not disabled")
	}
	q.own(v.Name(), v)
}

func (q *query) readN(v jsontree.Value) {
	if n, whole := v.Int(); !whole || n != 1 {
		q.refuse(Choices, "`n` is not 1")
	}
}

func (q *query) readLogprobs(v jsontree.Value) {
	if v.Kind() != jsontree.False {
		q.refuse(Logprobs, "`logprobs` is not false")
	}
}

func (q *query) readTopLogprobs(v jsontree.Value) {
	if n, whole := v.Int(); !whole || n != 0 {
		q.refuse(Logprobs, "`top_logprobs` is not 0")
	}
}

func (q *query) readModalities(v jsontree.Value) {
	for _, m := range v.Elements() {
		if !m.Is("text") {
			q.refuse(Audio, "`modalities` has more than text")
			return
		}
	}
	if v.Kind() != jsontree.Array || v.Len() == 0 {
		q.wrong("modalities")
	}
}

func (q *query) readServers(v jsontree.Value) {
	if v.Kind() != jsontree.Array || v.Len() > 0 {
		q.refuse(ServerTools, "`mcp_servers` is not empty")
	}
}

func (q *query) readStream(v jsontree.Value) {
	if v.Kind() != jsontree.True && v.Kind() != jsontree.False {
		q.wrong("stream")
	}
	q.request.Stream = v.Bool()
}

func (q *query) readStreamOptions(v jsontree.Value) {
	usage := v.Get("include_usage")
	if v.Kind() != jsontree.Object || usage.Present() && usage.Kind() != jsontree.True && usage.Kind() != jsontree.False {
		q.wrong("stream_options")
	}
	q.request.IncludeUsage = usage.Bool()
}
