package gateway

import (
	"strconv"
	"strings"
	"time"

	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/policy"
)

// Report is what remains of a request: its decision record and what it adds to the
// metrics.
type Report struct {
	Record  []byte   // one JSON object on one line, valid until the next report; nil where the policy wants none
	Samples []Sample // valid until the next report
	Log     string
	Call    *Call // to be made for nobody in particular; its answer is for Gateway.Told
}

// report makes the report of a request that is over.
func (r *Request) report(now int64) Report {
	if r.phase == passing {
		return Report{}
	}
	out := Report{Samples: r.samples()}
	if outbox := r.g.companion.outbox; outbox != nil || r.g.policy.Records.AccessLog {
		record := r.record(now)
		if outbox != nil && !r.g.companion.queue.add(now, record) {
			outbox.Add(now, append([]byte(nil), record...))
		}
		if r.g.policy.Records.AccessLog {
			out.Record = record
		}
	}
	if r.spend.settleFail != nil {
		out.Log = "request " + r.id + " could not be settled and counts as reserved until its hold expires: " + r.spend.settleFail.Error()
	}
	return out
}

// record writes the decision record. Values that a client chose are cut and escaped;
// nothing that a policy wants hashed is held in any other form. All records of a gateway
// are written into one buffer.
func (r *Request) record(now int64) []byte {
	j := object{b: r.g.record[:0]}
	j.open()
	j.text("id", r.id)
	j.key("time")
	j.b = r.g.stamp.append(j.b, r.began)
	j.key("identity")
	j.open()
	for i := range r.identity {
		if r.identity[i].present {
			j.text(r.g.policy.Identity[i].Name, r.identity[i].value)
		}
	}
	j.close()
	j.text("dialect", string(r.dialect()))
	j.text("operation", r.op.String())
	asked, model, provider := "", "", ""
	stream := false
	if r.asked != nil {
		asked, stream = r.asked.ModelName, r.asked.Stream
	}
	if r.target != nil {
		provider, model = r.answers()
	}
	j.text("model_asked", asked)
	j.text("model", model)
	j.text("provider", provider)
	j.boolean("stream", stream)

	s := &r.spend
	u, from := s.used, s.source
	if !s.settled {
		from = fromNothing
	}
	j.key("tokens")
	j.open()
	j.number("input", u.Input)
	j.number("output", u.Output)
	j.number("cached", u.Cached)
	j.number("reasoning", u.Reasoning)
	if u.CacheWrite > 0 {
		j.number("cache_write", u.CacheWrite)
		j.number("cache_write_long", u.CacheWriteLong)
	}
	j.text("source", string(from))
	j.close()
	j.dollars("cost_usd", s.cost, s.priced)
	if s.choices > 0 {
		j.key("asked")
		j.open()
		j.number("input", s.input)
		j.number("choices", s.choices)
		if s.capped {
			j.number("cap", s.cap)
		}
		j.close()
	}

	j.key("budgets")
	j.openList()
	if s.reserved != nil {
		held := s.reserved.Held()
		for i := range held {
			j.budget(s.rules[i], held[i].Reserved, held[i].Settled, held[i].State.Remaining)
			if s.rules[i].Shadow {
				j.boolean("shadow", true)
				j.boolean("would_refuse", held[i].Over != nil)
			}
			j.close()
		}
	} else if s.refusal != nil {
		for i := range s.refusal.States {
			j.budget(s.rules[i], 0, 0, s.refusal.States[i].Remaining)
			if i == s.refusal.Claim {
				j.boolean("refused", true)
			}
			if s.rules[i].Shadow {
				j.boolean("shadow", true)
			}
			j.close()
		}
	}
	j.closeList()
	r.recordCache(&j)
	r.recordGuards(&j)

	j.key("attempts")
	j.openList()
	for _, a := range r.attempts {
		j.element()
		j.open()
		j.text("provider", a.target.provider.Name)
		j.text("model", a.target.model)
		j.number("status", int64(a.status))
		j.text("reason", a.reason)
		ended := a.ended
		if ended == 0 {
			ended = now
		}
		j.number("ms", max(0, ended-a.began))
		j.number("tokens", a.used.Input+a.used.Output)
		j.dollars("cost_usd", a.cost, a.target.priced)
		j.close()
	}
	j.closeList()
	if r.routing.rule != "" {
		j.text("rule", r.routing.rule)
	}
	if dropped := r.leftOut(); len(dropped) > 0 {
		j.text("dropped", strings.Join(dropped, ", "))
	}
	if r.attempt != nil && r.attempt.firstToken > 0 {
		j.number("first_token_ms", r.attempt.firstToken-r.began)
	} else {
		j.raw("first_token_ms", "null")
	}
	j.number("total_ms", max(0, now-r.began))
	j.text("end", string(r.end))
	if r.refused != nil {
		j.text("code", r.refused.Code)
	}
	if r.failure != 0 {
		j.text("failure", r.failure.String())
	}
	j.close()
	r.g.record = j.b
	return j.b
}

// stamp writes times as RFC 3339 has them, quoted. What the times of a second have in common
// is worked out once. (time.Format would be 30 KB of code, which every host compiles at every
// start.)
type stamp struct {
	second int64
	text   []byte // of that second, up to the point
}

func (s *stamp) append(b []byte, ms int64) []byte {
	if second := ms / 1000; second != s.second || s.text == nil {
		t := time.Unix(second, 0).UTC()
		year, month, day := t.Date()
		hour, minute, rest := t.Clock()
		text := appendDigits(append(s.text[:0], '"'), year, 4)
		for i, n := range [...]int{int(month), day, hour, minute, rest} {
			text = appendDigits(append(text, "--T::"[i]), n, 2)
		}
		s.second, s.text = second, append(text, '.')
	}
	return append(appendDigits(append(b, s.text...), int(ms%1000), 3), 'Z', '"')
}

func appendDigits(b []byte, n, width int) []byte {
	b = append(b, "000000"[:width]...)
	for at := len(b) - 1; width > 0; at, width = at-1, width-1 {
		b[at] = byte('0' + n%10)
		n /= 10
	}
	return b
}

// object writes JSON members one after the other.
type object struct {
	b     []byte
	later bool // a comma is due
}

// maxRecorded bounds a value in a record, in bytes.
const maxRecorded = 256

func (j *object) element() {
	if j.later {
		j.b = append(j.b, ',')
	}
	j.later = true
}

// key begins a member. No name here, the policy's own included, has anything to escape.
func (j *object) key(name string) {
	b := j.b
	if j.later {
		b = append(b, ',')
	}
	b = append(append(append(b, '"'), name...), '"', ':')
	j.b, j.later = b, true
}

func (j *object) open()      { j.b, j.later = append(j.b, '{'), false }
func (j *object) close()     { j.b, j.later = append(j.b, '}'), true }
func (j *object) openList()  { j.b, j.later = append(j.b, '['), false }
func (j *object) closeList() { j.b, j.later = append(j.b, ']'), true }

func (j *object) raw(name, value string) {
	j.key(name)
	j.b = append(j.b, value...)
}

func (j *object) text(name, value string) {
	j.key(name)
	if len(value) > maxRecorded {
		value = value[:maxRecorded]
	}
	j.b = jsonscan.AppendQuoted(j.b, value)
}

func (j *object) number(name string, n int64) {
	j.key(name)
	j.b = strconv.AppendInt(j.b, n, 10)
}

func (j *object) dollars(name string, micros int64, known bool) {
	j.key(name)
	if !known {
		j.b = append(j.b, "null"...)
		return
	}
	j.b = appendDollars(j.b, micros)
}

func (j *object) boolean(name string, v bool) { j.raw(name, strconv.FormatBool(v)) }

// budget begins the object of a budget, which the caller closes.
func (j *object) budget(b *rule, reserved, settled, remaining int64) {
	amount := func(name string, n int64) {
		if b.Unit == policy.USD {
			j.dollars(name, n, true)
			return
		}
		j.number(name, n)
	}
	j.element()
	j.open()
	j.text("name", b.Name)
	j.text("unit", string(b.Unit))
	amount("reserved", reserved)
	amount("settled", settled)
	amount("remaining", remaining)
}
