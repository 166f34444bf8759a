package dialect

import "bytes"

// Content receives what a request says, in the order of the body, while it is read.
type Content interface {
	// BeginText begins a text.
	BeginText(t Text)
	// Text is a piece of the current text. Pieces end where chunks of the body do.
	Text(p []byte)
	// EndText ends the current text: what follows is another one, and no token
	// reaches across. end is where its value ends in the body. signed is 0 but for a thought
	// that its provider has signed, which nobody may change: [signed, end) is the block of
	// the body that it stands in with its signature, and that may be left out.
	EndText(signed, end int64)
	// EndMessage ends a message and tells who spoke: its role may stand behind its texts.
	EndMessage(by Speaker)
	// Attach is a picture, a recording or a document.
	Attach(a Attachment)
}

// Text is what is known of a text as it begins.
type Text struct {
	Form    Form
	Speaker Speaker
	Start   int64 // where its value begins in the body: the offset of the quote, brace or bracket
}

// Form is how the pieces of a text stand in the body.
type Form uint8

// The forms.
const (
	Plain    Form = iota // a string; the pieces are what it says
	JSONText             // a string which says a JSON text: the arguments of a tool's call
	JSON                 // a value as written: the input of a tool's call
	Framing              // a role, a name, a tool's definition: nothing that anybody said
	Label                // a string that the model never sees and the provider keeps, such as `user`
)

// Speaker is who says a text.
type Speaker uint8

// The speakers.
const (
	InMessage Speaker = iota // the message's, which its end tells
	System                   // and developer
	User
	Assistant
	Tool
	OtherSpeaker
)

// SpeakerOf is the speaker that a message's role stands for.
func SpeakerOf(role []byte) Speaker {
	switch string(role) {
	case "system", "developer":
		return System
	case "user":
		return User
	case "assistant":
		return Assistant
	case "tool", "function":
		return Tool
	}
	return OtherSpeaker
}

// speakerOfItem is the speaker of an item without a role: what a tool has said, or what the
// model has said to one, or thought.
func speakerOfItem(kind []byte) Speaker {
	switch {
	case bytes.HasSuffix(kind, []byte("_output")):
		return Tool
	case bytes.HasSuffix(kind, []byte("_call")), string(kind) == "reasoning":
		return Assistant
	}
	return OtherSpeaker
}
