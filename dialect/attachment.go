package dialect

import (
	"bytes"
	"encoding/base64"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// Attachment is what a message carries beside its text.
type Attachment struct {
	// Head is the beginning of the file, where the request carries the file; nil
	// where it only names it.
	Head []byte
	// Size is the size of the file in bytes, 0 where the request only names it.
	Size int64
	// Detail is OpenAI's `detail` of a picture, "" when absent.
	Detail string
}

// attached is the attachment being read.
type attached struct {
	data   []byte // its beginning, as written: base64, a data URL or an address
	size   int64  // bytes of data in all
	detail []byte
}

// maxAttachmentHead bounds what is kept of an attachment, in base64 bytes. JPEG
// puts a picture's size behind its metadata, which is rarely over 32 KiB.
const maxAttachmentHead = 48 << 10

func (r *RequestReader) readAttachment(e *jsonscan.Event) {
	a := &r.attached
	switch e.Kind {
	case jsonscan.BeginObject:
		a.data, a.detail, a.size = a.data[:0], a.detail[:0], 0
	case jsonscan.BeginString:
		if e.Path == atAttachment { // some servers take `"image_url": "https://…"`
			a.data, a.detail, a.size = a.data[:0], a.detail[:0], 0
		}
	case jsonscan.StringChunk:
		if e.Path == atAttachmentDetail {
			a.detail = appendUpTo(a.detail, e.Text, 16)
			return
		}
		a.data = appendUpTo(a.data, e.Text, maxAttachmentHead)
		a.size += int64(len(e.Text))
	case jsonscan.EndString, jsonscan.EndObject:
		if e.Path == atAttachment && r.content != nil {
			r.content.Attach(a.attachment())
		}
	}
}

// attachment decodes what was collected: a data URL (OpenAI), plain base64
// (Anthropic, OpenAI's audio), or an address, of which nothing is known but that
// it is there.
func (a *attached) attachment() Attachment {
	out := Attachment{Detail: string(a.detail)}
	data := a.data
	switch {
	case bytes.HasPrefix(data, []byte("data:")):
		comma := bytes.IndexByte(data, ',')
		if comma < 0 || !bytes.HasSuffix(data[:comma], []byte(";base64")) {
			return out
		}
		data = data[comma+1:]
	case bytes.HasPrefix(data, []byte("http:")), bytes.HasPrefix(data, []byte("https:")):
		return out
	}
	out.Size = (a.size - int64(len(a.data)-len(data))) / 4 * 3
	data = data[:len(data)/4*4]
	head := make([]byte, base64.StdEncoding.DecodedLen(len(data)))
	n, _ := base64.StdEncoding.Decode(head, data) // an error ends the head early: what is before it counts
	out.Head = head[:n]
	return out
}

func appendUpTo(dst, p []byte, limit int) []byte {
	return append(dst, p[:max(0, min(limit-len(dst), len(p)))]...)
}
