package rewrite

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/dialect"
)

// A message's thought, in pieces, with what stands behind them in its block.
func messageThought(index int, pieces []string, behind ...string) string {
	out := fmt.Sprintf(`data: {"type":"content_block_start","index":%d,"content_block":{"type":"thinking","thinking":"","signature":""}}`, index) + "\n\n"
	for _, p := range pieces {
		out += fmt.Sprintf(`data: {"type":"content_block_delta","index":%d,"delta":{"type":"thinking_delta","thinking":%s}}`, index, quoted(p)) + "\n\n"
	}
	for _, b := range behind {
		out += fmt.Sprintf(`data: {"type":"content_block_delta","index":%d,"delta":%s}`, index, b) + "\n\n"
	}
	return out + fmt.Sprintf(`data: {"type":"content_block_stop","index":%d}`, index) + "\n\n"
}

func chatDelta(delta string) string {
	return `data: {"choices":[{"index":0,"delta":` + delta + `,"finish_reason":null}],"usage":null}` + "\n\n"
}

const chatEnd = `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\ndata: [DONE]\n\n"

// Signed thoughts in each way that they come in, and what a client has of the answer when what
// is not signed is restored.
var signedThoughts = []struct {
	name   string
	op     dialect.Op
	stream func(pieces []string) string
	signed string   // the signed text, in listen's words
	shown  []string // the same text where it is shown, and others that are not signed
}{
	{"message", dialect.Messages, func(pieces []string) string {
		return messageThought(0, pieces, `{"type":"signature_delta","signature":"EqQB[EMAIL_1]"}`) +
			`data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}` + "\n\n" +
			`data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":` + quoted(strings.Join(pieces, "")) + `}}` + "\n\n" +
			`data: {"type":"content_block_stop","index":1}` + "\n\n" + `data: {"type":"message_stop"}` + "\n\n"
	}, "0 thinking", []string{"1 text"}},
	{"message, the next is not signed", dialect.Messages, func(pieces []string) string {
		return messageThought(0, pieces, `{"type":"signature_delta","signature":"EqQB"}`) + messageThought(1, pieces)
	}, "0 thinking", []string{"1 thinking"}},
	{"message, the one before is not signed", dialect.Messages, func(pieces []string) string {
		return messageThought(0, pieces) + messageThought(1, pieces, `{"type":"signature_delta","signature":"EqQB"}`)
	}, "1 thinking", []string{"0 thinking"}},
	{"message, all in one event", dialect.Messages, func(pieces []string) string {
		whole := quoted(strings.Join(pieces, ""))
		return `data: {"type":"content_block_start","index":0,"content_block":{"signature":"EqQB","thinking":` + whole + `,"type":"thinking"}}` + "\n\n" +
			`data: {"type":"content_block_start","content_block":{"type":"thinking","thinking":` + whole + `,"signature":"EqQB"},"index":1}` + "\n\n" +
			`data: {"type":"content_block_start","index":2,"content_block":{"type":"thinking","thinking":` + whole + `,"signature":null}}` + "\n\n"
	}, "0 thinking,1 thinking", []string{"2 thinking"}},
	{"chat", dialect.ChatCompletions, func(pieces []string) string {
		out := ""
		for _, p := range pieces {
			out += chatDelta(`{"reasoning_content":` + quoted(p) + `,"thinking_blocks":[{"index":0,"type":"thinking","thinking":` + quoted(p) + `}]}`)
		}
		out += chatDelta(`{"thinking_blocks":[{"index":0,"type":"thinking","thinking":"","signature":"EqQB"}]}`)
		return out + chatDelta(`{"content":`+quoted(strings.Join(pieces, ""))+`}`) + chatEnd
	}, "0 thinking 0", []string{"0 reasoning_content", "0 content"}},
	{"chat, blocks in front, and no text beside the signature", dialect.ChatCompletions, func(pieces []string) string {
		out := ""
		for _, p := range pieces {
			out += chatDelta(`{"thinking_blocks":[{"type":"thinking","thinking":` + quoted(p) + `}],"reasoning_content":` + quoted(p) + `}`)
		}
		return out + chatDelta(`{"thinking_blocks":[{"type":"thinking","signature":"EqQB"}]}`) + chatEnd
	}, "0 thinking 0", []string{"0 reasoning_content"}},
	{"chat, signed with the last piece, between others", dialect.ChatCompletions, func(pieces []string) string {
		out := ""
		for i, p := range pieces {
			sign := ""
			if i == len(pieces)-1 {
				sign = `,"signature":"EqQB"`
			}
			out += chatDelta(`{"thinking_blocks":[{"thinking":` + quoted(p) + `,"index":0},{"thinking":` + quoted(p) + sign + `,"index":1},{"index":2,"thinking":` + quoted(p) + `}]}`)
		}
		return out + chatEnd
	}, "0 thinking 1", []string{"0 thinking 0", "0 thinking 2"}},
	{"chat, OpenRouter's", dialect.ChatCompletions, func(pieces []string) string {
		out := ""
		for _, p := range pieces {
			out += chatDelta(`{"content":"","reasoning_details":[{"type":"reasoning.text","text":` + quoted(p) + `,"format":"anthropic-claude-v1","index":0},{"type":"reasoning.summary","summary":` + quoted(p) + `,"index":1}],"reasoning":` + quoted(p) + `}`)
		}
		out += chatDelta(`{"reasoning_details":[{"type":"reasoning.text","signature":"EqQB","format":"anthropic-claude-v1","index":0}]}`)
		return out + chatDelta(`{"reasoning_details":[{"type":"reasoning.text","text":`+quoted(strings.Join(pieces, ""))+`,"index":2}]}`) + chatEnd
	}, "0 detail 0", []string{"0 reasoning", "0 summary 1", "0 detail 2"}},
	{"chat, signed beside no text, in front of others", dialect.ChatCompletions, func(pieces []string) string {
		out := ""
		for _, p := range pieces {
			out += chatDelta(`{"thinking_blocks":[{"index":1,"thinking":` + quoted(p) + `}]}`)
		}
		for i, p := range pieces {
			sign := ""
			if i == 0 {
				sign = `{"index":1,"signature":"EqQB"},`
			}
			out += chatDelta(`{"thinking_blocks":[` + sign + `{"index":2,"thinking":` + quoted(p) + `}],"content":` + quoted(p) + `}`)
		}
		return out + chatEnd
	}, "0 thinking 1", []string{"0 thinking 2", "0 content"}},
	{"chat, blocks in front of some pieces of a text", dialect.ChatCompletions, func(pieces []string) string {
		out := chatDelta(`{"thinking_blocks":[{"index":3,"thinking":` + quoted(strings.Join(pieces, "")) + `,"signature":"EqQB"}],"content":` + quoted(pieces[0]) + `}`)
		for _, p := range pieces[1:] {
			out += chatDelta(`{"content":` + quoted(p) + `}`)
		}
		return out + chatEnd
	}, "0 thinking 3", []string{"0 content"}},
}

// Signed thoughts stay as they were, however their events cut them, with what is not signed
// beside them restored; and each writer has seen all of them.
func TestSignedThoughts(t *testing.T) {
	for _, s := range signedThoughts {
		t.Run(s.name, func(t *testing.T) {
			for _, c := range restoredTexts {
				characters := strings.Split(c.said, "")
				said := func(pieces ...string) {
					want := map[string]string{}
					for name := range strings.SplitSeq(s.signed, ",") {
						want[name] = c.said
					}
					for _, name := range s.shown {
						want[name] = c.want
					}
					stream := s.stream(pieces)
					got := rewrite(s.op, restoring(), stream)
					require.Equal(t, want, listen(t, s.op, got), "%q", pieces)
					require.Equal(t, strings.Count(stream, "EqQB"), strings.Count(got, "EqQB"))
					looked := recorded(s.op, stream)
					require.Len(t, looked, len(want))
					for _, text := range looked {
						require.Equal(t, c.said, text)
					}

					require.Equal(t, stream, rewrite(s.op, func(Channel) Writer { return same{} }, stream))
					for name := range want {
						want[name] = strings.ToUpper(c.said)
					}
					for name := range strings.SplitSeq(s.signed, ",") {
						want[name] = c.said
					}
					for late := range 9 {
						require.Equal(t, want, listen(t, s.op, rewrite(s.op, loudly(late), stream)), "%q", pieces)
					}
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

// A thought waits from where it would change, and no sooner; one that is known to have no
// signature does not wait.
func TestThoughtsWait(t *testing.T) {
	for _, unsigned := range []bool{false, true} {
		s := NewStream(dialect.Messages, restoring())
		s.Unsigned = unsigned
		say := func(piece string) string {
			before, with := s.Event(nil, []byte(`{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":`+quoted(piece)+`}}`))
			require.Empty(t, before)
			if with == nil {
				return piece
			}
			return parse(t, with).get("delta", "thinking").text()
		}
		require.Equal(t, "So ", say("So "))
		require.Equal(t, "[7] and ", say("[7] and ["))
		require.Equal(t, "[Figure 1], ", say("Figure 1], "))
		require.Zero(t, s.Held())
		wants := func(text string) string {
			if unsigned {
				return text
			}
			return ""
		}
		require.Equal(t, "to é"+wants("ann@example.org"), say("to é[EMAIL_1]"))
		require.Equal(t, wants(", he"), say(", he"))
		require.Equal(t, !unsigned, s.Held() > 0)
		before, _ := s.Event(nil, []byte(`{"type":"content_block_stop","index":0}`))
		require.Equal(t, !unsigned, strings.Contains(string(before), `"ann@example.org, he"`))
		require.Zero(t, s.Held())
	}
}

// One that waits for too much stays as it was from there on.
func TestLongThoughts(t *testing.T) {
	piece := strings.Repeat("and so on ", 3000)
	pieces := []string{"to [EMAIL_1] "}
	for range 2*maxThought/len(piece) + 1 {
		pieces = append(pieces, piece)
	}
	pieces = append(pieces, "to [EMAIL_1]")
	for _, signature := range [][]string{nil, {`{"type":"signature_delta","signature":"EqQB"}`}} {
		stream := messageThought(0, pieces, signature...)
		s := NewStream(dialect.Messages, restoring())
		most := 0
		each(stream, func(_, data []byte) {
			_, _ = s.Event(nil, data)
			most = max(most, s.Held())
		})
		require.LessOrEqual(t, most, maxThought+len(piece))
		require.Zero(t, s.Held())
		require.Equal(t, map[string]string{"0 thinking": strings.Join(pieces, "")}, listen(t, dialect.Messages, rewrite(dialect.Messages, restoring(), stream)))
	}
}
