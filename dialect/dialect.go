// Package dialect knows the wire formats of the APIs that applications call:
// which requests are LLM calls, where in them the text, the model and the output
// cap stand, where in an answer the usage is, how a stream is cut so that the
// client sees a valid end, and what an error looks like.
//
// The package is pure, and incremental wherever a body is: a request is read while
// it arrives, and a stream event by event. What a client sent is never rebuilt from
// a parsed form. Changes are edits of byte ranges, so that fields this package has
// never heard of pass exactly as they came.
package dialect

import "github.com/sluice-gateway/sluice/policy"

// Op is one API operation that spends tokens.
type Op uint8

// The operations. NoOp is a request that is none of them.
const (
	NoOp            Op = iota
	ChatCompletions    // OpenAI POST /v1/chat/completions
	Completions        // OpenAI POST /v1/completions
	Embeddings         // OpenAI POST /v1/embeddings
	Messages           // Anthropic POST /v1/messages
	Responses          // OpenAI POST /v1/responses
)

// Dialect is the dialect that an operation belongs to.
func (op Op) Dialect() policy.Dialect {
	if op == Messages {
		return policy.Anthropic
	}
	return policy.OpenAI
}

// Path is where the operation is, in an API whose paths begin with /v1.
func (op Op) Path() string {
	for i := range paths {
		if paths[i].op == op {
			return paths[i].path
		}
	}
	return ""
}

// Generates tells whether the operation's answer has output tokens.
func (op Op) Generates() bool { return op != NoOp && op != Embeddings }

// Chat tells whether the operation takes messages, and a model's framing of them.
func (op Op) Chat() bool { return op == ChatCompletions || op == Messages || op == Responses }

// AsksUsage tells whether a stream of the operation reports its usage only to those who
// ask for it.
func (op Op) AsksUsage() bool { return op == ChatCompletions || op == Completions }

// LeastCap is the smallest output cap that the operation takes. OpenAI refuses a
// max_output_tokens below 16, as its error says and its reference does not:
// https://github.com/vectorize-io/hindsight/issues/58
func (op Op) LeastCap() int64 {
	if op == Responses {
		return 16
	}
	return 1
}

// String is the operation's name in records: OpenTelemetry's `gen_ai.operation.name`
// where that has one.
func (op Op) String() string {
	switch op {
	case ChatCompletions, Messages, Responses:
		return "chat"
	case Completions:
		return "text_completion"
	case Embeddings:
		return "embeddings"
	}
	return ""
}
