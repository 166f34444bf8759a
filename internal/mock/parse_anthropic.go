package mock

import "encoding/json"

type anthropicRequest struct {
	Model     string          `json:"model"`
	MaxTokens *int64          `json:"max_tokens"`
	Stream    bool            `json:"stream"`
	System    json.RawMessage `json:"system"`
	Messages  []struct {
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
	} `json:"messages"`
	StopSequences []string        `json:"stop_sequences"`
	Tools         json.RawMessage `json:"tools"`
	ToolChoice    struct {
		Type                   string `json:"type"`
		Name                   string `json:"name"`
		DisableParallelToolUse bool   `json:"disable_parallel_tool_use"`
	} `json:"tool_choice"`
}

// parseAnthropic reads the body of an Anthropic operation into q.
func parseAnthropic(q *query, body []byte) *problem {
	var r anthropicRequest
	if err := json.Unmarshal(body, &r); err != nil {
		return badRequest("", "The request body is not valid JSON of the right shape: "+err.Error())
	}
	q.model, q.stream, q.stops = r.Model, r.Stream, r.StopSequences
	switch {
	case q.model == "":
		return badRequest("", "model: Field required")
	case len(r.Messages) == 0:
		return badRequest("", "messages: Field required")
	case q.op == opMessages && r.MaxTokens == nil:
		return badRequest("", "max_tokens: Field required")
	case r.MaxTokens != nil && *r.MaxTokens < 1:
		return badRequest("", "max_tokens: Input should be greater than or equal to 1")
	}
	if r.MaxTokens != nil {
		q.limit = *r.MaxTokens
	}
	system, _, ok := textOf(r.System)
	if !ok {
		return badRequest("", "system: Input should be a string or a list of text blocks")
	}
	if system != "" {
		q.messages = append(q.messages, message{role: "system", text: system})
	}
	for i, in := range r.Messages {
		m := message{role: in.Role}
		if m.role != "user" && m.role != "assistant" {
			return badRequest("", "messages: role should be user or assistant")
		}
		if m.text, m.parts, ok = textOf(in.Content); !ok {
			return badRequest("", "messages: content should be a string or a list of blocks")
		}
		if p := taken(i, m.role, i == len(r.Messages)-1, in.Content); p != nil {
			return p
		}
		m.asks = m.role == "user" && !hasToolResult(in.Content)
		q.messages = append(q.messages, m)
	}
	if len(r.Tools) > 0 && string(r.Tools) != "null" {
		var tools []struct {
			Name        string          `json:"name"`
			InputSchema json.RawMessage `json:"input_schema"`
		}
		if err := json.Unmarshal(r.Tools, &tools); err != nil {
			return badRequest("", "tools: "+err.Error())
		}
		q.toolJSON = r.Tools
		for _, t := range tools {
			q.tools = append(q.tools, tool{name: t.Name, schema: t.InputSchema})
		}
	}
	switch r.ToolChoice.Type {
	case "any":
		q.toolChoice = "required"
	case "none":
		q.toolChoice = "none"
	case "tool":
		q.toolChoice = r.ToolChoice.Name
	}
	q.parallel = !r.ToolChoice.DisableParallelToolUse
	return nil
}

func hasToolResult(content json.RawMessage) bool {
	var blocks []struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(content, &blocks) != nil {
		return false
	}
	for _, b := range blocks {
		if b.Type == "tool_result" {
			return true
		}
	}
	return false
}
