package normal

import (
	"mime"
	"strings"

	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/jsontree"
)

// Answer is an answer in the form in which it is kept: what both APIs can say.
type Answer struct {
	Model string // as the provider named it
	Text  string
	Calls []Call // behind the text
	End   End
	// StopSequence is the one that ended it. OpenAI's API does not say it.
	StopSequence string
	Usage        Usage
}

// Call is a call of a function. Ids are made anew for each replay.
type Call struct {
	Name      string
	Arguments string // a JSON object without spaces, its members in the order in which they came
}

// End is how an answer came to its end.
type End string

// The ends that an answer may have. Every other one is refused.
const (
	Stop      End = "stop"       // by itself or at a stop sequence; OpenAI's also with a call that was forced
	ToolCalls End = "tool_calls" // to have its calls made
)

// Usage is what the provider reported. Input and Output are totals: cached tokens are
// inside the one, reasoning inside the other.
type Usage struct {
	// Known tells that the rest was reported. A stream of OpenAI's reports it only to who
	// asks; whoever stores an answer without it fills in what was counted.
	Known  bool
	Input  int64
	Output int64

	Cached    int64 // input tokens that the provider's cache of prompts had
	Written   int64 // input tokens that were written to it
	Reasoning int64
}

// ReadAnswer reads an answer as the client got it: a whole one or a stream, by its
// content type. The error is a *NotCacheable, always. That an answer is returned means
// that it came to its end.
func ReadAnswer(api API, contentType string, body []byte) (*Answer, error) {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, refuse(ContentType, quoted(contentType))
	}
	s := said{answer: &Answer{}}
	switch {
	case media == "application/json" && api == Chat:
		s.completion(body)
	case media == "application/json" && api == Messages:
		s.message(body)
	case media == "text/event-stream" && api == Chat:
		s.completionStream(body)
	case media == "text/event-stream" && api == Messages:
		s.messageStream(body)
	default:
		s.refuse(ContentType, quoted(media))
	}
	s.finish()
	if s.no != nil {
		return nil, s.no
	}
	return s.answer, nil
}

// said is an answer on its way.
type said struct {
	json   reader
	answer *Answer
	text   strings.Builder
	calls  []heard
	no     *NotCacheable // the first reason
}

// heard is a call on its way.
type heard struct {
	id, name  string
	arguments []byte
}

func (s *said) refuse(r Reason, detail string) {
	if s.no == nil {
		s.no = refuse(r, detail)
	}
}

func (s *said) wrong(place string) { s.refuse(Malformed, place+" is not as documented") }

// none refuses an object's members that are not of these names and say something: they
// would be lost.
func (s *said) none(v jsontree.Value, what string, known ...string) {
	for _, m := range others(v, known...) {
		if !isEmpty(m.Value) {
			s.refuse(UnknownContent, quoted(what+"."+m.name)+" cannot be replayed")
			return
		}
	}
}

// string reads a member that is a string, null or absent.
func (s *said) string(v jsontree.Value, place string) string {
	if v.Present() && v.Kind() != jsontree.String {
		s.wrong(place)
	}
	return v.Text()
}

// named keeps the model's name. The first that a stream has stands: some have none in
// their first chunk.
func (s *said) named(v jsontree.Value) {
	if s.answer.Model == "" {
		s.answer.Model = s.string(v, "model")
	}
}

// finish puts together what was heard and checks it.
func (s *said) finish() {
	if s.no != nil {
		return
	}
	a := s.answer
	a.Text = s.text.String()
	for i := range s.calls {
		arguments, no := s.arguments(string(s.calls[i].arguments))
		if no != nil {
			s.no = no
			return
		}
		a.Calls = append(a.Calls, Call{s.calls[i].name, arguments})
	}
	s.no = a.check()
}

// check tells why an answer cannot be kept, also of one that was read from a store.
func (a *Answer) check() *NotCacheable {
	switch {
	case a.Model == "":
		return refuse(Malformed, "no model is named")
	case strings.TrimSpace(a.Text) == "" && len(a.Calls) == 0:
		return refuse(Empty, "neither text nor calls")
	case a.End != Stop && a.End != ToolCalls,
		a.End == ToolCalls && len(a.Calls) == 0,
		a.StopSequence != "" && (a.End != Stop || len(a.Calls) > 0):
		return refuse(Finish, quoted(string(a.End))+" does not go with the content")
	}
	u := a.Usage
	for _, n := range [...]int64{u.Input, u.Output, u.Cached, u.Written, u.Reasoning} {
		if n < 0 || n > maxTokens || n > 0 && !u.Known {
			return refuse(Malformed, "the usage has a number that cannot be")
		}
	}
	if u.Cached+u.Written > u.Input || u.Reasoning > u.Output {
		return refuse(Malformed, "the usage has a part that is larger than the whole")
	}
	for _, c := range a.Calls {
		if c.Name == "" {
			return refuse(Malformed, "a call without a name")
		}
	}
	return nil
}

// maxTokens bounds what a provider may claim, as package dialect does.
const maxTokens = 1 << 30

// arguments brings those of a call into their one form. Blank ones are none: so some
// models call a function that takes nothing.
func (s *said) arguments(text string) (string, *NotCacheable) {
	if strings.TrimSpace(text) == "" {
		return "{}", nil
	}
	v, no := s.json.object([]byte(text))
	if no != nil {
		return "", refuse(Arguments, strings.TrimPrefix(no.Detail, "jsonscan: "))
	}
	return string(appendCompact(nil, v)), nil
}

// appendCompact writes a value without spaces, its strings with no escape that is not
// needed, and its numbers as they are written.
func appendCompact(out []byte, v jsontree.Value) []byte {
	switch v.Kind() {
	case jsontree.String:
		return jsonscan.AppendQuoted(out, v.Text())
	case jsontree.Array:
		out = append(out, '[')
		for i, e := range v.Elements() {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendCompact(out, e)
		}
		return append(out, ']')
	case jsontree.Object:
		out = append(out, '{')
		for i, m := range v.Elements() {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(jsonscan.AppendQuoted(out, m.Name()), ':')
			out = appendCompact(out, m)
		}
		return append(out, '}')
	}
	return append(out, v.Raw()...)
}

// tokens reads one figure of a usage into to, and tells whether there was one.
func (s *said) tokens(v jsontree.Value, to *int64) bool {
	if !v.Present() {
		return false
	}
	n, whole := v.Int()
	if !whole || n < 0 || n > maxTokens {
		s.wrong("usage")
		return false
	}
	*to = n
	return true
}
