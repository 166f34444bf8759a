package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

// Query asks what requests came to. Times are rounded down to the hour, From is within and
// To is not.
type Query struct {
	From, To time.Time
	GroupBy  []string
	Where    map[string]string // dimension -> value; "" = requests that have none
}

// Sum is one row of an answer: the values of GroupBy in their order, nil where the requests
// had none, and what they came to.
type Sum struct {
	By []*string
	Amounts
}

// ErrTooMany is returned for a query whose answer would have more than MaxSums rows.
var ErrTooMany = errors.New("ledger: more rows than an answer may have: group by less, or ask for a shorter time")

// MaxSums bounds an answer.
const MaxSums = 20_000

// Dimension says what a name in GroupBy or Where stands for. hour, day, month, provider,
// model and model_asked are the ledger's own; any other is a part of the identity, and one
// that has such a name is written identity.NAME.
func dimension(name string) func(*row) *string {
	text := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	switch name {
	case "hour":
		return func(r *row) *string { return text(r.hour.Format(time.RFC3339)) }
	case "day":
		return func(r *row) *string { return text(r.hour.Format(time.DateOnly)) }
	case "month":
		return func(r *row) *string { return text(r.hour.Format("2006-01")) }
	case "provider":
		return func(r *row) *string { return text(r.provider) }
	case "model":
		return func(r *row) *string { return text(r.model) }
	case "model_asked":
		return func(r *row) *string { return text(r.modelAsked) }
	}
	part, _ := partOf(name)
	return func(r *row) *string { return text(r.identity[part]) }
}

// Usage answers a query, the groups in their order.
func (l *Ledger) Usage(ctx context.Context, q Query) ([]Sum, error) {
	groups := make([]func(*row) *string, len(q.GroupBy))
	for i, name := range q.GroupBy {
		groups[i] = dimension(name)
	}
	type condition struct {
		of    func(*row) *string
		value string
	}
	var where []condition
	for name, value := range q.Where {
		where = append(where, condition{dimension(name), value})
	}
	matches := func(r *row) bool {
		return !slices.ContainsFunc(where, func(c condition) bool { return deref(c.of(r)) != c.value })
	}
	sums := map[string]*Sum{}
	err := l.db.View(func(tx *bbolt.Tx) error {
		c := tx.Bucket(rowsBucket).Cursor()
		end, seen := string(hourKey(q.To)), 0
		for k, v := c.Seek(hourKey(q.From)); k != nil && string(k[:hourSize]) < end; k, v = c.Next() {
			if seen++; seen%1024 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			r, err := parseKey(k)
			if err != nil {
				return err
			}
			if !matches(&r) {
				continue
			}
			amounts, err := decodeAmounts(v)
			if err != nil {
				return err
			}
			by := make([]*string, len(groups))
			var key []byte
			for i, of := range groups {
				by[i] = of(&r)
				key = appendText(key, deref(by[i]))
			}
			sum := sums[string(key)]
			if sum == nil {
				if len(sums) == MaxSums {
					return ErrTooMany
				}
				sum = &Sum{By: by}
				sums[string(key)] = sum
			}
			sum.Add(&amounts)
		}
		return nil
	})
	if errors.Is(err, ErrTooMany) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("ledger: usage: %w", err)
	}
	rows := make([]Sum, 0, len(sums))
	for _, sum := range sums {
		rows = append(rows, *sum)
	}
	slices.SortFunc(rows, func(a, b Sum) int {
		return slices.CompareFunc(a.By, b.By, func(x, y *string) int { return strings.Compare(deref(x), deref(y)) })
	})
	return rows, nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
