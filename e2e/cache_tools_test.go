package e2e

import (
	"encoding/json"
	"net/http"
	"testing"

	ant "github.com/anthropics/anthropic-sdk-go"
	antoption "github.com/anthropics/anthropic-sdk-go/option"
	antparam "github.com/anthropics/anthropic-sdk-go/packages/param"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/stretchr/testify/require"
)

// made is a call of a tool as a client of either API sees it, and how its answer ended.
type made struct {
	id, name, arguments, finish string
	output                      int64 // tokens
}

// asks makes the request of one client once and says what the cache had to do with it.
type asks func(t *testing.T, team, prompt string) (made, string)

// toolAsks are the vendors' own clients, each whole and as a stream. All of them ask the same,
// so that what is kept for one serves the others.
func toolAsks(t *testing.T, g *gateway) map[string]asks {
	oai, _ := g.openAIClient(t)
	claude, _ := g.anthropicClient(t)
	ofOpenAI := func(prompt string) openai.ChatCompletionNewParams {
		p := ask(prompt)
		p.Model, p.MaxCompletionTokens = "house", param.NewOpt[int64](200)
		p.Tools = []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{Name: "get_weather", Parameters: weather})}
		p.StreamOptions = openai.ChatCompletionStreamOptionsParam{IncludeUsage: param.NewOpt(true)}
		return p
	}
	readOpenAI := func(t *testing.T, c openai.ChatCompletion) made {
		require.Len(t, c.Choices, 1)
		require.Len(t, c.Choices[0].Message.ToolCalls, 1)
		call := c.Choices[0].Message.ToolCalls[0]
		return made{call.ID, call.Function.Name, call.Function.Arguments, c.Choices[0].FinishReason, c.Usage.CompletionTokens}
	}
	ofAnthropic := func(t *testing.T, prompt string) ant.MessageNewParams {
		schema, err := json.Marshal(weather) // in the order in which the other client writes it
		require.NoError(t, err)
		p := askAnthropic(prompt)
		p.Model, p.MaxTokens = "house", 200
		p.Tools = []ant.ToolUnionParam{{OfTool: &ant.ToolParam{Name: "get_weather", InputSchema: antparam.Override[ant.ToolInputSchemaParam](json.RawMessage(schema))}}}
		return p
	}
	readAnthropic := func(t *testing.T, m ant.Message) made {
		require.Len(t, m.Content, 1)
		call := m.Content[0]
		require.Equal(t, "tool_use", call.Type)
		return made{call.ID, call.Name, string(call.Input), string(m.StopReason), m.Usage.OutputTokens}
	}
	return map[string]asks{
		"openai": func(t *testing.T, team, prompt string) (made, string) {
			p, raw := ofOpenAI(prompt), (*http.Response)(nil)
			p.StreamOptions = openai.ChatCompletionStreamOptionsParam{}
			c, err := oai.Chat.Completions.New(bounded(t), p, option.WithHeader("x-team", team), option.WithResponseInto(&raw))
			require.NoError(t, err)
			return readOpenAI(t, *c), raw.Header.Get("x-sluice-cache")
		},
		"openai, a stream": func(t *testing.T, team, prompt string) (made, string) {
			var raw *http.Response
			s := oai.Chat.Completions.NewStreaming(bounded(t), ofOpenAI(prompt), option.WithHeader("x-team", team), option.WithResponseInto(&raw))
			var whole openai.ChatCompletionAccumulator
			for s.Next() {
				require.True(t, whole.AddChunk(s.Current()))
			}
			require.NoError(t, s.Err())
			return readOpenAI(t, whole.ChatCompletion), raw.Header.Get("x-sluice-cache")
		},
		"anthropic": func(t *testing.T, team, prompt string) (made, string) {
			var raw *http.Response
			m, err := claude.Messages.New(bounded(t), ofAnthropic(t, prompt), antoption.WithHeader("x-team", team), antoption.WithResponseInto(&raw))
			require.NoError(t, err)
			return readAnthropic(t, *m), raw.Header.Get("x-sluice-cache")
		},
		"anthropic, a stream": func(t *testing.T, team, prompt string) (made, string) {
			var raw *http.Response
			s := claude.Messages.NewStreaming(bounded(t), ofAnthropic(t, prompt), antoption.WithHeader("x-team", team), antoption.WithResponseInto(&raw))
			var whole ant.Message
			for s.Next() {
				require.NoError(t, whole.Accumulate(s.Current()))
			}
			require.NoError(t, s.Err())
			return readAnthropic(t, whole), raw.Header.Get("x-sluice-cache")
		},
	}
}

// An answer that calls a tool is kept from whoever got it and replayed to all: the same call
// in each API's words, with ids of its own, and only to the very same request.
func TestReplaysCallsOfTools(t *testing.T) {
	eachGateway(t, cached, func(t *testing.T, g *gateway) {
		clients := toolAsks(t, g)
		finishes := map[string]string{"openai": "tool_calls", "openai, a stream": "tool_calls", "anthropic": "tool_use", "anthropic, a stream": "tool_use"}
		for from := range clients {
			t.Run("from "+from, func(t *testing.T) {
				team := newName(t)
				const prompt = "Use get_weather for Oslo."
				first, result := clients[from](t, team, prompt)
				require.Equal(t, "miss", result)
				require.Equal(t, "get_weather", first.name)
				require.Equal(t, finishes[from], first.finish)
				ids := map[string]bool{first.id: true}
				for to, client := range clients {
					var again made
					soon(t, func() bool {
						again, result = client(t, team, prompt)
						return result == "hit"
					}, to)
					require.Equal(t, first.name, again.name, to)
					require.JSONEq(t, first.arguments, again.arguments, to)
					require.Equal(t, finishes[to], again.finish, to)
					require.Equal(t, first.output, again.output, to)
					require.False(t, ids[again.id], "%s: the id %s again", to, again.id)
					ids[again.id] = true
				}
				_, result = clients[from](t, team, "Please use get_weather for Oslo.")
				require.Equal(t, "miss", result, "with tools only the same request has the same answer")
			})
		}
	})
}
