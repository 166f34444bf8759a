package normal

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// richChat and richMessages have something of all that goes into a scope.
const (
	richChat = `{"model":"m","temperature":0.5,"top_p":0.9,"stop":["a","b"],"seed":1,"max_tokens":5,"stream":true,"stream_options":{"include_usage":true},"user":"u","n":1,"logprobs":false,"store":false,
"response_format":{"type":"json_schema","json_schema":{"name":"s","strict":true,"schema":{"type":"object","properties":{"a":{"type":"number","minimum":1.5}}}}},"reasoning_effort":"low","logit_bias":{"1":2},"parallel_tool_calls":false,
"tools":[{"type":"function","function":{"name":"f","description":"d","strict":true,"parameters":{"type":"object","required":["a"]}},"cache_control":{"type":"ephemeral"}},{"type":"custom","custom":{"name":"g","format":{"type":"text"}}}],
"tool_choice":{"type":"function","function":{"name":"f"}},"unheard_of":{"deep":[1,[true,null,"s"]]},
"messages":[{"role":"system","content":"be brief","name":"boss"},{"role":"developer","content":[{"type":"text","text":"be kind"}]},{"role":"user","content":"w?","name":"ann"},
{"role":"assistant","content":"let me see","refusal":"no","annotations":[{"type":"url_citation"}],"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},{"id":"c2","type":"function","function":{"name":"f","arguments":"broken"}}]},
{"role":"tool","tool_call_id":"c2","content":"two"},{"role":"tool","tool_call_id":"c1","content":[{"type":"text","text":"one"}]},{"role":"assistant","content":[{"type":"refusal","refusal":"r"},{"type":"text","text":"t"}]},
{"role":"user","content":[{"type":"text","text":"hello"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}},{"type":"file","file":{"file_data":"data:application/pdf;base64,AAAA","filename":"a.pdf"}},{"type":"text","text":"there"}],"name":"bob"}]}`
	richMessages = `{"model":"m","max_tokens":9,"temperature":0.5,"top_p":0.9,"top_k":5,"stop_sequences":["a","b"],"metadata":{"user_id":"u"},"service_tier":"auto","stream":false,"inference_geo":"us","speed":"fast","thinking":{"type":"disabled"},
"output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object"}}},"context_management":{"edits":[{"type":"x"}]},"unheard_of":{"deep":[1,[true,null,"s"]]},
"system":[{"type":"text","text":"be brief","citations":[{"a":1}]},{"type":"text","text":"be kind","cache_control":{"type":"ephemeral"}}],
"tools":[{"type":"custom","name":"f","description":"d","strict":true,"input_schema":{"type":"object","required":["a"]},"input_examples":[{"a":1}]},{"type":"bash_20250124","name":"bash"}],"tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true},
"messages":[{"role":"user","content":"w?"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"let me see"},{"type":"tool_use","id":"t1","name":"f","input":{"a":1}},{"type":"tool_use","id":"t2","name":"f","input":{"a":2}}]},
{"role":"user","content":[{"type":"tool_result","tool_use_id":"t2","content":"two","is_error":true},{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"one"}]}]},{"role":"assistant","content":"fine"},
{"role":"user","content":[{"type":"text","text":"hello"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},{"type":"document","source":{"type":"text","media_type":"text/plain","data":"d"},"title":"t","context":"c"},{"type":"text","text":"there"}]}]}`
)

// harmless are the places that may change without a change of keys.
var harmless = regexp.MustCompile(`^/(max_tokens|stream|stream_options|user|metadata|service_tier)\b|/cache_control\b|` +
	`^/(n|logprobs|store)$|` + // without them it is the same
	`/tool_calls/\d/type$|^/tools/0/type$`) // there is no other kind that is called so

// defaults are the values that changed are as if removed.
var defaults = regexp.MustCompile(`^/parallel_tool_calls$|^/tools/0(/function)?/strict$|^/tool_choice/disable_parallel_tool_use$|/is_error$`)

// TestEveryLeafMatters changes and removes each value of a request and adds a member to
// each object. Each of the requests that this makes is refused, or has a key of its own.
func TestEveryLeafMatters(t *testing.T) {
	for api, rich := range map[API]string{Chat: richChat, Messages: richMessages} {
		plain := keysOf(t, api, rich)
		var tree any
		require.NoError(t, json.Unmarshal([]byte(rich), &tree))
		seen := map[keys]string{plain: ""}
		tried, taken := 0, 0
		try := func(place, how string) {
			tried++
			body, err := json.Marshal(tree)
			require.NoError(t, err)
			r, err := ReadRequest(api, body, warm)
			if err != nil {
				return
			}
			taken++
			var k keys
			k.exact, k.scope = r.Keys(Context{})
			if harmless.MatchString(place) {
				require.Equal(t, sorted(t, api, rich), k, "%s: %s", how, place)
				return
			}
			if other, there := seen[k]; there { // an empty list may be as none, the default is
				require.True(t, other != "" && (strings.HasPrefix(place, other+"/") || place == other && defaults.MatchString(place)), "%s: %s is as %s", how, place, other)
			}
			seen[k] = place
		}
		seen[sorted(t, api, rich)] = ""
		walk("", tree, func(v any) { tree = v }, try)
		require.Greater(t, tried, 250)
		require.Greater(t, taken, tried/2)
	}
}

// sorted are a request's keys when each object's members are in the order of their names,
// as the package json writes them.
func sorted(t *testing.T, api API, body string) keys {
	var v any
	require.NoError(t, json.Unmarshal([]byte(body), &v))
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return keysOf(t, api, string(b))
}

// walk tries each change of one value, and undoes it.
func walk(place string, v any, set func(any), try func(place, how string)) {
	change := func(to any) {
		set(to)
		try(place, "changed")
		set(v)
	}
	switch x := v.(type) {
	case map[string]any:
		x["unheard_of_too"] = true
		try(place+"/unheard_of_too", "added")
		delete(x, "unheard_of_too")
		names := []string{}
		for name := range x {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			value := x[name]
			delete(x, name)
			try(place+"/"+name, "removed")
			x[name] = value
			walk(place+"/"+name, value, func(to any) { x[name] = to }, try)
		}
	case []any:
		for i, element := range x {
			set(slices.Delete(slices.Clone(x), i, i+1))
			try(fmt.Sprint(place, "/", i), "removed")
			set(x)
			walk(fmt.Sprint(place, "/", i), element, func(to any) { x[i] = to }, try)
		}
		change(append(slices.Clone(x), nil))
	case string:
		change(x + "x")
	case float64:
		change(x + 1)
	case bool:
		change(!x)
	case nil:
		change(false)
	}
}
