package replay

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/policy"
)

// Captured is what the policy's guards do about requests that were kept whole.
type Captured struct {
	Requests int              `json:"requests"`
	Answers  int              `json:"answers"`
	Outcomes map[string]int   `json:"outcomes"` // by the error's code; "" = it goes on
	Rules    []*CapturedRule  `json:"rules,omitempty"`
	Refused  []CapturedRefuse `json:"refused,omitempty"` // otherwise than by a guard
	External bool             `json:"external_not_asked,omitempty"`
}

// CapturedRule is what one rule does.
type CapturedRule struct {
	Kind     string   `json:"kind"`
	Action   string   `json:"action"`
	Requests int      `json:"requests"`
	Count    int64    `json:"count"` // as the metric counts
	Lines    []string `json:"lines"` // file:line, the first of them
}

// CapturedRefuse is a request that the gateway would not have taken.
type CapturedRefuse struct {
	Line string `json:"line"`
	Code string `json:"code"`
}

// maxLines bounds the lines that are named for one rule.
const maxLines = 20

// captured holds what was kept against the policy's guards.
func (s *simulation) captured(all []*capture) error {
	if len(all) == 0 {
		return nil
	}
	out := &Captured{Requests: len(all), Outcomes: map[string]int{}}
	out.External = s.policy.Guards != nil && len(s.policy.Guards.External) > 0
	g, err := gateway.New(once(gateway.Guards(s.policy)), gateway.Options{Store: store{}, Env: func(string) string { return "none" }})
	if err != nil {
		return err
	}
	found := map[[2]string]*CapturedRule{}
	for i, c := range all {
		line := c.live(g, int64(i))
		if len(c.answer) > 0 {
			out.Answers++
		}
		out.Outcomes[line.Code]++
		if line.Code != "" && line.Code != "blocked_by_guard" && line.Code != "invalid_output" {
			out.Refused = append(out.Refused, CapturedRefuse{c.at, line.Code})
		}
		for _, f := range line.Guards {
			key := [2]string{f.Kind, f.Action.Told(f.Shadow)}
			rule := found[key]
			if rule == nil {
				rule = &CapturedRule{Kind: key[0], Action: key[1]}
				found[key] = rule
				out.Rules = append(out.Rules, rule)
			}
			rule.Requests++
			rule.Count += f.Count
			if len(rule.Lines) < maxLines {
				rule.Lines = append(rule.Lines, c.at)
			}
		}
	}
	slices.SortFunc(out.Rules, func(a, b *CapturedRule) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Action, b.Action))
	})
	s.report.Captured = out
	return nil
}

// once is a policy of which each request is tried once: there is one answer to each.
func once(p *policy.Policy) *policy.Policy {
	p.Models = slices.Clone(p.Models)
	for i := range p.Models {
		p.Models[i].Retry.Attempts = 1
		p.Models[i].Inline = false
	}
	return p
}

// live takes a request through the gateway, and its answer back.
func (c *capture) live(g *gateway.Gateway, n int64) record {
	h := gateway.Headers{{":method", "POST"}, {":path", c.path}, {":authority", "replay"}, {"content-type", "application/json"}}
	for name, value := range c.headers {
		if name = strings.ToLower(name); !strings.HasPrefix(name, ":") && name != "content-length" && name != "content-type" {
			h = append(h, [2]string{name, value})
		}
	}
	reader := func(body []byte) gateway.Read {
		return func(from, size int) []byte { return body[min(from, len(body)):min(from+size, len(body))] }
	}
	r, out := g.Begin(gateway.Arrival{Now: n, ID: "replay-" + strconv.FormatInt(n, 10), Headers: h, HoldsAnswers: true,
		Property: func([]string) (string, bool) { return "", false }})
	if out.Reply == nil {
		out = r.Body(n, len(c.request), true, reader(c.request))
	}
	if out.Reply == nil && len(c.answer) > 0 {
		kind := "application/json"
		if c.stream {
			kind = "text/event-stream"
		}
		r.ResponseHeaders(n, gateway.Headers{{":status", "200"}, {"content-type", kind}}, false)
		r.ResponseBody(n, len(c.answer), true, reader(c.answer))
	}
	var line record
	report := r.Done(n, false)
	if len(report.Record) == 0 {
		line.Code = "not_a_call" // it passes by every guard
		return line
	}
	_ = json.Unmarshal(report.Record, &line)      // ours
	if line.End == "blocked" && line.Code == "" { // a stream, which ends as its dialect has it
		line.Code = "blocked_by_guard"
	}
	return line
}
