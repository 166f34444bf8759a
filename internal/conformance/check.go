package conformance

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// Seen is what came of a request.
type Seen struct {
	Status int
	Header http.Header
	Body   string
	Broken bool // the connection broke before the end
	// Bodiless is an answer that has no body, whatever its headers say of one.
	Bodiless bool
	Left     bool // before the end

	Sent    []Got
	Record  string // "" = none
	Metrics map[string]int64
}

// Got is a request that came to a provider.
type Got struct {
	To     string
	Path   string
	Header http.Header
	Body   string
}

// matches compares a value: "" is absent or empty, "*" is anything that is not, "*text*"
// has the text in it, ">0" is a number above, all else is equal.
func matches(want, got string) bool {
	switch {
	case want == "*":
		return got != ""
	case len(want) > 2 && want[0] == '*' && want[len(want)-1] == '*':
		return strings.Contains(got, want[1:len(want)-1])
	case want == ">0":
		n, err := strconv.ParseFloat(got, 64)
		return err == nil && n > 0
	}
	return want == got
}

// problems are what was seen otherwise than wanted.
type problems []string

func (p *problems) add(format string, args ...any) { *p = append(*p, fmt.Sprintf(format, args...)) }

func (p *problems) match(what, want, got string) {
	if !matches(want, got) {
		p.add("%s: want %q, got %q", what, want, got)
	}
}

func (p *problems) texts(what, body string, says, hides []string) {
	for _, part := range says {
		if !strings.Contains(body, part) {
			p.add("%s: %q is not in %s", what, part, brief(body))
		}
	}
	for _, part := range hides {
		if strings.Contains(body, part) {
			p.add("%s: %q is in %s", what, part, brief(body))
		}
	}
}

func (p *problems) json(what, text string, want map[string]string) {
	for _, path := range slices.Sorted(maps.Keys(want)) {
		if got := gjson.Get(text, path).String(); !matches(want[path], got) {
			p.add("%s: %s: want %q, got %q in %s", what, path, want[path], got, brief(text))
		}
	}
}

func (p *problems) headers(what string, want map[string]string, got http.Header) {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		p.match(what+" "+name, want[name], got.Get(name))
	}
}

// check says what of a request was not as it has to be.
func (w *Want) check(s Seen) []string {
	var p problems
	if s.Status != w.Status {
		p.add("status: want %d, got %d with %s", w.Status, s.Status, brief(s.Body))
	}
	if s.Broken != w.Broken {
		p.add("the connection broke: want %v, got %v after %s", w.Broken, s.Broken, brief(s.Body))
	}
	p.headers("header", w.Header, s.Header)
	switch why := misframed(s.Header, s.Body); {
	case s.Bodiless && s.Body != "":
		p.add("a body where none can be: %s", brief(s.Body))
	case why != "" && !s.Bodiless && !s.Broken && !s.Left:
		p.add("the answer has %s", why)
	}
	// Kong ends what the filter has written with a line end, which means nothing there.
	body := strings.TrimRight(s.Body, "\n")
	if w.Body != "" && body != strings.TrimRight(w.Body, "\n") {
		p.add("body: want %s, got %s", w.Body, s.Body)
	}
	p.texts("body", s.Body, w.Says, w.Hides)
	p.json("body", s.Body, w.JSON)
	w.checkAnswer(&p, s)
	w.checkSent(&p, s.Sent)
	switch {
	case w.Record == nil && s.Record != "":
		p.add("a record: want none, got %s", s.Record)
	case w.Record != nil && !gjson.Valid(s.Record):
		p.add("a record: got %q", s.Record)
	default:
		p.json("record", s.Record, w.Record)
	}
	for _, name := range slices.Sorted(maps.Keys(w.Metrics)) {
		if s.Metrics[name] != w.Metrics[name] {
			p.add("metric %s: want %d more, got %d", name, w.Metrics[name], s.Metrics[name])
		}
	}
	p.secrets(s)
	return p
}

func (w *Want) checkAnswer(p *problems, s Seen) {
	a := readAnswer(s.Header.Get("content-type"), s.Body)
	for _, row := range [...]struct{ what, want, got string }{
		{"text", w.Text, a.text}, {"finish", w.Finish, a.finish}, {"calls", w.Calls, a.calls}, {"error", w.Error, a.code},
	} {
		if row.want != "" && !matches(row.want, row.got) {
			p.add("%s: want %q, got %q in %s", row.what, row.want, row.got, brief(s.Body))
		}
	}
	if whole := !w.Broken && !w.Unfinished; a.stream && a.done != whole {
		p.add("a stream with its end: want %v, got %v in %s", whole, a.done, brief(s.Body))
	}
	for _, data := range a.bad {
		p.add("an event that cannot be read: %q", data)
	}
}

func (w *Want) checkSent(p *problems, got []Got) {
	if len(got) != len(w.Sent) {
		p.add("requests at providers: want %d, got %d: %s", len(w.Sent), len(got), to(got))
		return
	}
	for i, want := range w.Sent {
		g, what := got[i], fmt.Sprintf("request %d at a provider, ", i+1)
		p.match(what+"server", want.To, g.To)
		if why := misframed(g.Header, g.Body); why != "" {
			p.add("%s%s", what, why)
		}
		if want.Path != "" {
			p.match(what+"path", want.Path, g.Path)
		}
		p.headers(what+"header", want.Header, g.Header)
		if want.Body != "" && want.Body != g.Body {
			p.add("%sbody: want %s, got %s", what, want.Body, g.Body)
		}
		p.texts(what+"body", g.Body, want.Says, want.Hides)
		p.json(what+"body", g.Body, want.JSON)
	}
}

func to(got []Got) string {
	var names []string
	for _, g := range got {
		names = append(names, g.To+" "+g.Path)
	}
	return strings.Join(names, ", ")
}

// secrets is what holds of every request: nobody sees another's credential, and no
// provider anything in our name.
func (p *problems) secrets(s Seen) {
	ours := slices.Collect(maps.Values(Credentials))
	for name, values := range s.Header {
		p.texts("header "+name, strings.Join(values, " "), nil, ours)
	}
	p.texts("body", s.Body, nil, ours)
	p.texts("record", s.Record, nil, append(ours, clientKey))
	for _, g := range s.Sent {
		own := Credentials[keyOf[g.To]]
		for name, values := range g.Header {
			value := strings.Join(values, " ")
			if strings.HasPrefix(strings.ToLower(name), "x-sluice-") && value != "" {
				p.add("%s was sent to %s: %q", name, g.To, value)
			}
			for _, key := range append(ours, clientKey) {
				if own != "" && key != own && strings.Contains(value, key) {
					p.add("%s was sent to %s: %q", name, g.To, value)
				}
			}
		}
	}
}

func brief(text string) string {
	if len(text) > 2000 {
		return text[:2000] + "…"
	}
	return text
}
