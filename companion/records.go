package companion

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sluice-gateway/sluice/companion/ledger"
)

// maxRecord bounds a line of records. The gateway's have one or two kilobytes.
const maxRecord = 64 << 10

// badRecord is a line that could not be counted.
type badRecord struct {
	Index  int    `json:"index"` // of the line, from 0
	Reason string `json:"reason"`
}

// recordsReply is the answer to POST /v1/records.
type recordsReply struct {
	Accepted int         `json:"accepted"`
	Repeats  int         `json:"repeats"`
	BadCount int         `json:"bad_count"`
	Bad      []badRecord `json:"bad"` // the first maxBad of them
}

const maxBad = 100

// records answers POST /v1/records: decision records, one a line. A line that is bad is
// told and passed over; the others count, once, whatever is sent again.
func (s *Server) records(w http.ResponseWriter, r *http.Request) {
	if s.ledger == nil {
		fail(w, http.StatusServiceUnavailable, "this companion keeps no ledger")
		return
	}
	if !s.enter(w, s.others) {
		return
	}
	defer s.others.Release(1)
	body, release := s.body(w, r, "application/x-ndjson", s.limits.RecordsBody)
	if release == nil {
		return
	}
	defer release()
	now := s.c.Now()
	answer := recordsReply{Bad: []badRecord{}}
	var good []*ledger.Record
	index := -1
	for line := range bytes.Lines(body) {
		index++
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		if len(good)+answer.BadCount >= s.limits.Records {
			fail(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("more than %d records", s.limits.Records))
			return
		}
		record, err := s.record(line, now)
		if err != nil {
			if answer.BadCount++; len(answer.Bad) < maxBad {
				answer.Bad = append(answer.Bad, badRecord{index, err.Error()})
			}
			continue
		}
		good = append(good, record)
	}
	added, err := s.ledger.Add(good, now)
	if err != nil {
		s.metrics.Failed("ledger", "failed", err)
		s.failed(w, r, err)
		return
	}
	answer.Accepted, answer.Repeats = added.New, added.Repeats
	s.metrics.recorded(added, answer.BadCount)
	reply(w, http.StatusOK, answer)
}

func (s *Server) record(line []byte, now time.Time) (*ledger.Record, error) {
	if len(line) > maxRecord {
		return nil, fmt.Errorf("a record of %d bytes > %d", len(line), maxRecord)
	}
	record, err := ledger.Parse(line)
	if err == nil {
		err = unambiguous(line, "")
	}
	if err != nil {
		return nil, err
	}
	return record, s.ledger.Accept(record, now)
}

// usageRow is what requests with the same values of group_by came to.
type usageRow struct {
	By           map[string]*string `json:"by,omitempty"` // null = the requests had none
	Requests     int64              `json:"requests"`
	Refused      int64              `json:"refused"`
	Errors       int64              `json:"errors"`
	Unpriced     int64              `json:"unpriced"`
	Tokens       usageTokens        `json:"tokens"`
	Cost         int64              `json:"cost_microusd"`
	CostUSD      json.Number        `json:"cost_usd"`
	Hits         int64              `json:"hits"`
	SemanticHits int64              `json:"semantic_hits"`
	Saved        int64              `json:"saved_microusd"`
	SavedUSD     json.Number        `json:"saved_usd"`
	SavedTokens  int64              `json:"saved_tokens"`
}

type usageTokens struct {
	Input     int64 `json:"input"`
	Output    int64 `json:"output"`
	Cached    int64 `json:"cached"`
	Reasoning int64 `json:"reasoning"`
}

func newRow(a *ledger.Amounts) usageRow {
	return usageRow{Requests: a.Requests, Refused: a.Refused, Errors: a.Errors, Unpriced: a.Unpriced,
		Tokens: usageTokens{a.Input, a.Output, a.Cached, a.Reasoning}, Cost: a.Cost, CostUSD: dollars(a.Cost),
		Hits: a.Hits, SemanticHits: a.SemanticHits, Saved: a.Saved, SavedUSD: dollars(a.Saved), SavedTokens: a.SavedTokens}
}

func dollars(micro int64) json.Number {
	return json.Number(fmt.Sprintf("%d.%06d", micro/1_000_000, micro%1_000_000))
}

// usage answers GET /v1/usage: who used what. Every parameter that is none of from, to and
// group_by is a condition: team=search counts that team's requests alone.
func (s *Server) usage(w http.ResponseWriter, r *http.Request) {
	if s.ledger == nil {
		fail(w, http.StatusServiceUnavailable, "this companion keeps no ledger")
		return
	}
	if !s.enter(w, s.others) {
		return
	}
	defer s.others.Release(1)
	q, err := usageQuery(r.URL.RawQuery, s.c.Now())
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	unknown, known, err := s.ledger.Unknown(q)
	if err == nil && len(unknown) > 0 && len(known) > 0 {
		fail(w, http.StatusBadRequest, unknownPart("no record has", unknown, known)+"; beside parts there are hour, day, month, provider, model and model_asked")
		return
	}
	var sums []ledger.Sum
	if err == nil {
		sums, err = s.ledger.Usage(r.Context(), q)
	}
	switch {
	case errors.Is(err, ledger.ErrTooMany):
		fail(w, http.StatusBadRequest, fmt.Sprintf("more than %d rows: group by less, or ask for a shorter time", ledger.MaxSums))
		return
	case err != nil:
		s.metrics.Failed("ledger", "failed", err)
		s.failed(w, r, err)
		return
	}
	answer := struct {
		From    time.Time  `json:"from"`
		To      time.Time  `json:"to"`
		GroupBy []string   `json:"group_by"`
		Unknown []string   `json:"unknown_parts,omitempty"` // where no record has any part; else they are an error
		Rows    []usageRow `json:"rows"`
		Total   usageRow   `json:"total"`
	}{From: q.From, To: q.To, GroupBy: q.GroupBy, Unknown: unknown, Rows: make([]usageRow, len(sums))}
	var total ledger.Amounts
	for i := range sums {
		answer.Rows[i] = newRow(&sums[i].Amounts)
		answer.Rows[i].By = make(map[string]*string, len(q.GroupBy))
		for j, name := range q.GroupBy {
			answer.Rows[i].By[name] = sums[i].By[j]
		}
		total.Add(&sums[i].Amounts)
	}
	answer.Total = newRow(&total)
	reply(w, http.StatusOK, answer)
}

// unknownPart says which parts of an identity there are in place of those that there are not.
func unknownPart(nothing string, unknown, known []string) string {
	quoted := func(names []string) string {
		text := make([]string, min(len(names), 20))
		for i := range text {
			text[i] = fmt.Sprintf("%.40q", names[i])
		}
		if len(names) > len(text) {
			text = append(text, "…")
		}
		return strings.Join(text, ", ")
	}
	return nothing + " a part of identity named " + quoted(unknown) + "; there are " + quoted(known)
}

const (
	maxGroups     = 8
	maxConditions = 16
)

// usageQuery reads a query. Without from it begins with the month; without to it ends now,
// the hour under way included.
func usageQuery(raw string, now time.Time) (q ledger.Query, err error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return q, errors.New("the query cannot be read")
	}
	now = now.UTC()
	q.From = time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	q.To = now.Truncate(time.Hour).Add(time.Hour)
	q.GroupBy, q.Where = []string{}, map[string]string{}
	for name, all := range values {
		if len(all) != 1 {
			return q, fmt.Errorf("%.40q is there %d times", name, len(all))
		}
		switch value := all[0]; name {
		case "from":
			q.From, err = moment(value)
		case "to":
			q.To, err = moment(value)
		case "group_by":
			if value != "" {
				q.GroupBy = strings.Split(value, ",")
			}
		default:
			q.Where[name] = value
		}
		if err != nil {
			return q, fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(q.GroupBy) > maxGroups || len(q.Where) > maxConditions {
		return q, fmt.Errorf("%d names in group_by and %d conditions; %d and %d are the most", len(q.GroupBy), len(q.Where), maxGroups, maxConditions)
	}
	for i, name := range q.GroupBy {
		for _, before := range q.GroupBy[:i] {
			if name == before {
				return q, fmt.Errorf("group_by has %.40q twice", name)
			}
		}
		if name == "" {
			return q, errors.New("group_by has an empty name")
		}
	}
	if !q.From.Before(q.To) {
		return q, fmt.Errorf("from %s is not before to %s", q.From.Format(time.RFC3339), q.To.Format(time.RFC3339))
	}
	return q, nil
}

// moment reads a day or a time, down to the hour.
func moment(text string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, fmt.Errorf("%.40q is neither a day such as 2026-01-31 nor a time of RFC 3339", text)
	}
	return t.UTC().Truncate(time.Hour), nil
}
