package mock

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Script says how the mock answers. The first rule that matches a request decides;
// each of its sections (answer, pace, fault) replaces the one of Defaults.
type Script struct {
	Seed     uint64    `script:"seed"`     // of every generated answer and every probability; 1 when absent
	Models   []string  `script:"models"`   // the models that exist; empty = every name does
	Keys     []string  `script:"keys"`     // the API keys that are accepted; empty = all, and none
	Defaults Behaviour `script:"defaults"` //
	Rules    []Rule    `script:"rules"`    //
}

// Rule is a behaviour for the requests that match.
type Rule struct {
	Name  string `script:"name"`
	Match Match  `script:"match"`
	Behaviour
}

// Match is true for a request when everything in it is. The counting fields (nth,
// first, after, every, probability) look at the requests that no earlier rule decided
// and for which the other fields hold, counted from 1 by each rule for itself.
type Match struct {
	Method      string            `script:"method"`
	Path        string            `script:"path"`   // without query; `*` at the end stands for any rest, as in the next three
	Model       string            `script:"model"`  //
	Key         string            `script:"key"`    //
	Header      map[string]string `script:"header"` // `*` alone: any value, but there
	Body        string            `script:"body"`   // a part of the body
	Stream      *bool             `script:"stream"` //
	Nth         []int64           `script:"nth"`
	First       int64             `script:"first"`
	After       int64             `script:"after"`
	Every       int64             `script:"every"`
	Probability *float64          `script:"probability"` // decided by seed, rule and count: the same in every run
}

// Behaviour is what a rule does.
type Behaviour struct {
	Answer *Answer `script:"answer"`
	Pace   *Pace   `script:"pace"`
	Fault  *Fault  `script:"fault"`
}

// Answer is what the model says. Without any of it the model says 20 to 60 words,
// chosen by seed, model and prompt.
type Answer struct {
	Text       *string    `script:"text"`
	Echo       bool       `script:"echo"`      // the text of the last user message
	Tokens     int64      `script:"tokens"`    // so many generated words, each one token
	Reasoning  int64      `script:"reasoning"` // hidden output tokens before them
	Thoughts   []Thought  `script:"thoughts"`  // before them too, and seen
	Tools      []ToolCall `script:"tools"`
	Finish     string     `script:"finish"`      // a finish reason of the dialect in place of the true one
	Cached     int64      `script:"cached"`      // input tokens reported as read from the prompt cache
	CacheWrite int64      `script:"cache_write"` // input tokens reported as written to it
	InputScale float64    `script:"input_scale"` // input tokens are counted, then multiplied by this; 0 = 1
}

// ToolCall is a call the model makes.
type ToolCall struct {
	Name      string `script:"name"`
	Arguments string `script:"arguments"` // JSON text; a mapping in the script is made into it
}

// Pace is how fast a stream comes. TokensPerSecond and PerEvent add up.
type Pace struct {
	FirstToken      Duration `script:"first_token"`
	PerEvent        Duration `script:"per_event"`
	TokensPerSecond float64  `script:"tokens_per_second"`
}

// Fault is what goes wrong. Positions count the events of a stream; an answer that is
// not a stream is one event. A position behind the end never comes.
type Fault struct {
	// Instead of an answer.
	Status    int               `script:"status"`     // an error of the dialect with this status
	ErrorBody bool              `script:"error_body"` // status 200 with an error for a body
	Type      string            `script:"type"`       // the error's type, for status, error_body and error_event
	Message   string            `script:"message"`    // and its message
	Headers   map[string]string `script:"headers"`    // added to any answer, faulty or not
	Body      *string           `script:"body"`       // in place of the error's, or the answer's, body

	// Before it.
	Delay       Duration `script:"delay"`        // before the headers
	EarlyHints  bool     `script:"early_hints"`  // a 103 before them
	SlowHeaders Duration `script:"slow_headers"` // between any two bytes of them; HTTP/1.1 only

	// In the middle of it.
	Stall      *Stall     `script:"stall"`
	Cut        *Cut       `script:"cut"`
	ErrorEvent *Position  `script:"error_event"` // the dialect's error event, then the end
	Malformed  *Malformed `script:"malformed"`   // an event more, whose data is not JSON
	Huge       *Huge      `script:"huge"`        // an event more, valid and without meaning

	// In what it says.
	Usage           string `script:"usage"`             // missing, null or zero
	IgnoreMaxTokens bool   `script:"ignore_max_tokens"` //
	NoFinish        bool   `script:"no_finish"`         // a stream without finish reason, usage and end
	NoDone          bool   `script:"no_done"`           // a stream without [DONE] or message_stop
	AfterDone       string `script:"after_done"`        // data of an event behind the end

	// In how it is sent.
	Gzip            bool              `script:"gzip"`
	CRLF            bool              `script:"crlf"`
	SplitBytes      int               `script:"split_bytes"` // each write has so many bytes
	SplitPause      Duration          `script:"split_pause"` // between them, so that the network does not join them again
	JoinEvents      int               `script:"join_events"` // each write has so many events
	ContentType     string            `script:"content_type"`
	Trailers        map[string]string `script:"trailers"`
	ConnectionClose bool              `script:"connection_close"`
}

// Position is a place in a stream.
type Position struct {
	AfterEvents int `script:"after_events"`
}

// Stall is silence.
type Stall struct {
	AfterEvents int      `script:"after_events"`
	For         Duration `script:"for"` // 0 = until the client hangs up
}

// Cut is an end before the end: `reset` the connection (TCP RST), `close` it (FIN
// without the end of the body; the default), or `end` the body as if it were whole.
// HTTP/2 knows one way to break a stream off, so reset and close are the same there.
type Cut struct {
	AfterEvents *int   `script:"after_events"`
	AfterBytes  *int64 `script:"after_bytes"` // of the body
	How         string `script:"how"`
}

// Malformed is an event that cannot be read.
type Malformed struct {
	AfterEvents int    `script:"after_events"`
	Data        string `script:"data"` // half a chunk by default
}

// Huge is an event of at least so many bytes.
type Huge struct {
	AfterEvents int `script:"after_events"`
	Bytes       int `script:"bytes"`
}

// Duration is written as in Go: 150ms, 2s, 1m30s.
type Duration time.Duration

// ParseScript reads a script in YAML or JSON. An empty text is an empty script. Every
// error begins with the path of what it is about, as in `rules[0].fault.cut.how`.
func ParseScript(text string) (*Script, error) {
	s := &Script{Seed: 1}
	if err := decode([]byte(text), s); err != nil {
		return nil, err
	}
	if err := s.Defaults.check("defaults."); err != nil {
		return nil, err
	}
	for i := range s.Rules {
		at := fmt.Sprintf("rules[%d].", i)
		if err := s.Rules[i].Behaviour.check(at); err != nil {
			return nil, err
		}
		if p := s.Rules[i].Match.Probability; p != nil && !(*p >= 0 && *p <= 1) {
			return nil, fmt.Errorf("%smatch.probability: %v is not between 0 and 1", at, *p)
		}
		for j, nth := range s.Rules[i].Match.Nth {
			if nth < 1 {
				return nil, fmt.Errorf("%smatch.nth[%d]: %d: requests are counted from 1", at, j, nth)
			}
		}
	}
	return s, nil
}

// check finds what the types allow and the meaning does not.
func (b *Behaviour) check(at string) error {
	if a := b.Answer; a != nil {
		if a.Text != nil && a.Echo {
			return fmt.Errorf("%sanswer.echo: text is given too; choose one", at)
		}
		if a.InputScale < 0 || math.IsNaN(a.InputScale) || math.IsInf(a.InputScale, 0) {
			return fmt.Errorf("%sanswer.input_scale: %v is no factor", at, a.InputScale)
		}
		for i, t := range a.Thoughts {
			if (t.Text == "") == (t.Sealed == "") || t.Signed && t.Sealed != "" {
				return fmt.Errorf("%sanswer.thoughts[%d]: give a text, which may be signed, or what is sealed", at, i)
			}
		}
		for i, t := range a.Tools {
			if t.Name == "" {
				return fmt.Errorf("%sanswer.tools[%d].name: missing", at, i)
			}
		}
	}
	f := b.Fault
	if f == nil {
		return nil
	}
	if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		return fmt.Errorf("%sfault.status: %d is no final status (200 to 599)", at, f.Status)
	}
	switch f.Usage {
	case "", usageMissing, usageNull, usageZero:
	default:
		return fmt.Errorf("%sfault.usage: %q is none of missing, null, zero", at, f.Usage)
	}
	if c := f.Cut; c != nil {
		if (c.AfterEvents == nil) == (c.AfterBytes == nil) {
			return fmt.Errorf("%sfault.cut: give one of after_events and after_bytes", at)
		}
		switch c.How {
		case "", cutReset, cutClose, cutEnd:
		default:
			return fmt.Errorf("%sfault.cut.how: %q is none of reset, close, end", at, c.How)
		}
	}
	for name := range f.Trailers {
		if strings.ContainsAny(name, " :\r\n") || name == "" {
			return fmt.Errorf("%sfault.trailers: %q is no header name", at, name)
		}
	}
	return nil
}

// The values of Fault.Usage and Cut.How.
const (
	usageMissing = "missing"
	usageNull    = "null"
	usageZero    = "zero"

	cutReset = "reset"
	cutClose = "close"
	cutEnd   = "end"
)
