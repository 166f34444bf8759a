package rewrite

import (
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/guard/placeholder"
	"github.com/sluice-gateway/sluice/internal/mock"
	"github.com/sluice-gateway/sluice/jsonscan"
)

var update = flag.Bool("update", false, "write the golden files")

var opOfFolder = map[string]dialect.Op{
	"chat": dialect.ChatCompletions, "completions": dialect.Completions, "messages": dialect.Messages, "responses": dialect.Responses,
}

// Streams as providers send them, and what becomes of them with a writer that is late.
func TestStreams(t *testing.T) {
	var files []string
	for _, dir := range []string{"../testdata/streams", "testdata/streams"} {
		found, err := filepath.Glob(dir + "/*/*.sse")
		require.NoError(t, err)
		require.NotEmpty(t, found)
		files = append(files, found...)
	}
	for _, file := range files {
		folder, name := filepath.Split(file)
		folder = filepath.Base(folder)
		t.Run(folder+"/"+name, func(t *testing.T) {
			op := opOfFolder[folder]
			stream, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(stream), rewrite(op, func(Channel) Writer { return nil }, string(stream)))
			require.Equal(t, string(stream), rewrite(op, func(Channel) Writer { return same{} }, string(stream)))

			before := listen(t, op, string(stream))
			for late := range 12 {
				requireLoud(t, before, listen(t, op, rewrite(op, loudly(late), string(stream))))
			}
			golden := filepath.Join("testdata/streams", folder, strings.TrimSuffix(name, ".sse")+".golden")
			got := rewrite(op, loudly(3), string(stream))
			if *update {
				require.NoError(t, os.MkdirAll(filepath.Dir(golden), 0o755))
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

// requireLoud wants all texts in upper case, but Anthropic's thinking, which is signed.
func requireLoud(t testing.TB, before, after map[string]string) {
	want := map[string]string{}
	for name, text := range before {
		want[name] = strings.ToUpper(text)
		if strings.HasSuffix(name, " thinking") {
			want[name] = text
		}
	}
	require.Equal(t, want, after)
}

// The texts of an answer as they are, and as the user is to get them.
var restoredTexts = []struct{ said, want string }{
	{"Write to [EMAIL_1] or [Email 2], not to [EMAIL_12], [x] or [EMA", "Write to ann@example.org or \"B\\ob\" <ü@é>, not to [EMAIL_12], [x] or [EMA"},
	{"[EMAIL_1]", "ann@example.org"},
	{"[[EMAIL_2]", "[\"B\\ob\" <ü@é>"},
	{"é [EMAIL\\_1] 😀", "é ann@example.org 😀"},
	{"[", "["},
}

func restoring() Open {
	v := new(placeholder.Vault)
	v.Placeholder(nil, "email", []byte("ann@example.org"))
	v.Placeholder(nil, "email", []byte(`"B\ob" <ü@é>`))
	return func(c Channel) Writer {
		form := placeholder.Text
		if c.Kind == Arguments {
			form = placeholder.JSON
		}
		r := v.Restorer(form)
		return &r
	}
}

// events is a stream that says the pieces of one text, in the manner of each dialect.
var events = []struct {
	name string
	op   dialect.Op
	text string // in listen's words
	say  func(pieces []string) string
}{
	{"chat", dialect.ChatCompletions, "0 content", func(pieces []string) string {
		chunk := func(delta, finish string) string {
			return `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":` + delta + `,"logprobs":null,"finish_reason":` + finish + `}],"usage":null}` + "\n\n"
		}
		out := chunk(`{"role":"assistant","content":"","refusal":null}`, "null")
		for _, p := range pieces {
			out += chunk(`{"content":`+quoted(p)+`}`, "null")
		}
		return out + chunk("{}", `"stop"`) + "data: [DONE]\n\n"
	}},
	{"chat, finish with the last text", dialect.ChatCompletions, "0 content", func(pieces []string) string {
		out := ""
		for i, p := range pieces {
			finish := "null"
			if i == len(pieces)-1 {
				finish = `"length"`
			}
			out += `data: {"choices":[{"delta":{"content":` + quoted(p) + `},"finish_reason":` + finish + `,"index":0}]}` + "\r\n\r\n"
		}
		return out + "data: [DONE]\r\n\r\n"
	}},
	{"chat, without an end", dialect.ChatCompletions, "3 content", func(pieces []string) string {
		out := ""
		for _, p := range pieces {
			out += `data: {"choices":[{"delta":{"content":` + quoted(p) + `},"index":3}]}` + "\n\n"
		}
		return out
	}},
	{"completion", dialect.Completions, "0 text", func(pieces []string) string {
		out := ""
		for _, p := range pieces {
			out += `data: {"id":"cmpl-1","object":"text_completion","created":1,"choices":[{"text":` + quoted(p) + `,"index":0,"logprobs":null,"finish_reason":null}],"model":"m"}` + "\n\n"
		}
		return out + `data: {"id":"cmpl-1","object":"text_completion","created":1,"choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"stop"}],"model":"m"}` + "\n\ndata: [DONE]\n\n"
	}},
	{"message", dialect.Messages, "0 text", func(pieces []string) string {
		out := "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
		for _, p := range pieces {
			out += "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":" + quoted(p) + "}}\n\n: ping\n\n"
		}
		return out + "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
	}},
	{"message, a thought", dialect.Messages, "1 thinking", func(pieces []string) string {
		out := "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}\n\n"
		for _, p := range pieces {
			out += "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":" + quoted(p) + "}}\n\n"
		}
		return out + "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
	}},
	{"chat, a thought", dialect.ChatCompletions, "0 thinking 2", func(pieces []string) string {
		out := ""
		for _, p := range pieces {
			out += `data: {"choices":[{"index":0,"delta":{"thinking_blocks":[{"index":2,"type":"thinking","thinking":` + quoted(p) + `}]}}]}` + "\n\n"
		}
		return out + `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\ndata: [DONE]\n\n"
	}},
	{"response", dialect.Responses, "0 0 output_text", func(pieces []string) string {
		n := -1
		event := func(kind, members string) string {
			n++
			return fmt.Sprintf("event: %s\ndata: {\"type\":\"%s\",%s,\"sequence_number\":%d}\n\n", kind, kind, members, n)
		}
		place, whole := `"item_id":"msg_1","output_index":0,"content_index":0,`, quoted(strings.Join(pieces, ""))
		part := `{"type":"output_text","text":` + whole + `,"annotations":[]}`
		item := `{"id":"msg_1","type":"message","status":"completed","content":[` + part + `],"role":"assistant"}`
		out := event("response.created", `"response":{"id":"resp_1","output":[]}`)
		for _, p := range pieces {
			out += event("response.output_text.delta", place+`"delta":`+quoted(p)+`,"logprobs":[{"token":"x"}]`)
		}
		return out + event("response.output_text.done", place+`"text":`+whole) +
			event("response.content_part.done", place+`"part":`+part) +
			event("response.output_item.done", `"output_index":0,"item":`+item) +
			event("response.completed", `"response":{"id":"resp_1","output":[`+item+`]}`)
	}},
}

func quoted(s string) string { return string(jsonscan.AppendQuoted(nil, s)) }

// Every text comes out the same, however its events cut it.
func TestEveryCutIntoEvents(t *testing.T) {
	for _, e := range events {
		t.Run(e.name, func(t *testing.T) {
			for _, c := range restoredTexts {
				characters := strings.Split(c.said, "")
				said := func(pieces ...string) {
					stream := e.say(pieces)
					require.Equal(t, map[string]string{e.text: c.said}, listen(t, e.op, stream))
					got := listen(t, e.op, rewrite(e.op, restoring(), stream))
					require.Equal(t, map[string]string{e.text: c.want}, got, "%q", pieces)
				}
				said(c.said)
				said(characters...)
				for cut := range len(characters) {
					said(strings.Join(characters[:cut], ""), strings.Join(characters[cut:], ""))
				}
			}
		})
	}
}

// The same for the arguments of a call: what is restored stays JSON.
func TestArguments(t *testing.T) {
	const said = `{"to":"[EMAIL_2]","\u005bEMAIL_1]":["[ email 1 ]","[Figure 1]"]}`
	const want = `{"to":"\"B\\ob\" <ü@é>","ann@example.org":["ann@example.org","[Figure 1]"]}`
	for cut := range len(said) {
		a, b := quoted(said[:cut]), quoted(said[cut:])
		for _, c := range []struct {
			op     dialect.Op
			name   string
			stream string
		}{
			{dialect.ChatCompletions, "0 call 1", `data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"c","type":"function","function":{"name":"f","arguments":` + a + `}}]}}]}` + "\n\n" +
				`data: {"choices":[{"index":0,"delta":{"tool_calls":[{"function":{"arguments":` + b + `},"index":1}]},"finish_reason":"tool_calls"}]}` + "\n\n"},
			{dialect.ChatCompletions, "0 function", `data: {"choices":[{"index":0,"delta":{"function_call":{"name":"f","arguments":` + a + `}}}]}` + "\n\n" +
				`data: {"choices":[{"index":0,"delta":{"function_call":{"arguments":` + b + `}}}]}` + "\n\ndata: [DONE]\n\n"},
			{dialect.Messages, "2 json", `data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":` + a + `}}` + "\n\n" +
				`data: {"type":"content_block_delta","delta":{"partial_json":` + b + `,"type":"input_json_delta"},"index":2}` + "\n\n" + `data: {"type":"content_block_stop","index":2}` + "\n\n"},
			{dialect.Responses, "1 0 function_call_arguments", `data: {"type":"response.function_call_arguments.delta","item_id":"fc","output_index":1,"delta":` + a + `}` + "\n\n" +
				`data: {"delta":` + b + `,"output_index":1,"type":"response.function_call_arguments.delta"}` + "\n\n" +
				`data: {"type":"response.function_call_arguments.done","output_index":1,"arguments":` + quoted(said) + `}` + "\n\n"},
		} {
			got := listen(t, c.op, rewrite(c.op, restoring(), c.stream))
			require.Equal(t, map[string]string{c.name: want}, got, "%d: %s", cut, c.stream)
		}
	}
}

// What the mock provider says, whole and as a stream, comes to the same.
func TestTheMocksAnswers(t *testing.T) {
	const text = `Dear [EMAIL_1],\nwrite to [ email 2 ] (\"[EMAIL_2]\") or [EMAIL_3], see [12] [EMAIL_1][EMAIL_2] [`
	const tools = `tools: [{name: send, arguments: {to: "[EMAIL_2]", cc: ["[EMAIL_1]"]}}, {name: find, arguments: {q: "[email-1] \\ [EMAIL_2"}}]`
	const said = `"messages":[{"role":"user","content":"Who?"}]`
	for _, c := range []struct {
		name, answer, path, body string
		op                       dialect.Op
	}{
		{"text", `text: "` + text + `"`, "/v1/chat/completions", said, dialect.ChatCompletions},
		{"choices", `text: "` + text + `"`, "/v1/chat/completions", said + `,"n":3,"stream_options":{"include_usage":true}`, dialect.ChatCompletions},
		{"reasoning", `text: "` + text + `", reasoning: 20`, "/v1/chat/completions", said, dialect.ChatCompletions},
		{"cut off", `text: "` + text + `"`, "/v1/chat/completions", said + `,"max_tokens":8`, dialect.ChatCompletions},
		{"tools", tools, "/v1/chat/completions", said, dialect.ChatCompletions},
		{"text", `text: "` + text + `"`, "/v1/completions", `"prompt":"Who?"`, dialect.Completions},
		{"text", `text: "` + text + `"`, "/v1/messages", said + `,"max_tokens":200`, dialect.Messages},
		{"tools", tools, "/v1/messages", said + `,"max_tokens":200`, dialect.Messages},
		{"text", `text: "` + text + `"`, "/v1/responses", `"input":"Who?"`, dialect.Responses},
		{"reasoning", `text: "` + text + `", reasoning: 20`, "/v1/responses", `"input":"Who?"`, dialect.Responses},
		{"cut off", `text: "` + text + `"`, "/v1/responses", `"input":"Who?","max_output_tokens":16`, dialect.Responses},
		{"tools", tools, "/v1/responses", `"input":"Who?"`, dialect.Responses},
	} {
		t.Run(c.path+" "+c.name, func(t *testing.T) {
			provider, err := mock.New(mock.Options{Script: "rules: [{answer: {" + c.answer + "}}]"})
			require.NoError(t, err)
			answer := func(members string) string {
				w := httptest.NewRecorder()
				provider.ServeHTTP(w, httptest.NewRequest("POST", c.path, strings.NewReader(`{"model":"m",`+c.body+members+`}`)))
				require.Equal(t, 200, w.Code, w.Body.String())
				return w.Body.String()
			}
			whole, stream := answer(""), answer(`,"stream":true`)

			before := listen(t, c.op, stream)
			require.NotEmpty(t, before)
			for late := range 30 {
				requireLoud(t, before, listen(t, c.op, rewrite(c.op, loudly(late), stream)))
			}
			require.Equal(t, stream, rewrite(c.op, func(Channel) Writer { return same{} }, stream))

			texts := map[string]string{} // by the text as it was
			for name, text := range listen(t, c.op, rewrite(c.op, restoring(), stream)) {
				texts[before[name]] = text
			}
			edits, err := Whole(c.op, []byte(whole), func(ch Channel) Writer {
				w := restoring()(ch)
				return check{w, func(said, got string) {
					if want, ok := texts[said]; ok {
						require.Equal(t, want, got)
						require.NotEqual(t, said, got)
						delete(texts, said)
					}
				}, new(strings.Builder)}
			})
			require.NoError(t, err)
			require.NotEmpty(t, edits)
			if c.op != dialect.Messages || c.name != "tools" { // its whole answer has values, and its stream their source
				require.Empty(t, texts)
			}
			after := jsonscan.Apply(nil, []byte(whole), edits)
			parse(t, after)
			require.Contains(t, string(after), "ann@example.org")
		})
	}
}

// check is a writer that tells what became of a whole text.
type check struct {
	Writer
	of   func(said, got string)
	said *strings.Builder
}

func (c check) Write(out, piece []byte) []byte {
	c.said.Write(piece)
	return c.Writer.Write(out, piece)
}

func (c check) End(out []byte) []byte {
	out = c.Writer.End(out)
	c.of(c.said.String(), string(out))
	return out
}
