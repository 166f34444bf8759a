// Package store is where the cache keeps its answers: one small interface, which the
// embedded store and the database servers implement, each in a folder of its own.
//
// A store finds and proposes. It does not decide: whoever asks checks again that what
// comes back is of the right scope, of the right embedder and not out of date.
package store

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Store keeps entries. All methods may be called at once from many goroutines, obey their
// context, and return an error that names the store.
type Store interface {
	// Get returns the entry of a key, or ErrNotFound. An entry that is out of date at now
	// is not found.
	Get(ctx context.Context, key Key, now time.Time) (*Entry, error)
	// Nearest returns at most k entries of a scope and a space, the most similar first,
	// none of them out of date at now. No entry there is no error.
	Nearest(ctx context.Context, q Query, now time.Time) ([]Match, error)
	// Put keeps an entry in place of the one with its key, if there is one.
	Put(ctx context.Context, e *Entry) error
	// Used notes that an entry answered a request. A store that evicts by value wants to
	// know; for others it does nothing.
	Used(ctx context.Context, key Key, now time.Time) error
	// Delete removes all entries that a filter selects and returns how many there were.
	Delete(ctx context.Context, f Filter) (int, error)
	// Ready tells whether the store can serve, by asking it.
	Ready(ctx context.Context) error
	// Stats describes the store.
	Stats(ctx context.Context) (Stats, error)
	// Close ends the store's work. What Put has returned for is kept.
	Close() error
}

// Namer is a store that can say which names its entries' labels have: in order, each once.
type Namer interface {
	LabelNames(ctx context.Context) ([]string, error)
}

// ErrNotFound is what Get returns for a key that has no entry.
var ErrNotFound = errors.New("store: no such entry")

// Key is a SHA-256 sum: of an exact request, or of the scope of one.
type Key [32]byte

// String is the key in hexadecimal.
func (k Key) String() string { return hex.EncodeToString(k[:]) }

// ParseKey reads what String wrote.
func ParseKey(s string) (Key, error) {
	var k Key
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(k) {
		return k, fmt.Errorf("store: %q is no key: 64 hexadecimal digits are", s)
	}
	copy(k[:], b)
	return k, nil
}

// Entry is one cached answer.
type Entry struct {
	Key    Key       // of the exact request, its scope included
	Scope  Key       // of all that must be equal before similarity matters
	Space  string    // the embedder that made Vector: vectors of two spaces are never compared
	Vector []float32 // of unit length; nil = the entry answers its exact request alone
	Prompt string    // what Vector stands for
	Answer []byte    // in the normal form of package normal; a store does not look into it

	Model  string  // as the client asked for it
	Labels []Label // who may be answered with it, for Delete: the policy's cache.scope

	Created time.Time
	Expires time.Time
	Saves   int64 // what one use of it saves, in micro-dollars
}

// Label is one part of a caller's identity.
type Label struct{ Name, Value string }

// Query asks for the nearest entries.
type Query struct {
	Scope  Key
	Space  string
	Vector []float32 // of unit length
	K      int       // at least 1
}

// Match is an entry that was found by similarity.
type Match struct {
	Entry      *Entry
	Similarity float64 // cosine, exact to 1e-5 for the entry's own vector
}

// Filter selects the entries for which all fields that are set hold. One with no field
// set selects everything.
type Filter struct {
	Key    *Key
	Scope  *Key
	Model  string
	Labels []Label   // all of them
	Before time.Time // created before then
}

// Everything tells that a filter selects all entries.
func (f *Filter) Everything() bool {
	return f.Key == nil && f.Scope == nil && f.Model == "" && len(f.Labels) == 0 && f.Before.IsZero()
}

// Stats describes a store.
type Stats struct {
	Entries  int64 // -1 = the store cannot say cheaply
	Bytes    int64 // on disk or in memory, as the store counts them; -1 = unknown
	Evicted  int64 // entries removed for want of room since the store was opened
	Damaged  int64 // places where something else was found than had been written, and passed over, since the store was opened
	Capacity int64 // most entries that are kept; 0 = as the server is set up
}
