package gateway_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// What the provider keeps of earlier requests has placeholders of theirs: a request that
// refers to it gets none of its own values in their place.
func TestNothingIsRestoredOfElsewhere(t *testing.T) {
	for more, want := range map[string]string{
		``: "ann@example.com",
		`{"type":"item_reference","id":"msg_0"},`:                                             "[EMAIL_1]",
		`{"id":"msg_0","type":"item_reference"},`:                                             "[EMAIL_1]",
		`{"id":"msg_0"},`:                                                                     "[EMAIL_1]",
		`{"id":"msg_0","type":null},`:                                                         "[EMAIL_1]",
		`{"role":"assistant","id":"msg_0","content":"fine"},`:                                 "ann@example.com",
		`{"type":"function_call","id":"f","call_id":"c","name":"a","arguments":"{}"},`:        "ann@example.com",
		`{"type":"reasoning","id":"r","summary":[{"type":"summary_text","text":"so then"}]},`: "ann@example.com",
	} {
		c := newWorld(t, guarded).post("/v1/responses", `{"model":"gpt-4o-mini","input":[`+more+`{"role":"user","content":"ann@example.com"}]}`)
		require.NotContains(t, c.sent, "ann@")
		c.respond("200", "application/json").stream(true, `{"status":"completed","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"[EMAIL_1]"}]}],"usage":{"input_tokens":3,"output_tokens":5,"total_tokens":8}}`)
		require.Equal(t, want, gjson.Get(c.client.String(), "output.0.content.0.text").Str, more)
	}
}
