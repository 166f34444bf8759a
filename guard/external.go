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
	signed     bool   // it cannot be changed: [start, end) is its block
	start, end int64  // of its value in the body
	text       []byte // as it is to leave so far
}

// ErrorKind begins the kind under which it is told that a service gave no word.
const ErrorKind = "error."

// redacts tells whether what is found is replaced.
func redacts(action policy.GuardAction, shadow bool) bool {
	return action == policy.GuardRedact && !shadow
}

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
		p.said, p.heard = nil, true
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
		if err == nil {
			verdict = verdicts[i]
		}
		switch verdict.Result {
		case guardclient.Clean:
		case guardclient.Found:
			p.Found.Add(e.Name, e.Action, e.Shadow)
			if redacts(e.Action, e.Shadow) {
				spans = merge(spans, verdict.Spans)
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
	p.said, p.asked, p.heard = nil, nil, true
	return allowed
}

// merge is two lists of spans in one order.
func merge(a, b []guardclient.Span) []guardclient.Span {
	all := make([]guardclient.Span, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		from := &a
		if b[0].Text < a[0].Text || b[0].Text == a[0].Text && b[0].Start < a[0].Start {
			from = &b
		}
		all = append(all, (*from)[0])
		*from = (*from)[1:]
	}
	return append(append(all, a...), b...)
}

// replaceIn replaces what services have found. What is a placeholder already is a part of
// the new value as what it stands for, so that it comes back once and for all. Finds that
// overlap are one, of the kind of the first.
func (p *Prompt) replaceIn(spans []guardclient.Span) {
	var edits []jsonscan.Edit // those of before, and ours in place of those of the same texts
	before := p.Edits
	for next := 0; next < len(spans); {
		text := spans[next].Text
		s := &p.said[p.asked[text]]
		var out []byte
		at := 0
		for next < len(spans) && spans[next].Text == text {
			kind := spans[next].Kind
			start, end := widen(s.text, spans[next].Start, spans[next].End)
			for next++; next < len(spans) && spans[next].Text == text && spans[next].Start < end; next++ {
				_, more := widen(s.text, spans[next].Start, spans[next].End)
				end = max(end, more)
			}
			start = max(start, at) // what stands before has been replaced already
			value := p.Vault.Restorer(placeholder.Text)
			whole := value.End(value.Write(nil, s.text[start:end]))
			out = add(out, s.text[at:start])
			out = p.Vault.Placeholder(out, kind, whole)
			at = end
		}
		for len(before) > 0 && before[0].Start < s.start {
			edits, before = append(edits, before[0]), before[1:]
		}
		if len(before) > 0 && before[0].Start == s.start {
			before = before[1:]
		}
		out = add(out, s.text[at:])
		var with []byte
		if !s.signed {
			with = jsonscan.AppendQuoted(nil, string(out))
		}
		edits = jsonscan.AppendEdit(edits, s.start, s.end, with)
	}
	p.Edits = append(edits, before...)
}

// widen takes in the whole of the placeholders that [start, end) has a part of.
func widen(text []byte, start, end int) (int, int) {
	start, _ = around(text, start)
	_, end = around(text, end-1)
	return start, end
}

// around is the placeholder that a byte stands in, or the byte alone.
func around(text []byte, at int) (start, end int) {
	from, most := at, placeholder.MaxHeld // none is as long
	if text[at] == ']' {
		from--
	}
	for ; from > 0 && inName(text[from]) && most > 0; most-- {
		from--
	}
	if from < 0 || text[from] != '[' {
		return at, at + 1
	}
	to := from + 1
	for ; to < len(text) && inName(text[to]) && to-from < placeholder.MaxHeld; to++ {
	}
	if to < at || to == len(text) || text[to] != ']' || text[to-1] < '0' || text[to-1] > '9' {
		return at, at + 1
	}
	return from, to + 1
}

// inName tells a byte of a placeholder's inside.
func inName(c byte) bool { return 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' }
