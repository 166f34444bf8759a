package normal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/dialect/translate"
	"github.com/sluice-gateway/sluice/sse"
)

// deliveries are all the ways to give an answer.
var deliveries = []Delivery{
	{API: Chat}, {API: Chat, Stream: true}, {API: Chat, Stream: true, IncludeUsage: true}, {API: Messages}, {API: Messages, Stream: true},
}

// carried is what of an answer arrives by a delivery. OpenAI's API does not name the stop
// sequence, its streams have their usage only for who asks; Anthropic's ends in tool_use
// where there are calls.
func carried(a Answer, d Delivery) *Answer {
	if d.API == Chat {
		a.StopSequence = ""
	} else if len(a.Calls) > 0 {
		a.End = ToolCalls
	}
	if d.API == Chat && d.Stream && !d.IncludeUsage {
		a.Usage = Usage{}
	}
	return &a
}

// someAnswer is a random one.
func someAnswer(r *rand.Rand) *Answer {
	text := func(most int) string {
		var b strings.Builder
		for range r.IntN(most + 1) {
			b.WriteString([]string{"word", " ", "\n", "\r\n", "\t", "ü", "漢", "😀", "\"", "\\", "<b>", "\u2028", "\x00", "data: ", "[DONE]", "e\u0301", "1.5", "\ufffd", "\u200d"}[r.IntN(19)])
		}
		return b.String()
	}
	a := &Answer{Model: "m" + text(2), Text: text(60), End: Stop}
	for range max(0, r.IntN(5)-2) {
		arguments, _ := json.Marshal(map[string]any{text(2): anything(r, 2), text(1) + "b": anything(r, 2)})
		one, no := (&said{}).arguments(string(arguments))
		if no != nil {
			one = "{}"
		}
		a.Calls = append(a.Calls, Call{Name: "f" + text(1), Arguments: one})
	}
	if len(a.Calls) > 0 {
		a.End = []End{Stop, ToolCalls}[r.IntN(2)]
	} else if a.Text += "."; r.IntN(3) == 0 {
		a.StopSequence = "s" + text(1)
	}
	a.Usage = Usage{Known: true, Input: r.Int64N(1000), Output: r.Int64N(1000)}
	a.Usage.Cached = r.Int64N(a.Usage.Input + 1)
	a.Usage.Written = r.Int64N(a.Usage.Input - a.Usage.Cached + 1)
	a.Usage.Reasoning = r.Int64N(a.Usage.Output + 1)
	return a
}

// TestThereAndBack: what is replayed is read as what it was, in every API and form, and
// through the stored form.
func TestThereAndBack(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for i := range 1_500 {
		a := someAnswer(r)
		stored, err := a.Marshal()
		require.NoError(t, err, "%+v", a)
		b, err := Unmarshal(stored)
		require.NoError(t, err)
		require.Equal(t, a, b)
		for _, d := range deliveries {
			contentType, body := Replay(d, b, Fresh{ID: fmt.Sprint(i), Created: time.Unix(1, 0)})
			got, err := ReadAnswer(d.API, contentType, body)
			require.NoError(t, err, "%s", body)
			require.Equal(t, carried(*a, d), got, "%+v: %s", d, body)
		}
	}
}

// TestReplayTranslated: the translator of answers reads a replay as this package does.
func TestReplayTranslated(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 500 {
		a := someAnswer(r)
		for _, d := range deliveries {
			_, body := Replay(d, a, Fresh{ID: "x", Created: time.Unix(1, 0)})
			other := Delivery{API: Messages, Stream: d.Stream, IncludeUsage: true}
			var there []byte
			var err error
			event := func(translate func(out, typ, data []byte) ([]byte, error)) {
				s := sse.NewReader(0)
				s.Feed(body)
				for ev, ok := s.Next(); ok && err == nil; ev, ok = s.Next() {
					there, err = translate(there, ev.Type, ev.Data)
				}
			}
			c := translate.Context{Created: 1}
			switch {
			case d.API == Chat && d.Stream:
				event(translate.NewCompletionStream(c).Event)
			case d.API == Chat:
				there, err = translate.CompletionToMessage(nil, body, c)
			case d.Stream:
				other.API = Chat
				event(translate.NewMessageStream(c).Event)
			default:
				other.API = Chat
				there, err = translate.MessageToCompletion(nil, body, c)
			}
			require.NoError(t, err)
			as := "application/json"
			if d.Stream {
				as = "text/event-stream"
			}
			got, err := ReadAnswer(other.API, as, there)
			require.NoError(t, err, "%s", there)
			want := carried(*carried(*a, d), other)
			if len(a.Calls) > 0 {
				got.End, want.End = Stop, Stop // a translator knows no forced call that ends in stop
			}
			require.Equal(t, want, got, "%s\n%s", body, there)
		}
	}
}

// TestReplayShape: what a client's eye would see.
func TestReplayShape(t *testing.T) {
	a := &Answer{Model: "gpt-4o", Text: "The answer is 42.", Calls: []Call{{"f", `{"a":"b c"}`}}, End: ToolCalls, Usage: Usage{Known: true, Input: 9, Output: 7, Cached: 4, Reasoning: 5}}
	at := Fresh{ID: "one", Created: time.Unix(1764169200, 0)}

	contentType, body := Replay(Delivery{API: Chat, Stream: true, IncludeUsage: true}, a, at)
	require.Equal(t, "text/event-stream; charset=utf-8", contentType)
	events := strings.Split(strings.TrimSuffix(string(body), "\n\n"), "\n\n")
	require.Equal(t, "data: [DONE]", events[len(events)-1])
	require.Len(t, events, 1+4+3+1+1+1, "%s", body) // role, words, call and its arguments, finish, usage, end
	for i, ev := range events[:len(events)-1] {
		var chunk map[string]any
		require.NoError(t, json.Unmarshal([]byte(strings.TrimPrefix(ev, "data: ")), &chunk))
		usage, there := chunk["usage"]
		require.True(t, there)
		require.Equal(t, i == len(events)-2, usage != nil)
		require.Regexp(t, `^chatcmpl-[0-9A-Za-z]{29}$`, chunk["id"])
		require.EqualValues(t, 1764169200, chunk["created"])
	}
	_, plain := Replay(Delivery{API: Chat, Stream: true}, a, at)
	require.NotContains(t, string(plain), "usage")
	require.Equal(t, strings.Count(string(body), "\n\n")-1, strings.Count(string(plain), "\n\n"))

	_, body = Replay(Delivery{API: Messages, Stream: true}, a, at)
	var types []string
	for ev := range strings.SplitSeq(strings.TrimSuffix(string(body), "\n\n"), "\n\n") {
		name, data, _ := strings.Cut(strings.TrimPrefix(ev, "event: "), "\ndata: ")
		var event struct{ Type string }
		require.NoError(t, json.Unmarshal([]byte(data), &event))
		require.Equal(t, name, event.Type)
		types = append(types, name)
	}
	require.Equal(t, strings.Fields(`message_start content_block_start ping
		content_block_delta content_block_delta content_block_delta content_block_delta content_block_stop
		content_block_start content_block_delta content_block_delta content_block_stop message_delta message_stop`), types)
	require.Regexp(t, `"id":"msg_01[0-9A-Za-z]{22}"`, string(body))
	require.Regexp(t, `"id":"toolu_01[0-9A-Za-z]{22}"`, string(body))

	// The ids are the request's own, and two replays have none in common.
	_, again := Replay(Delivery{API: Messages, Stream: true}, a, at)
	require.Equal(t, string(body), string(again))
	at.ID = "two"
	_, other := Replay(Delivery{API: Messages, Stream: true}, a, at)
	require.NotEqual(t, string(body), string(other))
	contentType, body = Replay(Delivery{API: Chat}, a, at)
	require.Equal(t, "application/json", contentType)
	require.Regexp(t, `"id":"call_[0-9A-Za-z]{24}"`, string(body))
	require.NotContains(t, string(body), "system_fingerprint")
}

// A delta never ends within a character, whatever the text.
func FuzzPieces(f *testing.F) {
	f.Add("The answer is 42.")
	f.Add("漢字漢字漢字漢字漢字漢字漢字漢字 \u00a0\u2003x")
	f.Add("\xff\xfe")
	f.Fuzz(func(t *testing.T, text string) {
		all := pieces(text)
		require.Equal(t, text, strings.Join(all, ""))
		for _, p := range all {
			require.NotEmpty(t, p)
			require.LessOrEqual(t, len(p), mostOfPiece)
			require.True(t, !utf8.ValidString(text) || utf8.ValidString(p))
		}
	})
}

func BenchmarkReplay(b *testing.B) {
	a := &Answer{Model: "gpt-4o", Text: strings.Repeat("The quick brown fox. ", 100), End: Stop, Usage: Usage{Known: true, Input: 9, Output: 500}}
	for _, d := range deliveries {
		b.Run(fmt.Sprintf("%s/stream=%t", d.API, d.Stream), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Replay(d, a, Fresh{ID: "x"})
			}
		})
	}
}

func BenchmarkReadRequest(b *testing.B) {
	for name, size := range map[string]int{"1KB": 1, "1MB": 1000} {
		body := []byte(talk(Chat, `[{"role":"system","content":"`+strings.Repeat("be brief ", 100*size)+`"},{"role":"user","content":"hello"}]`))
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				r, err := ReadRequest(Chat, body, warm)
				if err != nil {
					b.Fatal(err)
				}
				r.Keys(Context{Policy: "p"})
			}
		})
	}
}

func BenchmarkReadAnswer(b *testing.B) {
	a := &Answer{Model: "gpt-4o", Text: strings.Repeat("The quick brown fox. ", 100), End: Stop, Usage: Usage{Known: true, Input: 9, Output: 500}}
	for _, d := range deliveries {
		as, body := Replay(d, a, Fresh{ID: "x"})
		b.Run(fmt.Sprintf("%s/stream=%t", d.API, d.Stream), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ReadAnswer(d.API, as, bytes.Clone(body)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
