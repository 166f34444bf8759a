package ledger

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"time"
)

// Amounts are what requests came to. Cached and reasoning tokens are inside Input and Output.
type Amounts struct {
	Requests     int64
	Refused      int64 // of Requests: by a budget or a guard
	Errors       int64 // of Requests: without a whole answer
	Unpriced     int64 // of Requests: of a model whose price is not known
	Input        int64
	Output       int64
	Cached       int64
	Reasoning    int64
	Cost         int64 // micro-dollars
	Hits         int64 // of Requests: answered from the cache, by their exact text
	SemanticHits int64 // of Requests: answered from the cache, by their meaning
	Saved        int64 // micro-dollars that hits did not cost
	SavedTokens  int64
}

// fields are the amounts in the order in which they are kept. New ones go to the end.
func (a *Amounts) fields() []*int64 {
	return []*int64{&a.Requests, &a.Refused, &a.Errors, &a.Unpriced, &a.Input, &a.Output, &a.Cached, &a.Reasoning,
		&a.Cost, &a.Hits, &a.SemanticHits, &a.Saved, &a.SavedTokens}
}

// Add adds other amounts.
func (a *Amounts) Add(b *Amounts) {
	other := b.fields()
	for i, f := range a.fields() {
		*f += *other[i]
	}
}

// encode writes the amounts as varints. A later version that has more reads a shorter value
// as zeros.
func (a *Amounts) encode() []byte {
	var b []byte
	for _, f := range a.fields() {
		b = binary.AppendUvarint(b, uint64(*f))
	}
	return b
}

var errRow = errors.New("a row that cannot be read")

func decodeAmounts(b []byte) (Amounts, error) {
	var a Amounts
	for _, f := range a.fields() {
		if len(b) == 0 {
			break
		}
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return a, errRow
		}
		*f, b = int64(v), b[n:]
	}
	return a, nil
}

// A row's key is its hour, so that a span of time is a span of keys, and then its
// dimensions:
//
//	hour, 8 bytes, big endian | provider | model | model asked | name | value | name | value …
//
// each text after its length as a varint, the names in their order.
const hourSize = 8

// foldedPart is the only part of identity of what was summed without its own.
const foldedPart = "sluice_folded"

func hourKey(t time.Time) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(max(0, t.Unix()/3600)))
}

func rowKey(r *Record) []byte {
	b := hourKey(r.Time)
	for _, text := range []string{r.Provider, r.Model, r.ModelAsked} {
		b = appendText(b, text)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Identity)) {
		b = appendText(appendText(b, name), r.Identity[name])
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// row is a key that has been read.
type row struct {
	hour                        time.Time
	provider, model, modelAsked string
	identity                    map[string]string
}

func parseKey(key []byte) (row, error) {
	if len(key) < hourSize {
		return row{}, errRow
	}
	r := row{hour: time.Unix(int64(binary.BigEndian.Uint64(key))*3600, 0).UTC(), identity: map[string]string{}}
	rest := key[hourSize:]
	var texts []string
	for len(rest) > 0 {
		n, size := binary.Uvarint(rest)
		if size <= 0 || uint64(len(rest)-size) < n {
			return row{}, errRow
		}
		texts = append(texts, string(rest[size:size+int(n)]))
		rest = rest[size+int(n):]
	}
	if len(texts) < 3 || len(texts)%2 == 0 {
		return row{}, errRow
	}
	r.provider, r.model, r.modelAsked = texts[0], texts[1], texts[2]
	for i := 3; i < len(texts); i += 2 {
		r.identity[texts[i]] = texts[i+1]
	}
	return r, nil
}

// foldedKey is the key of the row that takes what has no room for its own.
func foldedKey(key []byte) ([]byte, error) {
	r, err := parseKey(key)
	if err != nil {
		return nil, err
	}
	return rowKey(&Record{Time: r.hour, Provider: r.provider, Model: r.model, ModelAsked: r.modelAsked,
		Identity: map[string]string{foldedPart: "yes"}}), nil
}
