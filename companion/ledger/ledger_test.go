package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func open(t testing.TB, dir string, o Options) *Ledger {
	l, err := Open(dir, o)
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	return l
}

// line is a record as the gateway writes it.
func line(id string, at time.Time, team, model string, input, output int64, cost string) string {
	return fmt.Sprintf(`{"id":%q,"time":%q,"identity":{"team":%q},"dialect":"openai","model_asked":"smart","model":%q,"provider":"openai","stream":false,"tokens":{"input":%d,"output":%d,"cached":1,"reasoning":2,"source":"provider"},"cost_usd":%s,"budgets":[],"cache":{"result":"miss","similarity":null,"reason":"no entry"},"guards":[],"attempts":[],"first_token_ms":null,"total_ms":5,"end":"complete"}`,
		id, at.Format(time.RFC3339Nano), team, model, input, output, cost)
}

func parse(t testing.TB, lines ...string) []*Record {
	records := make([]*Record, len(lines))
	for i, l := range lines {
		var err error
		records[i], err = Parse([]byte(l))
		require.NoError(t, err, l)
	}
	return records
}

func TestRecordsCountOnce(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	batch := parse(t, line("1", noon, "a", "m", 10, 5, "0.000123"), line("2", noon, "a", "m", 1, 1, "null"), line("1", noon, "a", "m", 10, 5, "0.000123"))
	added, err := l.Add(batch, noon)
	require.NoError(t, err)
	require.Equal(t, Added{New: 2, Repeats: 1}, added)
	require.NoError(t, l.Close())

	l = open(t, dir, Options{})
	added, err = l.Add(batch, noon.AddDate(0, 0, repeatsKnown-1)) // also days later, by another process
	require.NoError(t, err)
	require.Equal(t, Added{Repeats: 3}, added)
	_, err = l.Prune(context.Background(), noon.AddDate(0, 0, repeatsKnown))
	require.NoError(t, err)
	sums, err := l.Usage(context.Background(), Query{From: noon.Add(-time.Hour), To: noon.Add(time.Hour)})
	require.NoError(t, err)
	require.Equal(t, []Sum{{By: []*string{}, Amounts: Amounts{Requests: 2, Unpriced: 1, Input: 11, Output: 6, Cached: 2, Reasoning: 4, Cost: 123}}}, sums)
	require.Positive(t, l.Size())
}

// The sums of every grouping are those of the records themselves, added up one by one.
func TestUsageIsTheSumOfTheRecords(t *testing.T) {
	l := open(t, t.TempDir(), Options{})
	rng := rand.New(rand.NewPCG(3, 4))
	var all []*Record
	for i := range 3000 {
		at := noon.Add(-time.Duration(rng.IntN(40*24*3600)) * time.Second)
		cost := fmt.Sprintf("0.%06d", rng.IntN(1_000_000))
		if rng.IntN(10) == 0 {
			cost = "null"
		}
		all = append(all, parse(t, line(fmt.Sprint(i), at, string(rune('a'+rng.IntN(3))), fmt.Sprint("m", rng.IntN(3)), rng.Int64N(5000), rng.Int64N(500), cost))...)
		if rng.IntN(5) == 0 {
			delete(all[i].Identity, "team")
		}
	}
	for from := 0; from < len(all); from += 500 {
		added, err := l.Add(all[from:from+500], noon)
		require.NoError(t, err)
		require.Equal(t, 500, added.New)
	}
	value := func(r *Record, name string) string {
		switch name {
		case "team", "identity.team":
			return r.Identity["team"]
		case "model":
			return r.Model
		case "day":
			return r.Time.Format(time.DateOnly)
		case "month":
			return r.Time.Format("2006-01")
		case "hour":
			return r.Time.Truncate(time.Hour).Format(time.RFC3339)
		case "provider":
			return r.Provider
		}
		return ""
	}
	for _, q := range []Query{
		{},
		{GroupBy: []string{"team"}},
		{GroupBy: []string{"identity.team", "model", "day"}},
		{GroupBy: []string{"month", "provider"}, Where: map[string]string{"team": "a"}},
		{GroupBy: []string{"hour"}, Where: map[string]string{"team": "", "model": "m1"}},
		{GroupBy: []string{"team"}, Where: map[string]string{"model": "none"}},
		{GroupBy: []string{"nobody"}},
	} {
		q.From, q.To = noon.AddDate(0, 0, -20), noon.AddDate(0, 0, -3)
		want := map[string]Amounts{}
		for _, r := range all {
			if r.Time.Before(q.From) || !r.Time.Before(q.To) {
				continue
			}
			matches := true
			for name, v := range q.Where {
				matches = matches && value(r, name) == v
			}
			if !matches {
				continue
			}
			var key []string
			for _, name := range q.GroupBy {
				key = append(key, value(r, name))
			}
			sum := want[strings.Join(key, "|")]
			sum.Add(&r.Amounts)
			want[strings.Join(key, "|")] = sum
		}
		sums, err := l.Usage(context.Background(), q)
		require.NoError(t, err)
		got := map[string]Amounts{}
		for _, s := range sums {
			var key []string
			for _, v := range s.By {
				key = append(key, deref(v))
			}
			got[strings.Join(key, "|")] = s.Amounts
		}
		require.Equal(t, want, got, "%v", q)
	}
}

func TestLinesThatAreNoRecords(t *testing.T) {
	good := line("1", noon, "a", "m", 1, 1, "0.1")
	for name, row := range map[string][2]string{
		"no JSON":         {"{", "no decision record"},
		"a list":          {"[]", "no decision record"},
		"no id":           {strings.Replace(good, `"id":"1"`, `"id":""`, 1), "an id of 0 bytes"},
		"a long id":       {strings.Replace(good, `"id":"1"`, `"id":"`+strings.Repeat("x", 129)+`"`, 1), "an id of 129 bytes"},
		"no time":         {strings.Replace(good, `"time":"2026`, `"time":"x`, 1), "is not of RFC 3339"},
		"negative tokens": {strings.Replace(good, `"input":1`, `"input":-1`, 1), "-1 tokens"},
		"half a token":    {strings.Replace(good, `"input":1`, `"input":1.5`, 1), "no decision record"},
		"many tokens":     {strings.Replace(good, `"input":1`, `"input":1099511627777`, 1), "1099511627777 tokens"},
		"negative cost":   {strings.Replace(good, `"cost_usd":0.1`, `"cost_usd":-1`, 1), "money"},
		"much money":      {strings.Replace(good, `"cost_usd":0.1`, `"cost_usd":1e99`, 1), "money"},
		"tiny money":      {strings.Replace(good, `"cost_usd":0.1`, `"cost_usd":1e-999999999`, 1), "money"},
		"a long part":     {strings.Replace(good, `"team":"a"`, `"team":"`+strings.Repeat("x", 513)+`"`, 1), `identity "team"`},
		"a long model":    {strings.Replace(good, `"model":"m"`, `"model":"`+strings.Repeat("x", 513)+`"`, 1), "a provider or model of 513 bytes"},
	} {
		_, err := Parse([]byte(row[0]))
		require.ErrorContains(t, err, row[1], name)
	}
	l := open(t, t.TempDir(), Options{})
	ahead, old := parse(t, line("1", noon.Add(2*time.Hour), "a", "m", 1, 1, "0"))[0], parse(t, line("1", noon.AddDate(-2, 0, 0), "a", "m", 1, 1, "0"))[0]
	require.ErrorContains(t, l.Accept(ahead, noon), "is 2h0m0s ahead")
	require.ErrorContains(t, l.Accept(old, noon), "older than the 400 days")
}

func TestWhatARecordCounts(t *testing.T) {
	for text, want := range map[string]Amounts{
		`"cost_usd":0.0000005`: {Requests: 1, Cost: 1},
		`"cost_usd":1.234567`:  {Requests: 1, Cost: 1234567},
		`"cost_usd":0,"cache":{"result":"hit","saved_usd":0.002,"saved_tokens":30}`:     {Requests: 1, Hits: 1, Saved: 2000, SavedTokens: 30},
		`"cost_usd":0,"cache":{"result":"semantic-hit","similarity":0.93,"reason":"x"}`: {Requests: 1, SemanticHits: 1},
		`"cost_usd":null,"end":"refused"`:                                               {Requests: 1, Unpriced: 1, Refused: 1},
		`"end":"error"`:                                                                 {Requests: 1, Unpriced: 1, Errors: 1},
		`"cost_usd":0,"identity":{"team":null}`:                                         {Requests: 1},
	} {
		r, err := Parse([]byte(`{"id":"1","time":"2026-11-26T13:00:00+01:00",` + text + `}`))
		require.NoError(t, err, text)
		require.Equal(t, want, r.Amounts, text)
		require.Equal(t, noon, r.Time)
		require.Empty(t, r.Identity)
	}
}

// A client that makes up a user for each request does not fill the disk, and nothing of
// what it used is lost.
func TestHoursAreBounded(t *testing.T) {
	l := open(t, t.TempDir(), Options{HourRows: 10})
	var batch []*Record
	for i := range 50 {
		batch = append(batch, parse(t, line(fmt.Sprint(i), noon, fmt.Sprint("team", i), "m", 2, 1, "0.000001"))...)
	}
	added, err := l.Add(batch, noon)
	require.NoError(t, err)
	require.Equal(t, Added{New: 50, Folded: 40}, added)
	sums, err := l.Usage(context.Background(), Query{From: noon, To: noon.Add(time.Hour), GroupBy: []string{foldedPart}})
	require.NoError(t, err)
	require.Len(t, sums, 2)
	require.EqualValues(t, 10, sums[0].Requests)
	require.EqualValues(t, 40, sums[1].Requests)
	require.Equal(t, "yes", *sums[1].By[0])
}

func TestOldHoursAreForgotten(t *testing.T) {
	l := open(t, t.TempDir(), Options{Retention: 48 * time.Hour})
	var batch []*Record
	for i := range 5000 {
		batch = append(batch, parse(t, line(fmt.Sprint(i), noon.Add(-time.Duration(i%2)*time.Hour), fmt.Sprint(i), "m", 1, 1, "0"))...)
	}
	_, err := l.Add(batch, noon)
	require.NoError(t, err)
	n, err := l.Prune(context.Background(), noon.Add(47*time.Hour))
	require.NoError(t, err)
	require.Zero(t, n)
	n, err = l.Prune(context.Background(), noon.Add(48*time.Hour))
	require.NoError(t, err)
	require.Equal(t, 2501, n) // of the older hour, and its count
	sums, err := l.Usage(context.Background(), Query{From: noon.AddDate(0, 0, -9), To: noon.Add(time.Hour)})
	require.NoError(t, err)
	require.EqualValues(t, 2500, sums[0].Requests)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = l.Prune(ctx, noon.AddDate(1, 0, 0))
	require.ErrorIs(t, err, context.Canceled)
}

func TestOneProcess(t *testing.T) {
	dir := t.TempDir()
	open(t, dir, Options{})
	_, err := Open(dir, Options{})
	require.ErrorContains(t, err, "is in use by another process")
}

func TestUsageIsBounded(t *testing.T) {
	l := open(t, t.TempDir(), Options{})
	var batch []*Record
	for i := range MaxSums + 1 {
		batch = append(batch, &Record{ID: fmt.Sprint(i), Time: noon, Identity: map[string]string{"team": fmt.Sprint(i)}, Amounts: Amounts{Requests: 1}})
	}
	_, err := l.Add(batch, noon)
	require.NoError(t, err)
	q := Query{From: noon, To: noon.Add(time.Hour), GroupBy: []string{"team"}}
	_, err = l.Usage(context.Background(), q)
	require.ErrorIs(t, err, ErrTooMany)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = l.Usage(ctx, q)
	require.ErrorIs(t, err, context.Canceled)
}

// Rows that are not as they were written are an error, and no zeros.
func TestBrokenRows(t *testing.T) {
	l := open(t, t.TempDir(), Options{})
	require.NoError(t, l.db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket(rowsBucket).Put(append(hourKey(noon), 9, 'x'), []byte{1})
	}))
	_, err := l.Usage(context.Background(), Query{From: noon, To: noon.Add(time.Hour)})
	require.True(t, errors.Is(err, errRow), err)
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(line("1", noon, "a", "m", 1, 1, "0.1")))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Parse(b)
		if err != nil {
			return
		}
		row, err := parseKey(rowKey(r))
		require.NoError(t, err)
		require.Equal(t, len(r.Identity), len(row.identity))
		amounts, err := decodeAmounts(r.Amounts.encode())
		require.NoError(t, err)
		require.Equal(t, r.Amounts, amounts)
		_, err = json.Marshal(row.identity)
		require.NoError(t, err)
	})
}
