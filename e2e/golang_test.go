package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"testing"
	"time"

	ant "github.com/anthropics/anthropic-sdk-go"
	antoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/stretchr/testify/require"
)

// bounded is a context that no client can outlive.
func bounded(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// openAIClient is OpenAI's own client with a key that nobody else has; base URL and key
// are all that is set.
func (g *gateway) openAIClient(t *testing.T) (openai.Client, string) {
	key := "sk-" + newName(t)
	return openai.NewClient(option.WithBaseURL(g.url+"/v1"), option.WithAPIKey(key)), key
}

func (g *gateway) anthropicClient(t *testing.T) (ant.Client, string) {
	key := "sk-ant-" + newName(t)
	return ant.NewClient(antoption.WithBaseURL(g.url), antoption.WithAPIKey(key)), key
}

func ask(prompt string) openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{
		Model:    "gpt-4o-mini",
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(prompt)},
	}
}

func askAnthropic(prompt string) ant.MessageNewParams {
	return ant.MessageNewParams{
		Model:     ant.ModelClaudeHaiku4_5,
		MaxTokens: 256,
		Messages:  []ant.MessageParam{ant.NewUserMessage(ant.NewTextBlock(prompt))},
	}
}

// weather is a tool that the provider's mock calls when its name is in the prompt.
var weather = map[string]any{
	"type":       "object",
	"properties": map[string]any{"city": map[string]any{"type": "string"}, "days": map[string]any{"type": "integer"}},
	"required":   []string{"city", "days"},
}

// arguments are what the tool is called with.
type arguments struct {
	City string
	Days *int
}

// settled holds that a client's key has been charged what its provider's bill says.
func (g *gateway) settled(t *testing.T, d dialect, key string) {
	t.Helper()
	input, output := g.bill(t, key)
	require.Positive(t, input)
	g.charged(t, d, key, input+output)
}

func TestOpenAIGo(t *testing.T) {
	eachGateway(t, monthly, func(t *testing.T, g *gateway) {
		t.Run("chat", func(t *testing.T) {
			client, key := g.openAIClient(t)
			var raw *http.Response
			answer, err := client.Chat.Completions.New(bounded(t), ask("Say something."), option.WithResponseInto(&raw))
			require.NoError(t, err)
			require.NotEmpty(t, answer.Choices[0].Message.Content)
			require.Equal(t, "stop", answer.Choices[0].FinishReason)
			require.Positive(t, answer.Usage.CompletionTokens)
			require.Equal(t, "openai", raw.Header.Get("x-sluice-provider"))
			require.Equal(t, "gpt-4o-mini", raw.Header.Get("x-sluice-model"))
			require.NotEmpty(t, raw.Header.Get("x-sluice-cost-usd"))
			g.settled(t, openAI, key)
		})
		for _, usage := range []bool{false, true} {
			t.Run("stream, usage "+strconv.FormatBool(usage), func(t *testing.T) {
				client, key := g.openAIClient(t)
				p := ask("Say something, slowly.")
				if usage {
					p.StreamOptions = openai.ChatCompletionStreamOptionsParam{IncludeUsage: param.NewOpt(true)}
				}
				s := client.Chat.Completions.NewStreaming(bounded(t), p)
				whole := openai.ChatCompletionAccumulator{}
				for s.Next() {
					require.Equal(t, usage, s.Current().JSON.Usage.Raw() != "", "a usage member, null or not")
					require.True(t, usage || len(s.Current().Choices) > 0, "the chunk that is only for the usage")
					require.True(t, whole.AddChunk(s.Current()))
				}
				require.NoError(t, s.Err())
				require.NotEmpty(t, whole.Choices[0].Message.Content)
				require.Equal(t, "stop", whole.Choices[0].FinishReason)
				require.Equal(t, usage, whole.Usage.CompletionTokens > 0)
				g.settled(t, openAI, key)
			})
		}
		t.Run("tools", func(t *testing.T) {
			client, key := g.openAIClient(t)
			p := ask("Use get_weather for Oslo.")
			p.Tools = []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{
				Name: "get_weather", Parameters: openai.FunctionParameters(weather),
			})}
			s := client.Chat.Completions.NewStreaming(bounded(t), p)
			whole := openai.ChatCompletionAccumulator{}
			for s.Next() {
				require.True(t, whole.AddChunk(s.Current()))
			}
			require.NoError(t, s.Err())
			require.Equal(t, "tool_calls", whole.Choices[0].FinishReason)
			call := whole.Choices[0].Message.ToolCalls[0]
			require.Equal(t, "get_weather", call.Function.Name)
			var a arguments
			require.NoError(t, json.Unmarshal([]byte(call.Function.Arguments), &a))
			require.NotNil(t, a.Days)

			// And the result goes back.
			p.Messages = append(p.Messages, whole.Choices[0].Message.ToParam(), openai.ToolMessage("rain", call.ID))
			answer, err := client.Chat.Completions.New(bounded(t), p)
			require.NoError(t, err)
			require.Equal(t, "stop", answer.Choices[0].FinishReason)
			g.settled(t, openAI, key)
		})
		t.Run("several choices", func(t *testing.T) {
			client, key := g.openAIClient(t)
			p := ask("Three answers.")
			p.N = param.NewOpt[int64](3)
			s := client.Chat.Completions.NewStreaming(bounded(t), p)
			whole := openai.ChatCompletionAccumulator{}
			for s.Next() {
				require.True(t, whole.AddChunk(s.Current()))
			}
			require.NoError(t, s.Err())
			require.Len(t, whole.Choices, 3)
			g.settled(t, openAI, key)
		})
		t.Run("completions", func(t *testing.T) {
			client, key := g.openAIClient(t)
			p := openai.CompletionNewParams{Model: "gpt-3.5-turbo-instruct", Prompt: openai.CompletionNewParamsPromptUnion{OfString: param.NewOpt("Once upon a time")}}
			answer, err := client.Completions.New(bounded(t), p)
			require.NoError(t, err)
			require.NotEmpty(t, answer.Choices[0].Text)
			s := client.Completions.NewStreaming(bounded(t), p)
			text := ""
			for s.Next() {
				text += s.Current().Choices[0].Text
			}
			require.NoError(t, s.Err())
			require.Equal(t, answer.Choices[0].Text, text)
			g.settled(t, openAI, key)
		})
		t.Run("embeddings", func(t *testing.T) {
			client, key := g.openAIClient(t)
			answer, err := client.Embeddings.New(bounded(t), openai.EmbeddingNewParams{
				Model: "text-embedding-3-small",
				Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"one", "two words"}},
			})
			require.NoError(t, err)
			require.Len(t, answer.Data, 2)
			require.Len(t, answer.Data[0].Embedding, 1536)
			g.settled(t, openAI, key)
		})
		t.Run("models", func(t *testing.T) {
			client, _ := g.openAIClient(t)
			page, err := client.Models.List(bounded(t))
			require.NoError(t, err)
			require.Equal(t, "claude-haiku-4-5", page.Data[0].ID, "those of the policy, in its order")
			require.Equal(t, "sluice", page.Data[0].OwnedBy)
		})
		t.Run("errors", func(t *testing.T) {
			for _, c := range []struct {
				name   string
				change func(*openai.ChatCompletionNewParams)
				fault  string
				status int
				code   string
			}{
				{"over the budget", func(p *openai.ChatCompletionNewParams) { p.MaxCompletionTokens = param.NewOpt[int64](tooMuch) }, "", 429, "budget_exceeded"},
				{"a bad value", func(p *openai.ChatCompletionNewParams) { p.MaxTokens = param.NewOpt[int64](-1) }, "", 400, "invalid_field"},
				{"no model", func(p *openai.ChatCompletionNewParams) { p.Model = "" }, "", 400, "invalid_field"},
				{"the provider's 401", nil, `{status: 401}`, 401, "invalid_api_key"},
				{"the provider's 404", nil, `{status: 404}`, 404, ""},
				{"the provider's 429", nil, `{status: 429}`, 429, "rate_limit_exceeded"},
				{"the provider's 500", nil, `{status: 500}`, 500, ""},
			} {
				client, key := g.openAIClient(t)
				p := ask("Fail.")
				if c.change != nil {
					c.change(&p)
				}
				for _, streamed := range []bool{false, true} {
					options := []option.RequestOption{option.WithHeader("x-mock-fault", c.fault), option.WithMaxRetries(0)}
					var err error
					if streamed {
						s := client.Chat.Completions.NewStreaming(bounded(t), p, options...)
						require.False(t, s.Next(), c.name)
						err = s.Err()
					} else {
						_, err = client.Chat.Completions.New(bounded(t), p, options...)
					}
					var e *openai.Error
					require.ErrorAs(t, err, &e, c.name)
					require.Equal(t, c.status, e.StatusCode, c.name)
					require.Equal(t, c.code, e.Code, c.name)
					if c.code == "budget_exceeded" {
						require.Equal(t, "rate_limit_exceeded", e.Type)
						require.Contains(t, e.Message, `"key-month"`)
						require.NotEmpty(t, e.Response.Header.Get("retry-after"))
					}
				}
				g.charged(t, openAI, key, 0)
			}
		})
		t.Run("an error in a stream", func(t *testing.T) {
			client, _ := g.openAIClient(t)
			for _, fault := range []string{`{error_event: {after_events: 4}}`, `{malformed: {after_events: 4}}`, `{no_finish: true}`, `{cut: {after_events: 4}}`} {
				s := client.Chat.Completions.NewStreaming(bounded(t), ask("Break."), option.WithHeader("x-mock-fault", fault))
				for s.Next() {
					require.Empty(t, s.Current().Choices[0].FinishReason)
				}
				require.Error(t, s.Err(), fault)
			}
		})
	})
}

func TestAnthropicGo(t *testing.T) {
	eachGateway(t, monthly, func(t *testing.T, g *gateway) {
		t.Run("messages", func(t *testing.T) {
			client, key := g.anthropicClient(t)
			answer, err := client.Messages.New(bounded(t), askAnthropic("Say something."))
			require.NoError(t, err)
			require.NotEmpty(t, answer.Content[0].Text)
			require.Equal(t, ant.StopReasonEndTurn, answer.StopReason)
			require.Positive(t, answer.Usage.OutputTokens)
			g.settled(t, anthropic, key)
		})
		t.Run("stream", func(t *testing.T) {
			client, key := g.anthropicClient(t)
			s := client.Messages.NewStreaming(bounded(t), askAnthropic("Say something, slowly."))
			var whole ant.Message
			for s.Next() {
				require.NoError(t, whole.Accumulate(s.Current()))
			}
			require.NoError(t, s.Err())
			require.NotEmpty(t, whole.Content[0].Text)
			require.Equal(t, ant.StopReasonEndTurn, whole.StopReason)
			require.Positive(t, whole.Usage.OutputTokens)
			g.settled(t, anthropic, key)
		})
		t.Run("tools", func(t *testing.T) {
			client, key := g.anthropicClient(t)
			p := askAnthropic("Use get_weather for Oslo.")
			p.Tools = []ant.ToolUnionParam{{OfTool: &ant.ToolParam{
				Name:        "get_weather",
				InputSchema: ant.ToolInputSchemaParam{Properties: weather["properties"], Required: []string{"city", "days"}},
			}}}
			s := client.Messages.NewStreaming(bounded(t), p)
			var whole ant.Message
			for s.Next() {
				require.NoError(t, whole.Accumulate(s.Current()))
			}
			require.NoError(t, s.Err())
			require.Equal(t, ant.StopReasonToolUse, whole.StopReason)
			require.Equal(t, "get_weather", whole.Content[0].Name)
			var a arguments
			require.NoError(t, json.Unmarshal(whole.Content[0].Input, &a))
			require.NotNil(t, a.Days)

			p.Messages = append(p.Messages, whole.ToParam(), ant.NewUserMessage(ant.NewToolResultBlock(whole.Content[0].ID, "rain", false)))
			answer, err := client.Messages.New(bounded(t), p)
			require.NoError(t, err)
			require.Equal(t, ant.StopReasonEndTurn, answer.StopReason)
			g.settled(t, anthropic, key)
		})
		t.Run("errors", func(t *testing.T) {
			for _, c := range []struct {
				name   string
				cap    int64
				fault  string
				status int
				kind   string
			}{
				{"over the budget", tooMuch, "", 429, "rate_limit_error"},
				{"a bad value", -1, "", 400, "invalid_request_error"},
				{"the provider's 401", 9, `{status: 401}`, 401, "authentication_error"},
				{"the provider's 404", 9, `{status: 404}`, 404, "not_found_error"},
				{"the provider's 429", 9, `{status: 429}`, 429, "rate_limit_error"},
				{"the provider's 529", 9, `{status: 529}`, 529, "overloaded_error"},
			} {
				client, key := g.anthropicClient(t)
				p := askAnthropic("Fail.")
				p.MaxTokens = c.cap
				options := []antoption.RequestOption{antoption.WithHeader("x-mock-fault", c.fault), antoption.WithMaxRetries(0)}
				s := client.Messages.NewStreaming(bounded(t), p, options...)
				require.False(t, s.Next(), c.name)
				problems := []error{s.Err()}
				if c.cap != tooMuch { // which this client refuses by itself where it is no stream
					_, err := client.Messages.New(bounded(t), p, options...)
					problems = append(problems, err)
				}
				var e *ant.Error
				for _, err := range problems {
					require.ErrorAs(t, err, &e, c.name)
					require.Equal(t, c.status, e.StatusCode, c.name)
					require.Equal(t, c.kind, string(e.Type()), c.name)
				}
				if c.cap == tooMuch {
					require.NotEmpty(t, e.Response.Header.Get("retry-after"))
				}
				g.charged(t, anthropic, key, 0)
			}
		})
		t.Run("an error in a stream", func(t *testing.T) {
			client, _ := g.anthropicClient(t)
			for _, fault := range []string{`{error_event: {after_events: 6}}`, `{malformed: {after_events: 6}}`, `{no_finish: true}`, `{cut: {after_events: 6}}`} {
				s := client.Messages.NewStreaming(bounded(t), askAnthropic("Break."), antoption.WithHeader("x-mock-fault", fault))
				for s.Next() {
					require.NotEqual(t, "message_stop", s.Current().Type)
				}
				require.Error(t, s.Err(), fault)
			}
		})
	})
}

// TestClientsAskAgain holds that the vendors' clients do what they do at the vendor's
// after a refusal that passes soon, and do not after one that does not.
func TestClientsAskAgain(t *testing.T) {
	eachGateway(t, monthly, func(t *testing.T, g *gateway) {
		client, key := g.openAIClient(t)
		name := newName(t)
		p := ask("Again?")
		p.MaxCompletionTokens = param.NewOpt[int64](tooMuch)
		_, err := client.Chat.Completions.New(bounded(t), p, option.WithHeader("x-case", name))
		var e *openai.Error
		require.True(t, errors.As(err, &e))
		require.Len(t, g.records(t, name, 1), 1, "asked once: what does not fit will not fit")

		// The provider's own 429, whose retry-after passes through.
		_, err = client.Chat.Completions.New(bounded(t), ask("Again!"), option.WithHeader("x-case", name+"/provider"),
			option.WithHeader("x-mock-fault", `{status: 429, headers: {retry-after-ms: "1"}}`), option.WithMaxRetries(1))
		require.True(t, errors.As(err, &e))
		require.Len(t, g.records(t, name+"/provider", 2), 2, "asked twice")
		g.charged(t, openAI, key, 0)
	})
}
