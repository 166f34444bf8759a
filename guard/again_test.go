package guard_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/dialect"
	"github.com/sluice-gateway/sluice/guard"
	"github.com/sluice-gateway/sluice/jsonscan"
)

// read reads a body in pieces of a size.
func read(t *testing.T, op dialect.Op, content dialect.Content, body string, size int) {
	t.Helper()
	r := dialect.NewRequestReader(op, content)
	for from := 0; from < len(body); from += size {
		require.NoError(t, r.Write([]byte(body[from:min(from+size, len(body))])))
	}
	_, err := r.Close()
	require.NoError(t, err)
}

// settle reads a prompt again until no value is left to seek, and is what leaves then: with the
// edits of before, which are made; the last ones are not.
func settle(t *testing.T, p *guard.Prompt, op dialect.Op, body string, size int) string {
	t.Helper()
	for p.Again() {
		body = edited(t, p, op, body)
		next := &heard{}
		require.True(t, p.Reads(next))
		read(t, op, p, body, size)
	}
	require.False(t, p.Reads(&heard{}))
	return body
}

func edited(t *testing.T, p *guard.Prompt, op dialect.Op, body string) string {
	t.Helper()
	body = string(jsonscan.Apply(nil, []byte(body), p.Changes(op, []byte(body))))
	require.True(t, json.Valid([]byte(body)), body)
	return body
}

// everywhere is what becomes of a request.
func everywhere(t *testing.T, g *guard.Guards, op dialect.Op, body string, size int) (sent string, p *guard.Prompt) {
	t.Helper()
	p = g.Prompt(&heard{})
	read(t, op, p, body, size)
	return edited(t, p, op, settle(t, p, op, body, size)), p
}

const secrets = "  pii: {kinds: [secret, phone, ssn], custom: [{name: customer, patterns: ['\\bK-[0-9]{4}\\b', '\\border [0-9]{8}\\b']}]}\n"

// told is a text that says what the values are.
const told = "My password is Tr0ub4dor&3, phone number 5551234567"

// What is found in one place of a request is replaced in all others, before it and behind it:
// in each dialect, whatever the cut.
func TestFoundAnywhere(t *testing.T) {
	for name, tt := range map[string]struct {
		op         dialect.Op
		body, want string
	}{
		"another turn": {dialect.ChatCompletions,
			chat(says("user", told), says("assistant", "Done: Tr0ub4dor&3 5551234567"), says("user", "thanks")),
			chat(says("user", "My password is [SECRET_1], phone number [PHONE_1]"), says("assistant", "Done: [SECRET_1] [PHONE_1]"), says("user", "thanks"))},
		"an earlier one": {dialect.ChatCompletions,
			chat(says("system", "Tr0ub4dor&3\n\"5551234567\""), says("user", told)),
			chat(says("system", "[SECRET_1]\n\"[PHONE_1]\""), says("user", "My password is [SECRET_1], phone number [PHONE_1]"))},
		"the same text": {dialect.ChatCompletions,
			chat(says("user", "Type Tr0ub4dor&3. "+told+". Then type Tr0ub4dor&3, and not Tr0ub4dor&33 or xTr0ub4dor&3")),
			chat(says("user", "Type [SECRET_1]. My password is [SECRET_1], phone number [PHONE_1]. Then type [SECRET_1], and not Tr0ub4dor&33 or xTr0ub4dor&3"))},
		"arguments": {dialect.ChatCompletions,
			chat(says("user", told), call(`{"pw":"Tr0ub4dor&3","5551234567":[5551234567,1,"a \"Tr0ub4dor&3\""],"x":"\u0054r0ub4dor&3"}`), says("tool", `{"pw":"Tr0ub4dor&3"}`)),
			chat(says("user", "My password is [SECRET_1], phone number [PHONE_1]"), call(`{"pw":"[SECRET_1]","[PHONE_1]":["[PHONE_1]",1,"a \"[SECRET_1]\""],"x":"[SECRET_1]"}`), says("tool", `{"pw":"[SECRET_1]"}`))},
		"arguments that are no JSON": {dialect.ChatCompletions,
			chat(says("user", told), call(`{"pw": Tr0ub4dor&3`)),
			chat(says("user", "My password is [SECRET_1], phone number [PHONE_1]"), call(`{"pw": [SECRET_1]`))},
		"found in arguments": {dialect.ChatCompletions,
			chat(says("user", "Is it 5551234567?"), call(`{"a":"phone number 5551234567"}`)),
			chat(says("user", "Is it [PHONE_1]?"), call(`{"a":"phone number [PHONE_1]"}`))},
		"a kind of the policy's own": {dialect.ChatCompletions,
			chat(says("user", "order 12345678"), call(`{"a":"order 12345678","b":12345678}`)),
			chat(says("user", "[CUSTOMER_1]"), call(`{"a":"[CUSTOMER_1]","b":12345678}`))},
		"labels, and what nobody says": {dialect.ChatCompletions,
			`{"model":"gpt-4o-mini","user":"Tr0ub4dor&3","stop":"Tr0ub4dor&3","messages":[{"role":"user","name":"Tr0ub4dor&3","content":"password=Tr0ub4dor&3"}]}`,
			`{"model":"gpt-4o-mini","user":"[SECRET_1]","stop":"Tr0ub4dor&3","messages":[{"role":"user","name":"Tr0ub4dor&3","content":"password=[SECRET_1]"}]}`},
		"a message": {dialect.Messages,
			`{"model":"claude-haiku-4-5","max_tokens":9,"system":[{"type":"text","text":"Tr0ub4dor&3"}],"messages":[{"role":"user","content":"` + told + `"},{"role":"assistant","content":[{"type":"text","text":"Tr0ub4dor&3"},{"type":"tool_use","id":"t","name":"f","input":{"pw":"Tr0ub4dor&3", "5551234567" : 5551234567}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"typed Tr0ub4dor&3"}]}]}`,
			`{"model":"claude-haiku-4-5","max_tokens":9,"system":[{"type":"text","text":"[SECRET_1]"}],"messages":[{"role":"user","content":"My password is [SECRET_1], phone number [PHONE_1]"},{"role":"assistant","content":[{"type":"text","text":"[SECRET_1]"},{"type":"tool_use","id":"t","name":"f","input":{"pw":"[SECRET_1]", "[PHONE_1]" : "[PHONE_1]"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"typed [SECRET_1]"}]}]}`},
		"a response": {dialect.Responses,
			`{"model":"gpt-4o-mini","instructions":"Tr0ub4dor&3","input":[{"role":"user","content":[{"type":"input_text","text":"` + told + `"}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{\"pw\":\"Tr0ub4dor&3\"}"},{"type":"function_call_output","call_id":"c","output":"5551234567"}]}`,
			`{"model":"gpt-4o-mini","instructions":"[SECRET_1]","input":[{"role":"user","content":[{"type":"input_text","text":"My password is [SECRET_1], phone number [PHONE_1]"}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{\"pw\":\"[SECRET_1]\"}"},{"type":"function_call_output","call_id":"c","output":"[PHONE_1]"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			g := guards(t, secrets)
			for size := 1; size <= len(tt.body); size++ {
				sent, _ := everywhere(t, g, tt.op, tt.body, size)
				require.Equal(t, tt.want, sent)
			}
		})
	}
}

// What is counted is what was found by itself: what is replaced since it is known is no find.
// What is only noted, or refuses the request, is replaced nowhere.
func TestFoundAnywhereIsCountedOnce(t *testing.T) {
	body := chat(says("user", told), says("assistant", "Tr0ub4dor&3 Tr0ub4dor&3"))
	_, p := everywhere(t, guards(t, secrets), dialect.ChatCompletions, body, 8)
	require.Equal(t, "secret/redact*1 phone/redact*1", findings(p.Found))
	for _, action := range []string{"action: flag", "action: block", "mode: shadow"} {
		g := guards(t, "  pii: {kinds: [secret, phone], "+action+"}\n")
		sent, p := everywhere(t, g, dialect.ChatCompletions, body, 8)
		require.Equal(t, body, sent, action)
		require.Zero(t, p.Vault.Len())
	}
}

// Services are shown no value that was found anywhere, and what they find is replaced everywhere.
func TestFoundByServices(t *testing.T) {
	const one = "  external: [{name: names, type: presidio, endpoint: 'http://127.0.0.1:3'}]\n"
	body := chat(says("system", "Zed uses [PERSON_1]. Type Tr0ub4dor&3"), says("user", told+", and I am Zed"), says("assistant", "Hello Zed, Zeda! It is 5551234567"), call(`{"to":"Zed","cc":"5551234567"}`))
	for size := 1; size <= len(body); size += 7 {
		g := guards(t, secrets+one)
		p := g.Prompt(&heard{})
		read(t, dialect.ChatCompletions, p, body, size)
		sent := settle(t, p, dialect.ChatCompletions, body, size)
		shown, _, ok := p.Call()
		require.True(t, ok)
		require.NotContains(t, string(shown), "Tr0ub")
		require.NotContains(t, string(shown), "555")
		text := gjson.GetBytes(shown, "texts.0.text").Str
		require.Equal(t, "My password is [SECRET_1], phone number [PHONE_1], and I am Zed", text)
		at := strings.Index(text, "Zed")
		reply, err := json.Marshal(map[string]any{"verdicts": []any{map[string]any{"name": "names", "result": "found", "kinds": []string{"PERSON"}, "reason": "", "ms": 1,
			"spans": []any{map[string]any{"text": 0, "start": at, "end": at + 3, "kind": "PERSON", "score": 1}}}}})
		require.NoError(t, err)
		require.True(t, p.Answered("200", reply))
		sent = edited(t, p, dialect.ChatCompletions, settle(t, p, dialect.ChatCompletions, sent, size))
		require.Equal(t, chat(says("system", "[PERSON_1] uses [PLACEHOLDER_1]. Type [SECRET_1]"), says("user", "My password is [SECRET_1], phone number [PHONE_1], and I am [PERSON_1]"), says("assistant", "Hello [PERSON_1], Zeda! It is [PHONE_1]"), call(`{"to":"[PERSON_1]","cc":"[PHONE_1]"}`)), sent)
		require.Equal(t, "secret/redact*1 phone/redact*1 names/redact*1", findings(p.Found))
	}
}

// Requests of many texts in which values stand with what tells them and without: none leaves.
func TestNoValueLeaves(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	values := []string{"Tr0ub4dor&3", "q\\u00e4-7Xy!9z", "5551234567", "K-1234", "078-05-1120"}
	tells := []string{"password is ", "password=", "phone number ", "", "ssn "}
	g := guards(t, secrets)
	for range 300 {
		text := func() string {
			var b strings.Builder
			for range random.IntN(6) {
				i := random.IntN(len(values))
				if random.IntN(3) == 0 {
					b.WriteString(tells[i])
				}
				b.WriteString(values[i] + []string{" ", ", ", "\" ", "\n", " [SECRET_1] "}[random.IntN(5)])
			}
			return b.String()
		}
		var messages []string
		for range 1 + random.IntN(5) {
			switch random.IntN(3) {
			case 0:
				arguments, err := json.Marshal(map[string]any{"a": text(), text(): []any{text(), 5551234567}})
				require.NoError(t, err)
				messages = append(messages, call(string(arguments)))
			default:
				messages = append(messages, says([]string{"user", "assistant", "tool"}[random.IntN(3)], text()))
			}
		}
		body := chat(messages...)
		sent, p := everywhere(t, g, dialect.ChatCompletions, body, 1+random.IntN(200))
		for i, value := range values {
			quoted, err := json.Marshal(value)
			require.NoError(t, err)
			if p.Vault.Len() > 0 && strings.Contains(restored(p, "["+[]string{"SECRET", "SECRET", "PHONE", "CUSTOMER", "SSN"}[i]+"_1]"), value) {
				require.NotContains(t, sent, strings.Trim(string(quoted), `"`), body)
			}
		}
	}
}

func restored(p *guard.Prompt, text string) string {
	r := p.Vault.Restorer(0)
	return string(r.End(r.Write(nil, []byte(text))))
}

// Arguments that are no JSON from some place on: nothing leaves in them that would not leave in a text that is the same, and nothing
// that stood where they were JSON. What is long is not looked at again.
func TestBrokenArguments(t *testing.T) {
	const pii = "  pii: {kinds: [secret, phone, email]}\n"
	values := []string{"ann@example.com", "Tr0ub4dor&3", "5551234567", "bob@example.org"}
	g := guards(t, pii)
	sends := func(message string, size int) string {
		sent, _ := everywhere(t, g, dialect.ChatCompletions, chat(message), size)
		return sent
	}
	for _, filling := range []string{"", strings.Repeat("and so on, ", 600)} {
		whole := `{"bob@example.org":"` + filling + `ann@example.com","n":[5551234567,"a \"b\"",{}],"password":"Tr0ub4dor&3","note":"` + filling + `phone number\n5551234567"}`
		for at := 0; at <= len(whole); at++ {
			if filling != "" && at%97 != 0 && at < len(whole)-40 {
				continue
			}
			for _, put := range []string{"", "\n", "x", `"`, "}"} {
				broken := whole[:at] // cut short, or with something in it
				if put != "" {
					broken += put + whole[at:]
				}
				if filling != "" && put == `"` {
					continue // what stands before it is not looked at again
				}
				as, size := sends(says("user", broken), 8<<10), 1+at%700
				got := sends(call(broken), size)
				for _, value := range values {
					if !strings.Contains(as, value) {
						require.False(t, strings.Contains(got, value), "%s, cut at %d, with %q, filled with %d", value, at, put, len(filling))
					}
				}
			}
		}
	}
}
