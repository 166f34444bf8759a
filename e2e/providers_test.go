package e2e

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/mock"
)

// The providers of tests of routing and failover. Each is a server of its own, which speaks
// both APIs, and a policy finds it as http://alpha and so on. Each says something that no
// other one says, and has keys that no other one has. The last is there to be killed.
var otherNames = []string{"alpha", "beta", "gamma", "delta"}

// others begins a policy that routes: alpha and alpha-ant are one server, by OpenAI's API
// and by Anthropic's.
const others = `
version: 1
prices:
  dear:  {input: 1, output: 100}
  cheap: {input: 2, output: 10}
providers:
  alpha:     {dialect: openai,    endpoint: http://alpha/base-alpha, credential: {env: SLUICE_E2E_ALPHA_KEY}}
  beta:      {dialect: openai,    endpoint: http://beta/base-beta,   credential: {env: SLUICE_E2E_BETA_KEY}}
  gamma:     {dialect: openai,    endpoint: http://gamma/base-gamma, credential: {env: SLUICE_E2E_GAMMA_KEY}}
  alpha-ant: {dialect: anthropic, endpoint: http://alpha/base-alpha, credential: {env: SLUICE_E2E_ALPHA_ANT_KEY}}
  beta-ant:  {dialect: anthropic, endpoint: http://beta/base-beta,   credential: {env: SLUICE_E2E_BETA_ANT_KEY}}
  gamma-ant: {dialect: anthropic, endpoint: http://gamma/base-gamma, credential: {env: SLUICE_E2E_GAMMA_ANT_KEY}}
  delta:     {dialect: openai,    endpoint: http://delta/base-delta, credential: {env: SLUICE_E2E_DELTA_KEY}}
  meter-a:   {dialect: openai,    endpoint: http://alpha/base-alpha, credential: {env: SLUICE_E2E_ALPHA_KEY}}
  meter-b:   {dialect: openai,    endpoint: http://beta/base-beta,   credential: {env: SLUICE_E2E_BETA_KEY}}
  north:     {dialect: openai,    endpoint: https://north,    credential: {env: SLUICE_E2E_ALPHA_KEY}}
  south:     {dialect: anthropic, endpoint: https://south,    credential: {env: SLUICE_E2E_BETA_ANT_KEY}}
  misnamed:  {dialect: openai,    endpoint: https://misnamed, credential: {env: SLUICE_E2E_GAMMA_KEY}}
  unnamed:   {dialect: openai,    endpoint: https://unnamed,  credential: {env: SLUICE_E2E_GAMMA_KEY}}
  stranger:  {dialect: openai,    endpoint: https://stranger, credential: {env: SLUICE_E2E_GAMMA_KEY}}
  nowhere:     {dialect: openai,    endpoint: http://nowhere, credential: {env: SLUICE_E2E_GAMMA_KEY}}
  nowhere-ant: {dialect: anthropic, endpoint: http://nowhere, credential: {env: SLUICE_E2E_GAMMA_ANT_KEY}}
identity:
  key:     {header: authorization}
  ant-key: {header: x-api-key}
  case:    {header: x-case}
budgets:
  - {name: key-month, per: [key, ant-key], unit: tokens, limit: 1000000, calendar: month}
  - {name: spare,     per: [key, ant-key], unit: requests, limit: 4, calendar: month, mode: shadow}
`

// othersLimit has room for several attempts without a cap.
const othersLimit = 1_000_000

// otherKey is the credential of a provider, as the gateway has it and nobody else does.
func otherKey(provider string) string {
	name, ant := strings.CutSuffix(provider, "-ant")
	if ant {
		return "sk-ant-provider-key-of-" + name
	}
	return "sk-provider-key-of-" + name
}

// otherCredentials are the variables with them.
func otherCredentials() (env []string) {
	for _, name := range otherNames {
		for _, provider := range []string{name, name + "-ant"} {
			env = append(env, "SLUICE_E2E_"+strings.ReplaceAll(strings.ToUpper(provider), "-", "_")+"_KEY="+otherKey(provider))
		}
	}
	return env
}

// says is what a provider says when nothing else is asked of it.
func says(name string) string {
	return "It is " + name + " who says this" + strings.Repeat(", and still "+name, 8) + "."
}

// startOthers starts the servers that a policy names.
func (g *gateway) startOthers(policy string) error {
	g.others = map[string]*mock.Server{}
	for _, name := range otherNames {
		if !strings.Contains(policy, "http://"+name) {
			continue
		}
		server, err := mock.Start(mock.Options{Keep: 20_000, Script: otherScript(name)})
		if err != nil {
			return err
		}
		g.others[name] = server
	}
	if strings.Contains(policy, "https://north") {
		return g.startSecure()
	}
	return nil
}

// otherScript is how one of them behaves: as the prompt says. What a header said would not
// be there when the gateway makes a call of its own.
func otherScript(name string) string {
	script := "defaults: {answer: {text: " + strconv.Quote(says(name)) + "}}\nrules:\n"
	for _, f := range failures {
		script += "  - match: {body: " + strconv.Quote(marker(name, f.name)) + "}\n    fault: " + f.fault + "\n"
		if f.says != "" || f.mute {
			script += "    answer: {text: " + strconv.Quote(f.says) + "}\n"
		}
	}
	for _, b := range behaviours {
		script += "  - match: {body: " + strconv.Quote(marker(name, b.name)) + b.match + "}\n    " + b.does + "\n"
	}
	return script
}

// behaviours are what else a prompt can ask of a provider.
var behaviours = []struct{ name, match, does string }{
	{"slow", "", `pace: {first_token: 150ms, per_event: 5ms}`},
	{"429_for_a_minute", "", `fault: {status: 429, headers: {retry-after: "60", retry-after-ms: "60000"}}`},
	{"free", "", `answer: {}`}, // what the mock makes up: calls of the tools that the prompt names
	{"paced", "", `pace: {per_event: 30ms}`},
	{"not_first_of_two", ", model: first-of-two", `fault: {status: 500}`},
}

// clientKey begins the keys of clients.
const clientKey = "sk-of-the-client-"

// marker is what a prompt says to have one provider behave in a certain way.
func marker(name, behaviour string) string { return "[" + name + " " + behaviour + "]" }

// call is a call of a client and how the providers are to behave.
type call struct {
	client dialect
	model  string
	stream bool
	at     map[string]string // provider's server -> name of a failure
	more   string            // further members
	header map[string]string
	key    string
}

// call makes a call. Its name is in the prompt too, where each provider sees it.
func (g *gateway) call(t *testing.T, c call) (answer, string) {
	t.Helper()
	name := newName(t)
	prompt := "case " + name + ";"
	for server, behaviour := range c.at {
		prompt += " " + marker(server, behaviour)
	}
	d := c.client
	d.model = c.model
	header := map[string]string{"x-case": name}
	for k, v := range c.header {
		header[k] = v
	}
	if c.key == "" {
		c.key = clientKey + name
	}
	a := g.send(t, request{path: d.path, body: d.body(prompt, c.stream, c.more), header: header, key: c.key})
	a.name = name
	return a, prompt
}

// asked are the requests of a call that have come to a server, in their order, each of them
// over.
func (g *gateway) asked(t *testing.T, server, name string) (found []mock.Request) {
	t.Helper()
	soon(t, func() bool {
		found = found[:0]
		for _, r := range g.others[server].Requests() {
			if strings.Contains(string(r.Body), "case "+name+";") {
				if r.End == "" {
					return false
				}
				found = append(found, r)
			}
		}
		return true
	}, "the end of %s at %s", name, server)
	return found
}

// checkAsked holds that what a provider got is of its API, for its model and with its
// credential, and nothing of another one's or of the client's.
func checkAsked(t *testing.T, g *gateway, r mock.Request, provider, model, prompt string, stream bool) {
	t.Helper()
	server, ant := strings.CutSuffix(provider, "-ant")
	path, name, credential := "/v1/chat/completions", "Authorization", "Bearer "+otherKey(provider)
	if ant {
		path, name, credential = "/v1/messages", "X-Api-Key", otherKey(provider)
		require.Equal(t, "2023-06-01", r.Header.Get("Anthropic-Version"))
	}
	require.Equal(t, "/base-"+server+path, r.Path)
	require.Equal(t, g.others[server].Addr(), r.Host)
	require.Equal(t, []string{credential}, r.Header[name])
	require.Equal(t, model, r.Model)
	require.Equal(t, stream, r.Stream)
	for name, values := range r.Header {
		text := strings.Join(values, " ")
		require.False(t, name != "X-Case" && strings.Contains(text, clientKey), "the client's key in %s", name)
		require.False(t, strings.HasPrefix(name, "X-Sluice-"), name)
		require.False(t, strings.HasPrefix(name, "X-Envoy-Retry") || strings.HasPrefix(name, "X-Envoy-Max"), name)
		if strings.Contains(text, "provider-key-of") {
			require.True(t, strings.HasSuffix(text, otherKey(provider)), "%s: %s at %s", name, text, provider)
		}
	}

	var body struct {
		Model    string
		Messages []struct {
			Role    string
			Content json.RawMessage
		}
		MaxTokens *int64 `json:"max_tokens"`
	}
	require.NoError(t, json.Unmarshal(r.Body, &body), "%s", r.Body)
	require.Equal(t, model, body.Model)
	require.NotEmpty(t, body.Messages)
	last := body.Messages[len(body.Messages)-1]
	require.Equal(t, "user", last.Role)
	require.Contains(t, string(last.Content), prompt)
	require.Equal(t, strconv.Itoa(len(r.Body)), r.Header.Get("Content-Length"))
	if ant {
		require.NotNil(t, body.MaxTokens, "Anthropic's API demands a cap")
	}
}

// checkAnswer holds that an answer is whole, of the client's API, and says so much and
// nothing else.
func checkAnswer(t *testing.T, d dialect, a answer, stream bool, text string) {
	t.Helper()
	require.NoError(t, a.err)
	require.Equal(t, 200, a.status, a.body)
	switch {
	case d.name == "openai" && stream:
		checkChunks(t, a, text)
	case d.name == "openai":
		checkCompletion(t, a, text)
	case stream:
		checkEvents(t, a, text)
	default:
		checkMessage(t, a, text)
	}
}

// https://platform.openai.com/docs/api-reference/chat/object
func checkCompletion(t *testing.T, a answer, text string) {
	t.Helper()
	var c struct {
		ID, Object, Model string
		Created           int64
		Choices           []struct {
			Index   int
			Message struct {
				Role    string
				Content string
			}
			FinishReason string `json:"finish_reason"`
		}
		Usage struct {
			Prompt     int64 `json:"prompt_tokens"`
			Completion int64 `json:"completion_tokens"`
			Total      int64 `json:"total_tokens"`
		}
	}
	require.Equal(t, "application/json", a.header.Get("content-type"))
	require.NoError(t, json.Unmarshal([]byte(a.body), &c), a.body)
	require.Equal(t, "chat.completion", c.Object)
	require.NotEmpty(t, c.ID)
	require.NotEmpty(t, c.Model)
	require.NotZero(t, c.Created)
	require.Len(t, c.Choices, 1)
	require.Equal(t, "assistant", c.Choices[0].Message.Role)
	require.Equal(t, text, c.Choices[0].Message.Content)
	require.Equal(t, "stop", c.Choices[0].FinishReason)
	require.Positive(t, c.Usage.Prompt)
	require.Positive(t, c.Usage.Completion)
	require.Equal(t, c.Usage.Total, c.Usage.Prompt+c.Usage.Completion)
}

// https://platform.openai.com/docs/api-reference/chat-streaming
func checkChunks(t *testing.T, a answer, text string) {
	t.Helper()
	require.True(t, strings.HasPrefix(a.header.Get("content-type"), "text/event-stream"))
	all := events(a.body)
	require.NotEmpty(t, all)
	require.Equal(t, "[DONE]", all[len(all)-1].data, a.body)
	id, said, finishes := "", "", 0
	for i, e := range all[:len(all)-1] {
		var c struct {
			ID, Object, Model string
			Choices           []struct {
				Delta struct {
					Role    string
					Content string
				}
				FinishReason *string `json:"finish_reason"`
			}
			Error any
		}
		require.NoError(t, json.Unmarshal([]byte(e.data), &c), e.data)
		require.Empty(t, e.typ)
		require.Nil(t, c.Error)
		require.Equal(t, "chat.completion.chunk", c.Object)
		require.NotEmpty(t, c.ID)
		require.NotEmpty(t, c.Model)
		if i == 0 {
			id = c.ID
			require.Equal(t, "assistant", c.Choices[0].Delta.Role)
		}
		require.Equal(t, id, c.ID, "two answers in one stream")
		require.Len(t, c.Choices, 1)
		require.Zero(t, finishes, "content behind the finish reason")
		said += c.Choices[0].Delta.Content
		if f := c.Choices[0].FinishReason; f != nil {
			require.Equal(t, "stop", *f)
			finishes++
		}
	}
	require.Equal(t, 1, finishes)
	require.Equal(t, text, said)
}

// https://docs.anthropic.com/en/api/messages
func checkMessage(t *testing.T, a answer, text string) {
	t.Helper()
	var m struct {
		ID, Type, Role, Model string
		Content               []struct{ Type, Text string }
		StopReason            string `json:"stop_reason"`
		Usage                 struct {
			Input  int64 `json:"input_tokens"`
			Output int64 `json:"output_tokens"`
		}
	}
	require.Equal(t, "application/json", a.header.Get("content-type"))
	require.NoError(t, json.Unmarshal([]byte(a.body), &m), a.body)
	require.Equal(t, [2]string{"message", "assistant"}, [2]string{m.Type, m.Role})
	require.NotEmpty(t, m.ID)
	require.NotEmpty(t, m.Model)
	require.Len(t, m.Content, 1)
	require.Equal(t, "text", m.Content[0].Type)
	require.Equal(t, text, m.Content[0].Text)
	require.Equal(t, "end_turn", m.StopReason)
	require.Positive(t, m.Usage.Input)
	require.Positive(t, m.Usage.Output)
}

// The events of a message with one block of text, in the order that the API promises:
// https://docs.anthropic.com/en/docs/build-with-claude/streaming
func checkEvents(t *testing.T, a answer, text string) {
	t.Helper()
	require.True(t, strings.HasPrefix(a.header.Get("content-type"), "text/event-stream"))
	said, order := "", ""
	for _, e := range events(a.body) {
		var d struct {
			Type    string
			Index   int
			Message struct {
				ID, Type, Role, Model string
				Usage                 *struct{}
			}
			Delta struct {
				Type, Text string
				StopReason string `json:"stop_reason"`
			}
			Usage *struct {
				Output int64 `json:"output_tokens"`
			}
		}
		require.NoError(t, json.Unmarshal([]byte(e.data), &d), e.data)
		require.Equal(t, e.typ, d.Type)
		switch d.Type {
		case "ping":
			continue
		case "message_start":
			require.NotEmpty(t, d.Message.ID)
			require.NotNil(t, d.Message.Usage)
			require.Equal(t, "assistant", d.Message.Role)
		case "content_block_delta":
			require.Equal(t, "text_delta", d.Delta.Type)
			said += d.Delta.Text
		case "message_delta":
			require.Equal(t, "end_turn", d.Delta.StopReason)
			require.NotNil(t, d.Usage)
			require.Positive(t, d.Usage.Output)
		}
		if !strings.HasSuffix(order, d.Type+" ") || d.Type != "content_block_delta" {
			order += d.Type + " "
		}
	}
	require.Equal(t, "message_start content_block_start content_block_delta content_block_stop message_delta message_stop ", order, a.body)
	require.Equal(t, text, said)
}

// checkBudget holds that a key which has made this one request has lost what the record
// says it cost, and that this is what its attempts cost.
func checkBudget(t *testing.T, g *gateway, r record) {
	t.Helper()
	sum := int64(0)
	for _, attempt := range r.Attempts {
		sum += attempt.Tokens
	}
	spent := r.Tokens.Input + r.Tokens.Output
	require.Equal(t, sum, spent, "the record's tokens are its attempts'")
	b := r.budget(t, "key-month")
	require.Equal(t, strconv.FormatInt(spent, 10), b.Settled.String())
	require.Equal(t, strconv.FormatInt(othersLimit-spent, 10), b.Remaining.String(), "nothing stays held")
}

// attemptsOf are a record's attempts in short: who and why not.
func attemptsOf(r record) (list []string) {
	for _, a := range r.Attempts {
		reason := a.Reason
		if reason == "" {
			reason = "ok"
		}
		list = append(list, a.Provider+"/"+a.Model+" "+reason)
	}
	return list
}

// together does n things at the same time, a few of them at once.
func together(n int, do func(i int)) {
	next := make(chan int)
	done := make(chan struct{})
	const atOnce = 24
	for range atOnce {
		go func() {
			for i := range next {
				do(i)
			}
			done <- struct{}{}
		}()
	}
	for i := range n {
		next <- i
	}
	close(next)
	for range atOnce {
		<-done
	}
}
