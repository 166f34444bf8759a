package translate

import "github.com/sluice-gateway/sluice/jsontree"

// toolCalls writes the calls that the assistant made.
func (c *chatBody) toolCalls(m jsontree.Value) error {
	const path = "messages[].tool_calls[]"
	calls := m.Get("tool_calls")
	if chatThere(calls) && chatKind(calls) != jsontree.Array {
		return c.wrong("messages[].tool_calls", "is not a list")
	}
	for i, call := range chatList(calls) {
		c.index[1] = i
		if err := c.members(call, path, chatCallMembers[:]); err != nil {
			return err
		}
		id := call.Get("id")
		if !chatFull(id) {
			return c.wrong(path+".id", "is not a string that names the call")
		}
		c.said.object(`{"type":"tool_use","id":`)
		c.said = chatID(c.said, id)
		var err error
		if chatIs(call, "type", "custom") {
			err = c.callCustom(call.Get("custom"), path+".custom")
		} else {
			err = c.callFunction(call.Get("function"), path+".function")
		}
		if err != nil {
			return err
		}
	}
	if call := m.Get("function_call"); chatThere(call) {
		c.calls++
		c.said.object(`{"type":"tool_use","id":`)
		c.functionID()
		return c.callFunction(call, "messages[].function_call")
	}
	return nil
}

// callCustom writes the rest of a call of a custom tool. It goes as a call all the same,
// since its result follows.
func (c *chatBody) callCustom(call jsontree.Value, path string) error {
	if err := c.without(path, "is a call of a custom tool, whose input is no JSON object as Anthropic's are"); err != nil {
		return err
	}
	name, input := call.Get("name"), call.Get("input")
	if !chatString(name) || !chatString(input) {
		return c.wrong(path, "has no name, or no input, that is a string")
	}
	c.said.raw(`,"name":`, name)
	c.said.raw(`,"input":{"input":`, input)
	c.said.put("}}")
	return nil
}

// callFunction writes the rest of a call. Its arguments are a JSON object in a string,
// which a model wrote: it may be broken.
func (c *chatBody) callFunction(f jsontree.Value, path string) error {
	if err := c.members(f, path, chatCallFunctionMembers[:]); err != nil {
		return err
	}
	name, arguments := f.Get("name"), f.Get("arguments")
	if !chatFull(name) {
		return c.wrong(path+".name", "is not a string that names a function")
	}
	c.said.raw(`,"name":`, name)
	switch {
	case chatThere(arguments) && !chatString(arguments):
		return c.wrong(path+".arguments", "is not a string")
	case chatBlank(arguments):
		c.said.put(`,"input":{}}`)
		return nil
	}
	input, err := jsontree.Parse(arguments.AppendText(nil))
	switch {
	case err != nil:
		return c.wrong(path+".arguments", "is not JSON: "+err.Error())
	case chatKind(input) != jsontree.Object:
		return c.wrong(path+".arguments", "is JSON but not an object, and Anthropic takes nothing else")
	}
	c.said.raw(`,"input":`, input)
	c.said.put("}")
	return nil
}

// tools writes what the model may call: tools, and functions, which they were before.
func (c *chatBody) tools() error {
	for _, name := range [...]string{"tools", "functions"} {
		tools := c.root.Get(name)
		if chatThere(tools) && chatKind(tools) != jsontree.Array {
			return c.wrong(name, "is not a list")
		}
		for i, tool := range chatList(tools) {
			c.index[0] = i
			f, path := tool, "functions[]"
			if name == "tools" {
				function, err := c.isFunction(tool)
				if err != nil {
					return err
				}
				if !function {
					continue
				}
				f, path = tool.Get("function"), "tools[].function"
			}
			if err := c.tool(tool, f, path); err != nil {
				return err
			}
		}
	}
	if c.toolCount > 0 {
		c.out.put("]")
	}
	return nil
}

// isFunction tells tools that are functions from those that are left out.
func (c *chatBody) isFunction(tool jsontree.Value) (bool, error) {
	switch typ := tool.Get("type"); {
	case chatWord(typ, "custom"):
		return false, c.without("tools[].custom", "is a custom tool, whose input is no JSON object as Anthropic's are")
	case chatThere(typ) && !chatWord(typ, "function"):
		return false, c.without("tools[].type", "is no type of tool that has an equal in Anthropic's API")
	}
	return true, c.members(tool, "tools[]", chatToolMembers[:])
}

func (c *chatBody) tool(tool, f jsontree.Value, path string) error {
	if err := c.members(f, path, chatFunctionMembers[:]); err != nil {
		return err
	}
	name, about, schema := f.Get("name"), f.Get("description"), f.Get("parameters")
	switch {
	case !chatFull(name):
		return c.wrong(path+".name", "is not a string that names a function")
	case chatThere(about) && !chatString(about):
		return c.wrong(path+".description", "is not a string")
	case chatThere(schema) && chatKind(schema) != jsontree.Object:
		return c.wrong(path+".parameters", "is not an object")
	}
	if c.toolCount == 0 {
		c.out.put(`,"tools":[`)
	}
	c.toolCount++
	c.out.object(`{"name":`)
	c.out.raw("", name)
	if chatString(about) {
		c.out.raw(`,"description":`, about)
	}
	// Anthropic requires a schema, and that it says type: object.
	if chatThere(schema.Get("type")) {
		c.out.raw(`,"input_schema":`, schema)
	} else {
		c.out.put(`,"input_schema":{"type":"object"`)
		for _, m := range chatList(schema) {
			if m.Name() != "type" { // null
				c.out.bytes(",", m.RawName())
				c.out.raw(":", m)
			}
		}
		if !chatThere(schema) {
			c.out.put(`,"properties":{}`)
		}
		c.out.put("}")
	}
	if chatKind(f.Get("strict")) == jsontree.True {
		c.out.put(`,"strict":true`)
	}
	if !chatThere(tool.Get("cache_control")) {
		tool = f
	}
	return c.closeCached(&c.out, tool, path)
}

// readChoice finds out which tool the model is asked to use, as one of Anthropic's
// types of tool_choice.
func (c *chatBody) readChoice() error {
	choice, path := c.root.Get("tool_choice"), "tool_choice"
	if !chatThere(choice) {
		choice, path = c.root.Get("function_call"), "function_call"
	}
	mode := choice
	if chatIs(choice, "type", "allowed_tools") {
		if err := c.without("tool_choice.allowed_tools", "narrows the tools for one call, for which Anthropic's API has no equal"); err != nil {
			return err
		}
		mode = chatGet(choice, "allowed_tools", "mode")
	}
	function := choice // {"name":…} as function_call has it
	if path == "tool_choice" {
		function = choice.Get("function")
	}
	switch {
	case !chatThere(mode):
	case chatWord(mode, "auto"):
		c.choice = "auto"
	case chatWord(mode, "none"):
		c.choice = "none"
	case chatWord(mode, "required"):
		c.choice = "any"
	case chatIs(choice, "type", "custom"):
		if err := c.without("tool_choice.custom", "names a custom tool, for which Anthropic's API has no equal"); err != nil {
			return err
		}
	case chatFull(function.Get("name")):
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
	one := chatKind(c.root.Get("parallel_tool_calls")) == jsontree.False && c.choice != "none"
	if c.choice == "" && one {
		c.choice = "auto"
	}
	if c.choice == "" || c.toolCount == 0 {
		return nil
	}
	c.out.quoted(`,"tool_choice":{"type":`, c.choice)
	if c.choice == "tool" {
		c.out.raw(`,"name":`, c.chosen)
	}
	if one {
		c.out.put(`,"disable_parallel_tool_use":true`)
	}
	c.out.put("}")
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
	case !chatThere(format) || chatWord(typ, "text"):
	case chatWord(typ, "json_schema"):
		const path = "response_format.json_schema"
		if err := c.members(format.Get("json_schema"), path, chatSchemaMembers[:]); err != nil {
			return err
		}
		if schema = chatGet(format, "json_schema", "schema"); chatKind(schema) != jsontree.Object {
			return c.wrong(path+".schema", "is not an object")
		}
	default:
		if err := c.without("response_format", "is neither text nor json_schema, and Anthropic's API has no equal for other formats"); err != nil {
			return err
		}
	}
	before, after := `,"output_config":{`, ""
	if chatThere(schema) {
		c.out.put(before)
		c.out.raw(`"format":{"type":"json_schema","schema":`, schema)
		before, after = "},", "}}"
	}
	if c.effort != "" {
		c.out.put(before)
		c.out.quoted(`"effort":`, c.effort)
		after = "}"
	}
	c.out.put(after)
	return nil
}
