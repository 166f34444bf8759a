package tokenizer

import (
	"strings"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// Tools is what the definitions of tools cost.
//
// OpenAI shows a model its functions in a notation of its own. "How to count tokens with tiktoken", section 7,
// num_tokens_for_tools, of the OpenAI cookbook counts it: some tokens for each function, property and value of an enum, and the
// texts "name:description" and "name:type:description", without a full stop at the end. Its function reads the properties of a
// function's parameters, and not what is nested in them; here those of nested objects and of the items of arrays count the same.
//
// Anthropic counts the definitions as they are, and adds a system prompt of a fixed length.
type Tools struct {
	Text   bool // count the JSON text as written, in place of the rules for functions
	Prompt int  // once, if there is any tool
	Forced int  // in place of Prompt, if the request forces the use of a tool (tool_choice any or tool)

	PerFunction   int // for each function
	PerProperties int // for each function or object that has properties
	PerProperty   int
	PerEnum       int // for each property with an enum; negative
	PerEnumValue  int
}

var (
	toolsGPT4o = Tools{Prompt: 12, Forced: 12, PerFunction: 7, PerProperties: 3, PerProperty: 3, PerEnum: -3, PerEnumValue: 3}
	toolsGPT4  = Tools{Prompt: 12, Forced: 12, PerFunction: 10, PerProperties: 3, PerProperty: 3, PerEnum: -3, PerEnumValue: 3}
)

// platform.claude.com/docs/en/about-claude/pricing, "Tool use system prompt token count", by model and tool_choice: auto and none,
// any and tool. Models that the page does not have yet get the figures of the latest that it has.
func toolsAnthropic(model string) Tools {
	switch {
	case strings.HasPrefix(model, "claude-3-opus"):
		return Tools{Text: true, Prompt: 530, Forced: 281}
	case strings.HasPrefix(model, "claude-3-sonnet"):
		return Tools{Text: true, Prompt: 159, Forced: 235}
	case strings.HasPrefix(model, "claude-3-haiku"), strings.HasPrefix(model, "claude-3-5-haiku"):
		return Tools{Text: true, Prompt: 264, Forced: 340}
	}
	return Tools{Text: true, Prompt: 346, Forced: 313}
}

// Tokens returns what tools cost: the JSON array of a request's tools, or of functions, the older member of OpenAI. forced is
// whether the request forces the use of a tool. An empty array and text that is no array of objects cost nothing.
func (t Tools) Tokens(e *Encoding, tools []byte, forced bool) int {
	r := toolReader{tools: t, encoding: e}
	if jsonscan.Scan(tools, &r, jsonscan.Options{}) != nil || r.functions == 0 {
		return 0
	}
	n := t.Prompt
	if forced {
		n = t.Forced
	}
	if t.Text {
		return n + e.Count(tools)
	}
	return n + r.tokens
}

// toolReader adds up the definitions while it reads them.
type toolReader struct {
	tools     Tools
	encoding  *Encoding
	functions int
	tokens    int
	open      []toolScope
	text      []byte // of the string being read
}

type toolScope struct {
	_ [0]func() // not compared: Go makes code for that

	part                    toolPart
	name, kind, description string
}

type toolPart uint8

const (
	partOther      toolPart = iota
	partList                // the array
	partFunction            // an element of it, or its member "function"
	partSchema              // of parameters, or of items
	partProperties          // the object of properties
	partProperty            // a schema with a name
	partChoices             // an array of schemas
	partEnum
)

// Event implements jsonscan.Handler.
func (r *toolReader) Event(e *jsonscan.Event) error {
	switch e.Kind {
	case jsonscan.BeginObject, jsonscan.BeginArray:
		r.begin(e)
	case jsonscan.EndObject, jsonscan.EndArray:
		r.end()
	case jsonscan.BeginString:
		r.text = r.text[:0]
	case jsonscan.StringChunk:
		r.text = append(r.text, e.Text...)
	case jsonscan.EndString:
		r.value(string(e.Key), string(r.text))
	case jsonscan.Number, jsonscan.True, jsonscan.False, jsonscan.Null:
		r.value(string(e.Key), string(e.Text))
	}
	return nil
}

func (r *toolReader) begin(e *jsonscan.Event) {
	scope := toolScope{}
	if len(r.open) == 0 {
		if e.Kind == jsonscan.BeginArray {
			scope.part = partList
		}
		r.open = append(r.open, scope)
		return
	}
	object, key := e.Kind == jsonscan.BeginObject, string(e.Key)
	switch parent := r.open[len(r.open)-1].part; parent {
	case partList:
		if object {
			scope.part = partFunction
			r.functions++
			r.tokens += r.tools.PerFunction
		}
	case partFunction:
		switch {
		case object && key == "function":
			scope.part = partFunction
		case object && (key == "parameters" || key == "input_schema"):
			scope.part = partSchema
		}
	case partSchema, partProperty:
		switch {
		case object && key == "properties":
			scope.part = partProperties
		case object && key == "items":
			scope.part = partSchema
		case !object && key == "enum" && parent == partProperty:
			scope.part = partEnum
			r.tokens += r.tools.PerEnum
		case !object && (key == "anyOf" || key == "oneOf" || key == "allOf"):
			scope.part = partChoices
		}
	case partChoices:
		if object {
			scope.part = partSchema
		}
	case partProperties:
		if e.Index == 0 {
			r.tokens += r.tools.PerProperties
		}
		if object {
			scope.part, scope.name = partProperty, key
			r.tokens += r.tools.PerProperty
		}
	}
	r.open = append(r.open, scope)
}

func (r *toolReader) value(key, text string) {
	if len(r.open) == 0 { // the document itself: no array
		return
	}
	scope := &r.open[len(r.open)-1]
	switch scope.part {
	case partFunction, partProperty:
		switch key {
		case "name":
			if scope.part == partFunction {
				scope.name = text
			}
		case "type":
			scope.kind = text
		case "description":
			scope.description = text
		}
	case partEnum:
		r.tokens += r.tools.PerEnumValue + r.encoding.CountString(text)
	}
}

func (r *toolReader) end() {
	scope := r.open[len(r.open)-1]
	r.open = r.open[:len(r.open)-1]
	description := strings.TrimSuffix(scope.description, ".")
	switch {
	case scope.part == partFunction && scope.name != "":
		r.tokens += r.encoding.CountString(scope.name + ":" + description)
	case scope.part == partProperty:
		r.tokens += r.encoding.CountString(scope.name + ":" + scope.kind + ":" + description)
	}
}
