package tokenizer

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The two examples of "How to count tokens with tiktoken", with the usage that the cookbook shows the API to have reported.
func TestCookbook(t *testing.T) {
	type message struct{ role, name, content string }
	jargon := []message{
		{"system", "", "You are a helpful, pattern-following assistant that translates corporate jargon into plain English."},
		{"system", "example_user", "New synergies will help drive top-line growth."},
		{"system", "example_assistant", "Things working well together will increase revenue."},
		{"system", "example_user", "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage."},
		{"system", "example_assistant", "Let's talk later when we're less busy about how to do better."},
		{"user", "", "This late pivot means we don't have time to boil the ocean for the client deliverable."},
	}
	weather := []message{
		{"system", "", "You are a helpful assistant that can answer to questions about the weather."},
		{"user", "", "What's the weather like in San Francisco?"},
	}
	const weatherTools = `[{"type":"function","function":{"name":"get_current_weather","description":"Get the current weather in a given location",
		"parameters":{"type":"object","properties":{"location":{"type":"string","description":"The city and state, e.g. San Francisco, CA"},
		"unit":{"type":"string","description":"The unit of temperature to return","enum":["celsius","fahrenheit"]}},"required":["location"]}}}]`
	for _, v := range []struct {
		model         string
		jargon, tools int
	}{
		{"gpt-3.5-turbo", 129, 105},
		{"gpt-4", 129, 105},
		{"gpt-4-0613", 129, 105},
		{"gpt-4o", 124, 101},
		{"gpt-4o-mini", 124, 101},
	} {
		f := ForModel(v.model)
		request := func(messages []message, tools string) int {
			n := f.Overhead.PerReply
			for _, m := range messages {
				n += f.Overhead.PerMessage
				for _, text := range []string{m.role, m.name, m.content} {
					n += f.Encoding.CountString(text)
				}
				if m.name != "" {
					n += f.Overhead.PerName
				}
			}
			return n + f.Overhead.Tools.Tokens(f.Encoding, []byte(tools), false)
		}
		require.Equal(t, v.jargon, request(jargon, "[]"), v.model)
		require.Equal(t, v.tools, request(weather, weatherTools), v.model)
	}
}

func TestToolsNested(t *testing.T) {
	e, tools := O200kBase(), ForModel("gpt-4o").Overhead.Tools
	count := func(json string) int { return tools.Tokens(e, []byte(json), false) }
	function := func(properties string) string {
		return `[{"type":"function","function":{"name":"f","description":"D.","parameters":{"type":"object","properties":{` + properties + `}}}}]`
	}
	none := count(function(""))
	require.Equal(t, 7+e.CountString("f:D")+12, none)
	one := none + 3 + 3 + e.CountString("p:string:P")
	require.Equal(t, one, count(function(`"p":{"type":"string","description":"P."}`)))
	require.Equal(t, none+3+3+e.CountString("o:object:")+3+3+e.CountString("p:string:P"),
		count(function(`"o":{"type":"object","properties":{"p":{"description":"P","type":"string"}}}`)))
	require.Equal(t, none+3+3+e.CountString("a:array:")+3+3+e.CountString("p:string:P"),
		count(function(`"a":{"type":"array","items":{"type":"object","properties":{"p":{"description":"P","type":"string"}}}}`)))
	// A property that is called "description", "enum" or "properties" is a property.
	require.Equal(t, none+3+3*3+e.CountString("description:string:")+e.CountString("enum:array:")+e.CountString("properties:string:"),
		count(function(`"description":{"type":"string"},"enum":{"type":"array"},"properties":{"type":"string"}`)))
	require.Equal(t, none, count(`[{"name":"f","description":"D","parameters":{"type":"object","properties":{}}}]`), "OpenAI's older functions")
	for _, nothing := range []string{"", "[]", "null", "{}", "[1,2]", `"x"`, "[{]"} {
		require.Zero(t, count(nothing), "%s", nothing)
	}
}

func TestToolsAnthropic(t *testing.T) {
	const tools = `[{"name":"f","description":"D","input_schema":{"type":"object"}}]`
	text := O200kBase().CountString(tools)
	for _, v := range []struct {
		model        string
		auto, forced int
	}{
		{"claude-sonnet-4-5", 346, 313},
		{"claude-opus-4-1-20250805", 346, 313},
		{"claude-3-opus-20240229", 530, 281},
		{"claude-3-5-haiku-latest", 264, 340},
	} {
		f := ForModel(v.model)
		require.Equal(t, v.auto+text, f.Overhead.Tools.Tokens(f.Encoding, []byte(tools), false), v.model)
		require.Equal(t, v.forced+text, f.Overhead.Tools.Tokens(f.Encoding, []byte(tools), true), v.model)
		require.Zero(t, f.Overhead.Tools.Tokens(f.Encoding, []byte("[]"), true), v.model)
	}
}
