package translate

import "github.com/sluice-gateway/sluice/jsontree"

// toolCalls writes the calls that the assistant made.
func (c *chatBody) toolCalls(m jsontree.Value) {
	const path = "messages[].tool_calls[]"
	for i, call := range elements(m.Get("tool_calls")) {
		c.index[1] = i
		c.members(call, path, chatCallMembers[:])
		id := call.Get("id")
		if !hasText(id) {
			c.wrong(path+".id", "is not a string that names the call")
			return
		}
		c.said.object(`{"type":"tool_use","id":`)
		c.said = chatID(c.said, id)
		if memberIs(call, "type", "custom") {
			c.callCustom(call.Get("custom"), path+".custom")
		} else {
			c.callFunction(call.Get("function"), path+".function")
		}
	}
	if call := m.Get("function_call"); isPresent(call) {
		c.calls++
		c.said.object(`{"type":"tool_use","id":`)
		c.functionID()
		c.callFunction(call, "messages[].function_call")
	}
}

// callCustom writes the rest of a call of a custom tool. It goes as a call all the same,
// since its result follows.
func (c *chatBody) callCustom(call jsontree.Value, path string) {
	c.without(path, "is a call of a custom tool, whose input is no JSON object as Anthropic's are")
	name, input := call.Get("name"), call.Get("input")
	if !isText(name) || !isText(input) {
		c.wrong(path, "has no name, or no input, that is a string")
		return
	}
	c.said.raw(`,"name":`, name)
	c.said.raw(`,"input":{"input":`, input)
	c.said.put("}}")
}

// callFunction writes the rest of a call. Its arguments are a JSON object in a string,
// which a model wrote: it may be broken.
func (c *chatBody) callFunction(f jsontree.Value, path string) {
	c.members(f, path, chatCallFunctionMembers[:])
	name, arguments := f.Get("name"), f.Get("arguments")
	if !hasText(name) {
		c.wrong(path+".name", "is not a string that names a function")
		return
	}
	c.said.raw(`,"name":`, name)
	if isBlank(arguments) {
		c.said.put(`,"input":{}}`)
		return
	}
	input, err := jsontree.Parse(arguments.AppendText(nil))
	switch {
	case err != nil:
		c.wrong(path+".arguments", "is not JSON: "+err.Error())
		return
	case kindOf(input) != jsontree.Object:
		c.wrong(path+".arguments", "is JSON but not an object, and Anthropic takes nothing else")
		return
	}
	c.said.raw(`,"input":`, input)
	c.said.put("}")
}

// tools writes what the model may call: tools, and functions, which they were before.
func (c *chatBody) tools() {
	for i, tool := range elements(c.root.Get("tools")) {
		c.index[0] = i
		switch typ := tool.Get("type"); {
		case isWord(typ, "custom"):
			c.without("tools[].custom", "is a custom tool, whose input is no JSON object as Anthropic's are")
		case isPresent(typ) && !isWord(typ, "function"):
			c.without("tools[].type", "is no type of tool that has an equal in Anthropic's API")
		default:
			c.members(tool, "tools[]", chatToolMembers[:])
			c.tool(tool, tool.Get("function"), "tools[].function")
		}
	}
	for i, f := range elements(c.root.Get("functions")) {
		c.index[0] = i
		c.tool(f, f, "functions[]")
	}
	if c.toolCount > 0 {
		c.out.put("]")
	}
}

func (c *chatBody) tool(tool, f jsontree.Value, path string) {
	c.members(f, path, chatFunctionMembers[:])
	name, about, schema := f.Get("name"), f.Get("description"), f.Get("parameters")
	if !hasText(name) {
		c.wrong(path+".name", "is not a string that names a function")
	}
	if c.toolCount == 0 {
		c.out.put(`,"tools":[`)
	}
	c.toolCount++
	c.out.object(`{"name":`)
	c.out.raw("", name)
	if isText(about) {
		c.out.raw(`,"description":`, about)
	}
	// Anthropic requires a schema, and that it says type: object.
	if isPresent(schema.Get("type")) {
		c.out.raw(`,"input_schema":`, schema)
	} else {
		c.out.put(`,"input_schema":{"type":"object"`)
		for _, m := range elements(schema) {
			if m.Name() != "type" { // null
				c.out.bytes(",", m.RawName())
				c.out.raw(":", m)
			}
		}
		if !isPresent(schema) {
			c.out.put(`,"properties":{}`)
		}
		c.out.put("}")
	}
	if kindOf(f.Get("strict")) == jsontree.True {
		c.out.put(`,"strict":true`)
	}
	if !isPresent(tool.Get("cache_control")) {
		tool = f
	}
	c.closeCached(&c.out, tool)
}

// readChoice finds out which tool the model is asked to use, as one of Anthropic's
// types of tool_choice.
func (c *chatBody) readChoice() {
	choice, path := c.root.Get("tool_choice"), "tool_choice"
	if !isPresent(choice) {
		choice, path = c.root.Get("function_call"), "function_call"
	}
	mode := choice
	if memberIs(choice, "type", "allowed_tools") {
		c.without("tool_choice.allowed_tools", "narrows the tools for one call, for which Anthropic's API has no equal")
		mode = memberOf(choice, "allowed_tools", "mode")
	}
	function := choice // {"name":…} as function_call has it
	if path == "tool_choice" {
		function = choice.Get("function")
	}
	switch {
	case !isPresent(mode):
	case isWord(mode, "auto"):
		c.choice = "auto"
	case isWord(mode, "none"):
		c.choice = "none"
	case isWord(mode, "required"):
		c.choice = "any"
	case memberIs(choice, "type", "custom"):
		c.without("tool_choice.custom", "names a custom tool, for which Anthropic's API has no equal")
	case hasText(function.Get("name")):
		c.choice, c.chosen = "tool", function.Get("name")
	default:
		c.wrong(path, "is none of none, auto, required and the name of a function")
		return
	}
	if c.toolCount == 0 && c.forced() {
		c.wrong(path, "asks for the use of a tool, and there are none")
	}
}

func (c *chatBody) forced() bool { return c.choice == "any" || c.choice == "tool" }

// toolChoice writes what readChoice found. Anthropic takes it beside tools only.
func (c *chatBody) toolChoice() {
	one := kindOf(c.root.Get("parallel_tool_calls")) == jsontree.False && c.choice != "none"
	if c.choice == "" && one {
		c.choice = "auto"
	}
	if c.choice == "" || c.toolCount == 0 {
		return
	}
	c.out.quoted(`,"tool_choice":{"type":`, c.choice)
	if c.choice == "tool" {
		c.out.raw(`,"name":`, c.chosen)
	}
	if one {
		c.out.put(`,"disable_parallel_tool_use":true`)
	}
	c.out.put("}")
}

// output writes how the answer is to look, and what effort it is worth.
// https://platform.claude.com/docs/en/build-with-claude/structured-outputs
func (c *chatBody) output() {
	format := c.root.Get("response_format")
	c.members(format, "response_format", chatFormatMembers[:])
	var schema jsontree.Value
	switch typ := format.Get("type"); {
	case !isPresent(format) || isWord(typ, "text"):
	case isWord(typ, "json_schema"):
		const path = "response_format.json_schema"
		c.members(format.Get("json_schema"), path, chatSchemaMembers[:])
		if schema = memberOf(format, "json_schema", "schema"); kindOf(schema) != jsontree.Object {
			c.wrong(path+".schema", "is not an object")
			return
		}
	default:
		c.without("response_format", "is neither text nor json_schema, and Anthropic's API has no equal for other formats")
	}
	before, after := `,"output_config":{`, ""
	if isPresent(schema) {
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
}
