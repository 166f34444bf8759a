package dialect

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/jsonscan"
)

func TestDecorate(t *testing.T) {
	house := []Turn{{"system", `Be "kind".`}}
	both := []Turn{{"system", "S"}, {"user", "U"}, {"assistant", "A"}}
	for _, c := range []struct {
		name          string
		op            Op
		before, after []Turn
		body, want    string
	}{
		{"in front", ChatCompletions, house, nil,
			`{"model":"m","messages":[{"role":"user","content":"x"}]}`,
			`{"model":"m","messages":[{"role":"system","content":"Be \"kind\"."},{"role":"user","content":"x"}]}`},
		{"behind", ChatCompletions, nil, both,
			`{"model":"m","messages":[ {"role":"user","content":"x"} ] }`,
			`{"model":"m","messages":[ {"role":"user","content":"x"} ,{"role":"system","content":"S"},{"role":"user","content":"U"},{"role":"assistant","content":"A"}] }`},
		{"around nothing", ChatCompletions, house[:1], both[1:2],
			`{"model":"m","messages":[ ]}`,
			`{"model":"m","messages":[{"role":"system","content":"Be \"kind\"."},{"role":"user","content":"U"} ]}`},
		{"behind nothing", ChatCompletions, nil, both[1:2],
			`{"model":"m","messages":[]}`,
			`{"model":"m","messages":[{"role":"user","content":"U"}]}`},
		{"no messages", ChatCompletions, both, both, `{"model":"m"}`, `{"model":"m"}`},
		{"a turn without a text", ChatCompletions, []Turn{{"system", ""}, {"user", "U"}}, []Turn{{"system", ""}},
			`{"model":"m","messages":[{}]}`, `{"model":"m","messages":[{"role":"user","content":"U"},{}]}`},

		{"no system", Messages, house, nil,
			`{ "model":"m","messages":[{"role":"user","content":"x"}]}`,
			`{"system":[{"type":"text","text":"Be \"kind\"."}], "model":"m","messages":[{"role":"user","content":"x"}]}`},
		{"null", Messages, house, both[:1], `{"system": null ,"model":"m","messages":[]}`,
			`{"system": [{"type":"text","text":"Be \"kind\"."},{"type":"text","text":"S"}] ,"model":"m","messages":[]}`},
		{"an empty text", Messages, nil, both[:1], `{"system":"","model":"m"}`, `{"system":[{"type":"text","text":"S"}],"model":"m"}`},
		{"a text", Messages, house, both, `{"model":"m","messages":[{"role":"user","content":"x"}], "system" : "\u0041b" }`,
			`{"model":"m","messages":[{"role":"user","content":"x"},{"role":"user","content":"U"},{"role":"assistant","content":"A"}], "system" : [{"type":"text","text":"Be \"kind\"."},{"type":"text","text":"\u0041b"},{"type":"text","text":"S"}] }`},
		{"a list", Messages, both, nil, `{"system":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}}],"model":"m","messages":[{"role":"user","content":"x"}]}`,
			`{"system":[{"type":"text","text":"S"},{"type":"text","text":"x","cache_control":{"type":"ephemeral"}}],"model":"m","messages":[{"role":"user","content":"U"},{"role":"assistant","content":"A"},{"role":"user","content":"x"}]}`},
		{"neither", Messages, house, nil, `{"system":{"a":[]},"model":"m"}`, `{"system":{"a":[]},"model":"m"}`},
		{"a number", Messages, house, nil, `{"system":5,"model":"m"}`, `{"system":5,"model":"m"}`},

		{"no instructions", Responses, []Turn{{"system", "S"}, {"system", "T"}}, nil, `{"model":"m","input":"x"}`, `{"instructions":"S\n\nT","model":"m","input":"x"}`},
		{"instructions", Responses, house, nil, `{"instructions" : "\u0041b" ,"model":"m","input":"x"}`,
			`{"instructions" : "Be \"kind\".\n\n\u0041b" ,"model":"m","input":"x"}`},
		{"empty instructions", Responses, house, nil, `{"instructions":"","model":"m","input":"x"}`, `{"instructions":"Be \"kind\".","model":"m","input":"x"}`},
		{"listed instructions", Responses, both[:1], nil, `{"instructions":[{"role":"user","content":"x"}],"model":"m","input":"x"}`,
			`{"instructions":[{"role":"system","content":"S"},{"role":"user","content":"x"}],"model":"m","input":"x"}`},
		{"input that is a text", Responses, both[1:2], both[:1], `{"model":"m","input" : "x\n" }`,
			`{"model":"m","input" : [{"role":"user","content":"U"},{"role":"user","content":"x\n"},{"role":"system","content":"S"}] }`},
		{"input behind a text", Responses, nil, both[1:2], `{"model":"m","input":"x"}`,
			`{"model":"m","input":[{"role":"user","content":"x"},{"role":"user","content":"U"}]}`},
		{"items", Responses, both[1:2], both[2:], `{"model":"m","input":[{"role":"user","content":"x"}]}`,
			`{"model":"m","input":[{"role":"user","content":"U"},{"role":"user","content":"x"},{"role":"assistant","content":"A"}]}`},
		{"no input", Responses, both[1:], nil, `{"model":"m"}`, `{"model":"m"}`},
		{"input elsewhere", Responses, both[1:], nil, `{"model":"m","prompt":{"id":"p"}}`,
			`{"input":[{"role":"user","content":"U"},{"role":"assistant","content":"A"}],"model":"m","prompt":{"id":"p"}}`},
		{"no input, as written", Responses, nil, both[1:2], `{"model":"m","prompt":{"id":"p"},"input":null}`,
			`{"model":"m","prompt":{"id":"p"},"input":[{"role":"user","content":"U"}]}`},

		{"a completion", Completions, both, both, `{"model":"m","prompt":"x"}`, `{"model":"m","prompt":"x"}`},
		{"an embedding", Embeddings, both, both, `{"model":"m","input":"x"}`, `{"model":"m","input":"x"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			q, _, err := readRequest(c.op, []byte(c.body))
			require.NoError(t, err)
			require.Equal(t, c.want, string(requireDecorated(t, q, []byte(c.body), c.before, c.after)))
		})
	}
}

// Every form of the members that turns are put into, with any spaces, in two orders.
func TestDecorateEveryCombination(t *testing.T) {
	turns := []Turn{{"system", "S1"}, {"user", "U\n\"1\" é"}, {"system", ""}, {"assistant", "A"}, {"system", "S2"}}
	none := `-`
	forms := []string{none, `null`, `""`, `"x \" y"`, `[]`, `[ ]`, `[{"role":"user","content":"x"}]`,
		` [ {"role":"system","type":"text","text":"x","content":[]} , {"role":"user","content":"x"} ] `, `{"a":1}`, `7`, `true`}
	taken := func(name, form string) bool {
		switch strings.TrimSpace(form)[0] {
		case '{', '7', 't':
			return name == "system"
		case '"':
			return name != "messages"
		}
		return true
	}
	bodies := 0
	for _, op := range []Op{ChatCompletions, Messages, Responses} {
		talk, system := "messages", "system"
		if op == Responses {
			talk, system = "input", "instructions"
		}
		for _, said := range forms {
			for _, ruled := range forms {
				for _, more := range []string{none, `"previous_response_id":"r"`} {
					members := []string{`"model":"m"`}
					for _, m := range []struct{ name, form string }{{talk, said}, {system, ruled}} {
						if m.form != none {
							members = append(members, `"`+m.name+`" : `+m.form)
						}
					}
					if more != none {
						members = append(members, more)
					}
					for range 2 {
						for split := range len(turns) + 1 {
							body := "\t{ " + strings.Join(members, " , ") + "} "
							q, _, err := readRequest(op, []byte(body))
							bodies++
							if !taken(talk, said) || !taken(system, ruled) {
								require.ErrorAs(t, err, new(*FieldError), body)
								continue
							}
							require.NoError(t, err, body)
							out := requireDecorated(t, q, []byte(body), turns[:split], turns[split:])
							requireRewritten(t, q, out, Rewrite{Model: "served", OutputCap: 12, AskUsage: true})
						}
						for i, j := 0, len(members)-1; i < j; i, j = i+1, j-1 {
							members[i], members[j] = members[j], members[i]
						}
					}
				}
			}
		}
	}
	require.Equal(t, 3*len(forms)*len(forms)*2*2*(len(turns)+1), bodies)
}

func FuzzDecorate(f *testing.F) {
	for _, op := range []Op{ChatCompletions, Messages, Responses} {
		f.Add(uint8(op), []byte(`{"model":"m","messages":[{"role":"user","content":"x"}],"system":"y","input":"x","instructions":"z"}`), "S", "U", "A")
		f.Add(uint8(op), []byte(` {"input":[ ],"system" :[],"model":"m","messages":[ ]}`), "", "\xff\"", "{{model}}")
	}
	f.Fuzz(func(t *testing.T, kind uint8, body []byte, system, user, assistant string) {
		op := Op(kind%uint8(Responses)) + 1
		q, _, err := readRequest(op, body)
		if err != nil || json.Unmarshal(body, new(any)) != nil { // 1e999
			return
		}
		turns := []Turn{{"system", system}, {"user", user}, {"assistant", assistant}}
		for i := range turns {
			requireDecorated(t, clone(q), body, turns[:i], turns[i:])
		}
	})
}

// requireDecorated applies the edits and checks the outcome against a decorator of another
// kind, which decodes the body and builds it anew. q is then the outcome's.
func requireDecorated(t *testing.T, q *Request, body []byte, before, after []Turn) []byte {
	t.Helper()
	opening := func(body []byte) string {
		from, end := q.FirstTurn()
		return string(body[from:end])
	}
	first := opening(body)
	edits := q.Decorate(before, after)
	out := jsonscan.Apply(nil, body, edits) // panics where they are out of order
	q.Move(edits)

	var want, got map[string]any
	require.NoError(t, json.Unmarshal(body, &want))
	decorateSlowly(q, want, before, after)
	require.NoError(t, json.Unmarshal(out, &got), "%s", out)
	require.Equal(t, want, got, "%s", out)

	again, _, err := readRequest(q.Op, out)
	require.NoError(t, err, "%s", out)
	require.Equal(t, again.Size, q.Size)
	require.Equal(t, again.Model, q.Model)
	require.Equal(t, again.MaxTokens, q.MaxTokens)
	require.Equal(t, again.IncludeUsage, q.IncludeUsage)
	require.Equal(t, again.Stream, q.Stream)
	require.Equal(t, again.ToolCount, q.ToolCount)
	require.Equal(t, first, opening(out))
	again.KeepTurn(q)
	from, end := again.FirstTurn()
	require.Equal(t, first, string(out[from:end]))
	return out
}

// decorateSlowly is the oracle.
func decorateSlowly(q *Request, body map[string]any, before, after []Turn) {
	if !q.Op.Chat() {
		return
	}
	block := func(turn Turn) any { return map[string]any{"type": "text", "text": turn.Text} }
	message := func(turn Turn) any { return map[string]any{"role": turn.Role, "content": turn.Text} }
	around := func(name string, element func(Turn) any, front, back []Turn) {
		if len(front)+len(back) == 0 {
			return
		}
		list := []any{}
		for _, turn := range front {
			list = append(list, element(turn))
		}
		switch was := body[name].(type) {
		case nil:
		case string:
			if was != "" {
				list = append(list, element(Turn{"user", was}))
			}
		case []any:
			list = append(list, was...)
		default:
			return
		}
		for _, turn := range back {
			list = append(list, element(turn))
		}
		body[name] = list
	}
	pick := func(turns []Turn, system bool) (picked []Turn) {
		for _, turn := range turns {
			turn.Text = string([]rune(turn.Text)) // each byte that is no UTF-8 is U+FFFD
			if turn.Text != "" && (turn.Role == "system") == system {
				picked = append(picked, turn)
			}
		}
		return picked
	}
	all := func(turns []Turn) []Turn { // in their order
		var picked []Turn
		for _, turn := range turns {
			picked = append(picked, append(pick([]Turn{turn}, true), pick([]Turn{turn}, false)...)...)
		}
		return picked
	}
	switch q.Op {
	case ChatCompletions:
		if _, ok := body["messages"].([]any); ok {
			around("messages", message, all(before), all(after))
		}
	case Messages:
		around("system", block, pick(before, true), pick(after, true))
		if _, ok := body["messages"].([]any); ok {
			around("messages", message, pick(before, false), pick(after, false))
		}
	case Responses:
		texts := []string{}
		for _, turn := range pick(before, true) {
			texts = append(texts, turn.Text)
		}
		switch was := body["instructions"].(type) {
		case []any:
			around("instructions", message, pick(before, true), nil)
		case string, nil:
			if len(texts) == 0 {
				break
			}
			if was, _ := was.(string); was != "" {
				texts = append(texts, was)
			}
			body["instructions"] = strings.Join(texts, "\n\n")
		}
		if body["input"] != nil || q.Elsewhere {
			around("input", message, pick(before, false), all(after))
		}
	}
}

func clone(q *Request) *Request {
	copied := *q
	return &copied
}
