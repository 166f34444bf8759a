package mock

import (
	"encoding/json"
	"net/http"
	"strings"
)

// openaiRequest is every field that the mock looks at of the three OpenAI operations.
type openaiRequest struct {
	Model         string `json:"model"`
	Stream        bool   `json:"stream"`
	StreamOptions struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
	MaxTokens           *int64          `json:"max_tokens"`
	MaxCompletionTokens *int64          `json:"max_completion_tokens"`
	N                   *int            `json:"n"`
	BestOf              *int            `json:"best_of"`
	Stop                json.RawMessage `json:"stop"`
	Echo                bool            `json:"echo"`
	Messages            []openaiMessage `json:"messages"`
	Tools               json.RawMessage `json:"tools"`
	ToolChoice          json.RawMessage `json:"tool_choice"`
	ParallelToolCalls   *bool           `json:"parallel_tool_calls"`
	ResponseFormat      struct {
		Type       string `json:"type"`
		JSONSchema struct {
			Schema json.RawMessage `json:"schema"`
		} `json:"json_schema"`
	} `json:"response_format"`
	Prompt         json.RawMessage `json:"prompt"`
	Input          json.RawMessage `json:"input"`
	Dimensions     int             `json:"dimensions"`
	EncodingFormat string          `json:"encoding_format"`
}

type openaiMessage struct {
	Role      string          `json:"role"`
	Name      string          `json:"name"`
	Content   json.RawMessage `json:"content"`
	ToolCalls []struct {
		Function struct {
			Name      string `json:"name"`
			Arguments string `json:"arguments"`
		} `json:"function"`
	} `json:"tool_calls"`
}

// parseOpenAI reads the body of an OpenAI operation into q.
func parseOpenAI(q *query, body []byte) *problem {
	var r openaiRequest
	if err := json.Unmarshal(body, &r); err != nil {
		return badRequest("", "The body of the request could not be read as JSON of the right shape: "+err.Error())
	}
	q.model, q.stream, q.includeUsage, q.echo = r.Model, r.Stream, r.StreamOptions.IncludeUsage, r.Echo
	if q.model == "" {
		return badRequest("model", "you must provide a model parameter")
	}
	// The API refuses both caps together; that the larger one holds here is the worst
	// case for whoever counts on one of them.
	for _, limit := range []*int64{r.MaxTokens, r.MaxCompletionTokens} {
		if limit == nil {
			continue
		}
		if *limit < 0 || *limit == 0 && q.op == opChat {
			return badRequest("max_tokens", "max_tokens is less than the minimum of 1")
		}
		q.limit = max(q.limit, *limit)
	}
	if r.N != nil {
		if q.n = *r.N; q.n < 1 || q.n > 128 {
			return badRequest("n", "n is not between 1 and 128")
		}
	}
	if r.BestOf != nil {
		if q.bestOf = *r.BestOf; q.bestOf < q.n || q.bestOf > 20 {
			return badRequest("best_of", "best_of is not between n and 20")
		}
	}
	var problem *problem
	if q.stops, problem = stopsOf(r.Stop, "stop"); problem != nil {
		return problem
	}
	switch q.op {
	case opChat:
		return q.readChat(&r)
	case opCompletions:
		if q.limit == noLimit {
			q.limit = 16 // the API's default
		}
		q.inputs = []input{{text: ""}}
		if len(r.Prompt) > 0 && string(r.Prompt) != "null" {
			q.inputs, problem = inputsOf(r.Prompt, "prompt")
		}
		return problem
	case opEmbeddings:
		q.inputs, problem = inputsOf(r.Input, "input")
		if problem == nil {
			problem = q.vector.set(q.model, r.Dimensions, r.EncodingFormat)
		}
		return problem
	}
	return nil
}

func (q *query) readChat(r *openaiRequest) *problem {
	if len(r.Messages) == 0 {
		return badRequest("messages", "messages is missing or empty")
	}
	for i := range r.Messages {
		in := &r.Messages[i]
		m := message{role: in.Role, name: in.Name, asks: in.Role == "user"}
		var ok bool
		if m.text, m.parts, ok = textOf(in.Content); !ok {
			return badRequest("messages", "the content of a message is neither text nor a list of parts")
		}
		for _, call := range in.ToolCalls {
			m.text += call.Function.Name + call.Function.Arguments
		}
		q.messages = append(q.messages, m)
	}
	if len(r.Tools) > 0 && string(r.Tools) != "null" {
		var tools []struct {
			Function struct {
				Name       string          `json:"name"`
				Parameters json.RawMessage `json:"parameters"`
			} `json:"function"`
		}
		if err := json.Unmarshal(r.Tools, &tools); err != nil {
			return badRequest("tools", "tools cannot be read: "+err.Error())
		}
		q.toolJSON = r.Tools
		for _, t := range tools {
			q.tools = append(q.tools, tool{name: t.Function.Name, schema: t.Function.Parameters})
		}
	}
	var choice struct {
		Function struct {
			Name string `json:"name"`
		} `json:"function"`
	}
	if json.Unmarshal(r.ToolChoice, &q.toolChoice) != nil && json.Unmarshal(r.ToolChoice, &choice) == nil {
		q.toolChoice = choice.Function.Name
	}
	if q.toolChoice == "auto" {
		q.toolChoice = ""
	}
	q.parallel = r.ParallelToolCalls == nil || *r.ParallelToolCalls
	q.json = r.ResponseFormat.Type == "json_object" || r.ResponseFormat.Type == "json_schema"
	q.jsonSchema = r.ResponseFormat.JSONSchema.Schema
	return nil
}

// textOf is the text of a content that is a string, null, or a list of parts, and
// how many of the parts are something else. Tool results nest.
func textOf(content json.RawMessage) (text string, other int, ok bool) {
	if len(content) == 0 || string(content) == "null" {
		return "", 0, true
	}
	if json.Unmarshal(content, &text) == nil {
		return text, 0, true
	}
	var parts []struct {
		Type    string          `json:"type"`
		Text    string          `json:"text"`
		Name    string          `json:"name"`
		Input   json.RawMessage `json:"input"`
		Content json.RawMessage `json:"content"`
	}
	if json.Unmarshal(content, &parts) != nil {
		return "", 0, false
	}
	var all strings.Builder
	for _, p := range parts {
		switch p.Type {
		case "text", "thinking", "input_text", "output_text", "summary_text":
			all.WriteString(p.Text)
		case "tool_use":
			all.WriteString(p.Name)
			all.Write(p.Input)
		case "tool_result":
			inner, n, ok := textOf(p.Content)
			if !ok {
				return "", 0, false
			}
			all.WriteString(inner)
			other += n
		default:
			other++
		}
	}
	return all.String(), other, true
}

// inputsOf reads a prompt or an embedding's input: a text, a list of texts, the tokens
// of one text, or a list of those.
func inputsOf(raw json.RawMessage, param string) ([]input, *problem) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return []input{{text: text}}, nil
	}
	var tokens []int64
	if json.Unmarshal(raw, &tokens) == nil && len(tokens) > 0 {
		return []input{{tokens: tokens}}, nil
	}
	var texts []string
	if json.Unmarshal(raw, &texts) == nil && len(texts) > 0 {
		all := make([]input, len(texts))
		for i, t := range texts {
			all[i].text = t
		}
		return all, nil
	}
	var lists [][]int64
	if json.Unmarshal(raw, &lists) == nil && len(lists) > 0 {
		all := make([]input, len(lists))
		for i, l := range lists {
			all[i].tokens = l
		}
		return all, nil
	}
	return nil, badRequest(param, param+" is missing, empty or of the wrong type")
}

func stopsOf(raw json.RawMessage, param string) ([]string, *problem) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}, nil
	}
	var many []string
	if json.Unmarshal(raw, &many) != nil {
		return nil, badRequest(param, param+" is neither a text nor a list of texts")
	}
	return many, nil
}

// unknownModel is the vendor's answer to a model name that it does not know.
func unknownModel(op op, model string) *problem {
	if op.anthropic() {
		return &problem{status: http.StatusNotFound, message: "model: " + model}
	}
	return &problem{
		status: http.StatusNotFound, code: "model_not_found",
		message: "The model `" + model + "` does not exist or you do not have access to it.",
	}
}
