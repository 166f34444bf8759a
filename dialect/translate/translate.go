// Package translate turns calls of one API into calls of the other, and the answers
// back: OpenAI's chat completions and Anthropic's messages.
//
//	client ── request ──▶ ChatToMessages ──▶ Anthropic      client ── request ──▶ MessagesToChat ──▶ OpenAI
//	       ◀── answer ── MessageToCompletion ◀──                   ◀── answer ── CompletionToMessage ◀──
//	       ◀── stream ── MessageStream ◀──                         ◀── stream ── CompletionStream ◀──
//
// A request is translated whole or not at all. What has no equal on the other side is
// an error that names the field, as the client wrote it, unless Options.Drop allows it
// to be left out; then it is named in Request.Dropped, so that the client can be told.
// A value that changes nothing (n: 1, logprobs: false, a penalty of 0) is left out in
// silence. A member that neither API documents is treated like one without an equal.
//
// An answer is translated as far as it goes: what has no place in the client's dialect
// is left out, since there is nobody to refuse it to.
//
// The tables in docs/translation say what becomes of every field.
package translate

// Options is what a request's translation depends on beside the request.
type Options struct {
	// Model is the target's name for the model.
	Model string
	// OutputCap is put on a request that has none, in tokens; 0 = none. Anthropic
	// requires a cap: without either the translation fails.
	OutputCap int64
	// Drop tells whether a field without an equal may be left out. The field is its
	// path without places in lists: "seed", "messages.content.input_audio". nil = none may.
	Drop func(field string) bool
	// AskUsage has a stream report its usage, where that has to be asked for (OpenAI).
	AskUsage bool
	// LegacyCap writes OpenAI's cap as max_tokens, for servers that know no
	// max_completion_tokens.
	LegacyCap bool
}

// Request is a request in the target's dialect.
type Request struct {
	Body    []byte
	Dropped []string // the fields that were left out, as Options.Drop was asked about them, each once
}

// Context is what an answer's translation depends on beside the answer.
type Context struct {
	_ [0]func() // not compared: Go makes code for that

	// Created is the time of the answer in seconds since the epoch: OpenAI's `created`.
	Created int64
	// Model is written where the answer names none.
	Model string
	// ID is written where the answer has none.
	ID string
}
