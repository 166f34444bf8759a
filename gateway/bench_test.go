package gateway_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/benchguard/labelled"
)

// A request of 1 KiB and its answer, from the first header to the record.
func BenchmarkRequest(b *testing.B) {
	w := newWorld(b, strings.Replace(monthly, "limit: 100000", "limit: 900000000000", 1))
	words := strings.Fields("The gateway counts what a prompt says while it arrives and takes the most that it may cost from every budget at once")
	var text strings.Builder
	for i := 0; text.Len() < 1000; i++ {
		text.WriteString(words[i*7%len(words)] + " ")
	}
	body := `{"model":"gpt-4o","messages":[{"role":"user","content":"` + text.String() + `"}],"max_tokens":100}`
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		// Each prompt is new, so that no memo has seen it.
		ask := strings.Replace(body, "The", "The "+string(rune('a'+i%26))+string(rune('a'+i/26%26))+string(rune('a'+i/676%26)), 1)
		c := w.post(chat, ask, "authorization", "Bearer key", "x-team", "red", "content-type", "application/json")
		c.respond("200", "application/json").stream(true, `{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"A short answer."},"finish_reason":"stop"}],"usage":{"prompt_tokens":200,"completion_tokens":4,"total_tokens":204}}`)
		c.request.Done(w.now, false)
	}
}

// A stream of 50 events whose usage is taken out again.
func BenchmarkStream(b *testing.B) {
	w := newWorld(b, strings.Replace(monthly, "limit: 100000", "limit: 900000000000", 1))
	b.ReportAllocs()
	for b.Loop() {
		c := w.post(chat, asksNot).respond("200", "text/event-stream")
		for range 50 {
			c.stream(false, chunk2+null)
		}
		c.stream(true, chunk3+null+usage1+done)
		c.request.Done(w.now, false)
	}
}

// Requests full of personal data, with and without somebody to look for it.
func BenchmarkGuardedRequest(b *testing.B) {
	texts, err := labelled.Read(labelled.HeldOut, 1)
	require.NoError(b, err)
	positive, _ := labelled.Apart(texts)
	for _, guards := range []string{"", "guards: {pii: {kinds: [email, phone, card, ssn, iban, ip, mac, birth_date, passport, national_id, crypto, secret]}}\n"} {
		w := newWorld(b, strings.Replace(monthly, "limit: 100000", "limit: 900000000000", 1)+guards)
		for _, size := range []int{1 << 10, 64 << 10} {
			var bodies []string
			for _, text := range labelled.Cut(positive, max(1, 64<<10/size), size) {
				said, err := json.Marshal(text)
				require.NoError(b, err)
				bodies = append(bodies, `{"model":"gpt-4o","messages":[{"role":"user","content":`+string(said)+`}],"max_tokens":100}`)
			}
			b.Run(strconv.FormatBool(guards != "")+"/"+strconv.Itoa(size>>10)+"KiB", func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					c := w.post(chat, bodies[i%len(bodies)])
					require.Nil(b, c.reply)
					c.request.Done(w.now, false)
				}
			})
		}
	}
}
