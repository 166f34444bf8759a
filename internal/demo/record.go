package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// record is the part of a decision record that the tour looks at.
type record struct {
	ID       string
	Identity map[string]string
	Model    string
	Tokens   struct {
		Input, Output int64
		Source        string
	}
	CostUSD json.Number `json:"cost_usd"`
	Cache   struct {
		Result      string
		SavedTokens int64       `json:"saved_tokens"`
		SavedUSD    json.Number `json:"saved_usd"`
	}
	Attempts []struct {
		Provider, Model, Reason string
	}
	Budgets []struct {
		Name      string
		Reserved  json.Number
		Settled   json.Number
		Remaining json.Number
	}
	End string

	line string
}

// recordsWithin is how long a record may take to reach Envoy's stdout.
const recordsWithin = 10 * time.Second

// records waits until there are so many decision records.
func (g *gateway) records(ctx context.Context, want int) ([]record, error) {
	ctx, cancel := context.WithTimeout(ctx, recordsWithin)
	defer cancel()
	for {
		lines := g.envoy.Lines()
		if len(lines) >= want {
			return parseRecords(lines)
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return nil, fmt.Errorf("%d decision records on Envoy's stdout for %d requests: %w", len(lines), want, err)
		}
	}
}

func parseRecords(lines []string) ([]record, error) {
	records := make([]record, len(lines))
	for i, line := range lines {
		if err := json.Unmarshal([]byte(line), &records[i]); err != nil {
			return nil, fmt.Errorf("a line on Envoy's stdout that is no decision record: %w: %s", err, line)
		}
		records[i].line = line
	}
	return records, nil
}

// find is the record of one answer.
func find(records []record, id string) (*record, error) {
	for i := range records {
		if records[i].ID == id {
			return &records[i], nil
		}
	}
	return nil, fmt.Errorf("no decision record has the id %q of the answer", id)
}

// dollars is what the request cost; 0 where no price is known.
func (r *record) dollars() float64 {
	cost, _ := r.CostUSD.Float64()
	return cost
}

// tokens is the member of the record, as it is written there.
func (r *record) member(name string) string {
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(r.line), &members) != nil {
		return ""
	}
	return fmt.Sprintf("%q:%s", name, members[name])
}

// pause is an error when ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
