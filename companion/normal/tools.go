package normal

import (
	"slices"
	"strings"

	"github.com/sluice-gateway/sluice/jsontree"
)

// clientTools are how the types of Anthropic's tools begin that the client runs:
// https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview. All others are
// run by the provider, or nobody here knows by whom.
var clientTools = []string{"bash_", "text_editor_", "computer_", "memory_"}

func (q *query) readTools(v jsontree.Value) {
	if v.Kind() != jsontree.Array {
		q.wrong("tools")
		return
	}
	var all []encoding
	for _, tool := range v.Elements() {
		all = append(all, q.tool(tool))
	}
	if len(all) == 0 {
		return
	}
	q.scope.open("tools")
	q.scope.sorted(all, false)
	q.scope.close()
}

func (q *query) tool(v jsontree.Value) encoding {
	typ := v.Get("type")
	kind := typ.Text()
	if v.Kind() != jsontree.Object || typ.Present() && kind == "" {
		q.wrong("tools[]")
		return nil
	}
	if q.api == Chat {
		switch kind {
		case "function":
			f := v.Get("function")
			e := q.function(f, "parameters")
			q.rest(&e, "tool", v, "type", "function")
			e.close()
			return e
		case "custom": // the client runs it, with an input that is any text
			return q.otherTool(v)
		}
	} else {
		switch {
		case kind == "" || kind == "custom":
			e := q.function(v, "input_schema")
			e.close()
			return e
		case slices.ContainsFunc(clientTools, func(prefix string) bool { return strings.HasPrefix(kind, prefix) }):
			return q.otherTool(v)
		}
	}
	q.refuse(ServerTools, "a tool of type "+quoted(kind))
	return nil
}

// function begins the encoding of a tool whose input is JSON.
func (q *query) function(f jsontree.Value, schema string) encoding {
	name := f.Get("name")
	if name.Kind() != jsontree.String {
		q.wrong("tools[].name")
	}
	var e encoding
	e.open("function")
	e.text(name.Text())
	if about := f.Get("description"); about.Present() {
		e.open("description")
		e.value(about)
		e.close()
	}
	if s := f.Get(schema); s.Present() {
		e.open("schema")
		e.value(s)
		e.close()
	}
	switch strict := f.Get("strict"); {
	case strict.Bool():
		e.open("strict")
		e.close()
	case strict.Present() && strict.Kind() != jsontree.False:
		q.wrong("tools[].strict")
	}
	known := []string{"name", "description", schema, "strict"}
	if q.api == Messages {
		known = append(known, "type")
	}
	q.rest(&e, "function", f, known...)
	return e
}

// otherTool is a tool that only this API has.
func (q *query) otherTool(v jsontree.Value) encoding {
	var e encoding
	e.open("tool of " + string(q.api))
	q.rest(&e, "tool", v)
	e.close()
	return e
}

// rest appends an object's members that are not of these names, nor marks for the
// provider's cache of prompts. Two objects that are written into one group differ in what
// they are: the same member of one is not that of the other.
func (q *query) rest(e *encoding, what string, v jsontree.Value, known ...string) {
	known = append(known, "cache_control", "prompt_cache_breakpoint")
	for _, m := range others(v, known...) {
		e.open("field of " + string(q.api))
		e.text(what)
		e.text(m.name)
		e.value(m.Value)
		e.close()
	}
}

// choice is which tool the model is to use, in Anthropic's words: none, any or tool, which
// names one. "auto" is both APIs' default.
type choice struct {
	kind, name string
	one        bool // at most one call
}

func (c choice) write(e *encoding) {
	if c.kind != "" && c.kind != "auto" {
		e.open("tool choice")
		e.text(c.kind)
		e.text(c.name)
		e.close()
	}
	if c.one {
		e.open("one call")
		e.close()
	}
}

func (q *query) readToolChoice(v jsontree.Value) {
	c := choice{one: q.choice.one}
	known := false
	if q.api == Messages {
		c, known = q.messageChoice(v)
	} else {
		switch function := v.Get("function"); {
		case v.Is("auto") || v.Is("none"):
			c.kind, known = v.Text(), true
		case v.Is("required"):
			c.kind, known = "any", true
		case v.Get("type").Is("function") && v.Len() == 2 && function.Len() == 1:
			c.kind, c.name = "tool", function.Get("name").Text()
			known = c.name != ""
		}
	}
	if !known {
		q.own(v.Name(), v)
		return
	}
	q.choice = c
}

func (q *query) messageChoice(v jsontree.Value) (c choice, known bool) {
	one := v.Get("disable_parallel_tool_use")
	c = choice{kind: v.Get("type").Text(), name: v.Get("name").Text(), one: one.Bool()}
	if len(others(v, "type", "name", "disable_parallel_tool_use")) > 0 || one.Present() && one.Kind() != jsontree.True && one.Kind() != jsontree.False {
		return c, false
	}
	switch c.kind {
	case "auto", "any", "none":
		return c, !v.Get("name").Present()
	case "tool":
		return c, c.name != ""
	}
	return c, false
}

func (q *query) readParallel(v jsontree.Value) {
	if v.Kind() != jsontree.True && v.Kind() != jsontree.False {
		q.wrong("parallel_tool_calls")
	}
	q.choice.one = v.Kind() == jsontree.False
}
