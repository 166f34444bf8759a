package cache

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"slices"
	"time"

	"github.com/sluice-gateway/sluice/companion/normal"
	"github.com/sluice-gateway/sluice/companion/store"
)

// An entry's answer, as stores hold it:
//
//	"sl1" | seal, 32 bytes | length of meta, 4 bytes, big endian | meta, JSON | answer, of package normal
//
// The seal is HMAC-SHA-256 over all the rest and over every field of the entry that decides
// whom it answers: what was cut, mixed up or edited in the store is no entry. With a key it
// also keeps out what somebody else has written into a shared database. The first three
// bytes are the format's version; entries of another are passed over, and written anew.
const (
	sealVersion = "sl1"
	sealHeader  = len(sealVersion) + sha256.Size + 4
)

// Meta is what is known of an answer beside its text.
type Meta struct {
	Usage    Usage  `json:"usage"`
	Provider string `json:"provider,omitempty"` // that answered, and its model
	Model    string `json:"model,omitempty"`
}

// Usage is tokens. Cached and Reasoning are inside Input and Output.
type Usage struct {
	Input     int64 `json:"input"`
	Output    int64 `json:"output"`
	Cached    int64 `json:"cached"`
	Reasoning int64 `json:"reasoning"`
}

// seal writes the answer of an entry whose other fields are all set.
func seal(key []byte, entry *store.Entry, meta *Meta, answer []byte) error {
	m, err := json.Marshal(meta)
	if err != nil {
		return err
	}
	b := make([]byte, sealHeader, sealHeader+len(m)+len(answer))
	copy(b, sealVersion)
	binary.BigEndian.PutUint32(b[sealHeader-4:], uint32(len(m)))
	b = append(append(b, m...), answer...)
	copy(b[len(sealVersion):], sum(key, entry, b[sealHeader-4:]))
	entry.Answer = b
	return nil
}

// unseal reads it. why is not empty where it is not to be trusted.
func unseal(key []byte, entry *store.Entry) (meta Meta, answer []byte, why string) {
	b := entry.Answer
	if len(b) < sealHeader {
		return meta, nil, "cut"
	}
	if string(b[:len(sealVersion)]) != sealVersion {
		return meta, nil, "version"
	}
	if !hmac.Equal(b[len(sealVersion):sealHeader-4], sum(key, entry, b[sealHeader-4:])) {
		return meta, nil, "seal"
	}
	size := int(binary.BigEndian.Uint32(b[sealHeader-4:]))
	if size > len(b)-sealHeader || json.Unmarshal(b[sealHeader:sealHeader+size], &meta) != nil {
		return meta, nil, "meta"
	}
	return meta, b[sealHeader+size:], ""
}

// sum is the seal of an entry. Times are to the second, which every store keeps.
func sum(key []byte, entry *store.Entry, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	text := func(s string) {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(s)))
		h.Write(size[:])
		h.Write([]byte(s))
	}
	number := func(n int64) {
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], uint64(n))
		h.Write(b[:])
	}
	h.Write(entry.Key[:])
	h.Write(entry.Scope[:])
	text(entry.Space)
	text(entry.Prompt)
	text(entry.Model)
	number(int64(len(entry.Labels)))
	for _, l := range sortedLabels(entry.Labels) {
		text(l.Name)
		text(l.Value)
	}
	number(entry.Created.Unix())
	number(entry.Expires.Unix())
	number(entry.Saves)
	h.Write(body)
	return h.Sum(nil)
}

func sortedLabels(labels []store.Label) []store.Label {
	return slices.SortedFunc(slices.Values(labels), func(a, b store.Label) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Value, b.Value))
	})
}

// found is an entry that has been checked and may answer.
type found struct {
	entry      *store.Entry
	meta       Meta
	answer     *normal.Answer
	outcome    Outcome
	similarity float64
	reason     string
}

// open checks an entry that a store gave for a request: nothing in it is taken on trust.
func (e *Engine) open(a *asked, entry *store.Entry, key store.Key) (f *found, why string) {
	now := e.c.Now()
	switch {
	case entry.Key != key:
		return nil, "key"
	case entry.Scope != a.scope:
		return nil, "scope"
	case entry.Model != a.request.Model:
		return nil, "model"
	case !slices.Equal(sortedLabels(entry.Labels), sortedLabels(a.labels)):
		return nil, "labels"
	case !now.Before(entry.Expires) || now.Sub(entry.Created) > a.request.ttl()+time.Second:
		return nil, "expired"
	}
	meta, body, why := unseal(e.c.Seal, entry)
	if why != "" {
		return nil, why
	}
	answer, err := normal.Unmarshal(body)
	if err != nil {
		return nil, "answer"
	}
	return &found{entry: entry, meta: meta, answer: answer}, ""
}
