package mock_test

import (
	"context"
	"encoding/json"
	"strconv"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/responses"
	"github.com/stretchr/testify/require"
)

func askResponse(text string) responses.ResponseNewParams {
	return responses.ResponseNewParams{
		Model: "gpt-4o", Instructions: param.NewOpt("Be kind."),
		Input: responses.ResponseNewParamsInputUnion{OfString: param.NewOpt(text)},
	}
}

// A streamed response ends in the same object that the whole answer is.
func TestResponses(t *testing.T) {
	for name, p := range map[string]struct {
		script string
		change func(*responses.ResponseNewParams)
		status responses.ResponseStatus
		kinds  []string
	}{
		"text":      {"", func(*responses.ResponseNewParams) {}, "completed", []string{"message"}},
		"a cap":     {"", func(p *responses.ResponseNewParams) { p.MaxOutputTokens = param.NewOpt[int64](16) }, "incomplete", []string{"message"}},
		"reasoning": {"defaults: {answer: {text: Well., reasoning: 7}}", func(*responses.ResponseNewParams) {}, "completed", []string{"reasoning", "message"}},
		"tools": {"", func(p *responses.ResponseNewParams) {
			p.Tools = []responses.ToolUnionParam{responses.ToolParamOfFunction("lookup", map[string]any{"type": "object", "properties": map[string]any{"q": map[string]any{"type": "string"}}}, false)}
			p.Input.OfString = param.NewOpt("use lookup")
		}, "completed", []string{"function_call"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, p.script)
			client := openaiClient(s)
			ask := askResponse("Say something.")
			p.change(&ask)
			whole, err := client.Responses.New(context.Background(), ask)
			require.NoError(t, err)
			require.Equal(t, p.status, whole.Status)
			require.Equal(t, bill(t, s).Input, whole.Usage.InputTokens)
			require.Equal(t, bill(t, s).Output, whole.Usage.OutputTokens)
			for i, kind := range p.kinds {
				require.Equal(t, kind, whole.Output[i].Type)
			}
			s.Reset()
			stream := client.Responses.NewStreaming(context.Background(), ask)
			text, arguments, n := "", "", int64(0)
			var last responses.ResponseStreamEventUnion
			for stream.Next() {
				last = stream.Current()
				require.Equal(t, n, last.SequenceNumber)
				n++
				switch last.Type {
				case "response.output_text.delta":
					text += last.Delta
				case "response.function_call_arguments.delta":
					arguments += last.Delta
				}
			}
			require.NoError(t, stream.Err())
			require.Equal(t, whole.OutputText(), text)
			require.Equal(t, "response."+string(p.status), last.Type)
			require.Equal(t, whole.OutputText(), last.Response.OutputText())
			require.Equal(t, whole.Usage.TotalTokens, last.Response.Usage.TotalTokens)
			require.Equal(t, bill(t, s).Output, last.Response.Usage.OutputTokens)
			if name == "tools" {
				require.True(t, json.Valid([]byte(arguments)))
				require.Equal(t, arguments, last.Response.Output[0].Arguments.OfString)
			}
		})
	}
}

func TestResponsesFaults(t *testing.T) {
	s := start(t, "")
	client := openaiClient(s)
	for fault, last := range map[string]string{
		`{error_event: {after_events: 5}}`: "error", `{no_finish: true}`: "response.output_item.done", `{huge: {after_events: 99999, bytes: 9}}`: "response.completed",
	} {
		stream := client.Responses.NewStreaming(context.Background(), askResponse("Break."), option.WithHeader("x-mock-fault", fault))
		got := ""
		for stream.Next() {
			got = stream.Current().Type
		}
		require.NoError(t, stream.Err())
		require.Equal(t, last, got, fault)
	}
	for _, status := range []int{400, 429, 500} {
		_, err := client.Responses.New(context.Background(), askResponse("Break."), option.WithHeader("x-mock-fault", "{status: "+strconv.Itoa(status)+"}"))
		var e *openai.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, status, e.StatusCode)
	}
}
