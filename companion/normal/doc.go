// Package normal is how the cache sees a conversation: what of a request decides its
// answer, and what of an answer can be given again.
//
//	r, err := normal.ReadRequest(normal.Chat, body, normal.Settings{MaxTemperature: 1})
//	exact, scope := r.Keys(normal.Context{Policy: "sha256 of the policy", Tenant: labels})
//	…                                  // a miss: the provider answers
//	a, err := normal.ReadAnswer(normal.Chat, contentType, answer)
//	stored, err := a.Marshal()
//	…                                  // a hit, maybe through the other API
//	a, err := normal.Unmarshal(stored)
//	if r.Fits(a) {
//		contentType, body := normal.Replay(r.Delivery(), a, normal.Fresh{ID: id, Created: now})
//	}
//
// # Two keys
//
// The scope is all of a request that has to be equal before similarity may say anything:
// the last user message's text is the one thing that is not in it. The exact key is the
// scope and that text. Neither ever stands for two requests: what is hashed is a list of
// tokens, each with its length in front of it, and no text is joined to another.
//
// A field that this package does not know is a part of the scope, as written: an API may
// get a new one tomorrow, and answers must not mix because of it. What is known to make
// no difference is left out, and fields.go says why, one by one. The two APIs' words for
// one thing are one, so that an answer stored for a client of one serves those of the
// other; where that is in doubt they are two.
//
// # What is never cached
//
// Every refusal is a [NotCacheable] with a [Reason]. Of an answer only what both APIs can
// say is kept: a text, calls of functions, how it ended, its usage. An answer that has
// more, or that did not come to its end, is refused and not trimmed.
//
// docs/cache-requests.md has the tables; a test holds it to the code.
package normal

// API is one in which requests are made and answers given.
type API string

// The APIs whose answers are cached.
const (
	Chat     API = "chat_completions" // OpenAI's POST /v1/chat/completions
	Messages API = "messages"         // Anthropic's POST /v1/messages
)
