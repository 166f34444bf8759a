package normal

import "strconv"

// NotCacheable says why a request is not looked up, or an answer not stored. It is no
// fault of anybody's: the request goes on as if there were no cache.
type NotCacheable struct {
	Reason Reason
	// Detail is one line for a record: the place, and what stands there. It has no text of
	// a prompt or an answer in it.
	Detail string
}

func (n *NotCacheable) Error() string {
	return "normal: not cacheable: " + string(n.Reason) + ": " + n.Detail
}

// Reason is a word for a record or a metric.
type Reason string

// Reasons of requests.
const (
	Malformed      Reason = "malformed" // of answers too
	Temperature    Reason = "temperature"
	Choices        Reason = "choices" // of answers too
	Logprobs       Reason = "logprobs"
	Audio          Reason = "audio"
	Reference      Reason = "reference"
	ServerTools    Reason = "server_tools"
	Thinking       Reason = "thinking"
	Background     Reason = "background"
	Stored         Reason = "store"
	Moderation     Reason = "moderation"
	NotUsersTurn   Reason = "not_users_turn"
	ToolResults    Reason = "tool_results"
	UnknownContent Reason = "unknown_content" // of answers too
	NoText         Reason = "no_text"
)

// Reasons of answers.
const (
	ContentType Reason = "content_type"
	Failed      Reason = "error"
	Length      Reason = "length"
	Refusal     Reason = "refusal"
	Finish      Reason = "finish"
	Incomplete  Reason = "incomplete"
	Empty       Reason = "empty"
	Arguments   Reason = "arguments"
	NoUsage     Reason = "usage"
)

// reasons is what docs/cache-requests.md says of each.
var reasons = []struct {
	reason Reason
	of     string
	why    string
}{
	{Malformed, "both", "the body is not JSON, can be read in two ways (a name twice, half of a surrogate pair), is deeper than 128 levels, or a field that is read is not what the API documents"},
	{Temperature, "request", "the temperature is above `cache.max_temperature`; an absent one is 1, the APIs' default"},
	{Choices, "both", "`n` is not 1, or the answer has another number of choices: who asks for several wants them to differ"},
	{Logprobs, "request", "log probabilities are asked for, which are not kept"},
	{Audio, "request", "audio is said or asked for"},
	{Reference, "request", "an image, a document or a file is named by its URL or id, anywhere in the conversation: what is there may change"},
	{ServerTools, "request", "the provider is to use tools of its own (search, code, MCP) whose results are of the moment"},
	{Thinking, "request", "Anthropic's thinking is on: thoughts are signed for one conversation and cannot be given to another"},
	{Background, "request", "`background` is asked for: the answer is no answer yet"},
	{Stored, "request", "`store` is true: the provider is to keep the completion, which a replay would not make it do"},
	{Moderation, "request", "a moderation's result is to be in the answer, about this very prompt"},
	{NotUsersTurn, "request", "the last message is not the user's: an assistant's that is to be continued, a tool's, or the system's"},
	{ToolResults, "request", "the user's last turn has results of tools: tools are in flight"},
	{UnknownContent, "both", "a part of the content is of a kind that is not known here, or cannot be replayed as it was: thoughts, citations, annotations, audio, custom tools, text behind calls"},
	{NoText, "request", "the last user message has no text"},
	{ContentType, "answer", "the answer is neither `application/json` nor `text/event-stream`"},
	{Failed, "answer", "it is an error, or has an error event in it"},
	{Length, "answer", "it was cut at a cap or at the end of the context window"},
	{Refusal, "answer", "the model refused, or a filter of content stopped it"},
	{Finish, "answer", "it ended for a reason that is none of the known ones, or that does not go with its content"},
	{Incomplete, "answer", "there is no finish, or a stream has no end: `[DONE]`, `message_stop`, or the blank line behind it"},
	{Empty, "answer", "it says nothing and calls nothing"},
	{Arguments, "answer", "the arguments of a call are not a JSON object that can be read in one way"},
	{NoUsage, "answer", "nobody knows its usage: without it neither a cap nor a saving can be told"},
}

func refuse(r Reason, detail string) *NotCacheable { return &NotCacheable{r, detail} }

// quoted is a word of somebody else's for a detail: short, and on one line.
func quoted(s string) string {
	const most = 40
	if len(s) > most {
		s = s[:most] + "…"
	}
	return strconv.QuoteToASCII(s)
}
