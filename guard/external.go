package guard

import (
	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/guard/placeholder"
	"github.com/sluice-gateway/sluice/guardclient"
	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/policy"
)

// said is a text that services are asked about.
type said struct {
	speaker    dialect.Speaker
	start, end int64  // of its value in the body
	text       []byte // as it is to leave so far
}

// ErrorKind begins the kind under which it is told that a service gave no word.
const ErrorKind = "error."

func redacts(e *policy.ExternalGuard) bool { return e.Action == policy.GuardRedact && !e.Shadow }

// Call is the body of the call that asks the policy's services about the prompt, once it has
// ended, and for how many milliseconds they may take; nil where there is nobody to ask, or
// nothing to show. Services see what is to leave, and no more. ok is false where they cannot
// be asked, and the policy denies what they have not seen.
func (p *Prompt) Call() (body []byte, within int64, ok bool) {
	var names []string
	var roles uint16
	for i := range p.g.external {
		e := &p.g.external[i]
		names = append(names, e.Name)
		roles |= roleSet(e.Roles)
		within = max(within, e.Timeout.Milliseconds())
	}
	var texts []guardclient.Text
	for i := range p.said {
		s := &p.said[i]
		if roles&(1<<s.speaker) != 0 && len(s.text) > 0 {
			texts = append(texts, guardclient.Text{Role: roleOf(s.speaker), Text: s.text})
			p.asked = append(p.asked, i)
		}
	}
	switch {
	case len(texts) == 0:
		return nil, 0, true
	case len(texts) > guardclient.MaxTexts:
		return nil, 0, p.Answered("", nil)
	}
	return guardclient.Call(texts, names, within), within, true
}

func roleOf(s dialect.Speaker) string {
	switch s {
	case dialect.System:
		return "system"
	case dialect.Assistant:
		return "assistant"
	case dialect.Tool:
		return "tool"
	}
	return "user"
}

// Answered takes the services' word: the status of the companion's answer, "" where there is
// none, and its body. It is false where one of them gave none, and the policy denies what
// that one has not seen.
func (p *Prompt) Answered(status string, reply []byte) bool {
	names := make([]string, len(p.g.external))
	for i := range names {
		names[i] = p.g.external[i].Name
	}
	texts := make([]guardclient.Text, len(p.asked))
	for i, at := range p.asked {
		texts[i] = guardclient.Text{Role: roleOf(p.said[at].speaker), Text: p.said[at].text}
	}
	verdicts, err := guardclient.Read(status, reply, texts, names)
	allowed := true
	var spans []guardclient.Span // of all services, in order: each has seen the texts as they were
	for i := range p.g.external {
		e := &p.g.external[i]
		verdict := guardclient.Verdict{}
		for j := range verdicts {
			if err == nil && verdicts[j].Name == e.Name {
				verdict = verdicts[j]
			}
		}
		switch verdict.Result {
		case guardclient.Clean:
		case guardclient.Found:
			p.Found.Add(e.Name, e.Action, e.Shadow)
			if redacts(e) {
				for _, span := range verdict.Spans {
					spans = insert(spans, span)
				}
			}
		default:
			deny := e.OnError == policy.DenyOnError && !e.Shadow
			action := policy.GuardFlag
			if deny {
				action, allowed = policy.GuardBlock, false
			}
			p.Found.Add(ErrorKind+e.Name, action, e.Shadow)
		}
	}
	p.replaceIn(spans)
	p.said, p.asked = nil, nil
	return allowed
}

func insert(spans []guardclient.Span, s guardclient.Span) []guardclient.Span {
	spans = append(spans, s)
	for i := len(spans) - 1; i > 0 && (spans[i-1].Text > s.Text || spans[i-1].Text == s.Text && spans[i-1].Start > s.Start); i-- {
		spans[i-1], spans[i] = spans[i], spans[i-1]
	}
	return spans
}

// replaceIn replaces what services have found. What is a placeholder already is a part of
// the new value as what it stands for, so that it comes back once and for all.
func (p *Prompt) replaceIn(spans []guardclient.Span) {
	for from := 0; from < len(spans); {
		s := &p.said[p.asked[spans[from].Text]]
		var out []byte
		at, to := 0, from
		for ; to < len(spans) && spans[to].Text == spans[from].Text; to++ {
			start, end := widen(s.text, max(at, spans[to].Start), spans[to].End)
			if start < at || start >= end {
				continue
			}
			value := p.Vault.Restorer(placeholder.Text)
			whole := value.End(value.Write(nil, s.text[start:end]))
			out = append(out, s.text[at:start]...)
			out = p.Vault.Placeholder(out, spans[to].Kind, whole)
			at = end
		}
		p.change(s.start, s.end, append(out, s.text[at:]...))
		from = to
	}
}

// widen takes in the whole of a placeholder that [start, end) cuts.
func widen(text []byte, start, end int) (int, int) {
	for at := start; at > 0 && inName(text[at-1]); at-- {
		if at > 1 && text[at-2] == '[' {
			start = at - 2
		}
	}
	for at := end; at < len(text) && inName(text[at]); at++ {
		if at+1 < len(text) && text[at+1] == ']' {
			end = at + 2
		}
	}
	return start, end
}

// inName tells a byte of a placeholder's inside.
func inName(c byte) bool { return 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' }

// change has a value of the body be this text.
func (p *Prompt) change(start, end int64, text []byte) {
	edit := jsonscan.Edit{Start: start, End: end, With: jsonscan.AppendQuoted(nil, string(text))}
	at := len(p.Edits)
	for at > 0 && p.Edits[at-1].Start >= start {
		at--
	}
	if at < len(p.Edits) && p.Edits[at].Start == start {
		p.Edits[at] = edit
		return
	}
	p.Edits = append(p.Edits, edit)
	for i := len(p.Edits) - 1; i > at; i-- {
		p.Edits[i], p.Edits[i-1] = p.Edits[i-1], p.Edits[i]
	}
}
