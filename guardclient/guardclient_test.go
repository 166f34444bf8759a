package guardclient_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/guardclient"
)

func TestCall(t *testing.T) {
	texts := []guardclient.Text{{Role: "user", Text: []byte("é\"\x00\n")}, {Role: "tool"}}
	require.Equal(t, `{"guards":["names","a\"b"],"within_ms":500,"texts":[{"role":"user","text":"é\"\u0000\n"},{"role":"tool","text":""}]}`,
		string(guardclient.Call(texts, []string{"names", `a"b`}, 500)))
	require.Equal(t, `{"guards":[],"within_ms":0,"texts":[]}`, string(guardclient.Call(nil, nil, 0)))
}

var texts = []guardclient.Text{{Role: "user", Text: []byte("I am Zoë Müller")}, {Role: "user", Text: []byte("日本")}, {Role: "user", Text: []byte("\xff Ann")}}

func verdict(name, more string) string {
	return `{"name":"` + name + `","result":"found",` + more + `"reason":"","ms":12}`
}

func span(text, start, end any) string {
	return fmt.Sprintf(`{"text":%v,"start":%v,"end":%v,"kind":"PERSON","score":0.85}`, text, start, end)
}

func TestRead(t *testing.T) {
	reply := `{"verdicts":[` + verdict("names", `"spans":[`+span(0, 5, 9)+`,`+span(0, 10, 17)+`,`+span(1, 0, 6)+`],"kinds":["PERSON"],`) + `,
		{"name":"moderation","result":"clean","spans":[],"kinds":[],"reason":"","ms":3},
		{"name":"x","result":"error","spans":[],"kinds":[],"reason":"` + strings.Repeat("why ", 100) + `","ms":500}]}`
	got, err := guardclient.Read("200", []byte(reply), texts, []string{"names", "moderation", "x"})
	require.NoError(t, err)
	require.Equal(t, []guardclient.Verdict{
		{Name: "names", Result: guardclient.Found, Kinds: []string{"PERSON"}, Spans: []guardclient.Span{{0, 5, 9, "PERSON"}, {0, 10, 17, "PERSON"}, {1, 0, 6, "PERSON"}}},
		{Name: "moderation", Result: guardclient.Clean},
		{Name: "x", Result: guardclient.Error, Reason: strings.Repeat("why ", 50)},
	}, got)
	require.Equal(t, "Zoë", string(texts[0].Text[5:9]))
	require.Equal(t, "Müller", string(texts[0].Text[10:17]))
	require.Equal(t, "error clean found", guardclient.Result(0).String()+" "+guardclient.Clean.String()+" "+guardclient.Found.String())
}

func TestBadReplies(t *testing.T) {
	spans := func(all ...string) string { return `"spans":[` + strings.Join(all, ",") + `],"kinds":[],` }
	var many []string
	for range guardclient.MaxSpans + 1 {
		many = append(many, span(0, 0, 1))
	}
	kinds := func(all string) string { return `"spans":[],"kinds":[` + all + `],` }
	for what, one := range map[string]string{
		"another guard's":         verdict("other", spans()),
		"no result":               `{"name":"g","spans":[],"kinds":[]}`,
		"a result of its own":     `{"name":"g","result":"fine","spans":[],"kinds":[]}`,
		"no spans":                `{"name":"g","result":"clean","kinds":[]}`,
		"no kinds":                `{"name":"g","result":"clean","spans":[]}`,
		"clean with a kind":       `{"name":"g","result":"clean","spans":[],"kinds":["a"]}`,
		"error with a span":       `{"name":"g","result":"error","spans":[` + span(0, 0, 1) + `],"kinds":[]}`,
		"beyond the texts":        verdict("g", spans(span(3, 0, 1))),
		"before the texts":        verdict("g", spans(span(-1, 0, 1))),
		"beyond a text":           verdict("g", spans(span(0, 0, 18))),
		"before a text":           verdict("g", spans(span(0, -1, 1))),
		"nothing":                 verdict("g", spans(span(0, 1, 1))),
		"backwards":               verdict("g", spans(span(0, 2, 1))),
		"begins in a character":   verdict("g", spans(span(0, 8, 9))),
		"ends in a character":     verdict("g", spans(span(0, 5, 8))),
		"a place that is no int":  verdict("g", spans(span(0, 0.5, 1))),
		"a place of 2^70":         verdict("g", spans(span(0, 0, "1180591620717411303424"))),
		"a place that is text":    verdict("g", spans(span(0, `"0"`, 1))),
		"overlapping":             verdict("g", spans(span(0, 0, 2), span(0, 1, 3))),
		"out of order":            verdict("g", spans(span(0, 2, 3), span(0, 0, 1))),
		"texts out of order":      verdict("g", spans(span(1, 0, 3), span(0, 0, 1))),
		"in text that is no UTF8": verdict("g", spans(span(2, 2, 3))),
		"too many spans":          verdict("g", spans(many...)),
		"too many kinds":          verdict("g", kinds(strings.Repeat(`"a",`, guardclient.MaxKinds)+`"a"`)),
		"a kind in words":         verdict("g", kinds(`"he said"`)),
		"a kind of nothing":       verdict("g", kinds(`""`)),
		"a kind of bytes":         verdict("g", kinds(`"a\u0000"`)),
		"a kind without an end":   verdict("g", kinds(`"`+strings.Repeat("a", 65)+`"`)),
		"no object":               `5`,
		"one too many":            verdict("g", spans()) + "," + verdict("g", spans()),
		"none":                    ``,
	} {
		got, err := guardclient.Read("200", []byte(`{"verdicts":[`+one+`]}`), texts, []string{"g"})
		require.Error(t, err, what)
		require.Nil(t, got, what)
	}
	for _, reply := range []string{``, `{}`, `[]`, `null`, `{"verdicts":{}}`, `{"verdicts":{"a":1}}`, strings.Repeat(" ", guardclient.MaxReply+1)} {
		_, err := guardclient.Read("200", []byte(reply), texts, []string{"g"})
		require.Error(t, err, "%.20s", reply)
	}
	_, err := guardclient.Read("503", []byte(`{"verdicts":[`+verdict("g", spans())+`]}`), texts, []string{"g"})
	require.EqualError(t, err, `guardclient: status 503`)
}

// Whatever the companion answers, what is read can be used to cut the texts.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"verdicts":[` + verdict("g", `"spans":[`+span(0, 5, 9)+`,`+span(1, 3, 6)+`],"kinds":["PERSON"],`) + `]}`))
	f.Add([]byte(`{"verdicts":[{"name":"g","result":"error","spans":[],"kinds":[],"reason":"status 500","ms":1}]}`))
	f.Fuzz(func(t *testing.T, reply []byte) {
		got, err := guardclient.Read("200", reply, texts, []string{"g"})
		if err != nil {
			require.Nil(t, got)
			return
		}
		require.Len(t, got, 1)
		require.LessOrEqual(t, len(got[0].Reason), guardclient.MaxReason)
		require.True(t, got[0].Result == guardclient.Found || len(got[0].Kinds)+len(got[0].Spans) == 0)
		for _, s := range got[0].Spans {
			require.NotEmpty(t, texts[s.Text].Text[s.Start:s.End])
			require.True(t, utf8.Valid(texts[s.Text].Text[s.Start:s.End]))
		}
	})
}

// Whatever is said, the call is JSON that says the same.
func FuzzCall(f *testing.F) {
	f.Add("user", []byte("hello"), "names", int64(500))
	f.Fuzz(func(t *testing.T, role string, text []byte, name string, within int64) {
		var got struct {
			Guards []string
			Within int64 `json:"within_ms"`
			Texts  []struct{ Role, Text string }
		}
		require.NoError(t, json.Unmarshal(guardclient.Call([]guardclient.Text{{Role: role, Text: text}}, []string{name}, within), &got))
		if utf8.Valid(text) && utf8.ValidString(role) && utf8.ValidString(name) {
			require.Equal(t, []any{[]string{name}, within, role, string(text)}, []any{got.Guards, got.Within, got.Texts[0].Role, got.Texts[0].Text})
		}
	})
}
