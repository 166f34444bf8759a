package translate

import (
	"github.com/sluice-gateway/sluice/jsonscan"
	"github.com/sluice-gateway/sluice/jsontree"
)

// toolCalls writes the calls that the assistant made.
func (c *chatBody) toolCalls(m jsontree.Value) error {
	const path = "messages[].tool_calls[]"
	calls := m.Get("tool_calls")
	if calls.Present() && calls.Kind() != jsontree.Array {
		return c.wrong("messages[].tool_calls", "is not a list")
	}
	for i, call := range calls.Elements() {
		c.index[1] = i
		if err := c.members(call, path, chatCallMembers[:]); err != nil {
			return err
		}
		id := call.Get("id")
		if len(id.Inside()) == 0 {
			return c.wrong(path+".id", "is not a string that names the call")
		}
		c.said = append(chatComma(c.said), `{"type":"tool_use","id":`...)
		c.said = chatID(c.said, id)
		if call.Get("type").Is("custom") {
			// It goes as a call all the same, since its result follows.
			if err := c.without(path+".custom", "is a call of a custom tool, whose input is no JSON object as Anthropic's are"); err != nil {
				return err
			}
			custom := call.Get("custom")
			name, input := custom.Get("name"), custom.Get("input")
			if name.Kind() != jsontree.String || input.Kind() != jsontree.String {
				return c.wrong(path+".custom", "has no name, or no input, that is a string")
			}
			c.said = append(append(c.said, `,"name":`...), name.Raw()...)
			c.said = append(append(c.said, `,"input":{"input":`...), input.Raw()...)
			c.said = append(c.said, '}', '}')
			continue
		}
		if err := c.callFunction(call.Get("function"), path+".function"); err != nil {
			return err
		}
	}
	if call := m.Get("function_call"); call.Present() {
		c.calls++
		c.said = append(chatComma(c.said), `{"type":"tool_use","id":`...)
		c.said = c.functionID(c.said)
		return c.callFunction(call, "messages[].function_call")
	}
	return nil
}

// callFunction writes the rest of a call. Its arguments are a JSON object in a string,
// which a model wrote: it may be broken.
func (c *chatBody) callFunction(f jsontree.Value, path string) error {
	if err := c.members(f, path, chatCallFunctionMembers[:]); err != nil {
		return err
	}
	name, arguments := f.Get("name"), f.Get("arguments")
	if len(name.Inside()) == 0 {
		return c.wrong(path+".name", "is not a string that names a function")
	}
	if arguments.Present() && arguments.Kind() != jsontree.String {
		return c.wrong(path+".arguments", "is not a string")
	}
	c.said = append(append(c.said, `,"name":`...), name.Raw()...)
	c.said = append(c.said, `,"input":`...)
	if chatBlank(arguments) {
		c.said = append(c.said, '{', '}', '}')
		return nil
	}
	from := len(c.said)
	c.said = arguments.AppendText(c.said)
	input, err := jsontree.Parse(c.said[from:])
	switch {
	case err != nil:
		return c.wrong(path+".arguments", "is not JSON: "+err.Error())
	case input.Kind() != jsontree.Object:
		return c.wrong(path+".arguments", "is JSON but not an object, and Anthropic takes nothing else")
	}
	c.said = append(c.said[:from], input.Raw()...)
	c.said = append(c.said, '}')
	return nil
}

// tools writes what the model may call.
func (c *chatBody) tools() error {
	from := len(c.out)
	c.out = append(c.out, `,"tools":[`...)
	for _, list := range [...]struct{ name, path, function string }{
		{"tools", "tools[]", "tools[].function"},
		{"functions", "functions[]", "functions[]"}, // what tools were before
	} {
		tools := c.root.Get(list.name)
		if tools.Present() && tools.Kind() != jsontree.Array {
			return c.wrong(list.name, "is not a list")
		}
		for i, tool := range tools.Elements() {
			c.index[0] = i
			f := tool
			if list.name == "tools" {
				if tool.Get("type").Is("custom") {
					if err := c.without("tools[].custom", "is a custom tool, whose input is no JSON object as Anthropic's are"); err != nil {
						return err
					}
					continue
				}
				if typ := tool.Get("type"); typ.Present() && !typ.Is("function") {
					if err := c.without("tools[].type", "is no type of tool that has an equal in Anthropic's API"); err != nil {
						return err
					}
					continue
				}
				if err := c.members(tool, list.path, chatToolMembers[:]); err != nil {
					return err
				}
				f = tool.Get("function")
			}
			if err := c.members(f, list.function, chatFunctionMembers[:]); err != nil {
				return err
			}
			if err := c.tool(tool, f, list.function); err != nil {
				return err
			}
			c.toolCount++
		}
	}
	if c.toolCount == 0 {
		c.out = c.out[:from]
		return nil
	}
	c.out = append(c.out, ']')
	return nil
}

func (c *chatBody) tool(tool, f jsontree.Value, path string) error {
	name, schema := f.Get("name"), f.Get("parameters")
	if len(name.Inside()) == 0 {
		return c.wrong(path+".name", "is not a string that names a function")
	}
	c.out = append(chatComma(c.out), `{"name":`...)
	c.out = append(c.out, name.Raw()...)
	if about := f.Get("description"); about.Kind() == jsontree.String {
		c.put("description", about.Raw())
	} else if about.Present() {
		return c.wrong(path+".description", "is not a string")
	}

	// Anthropic requires a schema, and that it says type: object.
	switch {
	case schema.Present() && schema.Kind() != jsontree.Object:
		return c.wrong(path+".parameters", "is not an object")
	case schema.Get("type").Present():
		c.put("input_schema", schema.Raw())
	default:
		c.put("input_schema", []byte(`{"type":"object"`))
		for _, m := range schema.Elements() {
			if m.Name() != "type" { // null
				c.out = append(append(append(append(c.out, ','), m.RawName()...), ':'), m.Raw()...)
			}
		}
		if !schema.Present() {
			c.put("properties", []byte("{}"))
		}
		c.out = append(c.out, '}')
	}
	if f.Get("strict").Bool() {
		c.put("strict", []byte("true"))
	}
	for _, v := range [...]jsontree.Value{tool, f} {
		if v.Get("cache_control").Present() {
			var err error
			if c.out, err = c.cache(c.out, v, path); err != nil {
				return err
			}
			break
		}
	}
	c.out = append(c.out, '}')
	return nil
}

// readChoice finds out which tool the model is asked to use, as one of Anthropic's
// types of tool_choice.
func (c *chatBody) readChoice() error {
	choice, path := c.root.Get("tool_choice"), "tool_choice"
	if !choice.Present() {
		choice, path = c.root.Get("function_call"), "function_call"
	}
	mode := choice
	if choice.Get("type").Is("allowed_tools") {
		if err := c.without("tool_choice.allowed_tools", "narrows the tools for one call, for which Anthropic's API has no equal"); err != nil {
			return err
		}
		mode = choice.Get("allowed_tools").Get("mode")
	}
	function := choice // {"name":…} as function_call has it
	if path == "tool_choice" {
		function = choice.Get("function")
	}
	switch {
	case !mode.Present():
	case mode.Is("auto"):
		c.choice = "auto"
	case mode.Is("none"):
		c.choice = "none"
	case mode.Is("required"):
		c.choice = "any"
	case choice.Get("type").Is("custom"):
		if err := c.without("tool_choice.custom", "names a custom tool, for which Anthropic's API has no equal"); err != nil {
			return err
		}
	case len(function.Get("name").Inside()) > 0:
		c.choice, c.chosen = "tool", function.Get("name")
	default:
		return c.wrong(path, "is none of none, auto, required and the name of a function")
	}
	if c.toolCount == 0 && c.forced() {
		return c.wrong(path, "asks for the use of a tool, and there are none")
	}
	return nil
}

func (c *chatBody) forced() bool { return c.choice == "any" || c.choice == "tool" }

// toolChoice writes what readChoice found. Anthropic takes it beside tools only.
func (c *chatBody) toolChoice() error {
	one := c.root.Get("parallel_tool_calls").Kind() == jsontree.False && c.choice != "none"
	if c.choice == "" && one {
		c.choice = "auto"
	}
	if c.choice == "" || c.toolCount == 0 {
		return nil
	}
	c.out = append(c.out, `,"tool_choice":{"type":"`...)
	c.out = append(append(c.out, c.choice...), '"')
	if c.choice == "tool" {
		c.put("name", c.chosen.Raw())
	}
	if one {
		c.put("disable_parallel_tool_use", []byte("true"))
	}
	c.out = append(c.out, '}')
	return nil
}

// output writes how the answer is to look, and what effort it is worth.
// https://platform.claude.com/docs/en/build-with-claude/structured-outputs
func (c *chatBody) output() error {
	format := c.root.Get("response_format")
	if err := c.members(format, "response_format", chatFormatMembers[:]); err != nil {
		return err
	}
	var schema jsontree.Value
	switch typ := format.Get("type"); {
	case !format.Present() || typ.Is("text"):
	case typ.Is("json_schema"):
		const path = "response_format.json_schema"
		if err := c.members(format.Get("json_schema"), path, chatSchemaMembers[:]); err != nil {
			return err
		}
		if schema = format.Get("json_schema").Get("schema"); schema.Kind() != jsontree.Object {
			return c.wrong(path+".schema", "is not an object")
		}
	default:
		if err := c.without("response_format", "is neither text nor json_schema, and Anthropic's API has no equal for other formats"); err != nil {
			return err
		}
	}
	if schema.Present() || c.effort != "" {
		c.out = append(c.out, `,"output_config":{`...)
		if schema.Present() {
			c.out = append(c.out, `"format":{"type":"json_schema","schema":`...)
			c.out = append(append(c.out, schema.Raw()...), '}')
		}
		if c.effort != "" {
			c.out = append(chatComma(c.out), `"effort":`...)
			c.out = jsonscan.AppendQuoted(c.out, c.effort)
		}
		c.out = append(c.out, '}')
	}
	return nil
}
