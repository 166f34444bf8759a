package dialect

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// requireRewritten applies a rewrite to a body that was read as q and checks the
// outcome against another reader of JSON: what was wanted is there, and nothing else
// has changed. It returns the outcome.
func requireRewritten(t *testing.T, q *Request, body []byte, rw Rewrite) []byte {
	t.Helper()
	edits := q.Edits(rw)
	out := jsonscan.Apply(nil, body, edits)

	again, _, err := readRequest(q.Op, out)
	require.NoError(t, err, "%s", out) // which also says that no member is there twice
	require.Equal(t, q.Stream, again.Stream)

	var want, got map[string]any
	require.NoError(t, json.Unmarshal(body, &want))
	require.NoError(t, json.Unmarshal(out, &got), "%s", out)
	if rw.Model != "" {
		want["model"] = rw.Model
		require.Equal(t, rw.Model, again.ModelName)
	}
	before, choices, capped := q.OutputCap()
	after, choicesAfter, cappedAfter := again.OutputCap()
	require.Equal(t, choices, choicesAfter)
	if rw.OutputCap > 0 && !capped && q.Op.Generates() {
		name := "max_tokens"
		switch q.Op {
		case ChatCompletions:
			name = "max_completion_tokens"
		case Responses:
			name = "max_output_tokens"
		}
		want[name] = float64(rw.OutputCap)
		require.True(t, cappedAfter)
		require.Equal(t, rw.OutputCap, after)
	} else {
		require.Equal(t, capped, cappedAfter)
		require.Equal(t, before, after)
	}
	if rw.AskUsage && q.Stream && (q.Op == ChatCompletions || q.Op == Completions) {
		options, _ := want["stream_options"].(map[string]any)
		if options == nil {
			options = map[string]any{}
		}
		options["include_usage"] = true
		want["stream_options"] = options
		require.True(t, again.WantsUsage)
	} else {
		require.Equal(t, q.WantsUsage, again.WantsUsage)
	}
	require.Equal(t, want, got)
	require.Empty(t, again.Edits(rw), "what has been done need not be done again")
	return out
}

func TestEdits(t *testing.T) {
	for _, c := range []struct {
		op         Op
		body, want string
		rw         Rewrite
	}{
		{ChatCompletions, `{"model":"a","messages":[]}`, `{"model":"a","messages":[]}`, Rewrite{}},
		{ChatCompletions, `{"model":"a","messages":[]}`, `{"model":"a","messages":[]}`, Rewrite{Model: "a"}},
		{ChatCompletions, `{"model":"a"}`, `{"model":"b/\"c\""}`, Rewrite{Model: `b/"c"`}},
		{ChatCompletions, "{ \"model\" : \"a\" , \"x\" : 1.50e+1 }\n", "{\"max_completion_tokens\":9, \"model\" : \"b\" , \"x\" : 1.50e+1 }\n", Rewrite{Model: "b", OutputCap: 9}},
		{ChatCompletions, `{"max_tokens":5,"model":"a"}`, `{"max_tokens":5,"model":"a"}`, Rewrite{OutputCap: 9}},
		{ChatCompletions, `{"max_tokens":null,"model":"a"}`, `{"max_completion_tokens":9,"max_tokens":null,"model":"a"}`, Rewrite{OutputCap: 9}},
		{ChatCompletions, `{"max_completion_tokens":null,"model":"a"}`, `{"max_completion_tokens":9,"model":"a"}`, Rewrite{OutputCap: 9}},
		{ChatCompletions, `{"stream":true,"model":"a"}`, `{"stream_options":{"include_usage":true},"stream":true,"model":"a"}`, Rewrite{AskUsage: true}},
		{ChatCompletions, `{"stream":true,"stream_options":null,"model":"a"}`, `{"stream":true,"stream_options":{"include_usage":true},"model":"a"}`, Rewrite{AskUsage: true}},
		{ChatCompletions, `{"stream":true,"stream_options":{},"model":"a"}`, `{"stream":true,"stream_options":{"include_usage":true},"model":"a"}`, Rewrite{AskUsage: true}},
		{ChatCompletions, `{"stream":true,"stream_options":{ "x":1},"model":"a"}`, `{"stream":true,"stream_options":{"include_usage":true, "x":1},"model":"a"}`, Rewrite{AskUsage: true}},
		{ChatCompletions, `{"stream":true,"stream_options":{"include_usage":false},"model":"a"}`, `{"stream":true,"stream_options":{"include_usage":true},"model":"a"}`, Rewrite{AskUsage: true}},
		{ChatCompletions, `{"stream":true,"stream_options":{"include_usage":true},"model":"a"}`, `{"stream":true,"stream_options":{"include_usage":true},"model":"a"}`, Rewrite{AskUsage: true}},
		{ChatCompletions, `{"stream":false,"model":"a"}`, `{"stream":false,"model":"a"}`, Rewrite{AskUsage: true}},
		{Responses, `{"stream":true,"model":"a","input":"x"}`, `{"max_output_tokens":19,"stream":true,"model":"b","input":"x"}`, Rewrite{Model: "b", OutputCap: 19, AskUsage: true}},
		{Responses, `{"max_output_tokens":null,"model":"a"}`, `{"max_output_tokens":19,"model":"a"}`, Rewrite{OutputCap: 19}},
		{Responses, `{"max_output_tokens":20,"model":"a"}`, `{"max_output_tokens":20,"model":"a"}`, Rewrite{OutputCap: 19}},
		{Messages, `{"stream":true,"model":"a"}`, `{"max_tokens":9,"stream":true,"model":"a"}`, Rewrite{OutputCap: 9, AskUsage: true}},
		{Embeddings, `{"input":"x","model":"a"}`, `{"input":"x","model":"b"}`, Rewrite{Model: "b", OutputCap: 9, AskUsage: true}},
		{Completions, `{"prompt":"x","stream":true,"model":"a"}`, `{"max_tokens":9,"stream_options":{"include_usage":true},"prompt":"x","stream":true,"model":"a"}`, Rewrite{OutputCap: 9, AskUsage: true}},
	} {
		q, _, err := readRequest(c.op, []byte(c.body))
		require.NoError(t, err, c.body)
		require.Equal(t, c.want, string(requireRewritten(t, q, []byte(c.body), c.rw)))
	}
}

// Every way in which the members that we edit can be there, in two orders, under
// every rewrite.
func TestEditsOfEveryCombination(t *testing.T) {
	bodies := 0
	for _, op := range []Op{ChatCompletions, Completions, Embeddings, Messages, Responses} {
		for _, stream := range []string{``, `"stream":true`, `"stream":false`} {
			for _, old := range []string{``, `"max_tokens":null`, `"max_tokens":3`} {
				for _, cap := range []string{``, `"max_completion_tokens":null`, `"max_completion_tokens":4`} {
					for _, usage := range []string{``, `null`, `{}`, `{ "x" : {} }`, `{"include_usage":null}`, `{"include_usage":false,"x":1}`, `{"x":[],"include_usage":true}`} {
						if usage != "" {
							usage = `"stream_options": ` + usage
						}
						members := []string{`"model": "as\u006bed"`, old, usage, `"messages":[{"content":"{}"}]`, cap, stream}
						for range 2 {
							body := "{ " + join(members) + " }"
							q, _, err := readRequest(op, []byte(body))
							require.NoError(t, err, body)
							for mask := range 8 {
								rw := Rewrite{AskUsage: mask&1 != 0}
								if mask&2 != 0 {
									rw.OutputCap = 12
								}
								if mask&4 != 0 {
									rw.Model = "served"
								}
								out := requireRewritten(t, q, []byte(body), rw)
								requireOrder(t, body, string(out))
							}
							bodies++
							for i, j := 0, len(members)-1; i < j; i, j = i+1, j-1 {
								members[i], members[j] = members[j], members[i]
							}
						}
					}
				}
			}
		}
	}
	require.Equal(t, 5*3*3*3*7*2, bodies)
}

func join(members []string) string {
	var there []string
	for _, m := range members {
		if m != "" {
			there = append(there, m)
		}
	}
	return strings.Join(there, " , ")
}

// requireOrder checks that the members of before stand in after in their order.
func requireOrder(t *testing.T, before, after string) {
	t.Helper()
	names := func(body string) (out []string) {
		require.NoError(t, jsonscan.Scan([]byte(body), jsonscan.HandlerFunc(func(e *jsonscan.Event) error {
			if e.Depth == 1 {
				switch e.Kind {
				case jsonscan.BeginObject, jsonscan.BeginArray, jsonscan.BeginString, jsonscan.Number, jsonscan.True, jsonscan.False, jsonscan.Null:
					out = append(out, string(e.Key))
				}
			}
			return nil
		}), jsonscan.Options{}))
		return out
	}
	old := names(before)
	now := names(after)
	require.GreaterOrEqual(t, len(now), len(old))
	require.Equal(t, old, now[len(now)-len(old):], fmt.Sprintf("%s\n%s", before, after))
}

// A server that knows max_tokens alone gets the client's cap under that name.
func TestLegacyCap(t *testing.T) {
	for _, row := range []struct{ body, want string }{
		{`{"model":"m","max_completion_tokens" : 7,"messages":[]}`, `{"model":"m","max_tokens":7,"messages":[]}`},
		{`{"model":"m","max_tokens":5,"max_completion_tokens":7,"messages":[]}`, `{"model":"m","max_tokens":5,"max_completion_tokens":7,"messages":[]}`},
		{`{"model":"m","messages":[]}`, `{"max_tokens":9,"model":"m","messages":[]}`},
	} {
		r := NewRequestReader(ChatCompletions, nil)
		require.NoError(t, r.Write([]byte(row.body)))
		q, err := r.Close()
		require.NoError(t, err)
		got := jsonscan.Apply(nil, []byte(row.body), q.Edits(Rewrite{OutputCap: 9, LegacyCap: true}))
		require.Equal(t, row.want, string(got))
	}
}
