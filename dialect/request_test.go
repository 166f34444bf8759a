package dialect

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// heard is a Content that writes down what it is told.
type heard struct {
	lines []string
	text  []byte
	at    Text
}

func (h *heard) BeginText(t Text) { h.at = t }

func (h *heard) Text(p []byte) { h.text = append(h.text, p...) }

func (h *heard) EndText(signed, end int64) {
	form := [...]string{Plain: "text", JSONText: "json text", JSON: "json", Framing: "framing", Label: "label"}[h.at.Form]
	if signed > 0 {
		form, h.at.Start = "signed "+form, signed
	}
	by := [...]string{InMessage: "", System: " by system", User: " by user", Assistant: " by assistant", Tool: " by tool", OtherSpeaker: ""}[h.at.Speaker]
	h.lines = append(h.lines, fmt.Sprintf("%s%s at %d to %d: %q", form, by, h.at.Start, end, h.text))
	h.text = h.text[:0]
}

func (h *heard) EndMessage(by Speaker) {
	h.lines = append(h.lines, "message of "+[...]string{System: "system", User: "user", Assistant: "assistant", Tool: "tool", OtherSpeaker: "another"}[by])
}

func (h *heard) Attach(a Attachment) {
	kind := [...]string{Document: "document", Picture: "picture", Recording: "recording"}[a.Kind]
	h.lines = append(h.lines, fmt.Sprintf("attach %s, %d bytes, head %q, detail %q", kind, a.Size, hex.EncodeToString(a.Head), a.Detail))
}

// readRequest reads a body in the given pieces.
func readRequest(op Op, pieces ...[]byte) (*Request, *heard, error) {
	h := &heard{}
	r := NewRequestReader(op, h)
	for _, p := range pieces {
		if err := r.Write(bytes.Clone(p)); err != nil {
			return nil, h, err
		}
	}
	q, err := r.Close()
	return q, h, err
}

// describe is all that was read of a request, for people.
func describe(q *Request, h *heard, body []byte) string {
	var out strings.Builder
	field := func(name string, f Field) {
		if f.Kind != 0 {
			fmt.Fprintf(&out, "%s at %d: %s\n", name, f.Start, body[f.Start:f.End])
		}
	}
	field("model", q.Model)
	field("max_tokens", q.MaxTokens.Field)
	field("max_completion_tokens", q.MaxCompletionTokens.Field)
	field("n", q.N.Field)
	field("best_of", q.BestOf.Field)
	field("stream_options", q.StreamOptions)
	field("stream_options.include_usage", q.IncludeUsage)
	tokens, choices, capped := q.OutputCap()
	fmt.Fprintf(&out, "asks for %q, stream %t, usage %t, cap %d of %d choices (capped %t)\n", q.ModelName, q.Stream, q.WantsUsage, tokens, choices, capped)
	fmt.Fprintf(&out, "has %d messages, %d names, %d prompts, %d token ids\n", q.Messages, q.Names, q.Prompts, q.TokenIDs)
	if q.Elsewhere {
		fmt.Fprintln(&out, "has input elsewhere")
	}
	if q.ToolForced {
		fmt.Fprintln(&out, "forces a tool")
	}
	for _, c := range []struct {
		name string
		raw  []byte
	}{{"tools", q.Tools}, {"functions", q.Functions}, {"format", q.Format}} {
		if c.raw != nil {
			fmt.Fprintf(&out, "%s %s\n", c.name, c.raw)
		}
	}
	for _, line := range h.lines {
		fmt.Fprintln(&out, line)
	}
	return out.String()
}

var opOfFolder = map[string]Op{"chat": ChatCompletions, "completions": Completions, "embeddings": Embeddings, "messages": Messages, "responses": Responses}

// requestBodies calls f with each body in testdata/requests/<operation>/.
func requestBodies(t testing.TB, f func(name string, op Op, body []byte)) {
	files, err := filepath.Glob("testdata/requests/*/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(t, err)
		require.True(t, json.Valid(body), file)
		op, ok := opOfFolder[filepath.Base(filepath.Dir(file))]
		require.True(t, ok, file)
		f(file, op, body)
	}
}

func TestRequests(t *testing.T) {
	requestBodies(t, func(file string, op Op, body []byte) {
		q, h, err := readRequest(op, body)
		require.NoError(t, err, file)
		require.EqualValues(t, len(body), q.Size, file)
		got := describe(q, h, body)
		golden := strings.TrimSuffix(file, ".json") + ".golden"
		if *update {
			require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		require.Equal(t, string(want), got, file)
	})
}

// A request means the same however its body was cut on the way.
func TestRequestsInPieces(t *testing.T) {
	requestBodies(t, func(file string, op Op, body []byte) {
		q, h, err := readRequest(op, body)
		require.NoError(t, err, file)
		want := describe(q, h, body)
		same := func(pieces ...[]byte) {
			q, h, err := readRequest(op, pieces...)
			if err != nil || describe(q, h, body) != want { // testify is slow in a loop this long
				require.NoError(t, err)
				require.Equal(t, want, describe(q, h, body), "%s cut as %q", file, pieces)
			}
		}
		var bytewise [][]byte
		for i := range body {
			bytewise = append(bytewise, body[i:i+1])
		}
		same(bytewise...)
		// Every pair of cuts in a small body. In a large one the second is near the
		// first: a place that straddles both has no other way to be reached.
		near := len(body)
		if near > 300 {
			near = 12
		}
		for i := range body {
			for j := i; j <= len(body) && j <= i+near; j++ {
				same(body[:i], body[i:j], body[j:])
			}
		}
	})
}

func TestRequestsRefused(t *testing.T) {
	const tail = `,"messages":[{"role":"user","content":"hi"}]}`
	for _, c := range []struct {
		op    Op
		body  string
		field string // "": the JSON itself is refused
		says  string
	}{
		{ChatCompletions, ``, "", "empty"},
		{ChatCompletions, `{"model":"m"`, "", "ends before"},
		{ChatCompletions, `{"model":"m"} {}`, "", "after the end"},
		{ChatCompletions, `{'model':"m"}`, "", "name in quotes"},
		{ChatCompletions, "{\"model\":\"m\xff\"}", "", "UTF-8"},
		{ChatCompletions, `{"model":"a","model":"b"` + tail, "", "the same name"},
		{ChatCompletions, `{"model":"a","mod\u0065l":"b"` + tail, "", "the same name"},
		{ChatCompletions, `{"model":"a","max_tokens":1,"max_tokens":100000` + tail, "", "the same name"},
		{ChatCompletions, `{"model":"a","messages":[{"content":"a","content":"b"}]}`, "", "the same name"},
		{ChatCompletions, `{"model":"a","x":{"y":1,"y":2}` + tail, "", "the same name"},
		{ChatCompletions, `{"model":"a","stream_options":{"include_usage":true,"include_usage":false}` + tail, "", "the same name"},

		{ChatCompletions, `[]`, "body", "not a JSON object"},
		{ChatCompletions, `"model"`, "body", "not a JSON object"},
		{ChatCompletions, `null`, "body", "not a JSON object"},
		{ChatCompletions, `{}`, "model", "missing"},
		{ChatCompletions, `{"model":""` + tail, "model", "empty"},
		{ChatCompletions, `{"model":null` + tail, "model", "not a string"},
		{ChatCompletions, `{"model":["gpt-4o"]` + tail, "model", "not a string"},
		{ChatCompletions, `{"model":{"model":"gpt-4o"}` + tail, "model", "not a string"},
		{ChatCompletions, `{"model":"gpt\r\nx-admin: 1"` + tail, "model", "control character"},
		{ChatCompletions, `{"model":"` + strings.Repeat("m", 257) + `"` + tail, "model", "longer than 256 bytes"},
		{ChatCompletions, `{"model":"m","stream":"true"` + tail, "stream", "neither true nor false"},
		{ChatCompletions, `{"model":"m","stream":1` + tail, "stream", "neither true nor false"},
		{ChatCompletions, `{"model":"m","max_tokens":"10"` + tail, "max_tokens", "not a whole number"},
		{ChatCompletions, `{"model":"m","max_tokens":-1` + tail, "max_tokens", "at least 0, in plain digits: -1"},
		{ChatCompletions, `{"model":"m","max_tokens":1e3` + tail, "max_tokens", "1e3"},
		{ChatCompletions, `{"model":"m","max_tokens":10.0` + tail, "max_tokens", "10.0"},
		{ChatCompletions, `{"model":"m","max_completion_tokens":{}` + tail, "max_completion_tokens", "not a whole number"},
		{ChatCompletions, `{"model":"m","max_completion_tokens":true` + tail, "max_completion_tokens", "not a whole number"},
		{ChatCompletions, `{"model":"m","n":0.5` + tail, "n", "0.5"},
		{ChatCompletions, `{"model":"m","n":1048577` + tail, "n", "1048577 choices"},
		{ChatCompletions, `{"model":"m","n":99999999999999999999999` + tail, "n", "1073741824 choices"},
		{ChatCompletions, `{"model":"m","n":-` + strings.Repeat("9", 4000) + tail, "n", "-9999999999999999999999999999999"},
		{Completions, `{"model":"m","prompt":["a","b","c"],"best_of":400000}`, "n", "1200000 choices"},
		{Completions, `{"model":"m","prompt":"a","best_of":[2]}`, "best_of", "not a whole number"},
		{ChatCompletions, `{"model":"m","stream_options":true` + tail, "stream_options", "not an object"},
		{ChatCompletions, `{"model":"m","stream_options":[{"include_usage":true}]` + tail, "stream_options", "not an object"},
		{ChatCompletions, `{"model":"m","stream_options":{"include_usage":"true"}` + tail, "stream_options.include_usage", "neither true nor false"},

		// What one server passes over and another takes for the real thing.
		{ChatCompletions, `{"model":"m","max_tokens":1,"Max_Tokens":100000` + tail, "max_tokens", `written "Max_Tokens"`},
		{ChatCompletions, `{"model":"m","ſtream":true` + tail, "stream", `written "ſtream"`},
		{ChatCompletions, `{"model":"m","max_toKens":9` + tail, "max_tokens", `written`},
		{ChatCompletions, `{"MODEL":"m"` + tail, "model", `written "MODEL"`},
		{Messages, `{"model":"m","System":"be long"` + tail, "system", `written "System"`},
		{Embeddings, `{"model":"m","input":"a","INPUT":["b"]}`, "input", `written "INPUT"`},

		{Messages, `{"model":"m","messages":[{"content":[{"type":"document","source":{"data":"JVBERi0 is how a PDF begins","type":"text"}}]}]}`, "source", `write "type" before "data"`},

		{Responses, `{"model":"m","background":true}`, "background", "never passes the gateway"},
		{Responses, `{"model":"m","background":"true"}`, "background", "neither true nor false"},
		{Responses, `{"model":"m","Background":true}`, "background", "written"},
		{Responses, `{"model":"m","input":"a","max_output_tokens":"10"}`, "max_output_tokens", "not a whole number"},
		{Responses, `{"model":"m","max_output_tokens":1,"Max_Output_Tokens":100000}`, "max_output_tokens", "written"},
		{Responses, `{"model":"m","Instructions":"be long"}`, "instructions", "written"},
		{Responses, `{"model":"m","input":[{"content":"a","content":"b"}]}`, "", "the same name"},
	} {
		for _, cut := range []int{0, len(c.body) / 2, len(c.body)} {
			_, _, err := readRequest(c.op, []byte(c.body[:cut]), []byte(c.body[cut:]))
			require.Error(t, err, c.body)
			require.ErrorContains(t, err, c.says, c.body)
			require.Less(t, len(err.Error()), 200, "an error is for people to read")
			var field *FieldError
			if c.field == "" {
				require.False(t, asField(err, &field), "%s: %v", c.body, err)
				continue
			}
			require.True(t, asField(err, &field), "%s: %v", c.body, err)
			if c.field == "body" {
				c.field = ""
			} else {
				require.True(t, strings.HasPrefix(err.Error(), c.field+": "), err.Error())
			}
			require.Equal(t, c.field, field.Field)
			if c.field == "" {
				c.field = "body"
			}
		}
	}
}

func asField(err error, to **FieldError) bool {
	f, ok := err.(*FieldError)
	*to = f
	return ok
}

// What a request may cost rests on the largest reading of it.
func TestOutputCap(t *testing.T) {
	for _, c := range []struct {
		op              Op
		members         string
		tokens, choices int64
		capped          bool
		answers         int64
	}{
		{ChatCompletions, `"x":0`, 0, 1, false, 1},
		{ChatCompletions, `"max_tokens":7`, 7, 1, true, 1},
		{ChatCompletions, `"max_completion_tokens":9`, 9, 1, true, 1},
		{ChatCompletions, `"max_tokens":1,"max_completion_tokens":10000`, 10000, 1, true, 1},
		{ChatCompletions, `"max_completion_tokens":1,"max_tokens":10000`, 10000, 1, true, 1},
		{ChatCompletions, `"max_tokens":null,"max_completion_tokens":null`, 0, 1, false, 1},
		{ChatCompletions, `"max_tokens":null,"max_completion_tokens":5`, 5, 1, true, 1},
		{ChatCompletions, `"max_tokens":0`, 0, 1, true, 1},
		{ChatCompletions, `"max_tokens":99999999999999999999`, 1 << 30, 1, true, 1},
		{ChatCompletions, `"n":3,"max_tokens":7`, 7, 3, true, 3},
		{ChatCompletions, `"n":null`, 0, 1, false, 1},
		{ChatCompletions, `"n":0`, 0, 1, false, 1},
		{ChatCompletions, `"n":1048576,"max_tokens":1073741824`, 1 << 30, 1 << 20, true, 1 << 20},
		{ChatCompletions, `"best_of":5`, 0, 1, false, 1}, // not of this API
		{Completions, `"prompt":"a","best_of":5`, 0, 5, false, 1},
		{Completions, `"prompt":"a","best_of":5,"n":2`, 0, 5, false, 2},
		{Completions, `"prompt":"a","best_of":1,"n":2`, 0, 2, false, 2},
		{Completions, `"prompt":["a","b","c"],"n":2,"max_tokens":10`, 10, 6, true, 6},
		{Completions, `"prompt":["a","b","c"],"best_of":4`, 0, 12, false, 3},
		{Completions, `"prompt":[1,2,3]`, 0, 1, false, 1},
		{Completions, `"prompt":[[1,2],[3]]`, 0, 2, false, 2},
		{Completions, `"prompt":[]`, 0, 1, false, 1},
		{Completions, `"max_completion_tokens":5`, 0, 1, false, 1}, // not of this API
		{Responses, `"input":"a"`, 0, 1, false, 1},
		{Responses, `"max_output_tokens":20`, 20, 1, true, 1},
		{Responses, `"max_output_tokens":null`, 0, 1, false, 1},
		{Responses, `"max_output_tokens":20,"max_tokens":900,"n":7`, 20, 1, true, 1}, // not of this API
		{Messages, `"max_tokens":100`, 100, 1, true, 1},
		{Messages, `"max_tokens":100,"n":4`, 100, 1, true, 1}, // not of this API
	} {
		q, _, err := readRequest(c.op, []byte(`{"model":"m",`+c.members+`}`))
		require.NoError(t, err, c.members)
		tokens, choices, capped := q.OutputCap()
		require.Equal(t, c.tokens, tokens, c.members)
		require.Equal(t, c.choices, choices, c.members)
		require.Equal(t, c.capped, capped, c.members)
		require.Equal(t, c.answers, q.Choices(), c.members)
	}
}

func TestToolForced(t *testing.T) {
	for _, c := range []struct {
		op     Op
		choice string
		forced bool
	}{
		{ChatCompletions, `"auto"`, false},
		{ChatCompletions, `"none"`, false},
		{ChatCompletions, `"required"`, true},
		{ChatCompletions, `{"type":"function","function":{"name":"f"}}`, true},
		{ChatCompletions, `{"function":{"name":"f","type":"auto"},"type":"function"}`, true},
		{ChatCompletions, `{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function"}]}}`, false},
		{ChatCompletions, `null`, false},
		{Messages, `{"type":"auto","disable_parallel_tool_use":true}`, false},
		{Responses, `"required"`, true},
		{Responses, `{"type":"function","name":"f"}`, true},
		{Responses, `{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"}]}`, false},
		{Messages, `{"type":"any"}`, true},
		{Messages, `{"name":"any","type":"tool"}`, true},
		{Messages, `{"type":"none","name":"any"}`, false},
	} {
		q, _, err := readRequest(c.op, []byte(`{"model":"m","tool_choice":`+c.choice+`}`))
		require.NoError(t, err)
		require.Equal(t, c.forced, q.ToolForced, c.choice)
	}
}

// Without anybody to hear the texts a request is read just the same.
func TestRequestWithoutContent(t *testing.T) {
	requestBodies(t, func(file string, op Op, body []byte) {
		want, _, err := readRequest(op, body)
		require.NoError(t, err)
		r := NewRequestReader(op, nil)
		require.NoError(t, r.Write(body), file)
		got, err := r.Close()
		require.NoError(t, err, file)
		require.Equal(t, want, got, file)
	})
}

func FuzzRequest(f *testing.F) {
	requestBodies(f, func(_ string, op Op, body []byte) { f.Add(uint8(op), body, uint16(7)) })
	f.Add(uint8(ChatCompletions), []byte(`{"model":"m","stream":true,"stream_options":{},"max_tokens":null}`), uint16(9))
	f.Fuzz(func(t *testing.T, kind uint8, body []byte, cut uint16) {
		op := ChatCompletions + (Op(kind)+4)%5
		q, h, err := readRequest(op, body)
		at := int(cut) % (len(body) + 1)
		q2, h2, err2 := readRequest(op, body[:at], body[at:])
		if err != nil {
			require.Error(t, err2)
			return
		}
		require.NoError(t, err2)
		require.Equal(t, describe(q, h, body), describe(q2, h2, body))
		var object map[string]any
		require.NoError(t, json.Unmarshal(body, &object), "what is read is what others read")
		require.Equal(t, object["model"], q.ModelName)
		requireRewritten(t, q, body, Rewrite{Model: "other/model", OutputCap: 77, AskUsage: true})
	})
}
