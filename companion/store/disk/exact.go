package disk

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/sluice-gateway/sluice/companion/store"
)

// exactly is step 3. moved: one that it found was gone from its place when it was read.
func (r *search) exactly(ctx context.Context, q store.Query, now time.Time) (matches []store.Match, moved bool, err error) {
	slices.SortFunc(r.w.ranked, func(a, b candidate) int {
		if a.estimate > b.estimate {
			return -1
		}
		return 1
	})
	type exact struct {
		candidate
		similarity float64
	}
	var found []exact
	if n := headerSize + vectorAt + 4*len(q.Vector); cap(r.w.record) < n {
		r.w.record = make([]byte, n)
	}
	record := r.w.record[:headerSize+vectorAt+4*len(q.Vector)]
	for _, c := range r.w.ranked {
		if len(found) >= q.K && float64(c.estimate+c.margin) < found[q.K-1].similarity {
			break
		}
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		if err := r.s.readAt(record, c.at); errors.Is(err, errMoved) {
			moved = true
			continue
		} else if err != nil {
			return nil, false, err
		}
		e, vector, err := decodeStart(record[headerSize:])
		if err != nil || len(vector) != 4*len(q.Vector) || e.Scope != q.Scope || !now.Before(e.Expires) {
			continue
		}
		similarity := cosine(q.Vector, vector)
		at, _ := slices.BinarySearchFunc(found, similarity, func(x exact, s float64) int {
			if x.similarity >= s {
				return -1
			}
			return 1
		})
		found = slices.Insert(found, at, exact{c, similarity})
	}
	matches = make([]store.Match, 0, min(q.K, len(found)))
	for _, f := range found {
		if len(matches) == q.K {
			break
		}
		e, err := r.s.entry(f.slot, f.at)
		if errors.Is(err, errMoved) || errors.Is(err, errDamaged) {
			moved = true
			continue
		}
		if err != nil {
			return nil, false, err
		}
		if e.Scope == q.Scope && e.Space == q.Space && len(e.Vector) == len(q.Vector) {
			matches = append(matches, store.Match{Entry: e, Similarity: f.similarity})
		}
	}
	return matches, moved, nil
}

// cosine is that of a vector and one in the bytes of a record.
func cosine(q []float32, vector []byte) float64 {
	var qv, qq, vv float64
	for i, x := range q {
		y := float64(math.Float32frombits(little.Uint32(vector[4*i:])))
		qv += float64(x) * y
		qq += float64(x) * float64(x)
		vv += y * y
	}
	return qv / math.Sqrt(qq*vv)
}
