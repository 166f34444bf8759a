package mock

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
)

// program is a script in use: the rules and how often each has been met.
type program struct {
	*Script
	met []atomic.Int64
}

func newProgram(s *Script) *program {
	return &program{Script: s, met: make([]atomic.Int64, len(s.Rules))}
}

// behaviour is what the request gets: its own `x-mock-…` headers over the first
// matching rule over the defaults. The second result is the rule's name.
func (p *program) behaviour(r *http.Request, q *query, body []byte) (Behaviour, string, error) {
	b := p.Defaults
	name := ""
	for i := range p.Rules {
		rule := &p.Rules[i]
		if !rule.Match.holds(r, q, body) || !rule.Match.counts(p.met[i].Add(1), p.Seed, uint64(i)) {
			continue
		}
		b.replace(rule.Behaviour)
		if name = rule.Name; name == "" {
			name = fmt.Sprintf("rules[%d]", i)
		}
		break
	}
	own, err := fromHeaders(r.Header)
	b.replace(own)
	return b, name, err
}

func (b *Behaviour) replace(with Behaviour) {
	if with.Answer != nil {
		b.Answer = with.Answer
	}
	if with.Pace != nil {
		b.Pace = with.Pace
	}
	if with.Fault != nil {
		b.Fault = with.Fault
	}
}

// fromHeaders reads `x-mock-answer`, `x-mock-pace` and `x-mock-fault`, each a section
// in YAML or JSON on one line: `x-mock-fault: {cut: {after_events: 2}}`.
func fromHeaders(h http.Header) (Behaviour, error) {
	var b Behaviour
	for name, target := range map[string]func() any{
		"X-Mock-Answer": func() any { b.Answer = new(Answer); return b.Answer },
		"X-Mock-Pace":   func() any { b.Pace = new(Pace); return b.Pace },
		"X-Mock-Fault":  func() any { b.Fault = new(Fault); return b.Fault },
	} {
		text := h.Get(name)
		if text == "" {
			continue
		}
		if err := decode([]byte(text), target()); err != nil {
			return Behaviour{}, fmt.Errorf("%s: %w", strings.ToLower(name), err)
		}
	}
	return b, b.check("x-mock-")
}

// holds says whether the fields that look at one request hold for this one.
func (m *Match) holds(r *http.Request, q *query, body []byte) bool {
	if m.Method != "" && m.Method != r.Method ||
		m.Path != "" && !glob(m.Path, r.URL.Path) ||
		m.Model != "" && !glob(m.Model, q.model) ||
		m.Key != "" && !glob(m.Key, q.key) ||
		m.Stream != nil && *m.Stream != q.stream ||
		m.Body != "" && !bytes.Contains(body, []byte(m.Body)) {
		return false
	}
	for name, want := range m.Header {
		if !slices.ContainsFunc(r.Header.Values(name), func(v string) bool { return glob(want, v) }) {
			return false
		}
	}
	return true
}

// counts says whether the fields that look at the number of the request hold for the
// nth one.
func (m *Match) counts(nth int64, seed, rule uint64) bool {
	if m.Nth != nil && !slices.Contains(m.Nth, nth) ||
		m.First != 0 && nth > m.First ||
		m.After != 0 && nth <= m.After ||
		m.Every != 0 && nth%m.Every != 0 {
		return false
	}
	if m.Probability == nil {
		return true
	}
	const steps = 1 << 53
	return float64(mix(seed^mix(rule+1)^mix(uint64(nth)<<20))%steps)/steps < *m.Probability
}

func glob(pattern, s string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(s, prefix)
	}
	return pattern == s
}

// mix is the finalizer of splitmix64 (Steele, Lea and Flood, OOPSLA 2014): every bit
// of the result depends on every bit of x.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
