package normal

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"time"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// Delivery is how an answer is given.
type Delivery struct {
	API          API
	Stream       bool
	IncludeUsage bool // of a stream of chat completions; all others have their usage
}

// Fresh is what is new in each replay.
type Fresh struct {
	// ID is anything that no other replay has, such as the gateway's id of the request: the
	// ids of the answer and of its calls are made from it.
	ID      string
	Created time.Time
}

// Replay writes an answer as its provider would have given it to this client: a JSON
// object or a whole stream. It takes what Unmarshal or ReadAnswer returned.
func Replay(d Delivery, a *Answer, f Fresh) (contentType string, body []byte) {
	contentType = "application/json"
	size := 1024 + len(a.Text) + len(a.Text)/8
	if d.Stream {
		contentType = "text/event-stream; charset=utf-8"
		size += 250 * (8 + min(len(a.Text)/5, mostPieces)) // a piece has 5 bytes and more, and its event 250
	}
	w := writer{a: a, fresh: f, b: make([]byte, 0, size)}
	switch {
	case d.API == Messages && d.Stream:
		w.messageStream()
	case d.API == Messages:
		w.message()
	case d.Stream:
		w.completionStream(d.IncludeUsage)
	default:
		w.completion()
	}
	return contentType, w.b
}

// writer writes one answer.
type writer struct {
	a     *Answer
	fresh Fresh
	b     []byte
}

func (w *writer) put(s string)    { w.b = append(w.b, s...) }
func (w *writer) quoted(s string) { w.b = jsonscan.AppendQuoted(w.b, s) }
func (w *writer) number(n int64)  { w.b = strconv.AppendInt(w.b, n, 10) }
func (w *writer) member(name string, n int64) {
	w.put(name)
	w.number(n)
}

// id writes an id in quotes, n characters behind its prefix. Number 0 is the answer's,
// the others are the calls'.
func (w *writer) id(prefix string, number, n int) {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	var e encoding
	e.text(prefix)
	e.text(w.fresh.ID)
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(e, uint64(number)))
	w.put(`"`)
	w.put(prefix)
	for _, c := range sum[:n] {
		w.b = append(w.b, letters[int(c)%len(letters)])
	}
	w.put(`"`)
}
