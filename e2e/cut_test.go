package e2e

import (
	"fmt"
	"strings"
	"testing"

	ant "github.com/anthropics/anthropic-sdk-go"
	antoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/tokenizer"
)

// disobedient is a provider that takes no notice of caps.
const disobedient = `{ignore_max_tokens: true}`

// TestCut has a provider say much more than there is budget for.
func TestCut(t *testing.T) {
	eachGateway(t, monthly, func(t *testing.T, g *gateway) {
		for _, c := range []struct {
			name    string
			d       dialect
			more    string
			say     int
			pace    string
			choices int
		}{
			{"at once", openAI, ``, 3000, ``, 1},
			{"with usage", openAI, `"stream_options":{"include_usage":true}`, 3000, ``, 1},
			{"two choices", openAI, `"n":2`, 2000, ``, 2},
			{"own cap", openAI, `"max_tokens":200`, 3000, ``, 1},
			{"at once", anthropic, `"max_tokens":800`, 3000, ``, 1},
			// The provider goes on for longer than the gateway waits for it.
			{"at a pace", openAI, ``, 20_000, `{tokens_per_second: 2000}`, 1},
			{"at a pace", anthropic, `"max_tokens":800`, 20_000, `{tokens_per_second: 2000}`, 1},
		} {
			t.Run(c.d.name+" "+c.name, func(t *testing.T) {
				t.Parallel()
				key := "sk-" + newName(t)
				left := g.spend(t, c.d, key, 1000)
				a := g.send(t, request{path: c.d.path, key: key, body: c.d.body("Go on.", true, c.more), header: map[string]string{
					"x-mock-fault": disobedient, "x-mock-answer": fmt.Sprintf("{tokens: %d}", c.say), "x-mock-pace": c.pace,
				}})
				r := g.record(t, a.name)
				require.Equal(t, 200, a.status, a.body)
				if c.pace == "" {
					require.NoError(t, a.err)
				}
				require.Equal(t, "cut", r.End)
				s := readStream(a.body)
				require.True(t, s.done)
				require.Empty(t, s.failed)
				require.Empty(t, s.bad)
				require.Len(t, s.finish, c.choices)
				for _, finish := range s.finish {
					require.Equal(t, map[string]string{"openai": "length", "anthropic": "max_tokens"}[c.d.name], finish)
				}
				all := events(a.body)
				require.Contains(t, []string{"[DONE]", `{"type":"message_stop"}`}, all[len(all)-1].data, "the last that was delivered")
				seen := int64(tokenizer.O200kBase().CountString(s.text))
				require.Positive(t, seen)
				// Claude's tokens are an estimate, and cut with some tolerance.
				if c.d.name == "openai" {
					require.LessOrEqual(t, seen, left)
				} else {
					require.Less(t, seen, int64(c.say))
				}
				switch {
				case strings.Contains(c.more, "include_usage"):
					require.Len(t, s.usage, 1)
					require.InDelta(t, seen, s.usage[0].output(), 2)
				case c.d.name == "openai":
					require.Empty(t, s.usage)
				}

				// What was said is paid for, and there is nothing left for the next.
				require.GreaterOrEqual(t, r.Tokens.Output, seen)
				next := g.send(t, request{path: c.d.path, key: key, body: c.d.body("And?", true, `"max_tokens":900`)})
				require.Equal(t, 429, next.status)
			})
		}
	})
}

// TestClientsSeeACleanEnd holds that a stream that was cut is to the vendors' clients
// one that has reached its cap.
func TestClientsSeeACleanEnd(t *testing.T) {
	eachGateway(t, monthly, func(t *testing.T, g *gateway) {
		t.Run("openai", func(t *testing.T) {
			client, key := g.openAIClient(t)
			g.spend(t, openAI, key, 500)
			s := client.Chat.Completions.NewStreaming(bounded(t), ask("Go on."), option.WithHeader("x-mock-fault", disobedient), option.WithHeader("x-mock-answer", "{tokens: 3000}"))
			whole := openai.ChatCompletionAccumulator{}
			for s.Next() {
				require.True(t, whole.AddChunk(s.Current()))
			}
			require.NoError(t, s.Err())
			require.Equal(t, "length", whole.Choices[0].FinishReason)
			require.NotEmpty(t, whole.Choices[0].Message.Content)
		})
		t.Run("anthropic", func(t *testing.T) {
			client, key := g.anthropicClient(t)
			g.spend(t, anthropic, key, 500)
			s := client.Messages.NewStreaming(bounded(t), askAnthropic("Go on."), antoption.WithHeader("x-mock-fault", disobedient), antoption.WithHeader("x-mock-answer", "{tokens: 3000}"))
			var whole ant.Message
			for s.Next() {
				require.NoError(t, whole.Accumulate(s.Current()))
			}
			require.NoError(t, s.Err())
			require.Equal(t, ant.StopReasonMaxTokens, whole.StopReason)
			require.NotEmpty(t, whole.Content[0].Text)
		})
	})
}
