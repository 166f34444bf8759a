package mock

import (
	"encoding/json"
	"strings"
)

// responsesRequest is every field that the mock looks at of a request for a response.
type responsesRequest struct {
	Model           string          `json:"model"`
	Stream          bool            `json:"stream"`
	Background      bool            `json:"background"`
	Instructions    string          `json:"instructions"`
	Input           json.RawMessage `json:"input"`
	MaxOutputTokens *int64          `json:"max_output_tokens"`
	Tools           json.RawMessage `json:"tools"`
	ToolChoice      json.RawMessage `json:"tool_choice"`
	Parallel        *bool           `json:"parallel_tool_calls"`
	Text            struct {
		Format struct {
			Type   string          `json:"type"`
			Schema json.RawMessage `json:"schema"`
		} `json:"format"`
	} `json:"text"`
}

// leastOutput is the smallest cap that the API takes.
const leastOutput = 16

// parseResponses reads the body of a request for a response into q.
func parseResponses(q *query, body []byte) *problem {
	var r responsesRequest
	if err := json.Unmarshal(body, &r); err != nil {
		return badRequest("", "The body of the request could not be read as JSON of the right shape: "+err.Error())
	}
	q.model, q.stream = r.Model, r.Stream
	switch {
	case q.model == "":
		return badRequest("model", "you must provide a model parameter")
	case r.Background:
		return badRequest("background", "the mock answers at once: background is not in it")
	}
	if r.MaxOutputTokens != nil {
		if q.limit = *r.MaxOutputTokens; q.limit < leastOutput {
			return badRequest("max_output_tokens", "max_output_tokens is less than the minimum of 16")
		}
	}
	if r.Instructions != "" {
		q.messages = append(q.messages, message{role: "developer", text: r.Instructions})
	}
	if problem := q.readInput(r.Input); problem != nil {
		return problem
	}
	if len(r.Tools) > 0 && string(r.Tools) != "null" {
		var tools []struct {
			Type       string          `json:"type"`
			Name       string          `json:"name"`
			Parameters json.RawMessage `json:"parameters"`
		}
		if err := json.Unmarshal(r.Tools, &tools); err != nil {
			return badRequest("tools", "tools cannot be read: "+err.Error())
		}
		q.toolJSON = r.Tools
		for _, t := range tools {
			if t.Type == "function" {
				q.tools = append(q.tools, tool{name: t.Name, schema: t.Parameters})
			}
		}
	}
	var choice struct {
		Name string `json:"name"`
	}
	if json.Unmarshal(r.ToolChoice, &q.toolChoice) != nil && json.Unmarshal(r.ToolChoice, &choice) == nil {
		q.toolChoice = choice.Name
	}
	if q.toolChoice == "auto" {
		q.toolChoice = ""
	}
	q.parallel = r.Parallel == nil || *r.Parallel
	q.json = strings.HasPrefix(r.Text.Format.Type, "json_")
	q.jsonSchema = r.Text.Format.Schema
	return nil
}

// readInput reads a text, or the items of a conversation.
func (q *query) readInput(raw json.RawMessage) *problem {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		q.messages = append(q.messages, message{role: "user", text: text, asks: true})
		return nil
	}
	var items []struct {
		Role      string          `json:"role"`
		Content   json.RawMessage `json:"content"`
		Name      string          `json:"name"`
		Arguments string          `json:"arguments"`
		Output    json.RawMessage `json:"output"`
		Summary   json.RawMessage `json:"summary"`
	}
	if json.Unmarshal(raw, &items) != nil {
		return badRequest("input", "input is missing, or neither a text nor a list of items")
	}
	for _, in := range items {
		m := message{role: in.Role, asks: in.Role == "user", text: in.Name + in.Arguments}
		for _, part := range []json.RawMessage{in.Content, in.Output, in.Summary} {
			text, other, ok := textOf(part)
			if !ok {
				return badRequest("input", "the content of an item is neither text nor a list of parts")
			}
			m.text += text
			m.parts += other
		}
		q.messages = append(q.messages, m)
	}
	return nil
}
