package dialect

import (
	"strconv"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// Rewrite is what the gateway changes in a request before it leaves.
type Rewrite struct {
	// Model is the provider's name for the model; "" = as the client wrote it.
	Model string
	// OutputCap is put on a request that has none, in tokens; 0 = leave it. A cap
	// that the client has set stands, and embeddings have nothing to cap.
	OutputCap int64
	// AskUsage has a stream report its usage. It changes nothing in a request that
	// is no stream, where OpenAI refuses the option, and nothing where streams always
	// do: see Op.AsksUsage.
	AskUsage bool
	// LegacyCap caps a chat completion by max_tokens, for servers that know nothing else.
	LegacyCap bool
}

// Edits are the edits of the body that make the rewrite: in order, and none where
// the body already says so.
func (q *Request) Edits(rw Rewrite) []jsonscan.Edit {
	var edits []jsonscan.Edit
	var members []byte // put in front of all others, each with its comma
	set := func(f Field, name string, value []byte) {
		if f.Kind != 0 { // present, if only as null: a second one would be a duplicate
			edits = jsonscan.AppendEdit(edits, f.Start, f.End, value)
			return
		}
		members = appendString(members, name)
		members = append(members, ':')
		members = append(members, value...)
		members = append(members, ',')
	}
	if rw.Model != "" && rw.Model != q.ModelName {
		set(q.Model, "model", appendString(nil, rw.Model))
	}
	if _, _, capped := q.OutputCap(); rw.OutputCap > 0 && !capped && q.Op.Generates() {
		field, name := q.MaxTokens.Field, "max_tokens"
		switch q.Op {
		case ChatCompletions:
			if rw.LegacyCap {
				break
			}
			// max_tokens is deprecated there, and refused by the reasoning models:
			// https://platform.openai.com/docs/api-reference/chat/create
			field, name = q.MaxCompletionTokens.Field, "max_completion_tokens"
		case Responses:
			name = "max_output_tokens"
		}
		set(field, name, strconv.AppendInt(nil, rw.OutputCap, 10))
	}
	if rw.LegacyCap && q.MaxCompletionTokens.Present() && q.MaxTokens.Kind == 0 {
		edits = jsonscan.AppendEdit(edits, q.newCap, q.MaxCompletionTokens.Start, []byte(`"max_tokens":`))
	}
	if rw.AskUsage && q.Stream && !q.WantsUsage && q.Op.AsksUsage() {
		switch {
		case q.IncludeUsage.Kind != 0:
			set(q.IncludeUsage, "", []byte("true"))
		case q.StreamOptions.Present():
			member := []byte(`"include_usage":true`)
			if q.streamOptionsLen > 0 {
				member = append(member, ',')
			}
			at := q.StreamOptions.Start + 1
			edits = jsonscan.AppendEdit(edits, at, at, member)
		default:
			set(q.StreamOptions, "stream_options", []byte(`{"include_usage":true}`))
		}
	}
	if members != nil {
		edits = jsonscan.AppendEdit(edits, q.open, q.open, members)
	}
	sortEdits(edits)
	return edits
}

// sortEdits puts edits in the order of the body. They are a handful: sorting by insertion is
// the least code.
//
//go:noinline
func sortEdits(edits []jsonscan.Edit) {
	for i := range edits {
		for j := i; j > 0 && edits[j].Start < edits[j-1].Start; j-- {
			edits[j], edits[j-1] = edits[j-1], edits[j]
		}
	}
}

func appendString(out []byte, s string) []byte { return jsonscan.AppendQuoted(out, s) }
