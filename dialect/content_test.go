package dialect

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/jsontree"
)

func TestSays(t *testing.T) {
	for _, c := range []struct {
		op     Op
		answer string
		says   bool
	}{
		{ChatCompletions, `{"choices":[{"message":{"role":"assistant","content":"","refusal":null,"annotations":[]}}]}`, false},
		{ChatCompletions, `{"choices":[{"message":{"role":"assistant","content":"no"}}]}`, true},
		{ChatCompletions, `{"choices":[{"message":{"role":"assistant","content":null,"tool_calls":[{"id":"1"}]}}]}`, true},
		{Messages, `{"content":[]}`, false},
		{Messages, `{"content":[{"type":"text","text":""}]}`, false},
		{Messages, `{"content":[{"type":"text","text":""},{"type":"text","text":"no"}]}`, true},
		{Messages, `{"content":[{"type":"tool_use","id":"1","name":"f","input":{}}]}`, true},
	} {
		answer, err := jsontree.Parse([]byte(c.answer))
		require.NoError(t, err)
		require.Equal(t, c.says, Says(c.op, answer), c.answer)
	}
}
