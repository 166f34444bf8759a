package normal

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
)

// warm lets every temperature through.
var warm = Settings{MaxTemperature: math.Inf(1)}

// keys are a request's two, of a policy and a tenant that say nothing.
type keys struct{ exact, scope store.Key }

func keysOf(t testing.TB, api API, body string) keys {
	t.Helper()
	r, err := ReadRequest(api, []byte(body), warm)
	require.NoError(t, err, body)
	var k keys
	k.exact, k.scope = r.Keys(Context{})
	return k
}

// chat and messages are a request with further members, talk is one with these messages.
func chat(members string) string {
	return `{"model":"m","messages":[{"role":"user","content":"hello"}]` + members + `}`
}

func messages(members string) string {
	return `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hello"}]` + members + `}`
}

func talk(api API, list string) string {
	if api == Chat {
		return `{"model":"m","messages":` + list + `}`
	}
	return `{"model":"m","max_tokens":9,"messages":` + list + `}`
}

// TestSameRequest: what is the same has the same keys, in whatever API and spelling.
func TestSameRequest(t *testing.T) {
	type asked struct {
		api  API
		body string
	}
	for name, same := range map[string][]asked{
		"string and parts, spaces, escapes, order of members": {
			{Chat, chat("")}, {Messages, messages("")},
			{Chat, `{ "messages" : [ {"content":[{"type":"text","text":"h\u0065llo"}], "role":"user"} ], "m\u006fdel":"m" }`},
			{Messages, talk(Messages, `[{"role":"user","content":[{"type":"text","text":"hello","cache_control":{"type":"ephemeral"}}]}]`)},
			{Chat, chat(`,"stream":true,"stream_options":{"include_usage":true},"user":"u","metadata":{"a":"b"},"n":1,"logprobs":false,"seed":null,"response_format":{"type":"text"}`)},
			{Messages, messages(`,"stream":true,"metadata":{"user_id":"u"},"service_tier":"auto","system":null,"mcp_servers":[]`)},
		},
		"system": {
			{Chat, talk(Chat, `[{"role":"system","content":"be brief"},{"role":"user","content":"hello"}]`)},
			{Chat, talk(Chat, `[{"role":"system","content":[{"type":"text","text":"be brief"}]},{"role":"user","content":"hello"}]`)},
			{Messages, messages(`,"system":"be brief"`)},
			{Messages, messages(`,"system":[{"type":"text","text":"be brief","cache_control":{"type":"ephemeral"}}]`)},
		},
		"sampling": {
			{Chat, chat(`,"temperature":0.50,"top_p":1,"stop":["b","a"]`)}, {Messages, messages(`,"temperature":5e-1,"top_p":1.0,"stop_sequences":["a","b","a"]`)},
		},
		"one stop": {{Chat, chat(`,"stop":"a"`)}, {Chat, chat(`,"stop":["a"]`)}, {Messages, messages(`,"stop_sequences":["a"]`)}},
		"tools": {
			{Chat, chat(`,"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}},{"type":"function","function":{"name":"g","parameters":{},"strict":true}}],"tool_choice":"required","parallel_tool_calls":false`)},
			{Messages, messages(`,"tools":[{"name":"g","input_schema":{},"strict":true},{"type":"custom","input_schema":{"type":"object"},"name":"f","description":"d","strict":false}],"tool_choice":{"type":"any","disable_parallel_tool_use":true}`)},
		},
		"a tool that is named": {
			{Chat, chat(`,"tools":[{"type":"function","function":{"name":"f","parameters":{}}}],"tool_choice":{"type":"function","function":{"name":"f"}}`)},
			{Messages, messages(`,"tools":[{"name":"f","input_schema":{}}],"tool_choice":{"type":"tool","name":"f"}`)},
		},
		"calls and results, with other ids": {
			{Chat, talk(Chat, `[{"role":"user","content":"w?"},
				{"role":"assistant","content":null,"refusal":null,"annotations":[],"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}},{"id":"call_2","type":"function","function":{"name":"f","arguments":"{\"a\":2}"}}]},
				{"role":"tool","tool_call_id":"call_2","content":"two"},{"role":"tool","tool_call_id":"call_1","content":"one"},
				{"role":"assistant","content":"fine"},{"role":"user","content":"hello"}]`)},
			{Chat, talk(Chat, `[{"role":"user","content":"w?"},
				{"role":"assistant","tool_calls":[{"id":"x","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},{"id":"y","type":"function","function":{"name":"f","arguments":"{\"a\":2}"}}]},
				{"role":"tool","tool_call_id":"y","content":"two"},{"role":"tool","tool_call_id":"x","content":[{"type":"text","text":"one"}]},
				{"role":"assistant","content":"fine"},{"role":"user","content":"hello"}]`)},
			{Messages, talk(Messages, `[{"role":"user","content":"w?"},
				{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"f","input":{"a":1}},{"type":"tool_use","id":"toolu_2","name":"f","input":{"a":2},"caller":{"type":"direct"}}]},
				{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_2","content":"two","is_error":false},{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"one"}]}]},
				{"role":"assistant","content":[{"type":"text","text":"fine","citations":null}]},{"role":"user","content":"hello"}]`)},
		},
		"an image": {
			{Chat, talk(Chat, `[{"role":"user","content":[{"type":"text","text":"what?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"auto"}}]}]`)},
			{Messages, talk(Messages, `[{"role":"user","content":[{"type":"text","text":"what?"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]}]`)},
		},
		"the default choice": {{Chat, chat("")}, {Chat, chat(`,"tool_choice":"auto","parallel_tool_calls":true,"tools":[]`)}, {Messages, messages(`,"tool_choice":{"type":"auto","disable_parallel_tool_use":false},"tools":[]`)}},
		"caps":               {{Chat, chat("")}, {Chat, chat(`,"max_tokens":5`)}, {Chat, chat(`,"max_tokens":5,"max_completion_tokens":7`)}, {Messages, messages("")}},
	} {
		t.Run(name, func(t *testing.T) {
			want := keysOf(t, same[0].api, same[0].body)
			for _, s := range same[1:] {
				require.Equal(t, want, keysOf(t, s.api, s.body), "%s %s", s.api, s.body)
			}
		})
	}
}

// TestOtherRequest: no two of these have a key in common, though each is near another.
func TestOtherRequest(t *testing.T) {
	var bodies [2][]string
	for _, members := range []string{
		``, `,"temperature":0`, `,"temperature":1`, `,"temperature":0.1`, `,"top_p":1`, `,"unheard_of":null`, `,"unheard_of":0`, `,"unheard_of":"0"`, `,"unheard_of":[]`, `,"unheard_of":{}`,
		`,"unheard_of":0.0`, `,"unheard_of":{"a":1,"b":2}`, `,"unheard_of":{"b":2,"a":1}`, `,"unheard":"_of"`, `,"Temperature":0`, `,"unheard_of":["a","b"]`, `,"unheard_of":["ab"]`, `,"unheard_of":[["a"],"b"]`,
	} {
		bodies[0] = append(bodies[0], chat(members))
		bodies[1] = append(bodies[1], messages(members))
	}
	bodies[0] = bodies[0][:len(bodies[0]):len(bodies[0])]
	for _, members := range []string{
		`,"seed":1`, `,"seed":2`, `,"stop":"a"`, `,"stop":["a","b"]`, `,"stop":["ab"]`, `,"response_format":{"type":"json_object"}`, `,"reasoning_effort":"low"`, `,"verbosity":"low"`,
		`,"logit_bias":{"1":2}`, `,"frequency_penalty":1`, `,"presence_penalty":1`, `,"top_k":1`, `,"system":"s"`, `,"thinking":{"type":"disabled"}`,
		`,"tools":[{"type":"function","function":{"name":"f"}}]`, `,"tools":[{"type":"function","function":{"name":"f","description":""}}]`, `,"tools":[{"type":"function","function":{"name":"f","parameters":{}}}]`,
		`,"tools":[{"type":"function","function":{"name":"f","parameters":{"a":{},"b":{}}}}]`, `,"tools":[{"type":"function","function":{"name":"f","parameters":{"b":{},"a":{}}}}]`,
		`,"tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"f"}}]`, `,"tools":[{"type":"function","function":{"name":"f","extra":1}}]`, `,"tools":[{"type":"function","function":{"name":"f"},"extra":1}]`,
		`,"tools":[{"type":"custom","custom":{"name":"f"}}]`, `,"functions":[{"name":"f"}]`, `,"tool_choice":"none"`, `,"tool_choice":"required"`, `,"tool_choice":{"type":"function","function":{"name":"f"}}`,
		`,"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[]}}`, `,"parallel_tool_calls":false`,
	} {
		bodies[0] = append(bodies[0], chat(members))
	}
	for _, list := range []string{
		`[{"role":"user","content":[{"type":"text","text":"hello"},{"type":"text","text":""}]}]`, `[{"role":"user","content":[{"type":"text","text":"hel"},{"type":"text","text":"lo"}]}]`,
		`[{"role":"user","content":[{"type":"text","text":"hell"},{"type":"text","text":"o"}]}]`,
		`[{"role":"user","content":"hello"},{"role":"user","content":"hello"}]`, `[{"role":"system","content":"hello"},{"role":"user","content":"hello"}]`, `[{"role":"assistant","content":"hello"},{"role":"user","content":"hello"}]`,
		`[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"hello"}]`, `[{"role":"user","content":"b"},{"role":"assistant","content":"a"},{"role":"user","content":"hello"}]`,
		`[{"role":"user","content":"hello","unheard_of":1}]`, `[{"role":"user","content":[{"type":"text","text":"hello","unheard_of":1}]}]`,
	} {
		bodies[0] = append(bodies[0], talk(Chat, list))
	}
	for _, list := range []string{
		`[{"role":"developer","content":"hello"},{"role":"user","content":"hello"}]`, `[{"role":"user","content":"hello","name":"ann"}]`,
		`[{"role":"user","content":[{"type":"text","text":"hello"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]`, `[{"role":"user","content":[{"type":"text","text":"hello"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAB"}}]}]`,
		`[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},{"type":"text","text":"hello"}]}]`, `[{"role":"user","content":[{"type":"text","text":"hello"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}}]}]`,
		`[{"role":"user","content":[{"type":"text","text":"hello"},{"type":"image_url","image_url":{"url":"data:image/gif;base64,AAAA"}}]}]`,
		`[{"role":"function","name":"f","content":"1"},{"role":"assistant","content":"b"},{"role":"user","content":"hello"}]`, `[{"role":"assistant","content":"b"},{"role":"assistant","function_call":{"name":"f","arguments":""}},{"role":"user","content":"hello"}]`,
		`[{"role":"tool","tool_call_id":"0","content":"1"},{"role":"assistant","content":"b"},{"role":"user","content":"hello"}]`, `[{"role":"tool","tool_call_id":"1","content":"1"},{"role":"assistant","content":"b"},{"role":"user","content":"hello"}]`,
	} {
		bodies[0] = append(bodies[0], talk(Chat, list))
	}
	seen := map[keys]string{}
	for i, api := range []API{Chat, Messages} {
		for n, body := range bodies[i] {
			k := keysOf(t, api, body)
			k.exact = store.Key{}
			if strings.Contains(body, `"lo"`) || strings.Contains(body, `"o"`) || strings.Contains(body, `"text":""`) {
				k = keysOf(t, api, body) // those differ in the texts alone
				k.scope = store.Key{}
			}
			// What both APIs have is the same in both; unknown members are not.
			if i == 1 && n < 5 {
				require.Equal(t, bodies[0][n], seen[k])
				continue
			}
			require.Empty(t, seen[k], "%s: %s", api, body)
			seen[k] = body
		}
	}
	require.Greater(t, len(seen), 75)
}

// TestScopeWithoutPrompt: the last user text is in the exact key alone, and nothing else is.
func TestScopeWithoutPrompt(t *testing.T) {
	a := keysOf(t, Chat, talk(Chat, `[{"role":"system","content":"s"},{"role":"user","content":"who is the president?"}]`))
	b := keysOf(t, Chat, talk(Chat, `[{"role":"system","content":"s"},{"role":"user","content":"Who is the president?"}]`))
	require.Equal(t, a.scope, b.scope)
	require.NotEqual(t, a.exact, b.exact)
	r, err := ReadRequest(Messages, []byte(talk(Messages, `[{"role":"user","content":[{"type":"text","text":"one"},{"type":"text","text":"two"}]}]`)), warm)
	require.NoError(t, err)
	require.Equal(t, "one\ntwo", r.Prompt)
	require.Equal(t, Delivery{API: Messages}, r.Delivery())
}

// TestFields: each field that is known does what the table says of it, and a field that is
// not is in the scope. What the values are is looked up here, so that a field that is
// added has to be tried.
func TestFields(t *testing.T) {
	values := map[string][]string{ // the first is taken; of checked ones it changes nothing but the scope, and the second is refused
		"model": {`"other"`}, "messages": {`[{"role":"user","content":"hello"},{"role":"assistant","content":"b"},{"role":"user","content":"hello"}]`},
		"system": {`"s"`}, "tool_choice": nil, "tools": nil, "parallel_tool_calls": {"false"}, "temperature": {"0.5"}, "top_p": {"0.5"},
		"stop": {`"a"`}, "stop_sequences": {`["a"]`}, "max_tokens": {"7"}, "max_completion_tokens": {"7"},
		"response_format": {`{"type":"json_object"}`}, "output_config": {`{"effort":"low"}`}, "output_format": {`{}`}, "reasoning_effort": {`"low"`}, "verbosity": {`"low"`},
		"seed": {"1"}, "top_k": {"1"}, "frequency_penalty": {"1"}, "presence_penalty": {"1"}, "logit_bias": {`{"1":1}`}, "prediction": {`{"type":"content","content":"a"}`},
		"functions": {`[{"name":"f"}]`}, "function_call": {`"auto"`}, "inference_geo": {`"us"`}, "speed": {`"fast"`}, "context_management": {"{}"},
		"thinking": {`{"type":"disabled"}`, `{"type":"adaptive"}`}, "n": {"1", "2"}, "logprobs": {"false", "true"}, "top_logprobs": {"0", "1"},
		"modalities": {`["text"]`, `["text","audio"]`}, "audio": {"null", "{}"}, "moderation": {"null", "{}"}, "web_search_options": {"null", "{}"}, "container": {"null", `"c"`},
		"mcp_servers": {"[]", `[{"url":"https://example.com"}]`}, "background": {"false", "true"}, "store": {"false", "true"},
		"stream": {"true"}, "stream_options": {`{"include_usage":true}`}, "user": {`"u"`}, "safety_identifier": {`"u"`}, "metadata": {`{"a":"b"}`}, "service_tier": {`"flex"`},
		"prompt_cache_key": {`"k"`}, "prompt_cache_retention": {`"24h"`}, "prompt_cache_options": {"{}"}, "cache_control": {`{"type":"ephemeral"}`},
	}
	for _, f := range fields {
		v, there := values[f.name]
		require.True(t, there, f.name)
		for _, api := range []API{Chat, Messages} {
			if f.api != "" && f.api != api || v == nil {
				continue
			}
			plain := keysOf(t, api, object(t, api, "", "").String())
			got := keysOf(t, api, object(t, api, f.name, v[0]).String())
			changes := f.treatment == inScope || f.treatment == inShared || f.name == "thinking"
			require.Equal(t, changes, plain.scope != got.scope, "%s: %s", api, f.name)
			require.Equal(t, changes, plain.exact != got.exact, "%s: %s", api, f.name)
			if f.treatment == checked {
				_, err := ReadRequest(api, []byte(object(t, api, f.name, v[1]).String()), warm)
				require.Error(t, err, f.name)
			}
			if f.treatment == capped {
				r, err := ReadRequest(api, []byte(object(t, api, f.name, v[0]).String()), warm)
				require.NoError(t, err)
				require.EqualValues(t, 7, r.MaxOutput)
			}
		}
	}
	require.Len(t, values, distinctFields())
}

func distinctFields() int {
	names := map[string]bool{}
	for _, f := range fields {
		names[f.name] = true
	}
	return len(names)
}

// object is a request with one member set.
func object(t *testing.T, api API, name, value string) *strings.Builder {
	members := map[string]json.RawMessage{"model": json.RawMessage(`"m"`), "messages": json.RawMessage(`[{"role":"user","content":"hello"}]`)}
	if api == Messages {
		members["max_tokens"] = json.RawMessage("9")
	}
	if name != "" {
		members[name] = json.RawMessage(value)
	}
	b, err := json.Marshal(members)
	require.NoError(t, err)
	var out strings.Builder
	out.Write(b)
	return &out
}

func TestFits(t *testing.T) {
	for _, row := range []struct {
		limit string
		usage Usage
		fits  bool
	}{
		{``, Usage{Known: true, Output: 1000}, true},
		{``, Usage{}, true},
		{`,"max_tokens":10`, Usage{Known: true, Output: 10}, true},
		{`,"max_tokens":10`, Usage{Known: true, Output: 11}, false},
		{`,"max_tokens":10`, Usage{}, false}, // nobody knows
		{`,"max_tokens":20,"max_completion_tokens":10`, Usage{Known: true, Output: 11}, false},
	} {
		r, err := ReadRequest(Chat, []byte(chat(row.limit)), warm)
		require.NoError(t, err)
		require.Equal(t, row.fits, r.Fits(&Answer{Usage: row.usage}), "%+v", row)
	}
}

func TestDecimal(t *testing.T) {
	for _, same := range [][]string{
		{"0", "0.0", "-0", "0e5", "-0.0E-3"},
		{"1", "1.0", "1e0", "10e-1", "0.1e1", "0.001E+3"},
		{"-12.5", "-125e-1", "-1.25e1", "-12.500"},
		{"1200", "12e2", "1.2E3", "1200.0"},
		{"0.1", "1e-1"}, {"0.10000000000000001"}, {"9007199254740993"}, {"9007199254740992"}, {"1e99999999999999999999"},
	} {
		for _, s := range same {
			require.Equal(t, decimal(same[0]), decimal(s), s)
		}
	}
	require.NotEqual(t, decimal("0.1"), decimal("0.10000000000000001"))
	require.NotEqual(t, decimal("9007199254740993"), decimal("9007199254740992"))
	require.NotEqual(t, decimal("1"), decimal("-1"))
}
