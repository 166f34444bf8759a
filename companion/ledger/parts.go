package ledger

import (
	"bytes"
	"slices"
	"strings"

	"go.etcd.io/bbolt"
)

// partsBucket has the names of identity's parts that rows have, each with the last hour of
// one that has it: a question about a part that is none is a mistake, and not a sum of zero.
var partsBucket = []byte("parts")

// mostParts bounds the names. With as many the ledger does not claim to know all.
const mostParts = 1000

// openParts makes the bucket. A ledger of a release that had none has its rows read once.
func openParts(tx *bbolt.Tx) error {
	if tx.Bucket(partsBucket) != nil {
		return nil
	}
	parts, err := tx.CreateBucket(partsBucket)
	if err != nil {
		return err
	}
	return tx.Bucket(rowsBucket).ForEach(func(key, _ []byte) error { return noteParts(parts, key) })
}

// noteParts notes the parts of a row that is new.
func noteParts(parts *bbolt.Bucket, key []byte) error {
	r, err := parseKey(key)
	if err != nil {
		return err
	}
	for name := range r.identity {
		hour := parts.Get([]byte(name))
		if hour == nil && full(parts) || bytes.Compare(hour, key[:hourSize]) >= 0 {
			continue
		}
		if err := parts.Put([]byte(name), bytes.Clone(key[:hourSize])); err != nil {
			return err
		}
	}
	return nil
}

func full(parts *bbolt.Bucket) bool {
	n, c := 0, parts.Cursor()
	for name, _ := c.First(); name != nil && n < mostParts; name, _ = c.Next() {
		n++
	}
	return n >= mostParts
}

// pruneParts forgets those of which no row is left.
func pruneParts(tx *bbolt.Tx, oldest []byte) error {
	var gone [][]byte
	parts := tx.Bucket(partsBucket)
	err := parts.ForEach(func(name, hour []byte) error {
		if bytes.Compare(hour, oldest) < 0 {
			gone = append(gone, bytes.Clone(name))
		}
		return nil
	})
	for _, name := range gone {
		if err == nil {
			err = parts.Delete(name)
		}
	}
	return err
}

// Unknown are the parts of identity that a query names and no row has, and the parts that
// rows do have; both in order. None is unknown to a ledger that does not know them all.
func (l *Ledger) Unknown(q Query) (unknown, known []string, err error) {
	err = l.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(partsBucket).ForEach(func(name, _ []byte) error {
			known = append(known, string(name))
			return nil
		})
	})
	if err != nil || len(known) >= mostParts {
		return nil, known, err
	}
	ask := func(name string) {
		part, is := partOf(name)
		if is && part != foldedPart && !slices.Contains(known, part) && !slices.Contains(unknown, part) {
			unknown = append(unknown, part)
		}
	}
	for _, name := range q.GroupBy {
		ask(name)
	}
	for name := range q.Where {
		ask(name)
	}
	slices.Sort(unknown)
	return unknown, known, nil
}

// partOf is the part of identity that a name of a query stands for, if it does for one.
func partOf(name string) (part string, is bool) {
	if slices.Contains(dimensions, name) {
		return "", false
	}
	return strings.TrimPrefix(name, "identity."), true
}

// dimensions are the names that are the ledger's own.
var dimensions = []string{"hour", "day", "month", "provider", "model", "model_asked"}
