package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// Record is what the ledger wants to know of a decision record.
type Record struct {
	ID         string
	Time       time.Time // UTC, when the request began
	Identity   map[string]string
	Provider   string
	Model      string
	ModelAsked string
	Amounts    Amounts
}

// The most that a record may claim. The gateway writes far less; more is a mistake or an
// attack on the sums.
const (
	maxID     = 128
	maxParts  = 16
	maxName   = 64
	maxValue  = 512
	maxTokens = 1 << 40
	maxMicro  = 1 << 50 // a thousand million dollars
	maxAhead  = time.Hour
)

// wire is a decision record's JSON, as far as it matters here. Other members are for others.
type wire struct {
	ID         string             `json:"id"`
	Time       string             `json:"time"`
	Identity   map[string]*string `json:"identity"`
	Provider   string             `json:"provider"`
	Model      string             `json:"model"`
	ModelAsked string             `json:"model_asked"`
	Tokens     struct {
		Input     int64 `json:"input"`
		Output    int64 `json:"output"`
		Cached    int64 `json:"cached"`
		Reasoning int64 `json:"reasoning"`
	} `json:"tokens"`
	Cost  *json.Number `json:"cost_usd"`
	Cache struct {
		Result      string       `json:"result"`
		SavedCost   *json.Number `json:"saved_usd"`
		SavedTokens int64        `json:"saved_tokens"`
	} `json:"cache"`
	End string `json:"end"`
}

// Parse reads one line of records.
func Parse(line []byte) (*Record, error) {
	var w wire
	if err := json.Unmarshal(line, &w); err != nil {
		return nil, fmt.Errorf("ledger: no decision record: %w", err)
	}
	at, err := time.Parse(time.RFC3339Nano, w.Time)
	if err != nil {
		return nil, fmt.Errorf("ledger: time %q is not of RFC 3339", cut(w.Time))
	}
	r := &Record{ID: w.ID, Time: at.UTC(), Provider: w.Provider, Model: w.Model, ModelAsked: w.ModelAsked}
	if len(w.ID) == 0 || len(w.ID) > maxID {
		return nil, fmt.Errorf("ledger: an id of %d bytes; it has 1 to %d", len(w.ID), maxID)
	}
	if len(w.Identity) > maxParts {
		return nil, fmt.Errorf("ledger: an identity of %d parts, more than %d", len(w.Identity), maxParts)
	}
	for name, value := range w.Identity {
		if value == nil {
			continue // a part that is null is one that the request lacked
		}
		if len(name) == 0 || len(name) > maxName || len(*value) > maxValue {
			return nil, fmt.Errorf("ledger: identity %q: name or value longer than %d or %d bytes, or no name", cut(name), maxName, maxValue)
		}
		if r.Identity == nil {
			r.Identity = make(map[string]string, len(w.Identity))
		}
		r.Identity[name] = *value
	}
	for _, text := range []string{w.Provider, w.Model, w.ModelAsked} {
		if len(text) > maxValue {
			return nil, fmt.Errorf("ledger: a provider or model of %d bytes, more than %d", len(text), maxValue)
		}
	}
	t := w.Tokens
	for _, n := range []int64{t.Input, t.Output, t.Cached, t.Reasoning, w.Cache.SavedTokens} {
		if n < 0 || n > maxTokens {
			return nil, fmt.Errorf("ledger: %d tokens; a request has 0 to %d", n, int64(maxTokens))
		}
	}
	a := &r.Amounts
	a.Requests, a.Input, a.Output, a.Cached, a.Reasoning = 1, t.Input, t.Output, t.Cached, t.Reasoning
	a.SavedTokens = w.Cache.SavedTokens
	if w.Cost == nil {
		a.Unpriced = 1
	} else if a.Cost, err = micro(*w.Cost); err != nil {
		return nil, err
	}
	if w.Cache.SavedCost != nil {
		if a.Saved, err = micro(*w.Cache.SavedCost); err != nil {
			return nil, err
		}
	}
	switch w.Cache.Result {
	case "hit":
		a.Hits = 1
	case "semantic-hit":
		a.SemanticHits = 1
	}
	switch w.End {
	case "refused", "blocked":
		a.Refused = 1
	case "error":
		a.Errors = 1
	}
	return r, nil
}

var errMoney = errors.New("ledger: an amount of money that is negative, too large or no number")

// micro is an amount in micro-dollars, rounded half up. The gateway's have six decimals at
// most, so that nothing of them is lost; a float64 would lose some.
func micro(n json.Number) (int64, error) {
	if len(n) > 40 {
		return 0, errMoney
	}
	f, err := n.Float64()
	if err != nil || f < 0 || f > float64(maxMicro)/1e6 || (f != 0 && f < 1e-12) {
		return 0, errMoney // also keeps 1e-999999 from the exact arithmetic below
	}
	r, ok := new(big.Rat).SetString(string(n))
	if !ok {
		return 0, errMoney
	}
	r.Mul(r, big.NewRat(1_000_000, 1)).Add(r, big.NewRat(1, 2))
	return new(big.Int).Div(r.Num(), r.Denom()).Int64(), nil
}

// cut keeps what a message quotes short.
func cut(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}

// Accept says why a record is not of a time that the ledger keeps, or nil.
func (l *Ledger) Accept(r *Record, now time.Time) error {
	switch {
	case r.Time.After(now.Add(maxAhead)):
		return fmt.Errorf("ledger: time %s is %s ahead", r.Time.Format(time.RFC3339), r.Time.Sub(now).Round(time.Second))
	case r.Time.Before(now.Add(-l.retention)):
		return fmt.Errorf("ledger: time %s is older than the %.0f days that are kept", r.Time.Format(time.RFC3339), l.retention.Hours()/24)
	}
	return nil
}
