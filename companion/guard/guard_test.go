package guard

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/policy"
)

var said = []Text{{"system", "Be kind."}, {"user", "hello"}, {"assistant", "Hi!"}, {"tool", "42"}, {"user", "and?"}}

func ask(t *testing.T, set *Set, texts ...Text) Verdict {
	t.Helper()
	v := set.Check(t.Context(), []string{"g"}, texts, 0)
	require.Len(t, v, 1)
	require.Equal(t, "g", v[0].Name)
	require.Equal(t, v[0].Result == Error, v[0].Err != nil)
	require.Regexp(t, `^[ -~]{0,200}$`, v[0].Reason)
	return v[0]
}

// Each type's calls and answers, as their documentation has them.

func TestPresidioCall(t *testing.T) {
	answer := `[{"entity_type":"PERSON","start":0,"end":5,"score":0.85,"analysis_explanation":null},
		{"entity_type":"PERSON","start":2,"end":3,"score":0.4},{"entity_type":"DATE_TIME","start":0,"end":2,"score":1}]`
	url := serve(t, "/pii/analyze", func(asked map[string]any) string {
		require.Equal(t, map[string]any{"text": "hello", "language": "de", "entities": []any{"PERSON"}, "score_threshold": 0.5}, asked)
		return answer
	})
	set := setOf(t, url+"/pii", policy.Service{Type: policy.Presidio, Entities: []string{"PERSON"}, Language: "de", MinScore: 0.5})
	v := ask(t, set, said[1])
	require.Equal(t, Found, v.Result)
	require.Equal(t, []Span{{0, 0, 5, "PERSON", 0.85}}, v.Spans)
	answer = `[]`
	require.Equal(t, Clean, ask(t, set, said[1]).Result)
	for bad, reason := range map[string]string{
		`null`: "null", `{}`: "another type", `[null]`: "lacks", `[{}]`: "lacks", `[`: "no JSON", `[] []`: "no JSON",
		`[{"entity_type":"PERSON","start":0,"end":6,"score":1}]`:    "find 0 is not within its text of 5 code points",
		`[{"entity_type":"PERSON","start":-1,"end":2,"score":1}]`:   "not within",
		`[{"entity_type":"PERSON","start":5,"end":5,"score":1}]`:    "not within",
		`[{"entity_type":"PERSON","start":3,"end":2,"score":1}]`:    "not within",
		`[{"entity_type":"PERSON","start":0,"end":1.5,"score":1}]`:  "another type",
		`[{"entity_type":"PERSON","start":0,"end":1,"score":1.01}]`: "score",
		`[{"entity_type":"PERSON","start":0,"end":1}]`:              "lacks",
		`[{"entity_type":"OTHER","start":0,"end":99,"score":1}]`:    "not within", // also of what counts for nothing
		`[{"entity_type":5,"start":0,"end":1,"score":1}]`:           "another type",
		`[` + strings.Repeat(`{"entity_type":"PERSON","start":0,"end":1,"score":1},`, MaxSpans) + `{"entity_type":"PERSON","start":0,"end":1,"score":1}]`: "more than 2000 finds",
	} {
		answer = bad
		set := setOf(t, url+"/pii", policy.Service{Type: policy.Presidio, Entities: []string{"PERSON"}, Language: "de", MinScore: 0.5})
		v := ask(t, set, said[1])
		require.Equal(t, Error, v.Result, bad)
		require.Contains(t, v.Reason, reason, bad)
	}
}

func TestModerationCall(t *testing.T) {
	var answer string
	url := serve(t, "/v1/moderations", func(asked map[string]any) string {
		require.Equal(t, map[string]any{"model": "m", "input": []any{"Be kind.", "hello", "42", "and?"}}, asked)
		return `{"id":"modr-1","model":"m","results":[{"flagged":false,"categories":{},"category_scores":{}},` + answer + `,
			{"flagged":false,"categories":{"hate":false},"category_scores":{"hate":0.2}},{"flagged":false,"categories":{},"category_scores":{}}]}`
	})
	for _, row := range []struct {
		of         string // the second result
		minScore   float64
		categories []string
		result     Result
		kinds      []string
	}{
		{`{"flagged":true,"categories":{"hate":true,"violence":true},"category_scores":{"hate":0.9,"violence":0.5}}`, 0.5, nil, Found, []string{"hate", "violence"}},
		{`{"flagged":true,"categories":{"hate":true,"violence":true},"category_scores":{"hate":0.9,"violence":0.5}}`, 0.6, nil, Found, []string{"hate"}},
		{`{"flagged":true,"categories":{"hate":true,"violence":true},"category_scores":{"hate":0.9,"violence":0.5}}`, 0.5, []string{"violence"}, Found, []string{"violence"}},
		{`{"flagged":true,"categories":{"hate":true},"category_scores":{"hate":0.9}}`, 0.5, []string{"violence"}, Clean, nil},
		{`{"flagged":false,"categories":{"hate":false},"category_scores":{"hate":0.6}}`, 0.5, nil, Found, []string{"hate"}},
		{`{"flagged":true,"categories":{"self-harm/intent":true}}`, 0.5, nil, Found, []string{"self-harm/intent"}},
		{`{"flagged":true,"categories":{"illicit":null,"hate":true},"category_scores":{"illicit":null,"hate":null}}`, 0.5, nil, Found, []string{"hate"}},
		{`{"flagged":true}`, 0.5, nil, Found, []string{"flagged"}},
		{`{"flagged":false}`, 0.5, nil, Clean, nil},
		{`{"flagged":true}`, 0.5, []string{"hate"}, Error, nil},
		{`{"categories":{"hate":false}}`, 0.5, nil, Error, nil},
		{`{"flagged":true,"categories":{},"category_scores":{"hate":2}}`, 0.5, nil, Error, nil},
		{`{"flagged":"yes"}`, 0.5, nil, Error, nil},
		{`{"flagged":true,"categories":{"what he said":true}}`, 0.5, nil, Error, nil},
		{`{"flagged":false},{"flagged":false}`, 0.5, nil, Error, nil}, // one too many
	} {
		answer = row.of
		v := ask(t, setOf(t, url, policy.Service{Type: policy.Moderation, Model: "m", MinScore: row.minScore, Categories: row.categories}), said...)
		require.Equal(t, row.result, v.Result, "%s: %v", row.of, v.Err)
		require.Equal(t, row.kinds, v.Kinds, row.of)
	}
}

// A key is sent, and no model where the policy names none.
func TestModerationKey(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked map[string]any
		json.NewDecoder(r.Body).Decode(&asked)
		if r.Header.Get("authorization") == "Bearer secret-key" && asked["model"] == nil {
			fmt.Fprint(w, `{"results":[{"flagged":false}]}`)
		}
	}))
	defer server.Close()
	require.Equal(t, Clean, ask(t, setOf(t, server.URL, policy.Service{Type: policy.Moderation, CredentialEnv: "KEY"}), said[1]).Result)
	_, err := New([]policy.ExternalGuard{{Name: "g", Service: policy.Service{Type: policy.Webhook, CredentialEnv: "NONE"}}}, func(string) string { return "" })
	require.EqualError(t, err, "guard: g: the variable NONE, which is to have its credential, is empty")
}

func TestChatCall(t *testing.T) {
	var answer string
	url := serve(t, "/v1/chat/completions", func(asked map[string]any) string {
		require.Equal(t, map[string]any{"model": "llama-guard3", "temperature": 0.0, "max_tokens": 100.0, "messages": []any{
			map[string]any{"role": "user", "content": "Be kind.\n\nhello\n\n42\n\nand?"}}}, asked)
		return answer
	})
	says := func(text string) string {
		b, _ := json.Marshal(map[string]any{"id": "c", "choices": []any{map[string]any{"index": 0, "message": map[string]string{"role": "assistant", "content": text}}}})
		return string(b)
	}
	for _, row := range []struct {
		answer     string
		categories []string
		result     Result
		kinds      []string
	}{
		{says("safe"), nil, Clean, nil},
		{says("\n\n Safe \r\n"), nil, Clean, nil},
		{says("unsafe\nS1,S2"), nil, Found, []string{"S1", "S2"}},
		{says("\n\nUNSAFE\r\ns10, S2 \n"), nil, Found, []string{"S10", "S2"}},
		{says("unsafe"), nil, Found, nil},
		{says("unsafe"), []string{"S1"}, Found, nil},
		{says("unsafe\nS1,S2"), []string{"s2"}, Found, []string{"S2"}},
		{says("unsafe\nS1"), []string{"S2"}, Clean, nil},
		{says(""), nil, Error, nil},
		{says("safe\nS1"), nil, Error, nil},
		{says("safe. Sure!"), nil, Error, nil},
		{says("I can't help with that"), nil, Error, nil},
		{says("unsafe, said Ann"), nil, Error, nil},
		{says("unsafe\nS1S2"), nil, Error, nil},
		{`{"choices":[]}`, nil, Error, nil},
		{`{"choices":[{"message":{"content":null}}]}`, nil, Error, nil},
		{`{"choices":[{"message":{"content":"safe"}},{"message":{"content":"unsafe"}}]}`, nil, Error, nil},
		{`{}`, nil, Error, nil}, {`null`, nil, Error, nil}, {`[]`, nil, Error, nil},
	} {
		answer = row.answer
		v := ask(t, setOf(t, url, policy.Service{Type: policy.Chat, Model: "llama-guard3", Categories: row.categories}), said...)
		require.Equal(t, row.result, v.Result, "%s: %v", row.answer, v.Err)
		require.Equal(t, row.kinds, v.Kinds, row.answer)
	}
}

// Whatever the texts, the turns are as the template of Llama Guard wants them.
func TestTurns(t *testing.T) {
	require.Equal(t, []chatMessage{{"user", "a"}}, turns([]Text{{"assistant", "a"}}))
	require.Equal(t, []chatMessage{{"user", "s\n\nu"}, {"assistant", "a\n\nb"}, {"user", "t"}},
		turns([]Text{{"system", "s"}, {"user", "u"}, {"assistant", "a"}, {"assistant", "b"}, {"tool", "t"}}))
}

func TestWebhookCall(t *testing.T) {
	var answer string
	ids := map[any]bool{}
	url := serve(t, "/hooks/guard", func(asked map[string]any) string {
		require.Equal(t, "g", asked["guard"])
		require.Equal(t, []any{map[string]any{"role": "user", "text": "hello"}}, asked["texts"])
		require.Regexp(t, `^[A-Z2-7]{26}$`, asked["id"])
		require.False(t, ids[asked["id"]])
		ids[asked["id"]] = true
		require.True(t, asked["within_ms"].(float64) >= 1 && asked["within_ms"].(float64) <= 20_000)
		require.Len(t, asked, 4)
		return answer
	})
	set := func() *Set { return setOf(t, url+"/hooks/guard", services["webhook"]) }
	for _, row := range []struct {
		answer string
		result Result
		kinds  []string
		reason string
	}{
		{`{"result":"clean"}`, Clean, nil, ""},
		{`{"result":"clean","kinds":[],"reason":"list-7"}`, Clean, []string(nil), "list-7"},
		{`{"result":"found","kinds":["b","a","b"],"reason":"project:x","more":1}`, Found, []string{"a", "b"}, "project:x"},
		{`{"result":"found"}`, Found, nil, ""},
		{`{"result":"found","kinds":["CVE-2024"],"reason":"4711471"}`, Found, []string{"CVE-2024"}, ""}, // no code has so many digits
		{`{"result":"found","reason":"it says hello"}`, Found, nil, ""},                                 // a sentence may quote
		{`{"result":"found","reason":"` + strings.Repeat("x", 65) + `"}`, Found, nil, ""},
	} {
		answer = row.answer
		v := ask(t, set(), said[1])
		require.Equal(t, row.result, v.Result, "%s: %v", row.answer, v.Err)
		require.Equal(t, row.kinds, v.Kinds, row.answer)
		require.Equal(t, row.reason, v.Reason, row.answer)
	}
	for _, bad := range []string{`{}`, `null`, `"found"`, `{"result":"error"}`, `{"result":"Clean"}`, `{"result":"clean","kinds":["a"]}`, `{"result":"found","kinds":[""]}`,
		`{"result":"found","kinds":["it says hello"]}`, `{"result":"found","kinds":["id-4711471"]}`, `{"result":"found","kinds":[1]}`, `{"result":"found","kinds":["` + strings.Repeat("x", 65) + `"]}`, `{"result":"clean"`} {
		answer = bad
		require.Equal(t, Error, ask(t, set(), said[1]).Result, bad)
	}
	var kinds []string
	for n := range MaxKinds + 1 {
		kinds = append(kinds, fmt.Sprintf(`"k%d"`, n))
	}
	answer = `{"result":"found","kinds":[` + strings.Join(kinds, ",") + `]}`
	require.Contains(t, ask(t, set(), said[1]).Reason, "more than 64 kinds")
}

// A guard is shown the texts of its roles, and is not asked where there are none.
func TestWhatIsShown(t *testing.T) {
	var calls atomic.Int64
	url := serve(t, "/", func(asked map[string]any) string { calls.Add(1); return `{"result":"found"}` })
	set := setOf(t, url, services["webhook"])
	require.Equal(t, Clean, ask(t, set, Text{"assistant", "hello"}, Text{"user", " \n"}).Result)
	require.Equal(t, Clean, ask(t, set).Result)
	require.Zero(t, calls.Load())
	require.Equal(t, Found, ask(t, set, said...).Result)
}

// The finds of many texts are told by the texts' places in the call, each once.
func TestPlaces(t *testing.T) {
	url := serve(t, "/analyze", func(asked map[string]any) string {
		if strings.HasPrefix(asked["text"].(string), "é") {
			return `[{"entity_type":"PERSON","start":1,"end":3,"score":0.6},{"entity_type":"PERSON","start":2,"end":4,"score":0.9}]`
		}
		return `[]`
	})
	var texts []Text
	var want []Span
	for n := range 40 {
		role, text := "user", "plain"
		switch {
		case n%3 == 0:
			role = "assistant"
		case n%4 == 0:
			text = "éßcd"
			want = append(want, Span{n, 2, 6, "PERSON", 0.9}) // one of two that overlap
		}
		texts = append(texts, Text{role, text})
	}
	require.Equal(t, want, ask(t, setOf(t, url, services["presidio"]), texts...).Spans)
}

// Guards are asked at once, each comes to its own verdict, in the order of the names.
func TestAtOnce(t *testing.T) {
	arrived := make(chan struct{}, 2)
	both := make(chan struct{})
	go func() { <-arrived; <-arrived; close(both) }()
	url := serve(t, "/", func(asked map[string]any) string {
		arrived <- struct{}{}
		select {
		case <-both:
		case <-time.After(patience / 2):
		}
		return `{"result":"found","kinds":["` + asked["guard"].(string) + `"]}`
	})
	one := setOf(t, url, services["webhook"])
	two := setOf(t, url, services["webhook"])
	w := two.guards["g"].service.(*webhook)
	w.name = "h"
	one.guards["h"] = two.guards["g"]
	v := one.Check(t.Context(), []string{"h", "none", "g"}, said, 0)
	require.Equal(t, []string{"h", "none", "g"}, []string{v[0].Name, v[1].Name, v[2].Name})
	require.Equal(t, []Result{Found, Error, Found}, []Result{v[0].Result, v[1].Result, v[2].Result})
	require.Equal(t, []string{"h"}, v[0].Kinds)
	require.Equal(t, Unknown, v[1].Err.Cause)
	require.Contains(t, v[1].Reason, "no guard of that name")
	require.Equal(t, Unknown, (*Set)(nil).Check(t.Context(), []string{"g"}, said, 0)[0].Err.Cause)
	require.Equal(t, []string{"g", "h"}, one.Names())
	require.Empty(t, (*Set)(nil).Names())
}
