// Package ledger keeps what requests used: decision records come in, sums by the hour stay,
// and whoever pays asks for them by team, model or day.
//
// A batch of records is one transaction of an embedded database (bbolt), on disk before Add
// returns: kill -9 loses nothing that was acknowledged and counts nothing twice. The records
// themselves are not kept. The gateway's log has them; what is here is bounded by the number
// of hours, callers and models, and not by the number of requests.
package ledger

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// Ledger is open records. It may be used from many goroutines at once, and by one process.
type Ledger struct {
	db        *bbolt.DB
	retention time.Duration
	hourRows  int
}

// Options are a ledger's bounds. Zero takes the default.
type Options struct {
	// Retention is how long sums are kept: 400 days by default, a year and the month in
	// which it is looked at. Records older than it are refused.
	Retention time.Duration
	// HourRows is the most combinations of identity, model and provider in one hour,
	// 50,000 by default. What comes after them is summed without its identity: a client
	// that sends a new user name each time must not fill the disk.
	HourRows int
}

// repeatsKnown is how many days an id is remembered, the day of its arrival included: two
// days at least. A gateway sends a batch again within minutes, and each id takes some 60
// bytes of disk while it is known: at 100 requests a second, 1.5 GB.
const repeatsKnown = 3

var (
	rowsBucket = []byte("hours") // hour and dimensions -> amounts
	idsBucket  = []byte("ids")   // day of arrival -> bucket of the ids that came in
	fillBucket = []byte("fill")  // hour -> how many rows it has
)

// Open opens or makes the ledger in a directory.
func Open(dir string, o Options) (*Ledger, error) {
	if o.Retention <= 0 {
		o.Retention = 400 * 24 * time.Hour
	}
	if o.HourRows <= 0 {
		o.HourRows = 50_000
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	path := filepath.Join(dir, "ledger.db")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second, FreelistType: bbolt.FreelistMapType})
	if errors.Is(err, bbolterrors.ErrTimeout) {
		return nil, fmt.Errorf("ledger: %s is in use by another process", path)
	}
	if err != nil {
		return nil, fmt.Errorf("ledger: open %s: %w", path, err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{rowsBucket, idsBucket, fillBucket} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return openParts(tx)
	})
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("ledger: open %s: %w", path, err)
	}
	return &Ledger{db: db, retention: o.Retention, hourRows: o.HourRows}, nil
}

// Close ends the ledger's work.
func (l *Ledger) Close() error { return l.db.Close() }

// Size is the size of its file in bytes.
func (l *Ledger) Size() int64 {
	info, err := os.Stat(l.db.Path())
	if err != nil {
		return -1
	}
	return info.Size()
}

// Added is what became of a batch.
type Added struct {
	New     int // counted now
	Repeats int // known by their id, and not counted again
	Folded  int // of New: counted without their identity, since their hour was full
}

// Add counts records, all of them or, on an error, none. Records older than the retention
// must have been refused before (Accept).
func (l *Ledger) Add(records []*Record, now time.Time) (Added, error) {
	var added Added
	err := l.db.Update(func(tx *bbolt.Tx) error {
		added = Added{}
		known, err := openIDs(tx, now)
		if err != nil {
			return err
		}
		sums := map[string]*Amounts{}
		for _, r := range records {
			repeat, err := known.seen(r.ID)
			switch {
			case err != nil:
				return err
			case repeat:
				added.Repeats++
				continue
			}
			added.New++
			key := string(rowKey(r))
			sum := sums[key]
			if sum == nil {
				sum = &Amounts{}
				sums[key] = sum
			}
			sum.Add(&r.Amounts)
		}
		folded, err := l.apply(tx, sums)
		added.Folded = int(folded)
		return err
	})
	if err != nil {
		return Added{}, fmt.Errorf("ledger: add %d records: %w", len(records), err)
	}
	return added, nil
}

// apply adds sums to the rows, and says how many requests were folded.
func (l *Ledger) apply(tx *bbolt.Tx, sums map[string]*Amounts) (folded int64, err error) {
	rows, fill := tx.Bucket(rowsBucket), tx.Bucket(fillBucket)
	for key, sum := range sums {
		at := []byte(key)
		value := rows.Get(at)
		if value == nil {
			count := counter(fill.Get(at[:hourSize]))
			if count >= uint64(l.hourRows) {
				folded += sum.Requests
				if at, err = foldedKey(at); err != nil {
					return 0, err
				}
				value = rows.Get(at)
			}
			if value == nil {
				if err := fill.Put(at[:hourSize], binary.BigEndian.AppendUint64(nil, count+1)); err != nil {
					return 0, err
				}
				if err := noteParts(tx.Bucket(partsBucket), at); err != nil {
					return 0, err
				}
			}
		}
		if value != nil {
			have, err := decodeAmounts(value)
			if err != nil {
				return 0, err
			}
			sum.Add(&have)
		}
		if err := rows.Put(at, sum.encode()); err != nil {
			return 0, err
		}
	}
	return folded, nil
}

func counter(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

// pruneAtOnce bounds a transaction that removes, so that records do not wait for it.
const pruneAtOnce = 2000

// Prune removes what is older than the retention, and ids that need no longer be known. It
// is called now and then.
func (l *Ledger) Prune(ctx context.Context, now time.Time) (removed int, err error) {
	oldest := hourKey(now.Add(-l.retention))
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return removed, err
		}
		err = l.db.Update(func(tx *bbolt.Tx) error {
			if err := errors.Join(pruneIDs(tx, now), pruneParts(tx, oldest)); err != nil {
				return err
			}
			n := 0
			for _, name := range [][]byte{rowsBucket, fillBucket} {
				c := tx.Bucket(name).Cursor()
				// First each time: bbolt's cursor may skip an item after Delete.
				for k, _ := c.First(); k != nil && string(k[:hourSize]) < string(oldest) && n < pruneAtOnce; k, _ = c.First() {
					if err := c.Delete(); err != nil {
						return err
					}
					n++
				}
			}
			removed += n
			more = n == pruneAtOnce
			return nil
		})
		if err != nil {
			return removed, fmt.Errorf("ledger: prune: %w", err)
		}
	}
	return removed, nil
}
