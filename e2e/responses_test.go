package e2e

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/responses"
	"github.com/stretchr/testify/require"
)

func askResponse(prompt string) responses.ResponseNewParams {
	return responses.ResponseNewParams{
		Model: "gpt-4o-mini",
		Input: responses.ResponseNewParamsInputUnion{OfString: param.NewOpt(prompt)},
	}
}

// TestOpenAIGoResponses is OpenAI's own client with the Responses API.
func TestOpenAIGoResponses(t *testing.T) {
	eachGateway(t, monthly, func(t *testing.T, g *gateway) {
		t.Run("whole", func(t *testing.T) {
			client, key := g.openAIClient(t)
			var raw *http.Response
			answer, err := client.Responses.New(bounded(t), askResponse("Say something."), option.WithResponseInto(&raw))
			require.NoError(t, err)
			require.NotEmpty(t, answer.OutputText())
			require.EqualValues(t, "completed", answer.Status)
			require.Positive(t, answer.Usage.OutputTokens)
			require.Equal(t, "openai", raw.Header.Get("x-sluice-provider"))
			require.NotEmpty(t, raw.Header.Get("x-sluice-cost-usd"))
			g.settled(t, openAI, key)
		})
		t.Run("stream", func(t *testing.T) {
			client, key := g.openAIClient(t)
			s := client.Responses.NewStreaming(bounded(t), askResponse("Say something, slowly."))
			text := ""
			var last responses.ResponseStreamEventUnion
			for s.Next() {
				last = s.Current()
				if last.Type == "response.output_text.delta" {
					text += last.Delta
				}
			}
			require.NoError(t, s.Err())
			require.Equal(t, "response.completed", last.Type)
			require.NotEmpty(t, text)
			require.Equal(t, text, last.Response.OutputText())
			g.settled(t, openAI, key)
		})
		t.Run("tools", func(t *testing.T) {
			client, key := g.openAIClient(t)
			p := askResponse("Use get_weather for Oslo.")
			p.Tools = []responses.ToolUnionParam{responses.ToolParamOfFunction("get_weather", weather, true)}
			answer, err := client.Responses.New(bounded(t), p)
			require.NoError(t, err)
			call := answer.Output[0]
			require.Equal(t, "function_call", call.Type)
			var a arguments
			require.NoError(t, json.Unmarshal([]byte(call.Arguments.OfString), &a))
			require.NotNil(t, a.Days)

			// And the result goes back.
			p.Input = responses.ResponseNewParamsInputUnion{OfInputItemList: responses.ResponseInputParam{
				responses.ResponseInputItemParamOfMessage("Use get_weather for Oslo.", responses.EasyInputMessageRoleUser),
				responses.ResponseInputItemParamOfFunctionCall(call.Arguments.OfString, call.CallID, call.Name),
				{OfFunctionCallOutput: &responses.ResponseInputItemFunctionCallOutputParam{
					CallID: param.NewOpt(call.CallID),
					Output: responses.ResponseInputItemFunctionCallOutputOutputUnionParam{OfString: param.NewOpt("rain")},
				}},
			}}
			answer, err = client.Responses.New(bounded(t), p)
			require.NoError(t, err)
			require.NotEmpty(t, answer.OutputText())
			g.settled(t, openAI, key)
		})
		t.Run("errors", func(t *testing.T) {
			for _, c := range []struct {
				change func(*responses.ResponseNewParams)
				fault  string
				status int
				code   string
			}{
				{func(p *responses.ResponseNewParams) { p.MaxOutputTokens = param.NewOpt[int64](tooMuch) }, "", 429, "budget_exceeded"},
				{func(p *responses.ResponseNewParams) { p.Background = param.NewOpt(true) }, "", 400, "invalid_field"},
				{func(*responses.ResponseNewParams) {}, `{status: 500}`, 500, ""},
			} {
				client, key := g.openAIClient(t)
				p := askResponse("Fail.")
				c.change(&p)
				_, err := client.Responses.New(bounded(t), p, option.WithHeader("x-mock-fault", c.fault), option.WithMaxRetries(0))
				var e *openai.Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, c.status, e.StatusCode)
				require.Equal(t, c.code, e.Code)
				g.charged(t, openAI, key, 0)
			}
		})
		t.Run("an error in a stream", func(t *testing.T) {
			client, _ := g.openAIClient(t)
			for _, fault := range []string{`{error_event: {after_events: 6}}`, `{malformed: {after_events: 6}}`, `{no_finish: true}`} {
				s := client.Responses.NewStreaming(bounded(t), askResponse("Break."), option.WithHeader("x-mock-fault", fault))
				last := ""
				for s.Next() {
					last = s.Current().Type
				}
				require.NoError(t, s.Err(), "it is an event there, as OpenAI's own")
				require.Equal(t, "error", last, fault)
			}
		})
	})
}
