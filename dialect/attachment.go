package dialect

import (
	"bytes"
	"encoding/base64"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// Attachment is what a message carries beside its text.
type Attachment struct {
	Kind AttachmentKind
	// Head is the beginning of the file, where the request carries the file; nil
	// where it only names it. It is the receiver's to keep.
	Head []byte
	// Size is the size of the file in bytes, 0 where the request only names it.
	Size int64
	// Detail is OpenAI's `detail` of a picture, "" when absent.
	Detail string
}

// AttachmentKind says what sort of file an attachment is.
type AttachmentKind uint8

// The kinds of attachments. A file of a sort that nobody named is a Document.
const (
	Document AttachmentKind = iota
	Picture
	Recording
)

// attached is the attachment of the content block being read. Members come in any
// order: Anthropic's own Go client writes a source's `data` before its `type`, and
// the source before the block's `type`.
type attached struct {
	pending bool // there is one
	kind    AttachmentKind
	known   bool   // kind is
	data    []byte // the file's beginning as written: base64, a data URL or an address
	size    int64  // bytes of data in all
	detail  []byte

	blockType, sourceType, mediaType []byte
	form                             form // of Anthropic's data
}

// form is what an Anthropic source's data is: base64, or plain text for the model.
type form uint8

const (
	undecided form = iota
	isFile
	isText
)

// maxAttachmentHead bounds what is kept of an attachment, in base64 bytes. JPEG
// puts a picture's size behind its metadata, which is rarely over 32 KiB.
const maxAttachmentHead = 48 << 10

// maxWord bounds the words that say what an attachment is.
const maxWord = 32

func (r *RequestReader) readAttachment(e *jsonscan.Event) error {
	a := &r.attached
	switch e.Path {
	case atBlock:
		switch e.Kind {
		case jsonscan.BeginObject, jsonscan.EndObject:
			r.signed = r.signed && e.Kind == jsonscan.EndObject
			r.endThought(e)
			r.signed, r.texts = false, 0
			r.attach()
			a.blockType, a.sourceType, a.mediaType = a.blockType[:0], a.sourceType[:0], a.mediaType[:0]
		default:
			r.readText(e, Plain, InMessage)
		}
	case atBlockType:
		a.blockType = appendWord(a.blockType, e)

	case atPicture:
		r.readPart(e, Picture)
	case atRecording:
		r.readPart(e, Recording)
	case atDocument:
		r.readPart(e, Document)
	case atPictureDetail:
		a.detail = appendWord(a.detail, e)
	case atFile:
		a.collect(e)
	case atInlinePicture:
		a.inline(e, Picture)
	case atInlineFile:
		a.inline(e, Document)

	case atSource:
		return r.readSource(e)
	case atSourceType:
		a.sourceType = appendWord(a.sourceType, e)
	case atSourceMediaType:
		a.mediaType = appendWord(a.mediaType, e)
	case atSourceName:
		a.pending = a.pending || e.Kind == jsonscan.BeginString
	case atSourceData:
		r.readSourceData(e)
	}
	return nil
}

// attach hands over the attachment that was read, if there was one.
func (r *RequestReader) attach() {
	a := &r.attached
	if a.pending && r.content != nil {
		r.content.Attach(a.attachment())
	}
	a.pending, a.known, a.form = false, false, undecided
	a.data, a.detail, a.size = a.data[:0], a.detail[:0], 0
}

// readPart reads an attachment of OpenAI's dialect, where its member's name says what
// it is. Some servers take `"image_url": "https://…"` as well.
func (r *RequestReader) readPart(e *jsonscan.Event, kind AttachmentKind) {
	a := &r.attached
	switch e.Kind {
	case jsonscan.BeginObject, jsonscan.BeginString:
		r.attach()
		a.pending, a.kind, a.known = true, kind, true
	case jsonscan.StringChunk:
		a.collect(e)
	case jsonscan.EndObject, jsonscan.EndString:
		r.attach()
	}
}

// inline reads a file that is a string of its block, beside its detail: it is handed over
// when the block ends.
func (a *attached) inline(e *jsonscan.Event, kind AttachmentKind) {
	if e.Kind == jsonscan.BeginString {
		a.pending, a.kind, a.known = true, kind, true
		a.data, a.size = a.data[:0], 0
	}
	a.collect(e)
}

func (a *attached) collect(e *jsonscan.Event) {
	if e.Kind == jsonscan.StringChunk {
		a.data = appendUpTo(a.data, e.Text, maxAttachmentHead)
		a.size += int64(len(e.Text))
	}
}

// readSource reads the source of an Anthropic block. That of a search result is a
// string, and text.
func (r *RequestReader) readSource(e *jsonscan.Event) error {
	a := &r.attached
	if e.Kind != jsonscan.EndObject {
		r.readText(e, Plain, InMessage)
		return nil
	}
	switch {
	case a.form == isFile && string(a.sourceType) == "text":
		return &FieldError{"source", `of type text has data that looks like a file; write "type" before "data"`}
	case a.form == isText:
		a.pending = false // it has been counted as what it is
	}
	return nil
}

// readSourceData reads what is either a file or text. Where nothing has said which
// yet, the first bytes tell: each file format that can be sent begins with bytes of
// its own. What has none of these counts as text, which is rather too much than
// too little.
func (r *RequestReader) readSourceData(e *jsonscan.Event) {
	a := &r.attached
	if e.Kind == jsonscan.BeginString {
		a.pending, a.form = true, undecided
		a.data, a.size = a.data[:0], 0
		switch string(a.sourceType) {
		case "":
		case "text":
			a.form = isText
			r.readText(e, Plain, InMessage)
		default:
			a.form = isFile
		}
		return
	}
	if a.form == isText {
		r.readText(e, Plain, InMessage)
		return
	}
	before := len(a.data)
	a.collect(e)
	if a.form == undecided && (len(a.data) >= longestMagic || e.Kind == jsonscan.EndString) {
		if _, known := kindOf(a.data); known {
			a.form = isFile
			return
		}
		a.form = isText
		if r.content != nil {
			r.begin(Plain, InMessage, e)
			if len(a.data) > 0 {
				r.content.Text(a.data)
			}
			if e.Kind == jsonscan.StringChunk && len(e.Text) > len(a.data)-before { // not all of it was collected
				r.content.Text(e.Text[len(a.data)-before:])
			}
		}
		if e.Kind == jsonscan.EndString {
			r.readText(e, Plain, InMessage)
		}
	}
}

// magics are the first bytes, in base64, of the files that Anthropic takes:
// https://docs.anthropic.com/en/docs/build-with-claude/vision and …/pdf-support.
var magics = [...]struct {
	base64 string
	kind   AttachmentKind
}{
	{"JVBERi0", Document}, // %PDF-
	{"iVBORw0", Picture},  // PNG
	{"/9j/", Picture},     // JPEG
	{"R0lGOD", Picture},   // GIF8
	{"UklGR", Picture},    // RIFF, the container of WebP
}

const longestMagic = len("JVBERi0")

func kindOf(data []byte) (kind AttachmentKind, known bool) {
	for _, m := range magics {
		if bytes.HasPrefix(data, []byte(m.base64)) {
			return m.kind, true
		}
	}
	return Document, false
}

// attachment decodes what was collected: a data URL (OpenAI), plain base64
// (Anthropic, OpenAI's audio), or an address, of which nothing is known but that
// it is there.
func (a *attached) attachment() Attachment {
	out := Attachment{Kind: a.kind, Detail: string(a.detail)}
	data := a.data
	if !a.known {
		switch {
		case bytes.HasPrefix(a.mediaType, []byte("image/")), len(a.mediaType) == 0 && (string(a.blockType) == "image" || string(a.blockType) == "input_image"):
			out.Kind = Picture
		case len(a.mediaType) > 0, len(a.blockType) > 0:
			out.Kind = Document
		default:
			out.Kind, _ = kindOf(data)
		}
	}
	switch {
	case bytes.HasPrefix(data, []byte("data:")):
		comma := bytes.IndexByte(data, ',')
		if comma < 0 || !bytes.HasSuffix(data[:comma], []byte(";base64")) {
			return out
		}
		data = data[comma+1:]
	case bytes.HasPrefix(data, []byte("http:")), bytes.HasPrefix(data, []byte("https:")), len(data) == 0:
		return out
	}
	out.Size = (a.size - int64(len(a.data)-len(data))) / 4 * 3
	if whole := a.size == int64(len(a.data)); whole { // so that its padding is here
		out.Size -= int64(len(data) - len(bytes.TrimRight(data, "=")))
	}
	data = data[:len(data)/4*4]
	head := make([]byte, base64.StdEncoding.DecodedLen(len(data)))
	n, _ := base64.StdEncoding.Decode(head, data) // an error ends the head early: what is before it counts
	out.Head = head[:n]
	return out
}

// appendWord collects a short string.
//
//go:noinline
func appendWord(have []byte, e *jsonscan.Event) []byte {
	switch e.Kind {
	case jsonscan.BeginString:
		return have[:0]
	case jsonscan.StringChunk:
		return appendUpTo(have, e.Text, maxWord)
	}
	return have
}

//go:noinline
func appendUpTo(dst, p []byte, limit int) []byte {
	return append(dst, p[:max(0, min(limit-len(dst), len(p)))]...)
}
