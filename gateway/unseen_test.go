package gateway_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// What the provider keeps of earlier requests has placeholders of theirs: a request that
// refers to it gets none of its own values in their place.
func TestNothingIsRestoredOfElsewhere(t *testing.T) {
	for more, want := range map[string]string{
		``: "ann@example.com",
		`{"type":"item_reference","id":"msg_0"},`:                                             "[EMAIL_1]",
		`{"id":"msg_0","type":"item_reference"},`:                                             "[EMAIL_1]",
		`{"id":"msg_0"},`:                                                                     "[EMAIL_1]",
		`{"id":"msg_0","type":null},`:                                                         "[EMAIL_1]",
		`{"role":"assistant","id":"msg_0","content":"fine"},`:                                 "ann@example.com",
		`{"type":"function_call","id":"f","call_id":"c","name":"a","arguments":"{}"},`:        "ann@example.com",
		`{"type":"reasoning","id":"r","summary":[{"type":"summary_text","text":"so then"}]},`: "ann@example.com",
	} {
		c := newWorld(t, guarded).post("/v1/responses", `{"model":"gpt-4o-mini","input":[`+more+`{"role":"user","content":"ann@example.com"}]}`)
		require.NotContains(t, c.sent, "ann@")
		c.respond("200", "application/json").stream(true, `{"status":"completed","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"[EMAIL_1]"}]}],"usage":{"input_tokens":3,"output_tokens":5,"total_tokens":8}}`)
		require.Equal(t, want, gjson.Get(c.client.String(), "output.0.content.0.text").Str, more)
	}
}

// Token ids are text that no guard can read: they are not sent where something may not be.
func TestTokenIDs(t *testing.T) {
	places := map[string][]string{
		"/v1/embeddings":  {`"input":[15339,1917]`, `"input":[[15339],[1917,1]]`, `"input":["text",[1917]]`},
		"/v1/completions": {`"prompt":[15339,1917]`, `"prompt":[[15339],[1917]]`, `"prompt":["text",[1917]]`},
	}
	for rules, want := range map[string]string{
		"pii: {kinds: [email]}":                                                           "block",
		"pii: {kinds: [email], action: flag}":                                             "flag",
		"pii: {kinds: [email], mode: shadow}":                                             "flag",
		"prompts: [{name: a, deny_words: [b]}]":                                           "block",
		"prompts: [{name: a, deny_words: [b], mode: shadow}]":                             "flag",
		"prompts: [{name: a, deny_words: [b], roles: [system]}]":                          "flag",
		"prompts: [{name: a, deny_words: [b], action: flag}, {name: c, deny_words: [b]}]": "block",
		"injection: {action: block, roles: [user]}":                                       "block",
		"injection: {}": "flag",
		"external: [{name: names, type: presidio, endpoint: 'http://presidio:3000'}]": "block",
		"answers: [{name: a, deny_words: [b]}]":                                       "",
	} {
		for path, all := range places {
			for _, input := range all {
				c := newWorld(t, providers+"companion: {endpoint: 'http://127.0.0.1:2'}\nguards:\n  "+rules+"\n").post(path, `{"model":"gpt-4o-mini",`+input+`}`)
				if want == "block" {
					require.NotNil(t, c.reply, "%s %s", rules, input)
					require.Equal(t, 400, c.reply.Status)
					require.Equal(t, "blocked_by_guard", gjson.Get(c.replyBody(), "error.code").Str)
					require.Contains(t, c.replyBody(), "send it as text")
				} else {
					require.Nil(t, c.reply, "%s %s", rules, input)
				}
				count := int64(1)
				if want == "" {
					count = 0
				}
				require.Equal(t, count, c.done().samples["sluice_guard_total;kind=token_ids;action="+want+";"], rules)
			}
		}
	}
}

// Objects in the input of embeddings are of no API that Sluice knows: what they say is looked
// at, and counted.
func TestEmbeddedObjects(t *testing.T) {
	for _, input := range []string{`[{"text":"M"}]`, `{"text":"M"}`, `[{"content":[{"type":"text","text":"M"},{"type":"image_url","image_url":{"url":"https://x.example/ann@example.com"}}]}]`, `[["M"]]`} {
		c := newWorld(t, guarded).post("/v1/embeddings", `{"model":"gpt-4o-mini","input":`+strings.ReplaceAll(input, "M", "ann@example.com")+`}`)
		require.Nil(t, c.reply)
		require.JSONEq(t, strings.ReplaceAll(input, "M", "[EMAIL_1]"), gjson.Get(c.sent, "input").Raw)
	}
}

// Placeholders are numbered in the order of the prompt. So a prompt that names two values of
// one kind the other way round is near in meaning, and may even count as the same, and each
// value of its answer would come back in the other's place: it is found by its text alone.
func TestNumberedPlaceholdersInTheCache(t *testing.T) {
	const policy = cached + "guards:\n  pii: {kinds: [email, iban, card]}\n"
	for text, semantic := range map[string]bool{
		"Who is the president?":                                       true,
		"I am ann@example.com, charge 4111 1111 1111 1111":            true,
		"ann@example.com is ann@example.com":                          true,
		"I am ann@example.com. She is bob@example.com. Write to her.": false,
		"[EMAIL_7] and [CARD_1]":                                      false, // as a user's own they are of one kind
	} {
		c := newWorld(t, policy).post(chat, chatOf(says("user", text)), "x-team", "red")
		_, body := c.asked()
		require.Equal(t, semantic, body["semantic"], text)
		require.Equal(t, true, body["exact"])
	}
	w := newWorld(t, strings.Replace(policy, "cache: {", "cache: {exact: false, ", 1))
	c := w.post(chat, chatOf(says("user", "I am ann@example.com. She is bob@example.com. Write to her.")), "x-team", "red")
	require.Nil(t, c.asks)
	require.NotEmpty(t, c.sent)
	c.respond("200", "application/json").stream(true, chatAnswer)
	require.Contains(t, string(c.request.Done(w.now, false).Record), "several values of one kind are redacted")
}
