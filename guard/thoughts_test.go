package guard_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/dialect"
)

// turns is a conversation whose assistant has these blocks.
func turns(blocks ...string) string {
	return `{"model":"claude-haiku-4-5","max_tokens":9,"messages":[{"role":"user","content":"` + told + `"},{"role":"assistant","content":[` +
		strings.Join(blocks, " , ") + `]},{"role":"user","content":"thanks"}]}`
}

// thinks is the same with the blocks beside a message of OpenAI's dialect.
func thinks(blocks ...string) string {
	return chat(says("user", told), `{"role":"assistant","content":"Done","reasoning_content":"","thinking_blocks":[`+strings.Join(blocks, " , ")+`]}`, says("user", "thanks"))
}

// details is the same in OpenRouter's form.
func details(blocks ...string) string { return inDetails.Replace(thinks(blocks...)) }

var inDetails = strings.NewReplacer("thinking_blocks", "reasoning_details", `"thinking":`, `"text":`, `"type":"thinking"`, `"type":"reasoning.text"`)

// What stands in a thought is looked at. One without a signature is a text like others; a
// signed one leaves as it is, placeholders of earlier turns too, or not at all.
func TestThoughts(t *testing.T) {
	signed := func(text string) string {
		return `{"type": "thinking", "thinking": "` + text + `", "signature": "EqQBCg=="}`
	}
	unsigned := func(text string) string { return `{"type":"thinking","thinking":"` + text + `","signature":""}` }
	const (
		plain  = `{"type":"thinking","thinking":"It is [SECRET_1], \u00e9 [EMAIL_1]","signature":"EqQBCg=="}`
		sealed = `{"type":"redacted_thinking","data":"Tr0ub4dor&3"}`
		// Anthropic refuses a message that has no block.
		leftOut = `{"type":"text","text":"(left out)"}`

		use = `{"type":"tool_use","input":{"a":"Tr0ub4dor&3"},"name":"f","id":"t"}`
	)
	for name, tt := range map[string]struct{ before, after []string }{
		"signed, with placeholders":    {[]string{plain, use}, []string{plain, use}},
		"signed, with a value":         {[]string{signed("ssn 078-05-1120"), use}, []string{use}},
		"signed, with a known value":   {[]string{use, signed("Try Tr0ub4dor&3.")}, []string{use}},
		"one of several":               {[]string{plain, signed("Tr0ub4dor&3"), sealed, use}, []string{plain, sealed, use}},
		"some of several":              {[]string{plain, signed("Tr0ub4dor&3"), signed("5551234567"), use}, []string{plain, use}},
		"the last ones":                {[]string{plain, signed("Tr0ub4dor&3"), signed("ssn 078-05-1120")}, []string{plain}},
		"all":                          {[]string{signed("Tr0ub4dor&3"), signed("5551234567")}, nil},
		"not signed":                   {[]string{unsigned("ssn 078-05-1120, Tr0ub4dor&3"), use}, []string{unsigned("ssn [SSN_1], [SECRET_1]"), use}},
		"not signed, with what is not": {[]string{unsigned("[SSN_7] [x]"), use}, []string{unsigned("[PLACEHOLDER_1] [x]"), use}},
		"behind the signature": {[]string{`{"signature":"EqQBCg==","thinking":"Tr0ub4dor&3","type":"thinking"}`, use},
			[]string{use}},
		"beside another text": {[]string{`{"thinking":"Tr0ub4dor&3","x":"Tr0ub4dor&3","signature":"EqQBCg=="}`, use},
			[]string{`{"thinking":"[SECRET_1]","x":"[SECRET_1]","signature":"EqQBCg=="}`, use}},
		"behind another text": {[]string{`{"x":"Tr0ub4dor&3","thinking":"ssn 078-05-1120","signature":"EqQBCg=="}`, use},
			[]string{`{"x":"[SECRET_1]","thinking":"ssn [SSN_1]","signature":"EqQBCg=="}`, use}},
	} {
		t.Run(name, func(t *testing.T) {
			g := guards(t, secrets)
			for form, of := range []func(...string) string{turns, thinks, details} {
				op := []dialect.Op{dialect.Messages, dialect.ChatCompletions, dialect.ChatCompletions}[form]
				body, want := of(tt.before...), of(tt.after...)
				if op == dialect.Messages && tt.after == nil {
					want = of(leftOut)
				}
				want = strings.NewReplacer(told, "My password is [SECRET_1], phone number [PHONE_1]", `{"a":"Tr0ub4dor&3"}`, `{"a":"[SECRET_1]"}`).Replace(want)
				for size := 1; size <= len(body); size++ {
					sent, _ := everywhere(t, g, op, body, size)
					require.JSONEq(t, want, sent)
					for _, block := range tt.after[:max(0, len(tt.after)-1)] {
						if form == 2 {
							block = inDetails.Replace(block)
						}
						require.Contains(t, sent, block, "as it was written")
					}
				}
			}
		})
	}
}

// A find in a thought does what its action says, and is counted as others; rules see it as the
// model's.
func TestFindsInThoughts(t *testing.T) {
	body := turns(`{"type":"thinking","thinking":"ssn 078-05-1120, falcon","signature":"EqQBCg=="}`, `{"type":"text","text":"Done"}`)
	for rules, want := range map[string]string{
		"  pii: {kinds: [ssn]}\n":                                                          "ssn/redact*1",
		"  pii: {kinds: [ssn], action: block}\n":                                           "ssn/block*1",
		"  pii: {kinds: [ssn], action: flag}\n":                                            "ssn/flag*1",
		"  pii: {kinds: [ssn], mode: shadow}\n":                                            "ssn/shadow_redact*1",
		"  prompts: [{name: birds, deny_words: [falcon], roles: [assistant]}]\n":           "birds/block*1",
		"  prompts: [{name: birds, deny_words: [falcon]}]\n":                               "",
		"  prompts: [{name: b, deny_words: [falcon], roles: [assistant], action: flag}]\n": "b/flag*1",
	} {
		for size := 1; size <= len(body); size += 5 {
			g := guards(t, rules)
			p := g.Prompt(&heard{})
			read(t, dialect.Messages, p, body, size)
			require.Equal(t, want == "ssn/redact*1", p.Other, "what leaves is another text than was counted")
			got := look(t, g, dialect.Messages, body, size)
			require.Equal(t, want, got.found, rules)
			require.Equal(t, want == "ssn/redact*1", len(gjson.Get(got.sent, "messages.1.content").Array()) == 1)
			if want != "ssn/redact*1" {
				require.Equal(t, body, got.sent)
			}
		}
	}
}

// Services see thoughts, signed ones as they are, and those that leave; what they find in one
// that is signed has it left out.
func TestServicesAndThoughts(t *testing.T) {
	g := guards(t, "  pii: {kinds: [ssn]}\n  external: [{name: names, type: presidio, endpoint: 'http://127.0.0.1:3', roles: [assistant]}]\n")
	const sign = `,"signature":"EqQBCg=="}`
	body := turns(`{"type":"thinking","thinking":"ssn 078-05-1120"`+sign, `{"type":"thinking","thinking":"Zed and [PERSON_1]"`+sign,
		`{"type":"thinking","thinking":"[SSN_1]"`+sign, `{"type":"thinking","thinking":"Zed","signature":""}`, `{"type":"text","text":"Zed"}`)
	for size := 1; size <= len(body); size += 3 {
		for _, settled := range []bool{false, true} { // read again before the services' word, or not
			p := g.Prompt(&heard{})
			read(t, dialect.Messages, p, body, size)
			sent := body
			if settled {
				sent = settle(t, p, dialect.Messages, sent, size)
			} else {
				p.End()
			}
			shown, _, ok := p.Call()
			require.True(t, ok)
			require.Equal(t, `["Zed and [PERSON_1]","[SSN_1]","Zed","Zed"]`, gjson.GetBytes(shown, "texts.#.text").Raw)
			var spans []any
			for _, text := range []int{0, 2, 3} {
				spans = append(spans, map[string]any{"text": text, "start": 0, "end": 3, "kind": "PERSON", "score": 1})
			}
			reply, err := json.Marshal(map[string]any{"verdicts": []any{map[string]any{"name": "names", "result": "found", "kinds": []string{"PERSON"}, "reason": "", "ms": 1, "spans": spans}}})
			require.NoError(t, err)
			require.True(t, p.Answered("200", reply))
			sent = edited(t, p, dialect.Messages, sent)
			require.JSONEq(t, turns(`{"type":"thinking","thinking":"[SSN_1]"`+sign, `{"type":"thinking","thinking":"[PERSON_1]","signature":""}`, `{"type":"text","text":"[PERSON_1]"}`), sent)
		}
	}
}
