package e2e

import (
	"encoding/json"
	"testing"

	ant "github.com/anthropics/anthropic-sdk-go"
	antoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/shared"
	"github.com/stretchr/testify/require"
)

// translated are the models of the policy routed that only one provider serves, of the other
// API or of the client's own.
const translated = `
  over-anthropic:
    targets: [{provider: beta-ant, model: claude-haiku-4-5}]
  over-openai:
    targets: [{provider: beta, model: gpt-4o-mini}]
  own-anthropic:
    targets: [{provider: beta-ant, model: claude-haiku-4-5}]
  own-openai:
    targets: [{provider: beta, model: gpt-4o-mini}]
`

// dot is a picture of one pixel.
const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

// chatWith makes two requests of a client, one that streams and one that does not, and
// returns the message of each.
func chatWith(t *testing.T, client openai.Client, p openai.ChatCompletionNewParams) [2]openai.ChatCompletionChoice {
	t.Helper()
	whole, err := client.Chat.Completions.New(bounded(t), p)
	require.NoError(t, err)
	require.Len(t, whole.Choices, 1)
	require.Equal(t, whole.Usage.TotalTokens, whole.Usage.PromptTokens+whole.Usage.CompletionTokens)
	p.StreamOptions = openai.ChatCompletionStreamOptionsParam{IncludeUsage: param.NewOpt(true)}
	s := client.Chat.Completions.NewStreaming(bounded(t), p)
	streamed := openai.ChatCompletionAccumulator{}
	for s.Next() {
		require.True(t, streamed.AddChunk(s.Current()))
	}
	require.NoError(t, s.Err())
	require.Len(t, streamed.Choices, 1)
	require.Equal(t, whole.Usage.CompletionTokens, streamed.Usage.CompletionTokens)
	require.Equal(t, whole.Usage.PromptTokens, streamed.Usage.PromptTokens)
	require.Equal(t, whole.Choices[0].Message.Content, streamed.Choices[0].Message.Content, "the same question has the same answer")
	require.Equal(t, whole.Choices[0].FinishReason, streamed.Choices[0].FinishReason)
	return [2]openai.ChatCompletionChoice{whole.Choices[0], streamed.Choices[0]}
}

// TestOpenAIGoOverAnthropic has OpenAI's own client be answered by Anthropic's API.
func TestOpenAIGoOverAnthropic(t *testing.T) {
	eachGateway(t, routed, func(t *testing.T, g *gateway) {
		client := openai.NewClient(option.WithBaseURL(g.url+"/v1"), option.WithAPIKey("sk-"+newName(t)), option.WithMaxRetries(0))
		params := func(prompt string) openai.ChatCompletionNewParams {
			p := ask(prompt)
			p.Model = "over-anthropic"
			return p
		}
		function := func(name string) openai.ChatCompletionToolUnionParam {
			return openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{Name: name, Description: param.NewOpt("Says what the weather is."), Parameters: openai.FunctionParameters(weather)})
		}
		t.Run("text", func(t *testing.T) {
			for _, c := range chatWith(t, client, params("Say something.")) {
				require.Equal(t, says("beta"), c.Message.Content)
				require.Equal(t, "stop", c.FinishReason)
			}
		})
		t.Run("a cap", func(t *testing.T) {
			p := params("Say something.")
			p.MaxCompletionTokens = param.NewOpt[int64](3)
			for _, c := range chatWith(t, client, p) {
				require.Equal(t, "length", c.FinishReason)
			}
		})
		t.Run("tools, in turns", func(t *testing.T) {
			p := params("[beta free] Use get_weather and get_time.")
			p.Messages = append([]openai.ChatCompletionMessageParamUnion{openai.SystemMessage("Be brief.")}, p.Messages...)
			p.Tools = []openai.ChatCompletionToolUnionParam{function("get_weather"), function("get_time")}
			for range 3 {
				choices := chatWith(t, client, p)
				for _, c := range choices {
					require.Equal(t, "tool_calls", c.FinishReason)
					require.Len(t, c.Message.ToolCalls, 2, "parallel calls")
					require.NotEqual(t, c.Message.ToolCalls[0].ID, c.Message.ToolCalls[1].ID)
					for i, name := range []string{"get_weather", "get_time"} {
						require.Equal(t, name, c.Message.ToolCalls[i].Function.Name)
						var a arguments
						require.NoError(t, json.Unmarshal([]byte(c.Message.ToolCalls[i].Function.Arguments), &a))
						require.NotNil(t, a.Days)
					}
				}
				p.Messages = append(p.Messages, choices[1].Message.ToParam())
				for _, call := range choices[1].Message.ToolCalls {
					p.Messages = append(p.Messages, openai.ToolMessage("rain", call.ID))
				}
				answered := chatWith(t, client, p)
				require.Equal(t, "stop", answered[0].FinishReason)
				p.Messages = append(p.Messages, answered[0].Message.ToParam(), openai.UserMessage("[beta free] Again: get_weather and get_time."))
			}
		})
		t.Run("a picture", func(t *testing.T) {
			name := newName(t)
			p := params("")
			p.Messages = []openai.ChatCompletionMessageParamUnion{openai.UserMessage([]openai.ChatCompletionContentPartUnionParam{
				openai.TextContentPart("case " + name + ";"),
				openai.ImageContentPart(openai.ChatCompletionContentPartImageImageURLParam{URL: "data:image/png;base64," + dot}),
			})}
			_, err := client.Chat.Completions.New(bounded(t), p)
			require.NoError(t, err)
			asked := g.asked(t, "beta", name)
			require.Len(t, asked, 1)
			var body struct {
				Messages []struct {
					Content []struct {
						Type   string
						Source struct {
							Type, Data string
							MediaType  string `json:"media_type"`
						}
					}
				}
			}
			require.NoError(t, json.Unmarshal(asked[0].Body, &body), "%s", asked[0].Body)
			picture := body.Messages[0].Content[1]
			require.Equal(t, []string{"image", "base64", "image/png", dot}, []string{picture.Type, picture.Source.Type, picture.Source.MediaType, picture.Source.Data})
		})
		t.Run("JSON of a schema", func(t *testing.T) {
			p := params("[beta good]")
			p.ResponseFormat = openai.ChatCompletionNewParamsResponseFormatUnion{OfJSONSchema: &shared.ResponseFormatJSONSchemaParam{
				JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{Name: "weather", Strict: param.NewOpt(true), Schema: weather},
			}}
			for _, c := range chatWith(t, client, p) {
				require.JSONEq(t, good, c.Message.Content)
				require.Equal(t, "stop", c.FinishReason)
				require.Empty(t, c.Message.ToolCalls)
			}
		})
		t.Run("errors", func(t *testing.T) {
			for behaviour, status := range map[string]int{"400": 400, "404": 404, "429": 429, "500": 500, "529": 529} {
				p := params(marker("beta", behaviour))
				_, err := client.Chat.Completions.New(bounded(t), p)
				s := client.Chat.Completions.NewStreaming(bounded(t), p)
				require.False(t, s.Next())
				for _, err := range []error{err, s.Err()} {
					var e *openai.Error
					require.ErrorAs(t, err, &e, behaviour)
					require.Equal(t, status, e.StatusCode)
					require.NotEmpty(t, e.Message)
					require.NotEmpty(t, e.Type)
				}
			}
			for _, behaviour := range []string{"error_later", "malformed_later", "ended_later", "closed_later", "no_finish"} {
				s := client.Chat.Completions.NewStreaming(bounded(t), params(marker("beta", behaviour)))
				for s.Next() {
					require.Empty(t, s.Current().Choices[0].FinishReason)
				}
				require.Error(t, s.Err(), behaviour)
			}
		})
	})
}

// messageWith makes two requests of a client, one that streams and one that does not.
func messageWith(t *testing.T, client ant.Client, p ant.MessageNewParams) [2]ant.Message {
	t.Helper()
	whole, err := client.Messages.New(bounded(t), p)
	require.NoError(t, err)
	s := client.Messages.NewStreaming(bounded(t), p)
	var streamed ant.Message
	for s.Next() {
		require.NoError(t, streamed.Accumulate(s.Current()))
	}
	require.NoError(t, s.Err())
	require.Equal(t, whole.StopReason, streamed.StopReason)
	require.Equal(t, whole.Usage.OutputTokens, streamed.Usage.OutputTokens)
	require.Len(t, streamed.Content, len(whole.Content))
	require.Equal(t, whole.Content[0].Text, streamed.Content[0].Text)
	return [2]ant.Message{*whole, streamed}
}

// TestAnthropicGoOverOpenAI has Anthropic's own client be answered by OpenAI's API.
func TestAnthropicGoOverOpenAI(t *testing.T) {
	eachGateway(t, routed, func(t *testing.T, g *gateway) {
		client := ant.NewClient(antoption.WithBaseURL(g.url), antoption.WithAPIKey("sk-ant-"+newName(t)), antoption.WithMaxRetries(0))
		params := func(prompt string) ant.MessageNewParams {
			p := askAnthropic(prompt)
			p.Model = "over-openai"
			return p
		}
		t.Run("text and a system prompt", func(t *testing.T) {
			name := newName(t)
			p := params("case " + name + ";")
			p.System = []ant.TextBlockParam{{Text: "Be brief."}}
			for _, m := range messageWith(t, client, p) {
				require.Equal(t, says("beta"), m.Content[0].Text)
				require.Equal(t, ant.StopReasonEndTurn, m.StopReason)
				require.Positive(t, m.Usage.InputTokens)
				require.Positive(t, m.Usage.OutputTokens)
			}
			for _, asked := range g.asked(t, "beta", name) {
				var body struct{ Messages []struct{ Role string } }
				require.NoError(t, json.Unmarshal(asked.Body, &body))
				require.Len(t, body.Messages, 2)
				require.Contains(t, []string{"system", "developer"}, body.Messages[0].Role)
			}
		})
		t.Run("a cap", func(t *testing.T) {
			p := params("Say something.")
			p.MaxTokens = 3
			for _, m := range messageWith(t, client, p) {
				require.Equal(t, ant.StopReasonMaxTokens, m.StopReason)
				require.EqualValues(t, 3, m.Usage.OutputTokens)
			}
		})
		t.Run("tools, in turns", func(t *testing.T) {
			p := params("[beta free] Use get_weather and get_time.")
			for _, name := range []string{"get_weather", "get_time"} {
				p.Tools = append(p.Tools, ant.ToolUnionParam{OfTool: &ant.ToolParam{Name: name, InputSchema: ant.ToolInputSchemaParam{Properties: weather["properties"], Required: []string{"city", "days"}}}})
			}
			for range 3 {
				messages := messageWith(t, client, p)
				for _, m := range messages {
					require.Equal(t, ant.StopReasonToolUse, m.StopReason)
					require.Len(t, m.Content, 2, "parallel calls")
					require.NotEqual(t, m.Content[0].ID, m.Content[1].ID)
					for i, name := range []string{"get_weather", "get_time"} {
						require.Equal(t, name, m.Content[i].Name)
						var a arguments
						require.NoError(t, json.Unmarshal(m.Content[i].Input, &a))
						require.NotNil(t, a.Days)
					}
				}
				p.Messages = append(p.Messages, messages[1].ToParam(), ant.NewUserMessage(
					ant.NewToolResultBlock(messages[1].Content[0].ID, "rain", false), ant.NewToolResultBlock(messages[1].Content[1].ID, "noon", false)))
				answered := messageWith(t, client, p)
				require.Equal(t, ant.StopReasonEndTurn, answered[0].StopReason)
				p.Messages = append(p.Messages, answered[0].ToParam(), ant.NewUserMessage(ant.NewTextBlock("[beta free] Again: get_weather and get_time.")))
			}
		})
		t.Run("a picture", func(t *testing.T) {
			name := newName(t)
			p := params("")
			p.Messages = []ant.MessageParam{ant.NewUserMessage(ant.NewTextBlock("case "+name+";"), ant.NewImageBlockBase64("image/png", dot))}
			_, err := client.Messages.New(bounded(t), p)
			require.NoError(t, err)
			asked := g.asked(t, "beta", name)
			require.Len(t, asked, 1)
			require.Contains(t, string(asked[0].Body), `"data:image/png;base64,`+dot+`"`)
		})
		t.Run("errors", func(t *testing.T) {
			for behaviour, kind := range map[string]string{"400": "invalid_request_error", "404": "not_found_error", "429": "rate_limit_error", "500": "api_error"} {
				p := params(marker("beta", behaviour))
				_, err := client.Messages.New(bounded(t), p)
				s := client.Messages.NewStreaming(bounded(t), p)
				require.False(t, s.Next())
				for _, err := range []error{err, s.Err()} {
					var e *ant.Error
					require.ErrorAs(t, err, &e, behaviour)
					require.Equal(t, kind, string(e.Type()))
				}
			}
			for _, behaviour := range []string{"error_later", "malformed_later", "ended_later", "closed_later", "no_finish"} {
				s := client.Messages.NewStreaming(bounded(t), params(marker("beta", behaviour)))
				for s.Next() {
					require.NotEqual(t, "message_stop", s.Current().Type)
				}
				require.Error(t, s.Err(), behaviour)
			}
		})
	})
}

// TestPythonTranslated runs the Python clients against the API that is not theirs.
func TestPythonTranslated(t *testing.T) {
	python(t)
	eachGateway(t, routed, func(t *testing.T, g *gateway) {
		g.runPython(bounded(t), t, "translated.py", "SLUICE_SAYS="+says("beta"))
	})
}
