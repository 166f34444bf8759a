package normal

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// A request that is taken is JSON, and has the keys of the same JSON written otherwise.
func FuzzReadRequest(f *testing.F) {
	for _, s := range []string{
		chat(""), chat(`,"temperature":0.5,"stop":["a"],"unheard_of":{"a":[1,null]}`), messages(`,"system":"s","tools":[{"name":"f","input_schema":{}}],"tool_choice":{"type":"any"}`), messages(`,"thinking":{"type":"enabled"}`),
		talk(Chat, `[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}},{"type":"text","text":"\ud83d\ude00"}]}]`),
		talk(Chat, `[{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"1","content":"b"},{"role":"assistant","content":"c"},{"role":"user","content":"a"}]`),
		talk(Messages, `[{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"f","input":{"a":1}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":[{"type":"text","text":"b"}]}]},{"role":"assistant","content":"c"},{"role":"user","content":"a"}]`),
		`{"model":"m","model":"n"}`, `"\ud800"`,
	} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, body []byte, anthropic bool) {
		api := Chat
		if anthropic {
			api = Messages
		}
		r, err := ReadRequest(api, body, warm)
		if err != nil {
			var no *NotCacheable
			require.True(t, errors.As(err, &no))
			require.Nil(t, r)
			return
		}
		require.True(t, json.Valid(body))
		require.NotEmpty(t, r.Model)
		require.NotEmpty(t, r.Prompt)
		var indented bytes.Buffer
		require.NoError(t, json.Indent(&indented, body, " ", "\t"))
		again, err := ReadRequest(api, indented.Bytes(), warm)
		require.NoError(t, err)
		require.Equal(t, r, again)
	})
}

// An answer that is taken can be given in every way, and is read as what it was; no
// beginning of it is taken for it.
func FuzzReadAnswer(f *testing.F) {
	f.Add([]byte(chatWhole), false, false)
	f.Add([]byte(chatEvents), false, true)
	f.Add([]byte(messageWhole), true, false)
	f.Add([]byte(messageEventList), true, true)
	for _, d := range deliveries {
		for _, a := range kept {
			_, body := Replay(d, &a, Fresh{ID: "x"})
			f.Add(body, d.API == Messages, d.Stream)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, anthropic, stream bool) {
		api, as := Chat, asJSON
		if anthropic {
			api = Messages
		}
		if stream {
			as = asStream
		}
		a, err := ReadAnswer(api, as, body)
		if err != nil {
			var no *NotCacheable
			require.True(t, errors.As(err, &no))
			require.Nil(t, a)
			return
		}
		everyReplayOf(t, *a)
		whole := bytes.TrimRight(body, " \t\r\n")
		if stream { // comments may follow the end
			end := "[DONE]"
			if anthropic {
				end = "message_stop"
			}
			whole = whole[:max(0, bytes.LastIndex(whole, []byte(end)))]
		}
		for n := range len(whole) {
			if n < 64 || n > len(whole)-64 {
				_, err := ReadAnswer(api, as, whole[:n])
				require.Error(t, err, "%q is a beginning of %q", whole[:n], body)
			}
		}
	})
}

// everyReplayOf is everyReplay of one whose usage may be unknown.
func everyReplayOf(t *testing.T, a Answer) {
	a.Usage.Known = true
	stored, err := a.Marshal()
	require.NoError(t, err, "%+v", a)
	same, err := Unmarshal(stored)
	require.NoError(t, err)
	require.Equal(t, &a, same)
	everyReplay(t, &a)
}
