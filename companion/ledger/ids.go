package ledger

import (
	"crypto/sha256"
	"time"

	"go.etcd.io/bbolt"
)

// ids are the records that came in over the last days: a bucket a day, so that a day is
// forgotten at once.
type ids struct {
	today  *bbolt.Bucket
	before []*bbolt.Bucket
}

func dayName(t time.Time) []byte { return []byte(t.UTC().Format(time.DateOnly)) }

func openIDs(tx *bbolt.Tx, now time.Time) (ids, error) {
	all := tx.Bucket(idsBucket)
	today, err := all.CreateBucketIfNotExists(dayName(now))
	if err != nil {
		return ids{}, err
	}
	known := ids{today: today}
	for day := 1; day < repeatsKnown; day++ {
		if b := all.Bucket(dayName(now.AddDate(0, 0, -day))); b != nil {
			known.before = append(known.before, b)
		}
	}
	return known, nil
}

// seen tells whether an id has come in before, and remembers it: by 96 bits of its sum,
// which no two of a thousand million records share, and which are shorter.
func (k *ids) seen(id string) (bool, error) {
	sum := sha256.Sum256([]byte(id))
	key := sum[:12]
	if k.today.Get(key) != nil {
		return true, nil
	}
	for _, b := range k.before {
		if b.Get(key) != nil {
			return true, nil
		}
	}
	return false, k.today.Put(key, []byte{})
}

// pruneIDs forgets the days that are over. Days after today stay: the clock may have gone
// back.
func pruneIDs(tx *bbolt.Tx, now time.Time) error {
	all := tx.Bucket(idsBucket)
	oldest := string(dayName(now.AddDate(0, 0, 1-repeatsKnown)))
	var old [][]byte
	c := all.Cursor()
	for name, _ := c.First(); name != nil && string(name) < oldest; name, _ = c.Next() {
		old = append(old, append([]byte(nil), name...))
	}
	for _, name := range old {
		if err := all.DeleteBucket(name); err != nil {
			return err
		}
	}
	return nil
}
