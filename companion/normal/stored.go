package normal

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"unicode/utf8"
)

// An answer as it is kept:
//
//	"SLA"  version  CRC-32C of what follows, most significant byte first  JSON
//	0      3        4                                                     8
//
// The version is of all that is behind it. A release that writes another reads those
// before it too, or leaves them out as an UnknownVersion: an entry is a copy, and can be
// had again.
const (
	magic   = "SLA"
	version = 1
	header  = len(magic) + 1 + 4
)

// UnknownVersion is the error for an answer that another release has stored.
type UnknownVersion struct{ Version byte }

func (u *UnknownVersion) Error() string {
	return fmt.Sprintf("normal: a stored answer of version %d; this release reads %d", u.Version, version)
}

// ErrCorrupt is the error for bytes that Marshal has not written, or not all of them.
var ErrCorrupt = errors.New("normal: a stored answer is not as it was written")

// stored1 is version 1. It does not change, whatever becomes of Answer.
type stored1 struct {
	Model string        `json:"model"`
	Text  string        `json:"text,omitempty"`
	Calls []storedCall1 `json:"calls,omitempty"`
	End   End           `json:"end"`
	Stop  string        `json:"stop_sequence,omitempty"`
	Usage storedUsage1  `json:"usage"`
}

type storedCall1 struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

type storedUsage1 struct {
	Input     int64 `json:"input"`
	Output    int64 `json:"output"`
	Cached    int64 `json:"cached,omitempty"`
	Written   int64 `json:"written,omitempty"`
	Reasoning int64 `json:"reasoning,omitempty"`
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Marshal writes an answer for a store: the same bytes for the same answer. An answer that
// could not be replayed is a *NotCacheable; so is one whose usage nobody knows.
func (a *Answer) Marshal() ([]byte, error) {
	if no := a.whole(); no != nil {
		return nil, no
	}
	s := stored1{Model: a.Model, Text: a.Text, End: a.End, Stop: a.StopSequence}
	for _, c := range a.Calls {
		s.Calls = append(s.Calls, storedCall1(c))
	}
	u := a.Usage
	s.Usage = storedUsage1{u.Input, u.Output, u.Cached, u.Written, u.Reasoning}
	var out bytes.Buffer
	out.WriteString(magic)
	out.Write([]byte{version, 0, 0, 0, 0})
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return nil, fmt.Errorf("normal: %w", err)
	}
	b := bytes.TrimSuffix(out.Bytes(), []byte("\n"))
	binary.BigEndian.PutUint32(b[header-4:], crc32.Checksum(b[header:], castagnoli))
	return b, nil
}

// Unmarshal reads what Marshal wrote. The error is ErrCorrupt, or an *UnknownVersion, or a
// *NotCacheable where the bytes are whole and the answer is not.
func Unmarshal(b []byte) (*Answer, error) {
	if len(b) < header || string(b[:len(magic)]) != magic {
		return nil, fmt.Errorf("%w: %d bytes that do not begin as one", ErrCorrupt, len(b))
	}
	if v := b[len(magic)]; v != version {
		return nil, &UnknownVersion{v}
	}
	if binary.BigEndian.Uint32(b[header-4:]) != crc32.Checksum(b[header:], castagnoli) {
		return nil, fmt.Errorf("%w: the sum over %d bytes is another", ErrCorrupt, len(b)-header)
	}
	var s stored1
	d := json.NewDecoder(bytes.NewReader(b[header:]))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("%w: more behind the answer", ErrCorrupt)
	}
	u := s.Usage
	a := &Answer{Model: s.Model, Text: s.Text, End: s.End, StopSequence: s.Stop,
		Usage: Usage{Known: true, Input: u.Input, Output: u.Output, Cached: u.Cached, Written: u.Written, Reasoning: u.Reasoning}}
	for _, c := range s.Calls {
		a.Calls = append(a.Calls, Call(c))
	}
	if no := a.whole(); no != nil {
		return nil, no
	}
	return a, nil
}

// whole tells why an answer cannot be kept or given. Nothing that ReadAnswer returned,
// with a usage, fails.
func (a *Answer) whole() *NotCacheable {
	if !a.Usage.Known {
		return refuse(NoUsage, "nobody knows it")
	}
	if no := a.check(); no != nil {
		return no
	}
	texts := []string{a.Model, a.Text, a.StopSequence}
	var s said
	for _, c := range a.Calls {
		texts = append(texts, c.Name)
		if one, no := s.arguments(c.Arguments); no != nil || one != c.Arguments {
			return refuse(Arguments, "not in the form in which they are kept")
		}
	}
	for _, t := range texts {
		if !utf8.ValidString(t) {
			return refuse(Malformed, "a text that is not UTF-8")
		}
	}
	return nil
}
