package replay

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/policy"
)

// MaxLine bounds a line, in bytes: a captured request and its answer may be in it.
const MaxLine = 64 << 20

// Input is what is replayed.
type Input struct {
	Lines      int // that were read, blank ones not counted
	Duplicates int // records of a request that is there already
	Bad        []Problem

	records  []*record
	captures []*capture
	ids      map[string]bool
}

// Problem is a line that says nothing that could be replayed.
type Problem struct {
	At     string `json:"at"` // file:line
	Reason string `json:"reason"`
}

// record is a decision record, as far as it is replayed.
type record struct {
	at string // file:line

	ID, Dialect, Operation, Model, Provider, End, Code, Rule string
	Time                                                     time.Time
	Identity                                                 map[string]string
	ModelAsked                                               string `json:"model_asked"`
	Stream                                                   bool
	Tokens                                                   struct {
		Input, Output, Cached, Reasoning int64
		CacheWrite                       int64 `json:"cache_write"`
		CacheWriteLong                   int64 `json:"cache_write_long"`
		Source                           string
	}
	Cost  dollars `json:"cost_usd"`
	Asked *struct {
		Input, Choices int64
		Cap            *int64
	}
	Budgets []struct {
		Name, Unit      string
		Reserved        json.Number
		Remaining       json.Number
		Shadow, Refused bool
		WouldRefuse     bool `json:"would_refuse"`
	}
	Cache struct {
		Result      string
		SavedTokens int64   `json:"saved_tokens"`
		Saved       dollars `json:"saved_usd"`
	}
	Guards   []finding
	Attempts []struct {
		Provider, Model, Reason string
		Tokens                  int64
	}
	TotalMS int64 `json:"total_ms"`

	began, ended int64
}

// finding is what a guard found then.
type finding struct {
	Kind   string
	Action policy.GuardAction
	Count  int64
	Shadow bool
}

// capture is a request that somebody has kept whole.
type capture struct {
	at      string
	path    string
	headers map[string]string
	request []byte
	answer  []byte
	stream  bool
}

// dollars is an amount in micro-dollars, and whether there is one.
type dollars struct {
	micros int64
	known  bool
}

// UnmarshalJSON reads a number of dollars exactly.
func (d *dollars) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*d = dollars{}
		return nil
	}
	whole, fraction, _ := strings.Cut(string(text), ".")
	if len(fraction) > 6 || len(whole) > 12 {
		return errors.New("cost_usd is no amount of dollars with at most six decimals")
	}
	n := int64(0)
	for _, c := range whole + fraction + strings.Repeat("0", 6-len(fraction)) {
		if c < '0' || '9' < c {
			return errors.New("cost_usd is no amount of dollars with at most six decimals")
		}
		n = n*10 + int64(c-'0')
	}
	*d = dollars{n, true}
	return nil
}

// Read takes in the lines of a file. The error is the file's own; a bad line is noted and
// passed over.
func (in *Input) Read(name string, from io.Reader) error {
	if in.ids == nil {
		in.ids = map[string]bool{}
	}
	reader := bufio.NewReaderSize(from, 64<<10)
	for number := 1; ; number++ {
		line, long, err := readLine(reader)
		if err != nil && err != io.EOF {
			return fmt.Errorf("%s: %w", name, err)
		}
		at := fmt.Sprintf("%s:%d", name, number)
		if line = bytes.TrimSpace(line); long {
			in.Lines++
			in.bad(at, fmt.Errorf("longer than %d MiB", MaxLine>>20))
		} else if len(line) > 0 {
			in.Lines++
			in.line(at, line)
		}
		if err == io.EOF {
			return nil
		}
	}
}

// readLine reads a line without its end. What is too long is read to its end and not kept.
func readLine(in *bufio.Reader) (line []byte, long bool, err error) {
	for {
		part, err := in.ReadSlice('\n')
		if len(line)+len(part) > MaxLine {
			line, long = nil, true
		}
		if !long {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, long, err
		}
	}
}

func (in *Input) bad(at string, err error) { in.Bad = append(in.Bad, Problem{at, err.Error()}) }

// line takes in a record, a captured request, or both in one.
func (in *Input) line(at string, line []byte) {
	var both struct {
		End     *string
		Path    string
		Headers map[string]string
		Request json.RawMessage
		Answer  json.RawMessage
	}
	if err := json.Unmarshal(line, &both); err != nil {
		in.bad(at, notJSON(err))
		return
	}
	if both.End == nil && len(both.Request) == 0 {
		in.bad(at, errors.New(`neither a decision record (it has no "end") nor a captured request (it has no "request")`))
		return
	}
	var r *record
	if both.End != nil {
		r = &record{at: at}
		if err := json.Unmarshal(line, r); err != nil {
			in.bad(at, notJSON(err))
			return
		}
		if err := r.check(); err != nil {
			in.bad(at, err)
			return
		}
		if in.ids[r.ID] {
			in.Duplicates++
			return
		}
	}
	if len(both.Request) > 0 && string(both.Request) != "null" {
		c := &capture{at: at, path: both.Path, headers: both.Headers, request: text(both.Request), answer: text(both.Answer)}
		if c.path == "" {
			c.path = dialect.ChatCompletions.Path()
			if r != nil && r.op() != dialect.NoOp {
				c.path = r.op().Path()
			}
		}
		if c.path[0] != '/' {
			in.bad(at, errors.New("path does not begin with a slash"))
			return
		}
		c.stream = bytes.HasPrefix(c.answer, []byte("data:")) || bytes.HasPrefix(c.answer, []byte("event:"))
		in.captures = append(in.captures, c)
	}
	if r != nil {
		in.ids[r.ID] = true
		in.records = append(in.records, r)
	}
}

// notJSON says what is wrong with a line, without what stands in it.
func notJSON(err error) error {
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	var when *time.ParseError
	switch {
	case errors.As(err, &when):
		return errors.New("time is not as RFC 3339 has it")
	case errors.As(err, &syntax):
		return fmt.Errorf("no JSON at its byte %d", syntax.Offset)
	case errors.As(err, &typ) && typ.Field == "":
		return errors.New("no JSON object")
	case errors.As(err, &typ):
		return fmt.Errorf("%s is of the wrong type (%s)", strings.ToLower(typ.Field), typ.Value)
	}
	return err
}

// text is a body: a JSON string's text, or any other value as written.
func text(raw json.RawMessage) []byte {
	var s string
	if len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &s) == nil {
		return []byte(s)
	}
	if string(raw) == "null" {
		return nil
	}
	return raw
}

func (r *record) check() error {
	switch {
	case r.ID == "":
		return errors.New("a record without id")
	case r.Time.IsZero():
		return errors.New("a record without time")
	case r.Time.Year() < 1970 || r.Time.Year() > 9999:
		return errors.New("a record of a time that no gateway has seen")
	case !r.plausible():
		return errors.New("a record with a figure below 0, or of more than any request has")
	case r.op() == dialect.NoOp && r.Operation != "":
		return errors.New("a record of an operation that this release does not know")
	}
	switch r.End {
	case "complete", "cut", "refused", "blocked", "client_gone", "error":
	default:
		return errors.New("a record of an end that this release does not know")
	}
	r.began = r.Time.UnixMilli()
	r.ended = r.began + r.TotalMS
	return nil
}

// plausible bounds the figures, so that no sum of them can overflow.
func (r *record) plausible() bool {
	const tokens, year = 1 << 40, 366 * 24 * 3_600_000
	within := func(most int64, figures ...int64) bool {
		for _, n := range figures {
			if n < 0 || n > most {
				return false
			}
		}
		return true
	}
	t := &r.Tokens
	ok := within(tokens, t.Input, t.Output, t.Cached, t.Reasoning, t.CacheWrite, t.CacheWriteLong, r.Cache.SavedTokens) && within(year, r.TotalMS)
	if a := r.Asked; a != nil {
		ok = ok && within(tokens, a.Input) && within(1<<20, a.Choices)
		if a.Cap != nil {
			ok = ok && within(1<<30, *a.Cap)
		}
	}
	for i := range r.Attempts {
		ok = ok && within(tokens, r.Attempts[i].Tokens)
	}
	return ok
}

// op is the operation. Which of OpenAI's two chat APIs it was no record says: they differ in
// the least output cap alone.
func (r *record) op() dialect.Op {
	switch {
	case r.Operation == "chat" && r.Dialect == string(policy.Anthropic):
		return dialect.Messages
	case r.Operation == "chat":
		return dialect.ChatCompletions
	case r.Operation == "text_completion":
		return dialect.Completions
	case r.Operation == "embeddings":
		return dialect.Embeddings
	}
	return dialect.NoOp
}

// hit tells whether an answer that was kept served it.
func (r *record) hit() bool { return r.Cache.Result == "hit" || r.Cache.Result == "semantic-hit" }

// paid are the attempts that used something.
func (r *record) paid() (paid []int) {
	for i := range r.Attempts {
		if r.Attempts[i].Tokens > 0 {
			paid = append(paid, i)
		}
	}
	return paid
}

// reservedTokens is what it held of a budget in tokens, 0 where no record says.
func (r *record) reservedTokens() int64 {
	most := int64(0)
	for _, b := range r.Budgets {
		if n, err := b.Reserved.Int64(); err == nil && b.Unit == "tokens" {
			most = max(most, n)
		}
	}
	return most
}
