package dialect

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A reader that is used again reads like a new one, wherever its last text was broken off
// and whatever that was.
func TestReadersUsedAgain(t *testing.T) {
	var used RequestReader
	requestBodies(t, func(file string, op Op, body []byte) {
		q, h, err := readRequest(op, body)
		require.NoError(t, err, file)
		want := describe(q, h, body)
		for broken := 0; broken < len(body); broken += 1 + len(body)/40 {
			used.Reset(op, &heard{})
			require.NoError(t, used.Write(body[:broken]))
			again := &heard{}
			used.Reset(op, again)
			require.NoError(t, used.Write(body))
			q, err := used.Close()
			require.NoError(t, err, file)
			require.Equal(t, want, describe(q, again, body), "%s after %d bytes of it", file, broken)
		}
		// What was returned is the caller's: the reader's next request does not touch it.
		used.Reset(Messages, &heard{})
		require.NoError(t, used.Write([]byte(`{"model":"other","messages":[{"role":"user","content":"x"}],"tools":[1],"max_tokens":7}`)))
		_, err = used.Close()
		require.NoError(t, err)
		require.Equal(t, want, describe(q, h, body), file)
	})

	var answers AnswerReader
	texts := []struct {
		op   Op
		body string
	}{
		{ChatCompletions, `{"choices":[{"index":1,"message":{"content":"Hi"},"finish_reason":"length"}],"usage":{"prompt_tokens":9,"completion_tokens":2}}`},
		{ChatCompletions, `{"error":{"message":"no"}}`},
		{Messages, `{"content":[{"type":"text","text":"Hi"},{"type":"tool_use","input":{"q":[1]}}],"stop_reason":"end_turn"}`},
		{Responses, `{"status":"failed","output":[{"content":[{"type":"output_text","text":"Hi"}]}]}`},
		{Responses, `{}`},
		{ChatCompletions, `[]`},
	}
	for _, last := range texts {
		for _, next := range texts {
			want, text, ok := readAnswer(next.op, []byte(next.body))
			for broken := range len(last.body) + 1 {
				answers.Reset(last.op)
				require.NoError(t, answers.Write([]byte(last.body[:broken])))
				answers.Reset(next.op)
				require.NoError(t, answers.Write([]byte(next.body)))
				out := said{}
				got, fine := answers.Close(out)
				require.Equal(t, want, got, "%s after %s", next.body, last.body[:broken])
				require.Equal(t, ok, fine)
				require.Equal(t, text, out)
			}
		}
	}
}
