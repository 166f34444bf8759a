package rewrite

import (
	"strings"
	"testing"

	"github.com/sluice-gateway/sluice/dialect"
)

func BenchmarkEvent(b *testing.B) {
	for _, c := range []struct {
		name string
		op   dialect.Op
		data string
	}{
		{"chat", dialect.ChatCompletions, `{"id":"chatcmpl-9","object":"chat.completion.chunk","created":1700000001,"model":"gpt-4o-2024-08-06","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":"$"},"logprobs":null,"finish_reason":null}],"usage":null}`},
		{"message", dialect.Messages, `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"$"}}`},
		{"response", dialect.Responses, `{"type":"response.output_text.delta","sequence_number":12,"item_id":"msg_68af4030592c81938ec0a5fbab4a3e9f05438e46b5f69a3b","output_index":0,"content_index":0,"delta":"$","logprobs":[],"obfuscation":"aZ1"}`},
	} {
		for _, piece := range []string{"unchanged", " [EMAIL_1] "} {
			b.Run(c.name+"/"+strings.Trim(piece, " []"), func(b *testing.B) {
				data := []byte(strings.Replace(c.data, "$", piece, 1))
				s := NewStream(c.op, restoring())
				b.ReportAllocs()
				for b.Loop() {
					s.Event(nil, data)
				}
			})
		}
	}
}
