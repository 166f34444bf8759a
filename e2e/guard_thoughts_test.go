package e2e

import (
	"strings"
	"testing"

	ant "github.com/anthropics/anthropic-sdk-go"
	antoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// thinking is what the provider is told to think and say. It signs as Anthropic does, and refuses
// a signed thought that comes back as another.
const thinking = `{thoughts: [{text: "I see [EMAIL_1]", signed: true}, {sealed: c2VhbGVk}, {text: "and [CARD_1]"}], text: "Dear [EMAIL_1]"}`

// Anthropic's own client: values come back in texts and in thoughts that nobody has signed. A
// signed one stays as it was, and is taken back with the next turn.
func TestGuardedThoughtsOfMessages(t *testing.T) {
	eachGateway(t, guarded, func(t *testing.T, g *gateway) {
		claude, _ := g.anthropicClient(t)
		for _, stream := range []bool{false, true} {
			id := newName(t)
			message := askAnthropic(personal)
			say := []antoption.RequestOption{antoption.WithHeader("x-case", id), antoption.WithHeader("x-sluice-cache", "bypass"), antoption.WithHeader("x-mock-answer", thinking), antoption.WithHeader("x-mock-fault", "{split_bytes: 7}")}
			var answer ant.Message
			if stream {
				events := claude.Messages.NewStreaming(bounded(t), message, say...)
				for events.Next() {
					require.NoError(t, answer.Accumulate(events.Current()))
				}
				require.NoError(t, events.Err())
			} else {
				whole, err := claude.Messages.New(bounded(t), message, say...)
				require.NoError(t, err)
				answer = *whole
			}
			require.Len(t, answer.Content, 4)
			signed := answer.Content[0]
			require.Equal(t, "I see [EMAIL_1]", signed.Thinking)
			require.NotEmpty(t, signed.Signature)
			require.Equal(t, "c2VhbGVk", answer.Content[1].Data)
			require.Equal(t, "and 4111 1111 1111 1111", answer.Content[2].Thinking)
			require.Equal(t, "Dear canary.ann@example.com", answer.Content[3].Text)
			hidden(t, string(g.upstream(t, id).Body))

			// The second turn has the whole of the first. Between them is one that was nothing but a
			// signed thought, of before there was a guard: it leaves, and something is left.
			id = newName(t)
			message.Messages = append(message.Messages, answer.ToParam(), ant.NewUserMessage(ant.NewTextBlock("Go on.")),
				ant.NewAssistantMessage(ant.NewThinkingBlock("c2lnbmVk", "It is canary.bob@example.org")), ant.NewUserMessage(ant.NewTextBlock("And?")))
			_, err := claude.Messages.New(bounded(t), message, antoption.WithHeader("x-case", id), antoption.WithHeader("x-sluice-cache", "bypass"))
			require.NoError(t, err)
			sent := string(g.upstream(t, id).Body)
			hidden(t, sent)
			blocks := gjson.Get(sent, "messages.1.content")
			require.Equal(t, "I see [EMAIL_1]", blocks.Get("0.thinking").Str)
			require.Equal(t, signed.Signature, blocks.Get("0.signature").Str)
			require.Equal(t, "c2VhbGVk", blocks.Get("1.data").Str)
			require.Equal(t, "and [CARD_1]", blocks.Get("2.thinking").Str)
			require.Equal(t, "Dear [EMAIL_1]", blocks.Get("3.text").Str)
			require.JSONEq(t, `[{"type":"text","text":"(left out)"}]`, gjson.Get(sent, "messages.3.content").Raw)
		}
	})
}

// OpenAI's client: thoughts beside a chat's content, in the forms that providers have them, of
// Anthropic too. Those that are shown have the values; blocks that are signed stay as they are.
func TestGuardedThoughtsOfChats(t *testing.T) {
	eachGateway(t, guarded, func(t *testing.T, g *gateway) {
		client, _ := g.openAIClient(t)
		const plain = `{thoughts: [{text: "I see [EMAIL_1]"}, {text: " and [CARD_1]"}], text: "Dear [EMAIL_1]"}`
		for name, row := range map[string]struct{ model, say, shown, text, blocks string }{
			"reasoning_content": {"gpt-4o-mini", plain, "reasoning_content", "I see canary.ann@example.com and 4111 1111 1111 1111", ""},
			"OpenRouter's":      {"gpt-4o-mini", thinking, "reasoning", "I see canary.ann@example.comand 4111 1111 1111 1111", "reasoning_details.#.text"},
			"Anthropic's":       {"relief", thinking, "reasoning_content", "I see canary.ann@example.comand 4111 1111 1111 1111", "thinking_blocks.#.thinking"},
		} {
			for _, stream := range []bool{false, true} {
				id := newName(t)
				chat := ask(personal)
				chat.Model = row.model
				say := []option.RequestOption{option.WithHeader("x-case", id), option.WithHeader("x-sluice-cache", "bypass"), option.WithHeader("x-mock-answer", row.say), option.WithHeader("x-mock-fault", "{split_bytes: 7}")}
				var shown, text, blocks string
				add := func(message string) {
					shown += gjson.Get(message, row.shown).Str
					text += gjson.Get(message, "content").Str
					for _, block := range gjson.Get(message, row.blocks).Array() {
						blocks += block.Str
					}
				}
				if stream {
					events := client.Chat.Completions.NewStreaming(bounded(t), chat, say...)
					for events.Next() {
						for _, choice := range events.Current().Choices {
							add(choice.Delta.RawJSON())
						}
					}
					require.NoError(t, events.Err())
				} else {
					answer, err := client.Chat.Completions.New(bounded(t), chat, say...)
					require.NoError(t, err)
					add(answer.Choices[0].Message.RawJSON())
				}
				require.Equal(t, []string{row.text, "Dear canary.ann@example.com"}, []string{shown, text}, "%s, stream %t", name, stream)
				if row.blocks != "" {
					require.True(t, strings.HasPrefix(blocks, "I see [EMAIL_1]"), "%s, stream %t: %s", name, stream, blocks)
				}
				sent := string(g.upstream(t, id).Body)
				hidden(t, sent)
				require.Contains(t, sent, "[EMAIL_1]")
			}
		}

		// What was thought comes back beside the second turn.
		id := newName(t)
		var before openai.ChatCompletionMessageParamUnion
		before.OfAssistant = &openai.ChatCompletionAssistantMessageParam{}
		before.OfAssistant.Content.OfString = openai.String("Dear canary.ann@example.com")
		before.OfAssistant.SetExtraFields(map[string]any{"reasoning_content": "I see canary.ann@example.com"})
		chat := ask(personal)
		chat.Messages = append(chat.Messages, before, openai.UserMessage("Go on."))
		_, err := client.Chat.Completions.New(bounded(t), chat, option.WithHeader("x-case", id), option.WithHeader("x-sluice-cache", "bypass"))
		require.NoError(t, err)
		sent := string(g.upstream(t, id).Body)
		hidden(t, sent)
		require.Equal(t, []string{"I see [EMAIL_1]", "Dear [EMAIL_1]"}, []string{gjson.Get(sent, "messages.1.reasoning_content").Str, gjson.Get(sent, "messages.1.content").Str})
	})
}
