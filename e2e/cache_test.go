package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	ant "github.com/anthropics/anthropic-sdk-go"
	antoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/internal/sidecar"
)

// cached is a policy with a cache, for a companion of its own. Machines that run tests are
// busy, and a look-up that is late is another test's.
const cached = providers + `
  house: {targets: [{provider: openai, model: gpt-4o-mini}, {provider: anthropic, model: claude-haiku-4-5}]}
default_provider: openai
budgets:
  - {name: key-month, per: [key, ant-key], unit: tokens, limit: 100000, calendar: month}
companion: {endpoint: http://companion}
cache: {scope: [team], lookup_timeout: 5s, wait: 20s}
records: {companion: true, access_log: true}
`

// question is a chat of one turn, for the cache of a team that no other test has.
func question(t *testing.T, team, text string, more ...string) request {
	body := fmt.Sprintf(`{"model":"house","max_tokens":60,%s"messages":[{"role":"user","content":%q}]}`, strings.Join(more, ""), text)
	return request{path: "/v1/chat/completions", body: body, header: map[string]string{"x-team": team}}
}

// kept waits until the companion has taken what the request's answer was offered as.
func (g *gateway) kept(t *testing.T, r request) answer {
	t.Helper()
	var a answer
	soon(t, func() bool {
		a = g.send(t, r)
		require.NoError(t, a.err)
		require.Equal(t, 200, a.status, a.body)
		return a.header.Get("x-sluice-cache") == "hit"
	}, "the answer is not kept")
	return a
}

func content(body string) string { return gjson.Get(body, "choices.0.message.content").Str }

func TestAnswersFromTheCache(t *testing.T) {
	eachGateway(t, cached, func(t *testing.T, g *gateway) {
		team := newName(t)
		first := g.send(t, question(t, team, "How do I cancel my order 1234?"))
		require.Equal(t, "miss", first.header.Get("x-sluice-cache"), "%+v", g.record(t, first.name).Cache)
		g.kept(t, question(t, team, "How do I cancel my order 1234?"))

		again := g.send(t, question(t, team, "Hi! Could you tell me the steps to cancel my order 1234, please?"))
		require.Equal(t, "semantic-hit", again.header.Get("x-sluice-cache"), "%+v", g.record(t, again.name).Cache)
		require.Equal(t, content(first.body), content(again.body))
		require.NotEqual(t, gjson.Get(first.body, "id").Str, gjson.Get(again.body, "id").Str, "ids are fresh")
		require.Equal(t, "0", again.header.Get("x-sluice-attempts"))
		require.Equal(t, "0", again.header.Get("x-sluice-cost-usd"))
		require.Equal(t, "openai", again.header.Get("x-sluice-provider"))
		require.Empty(t, g.arrived(again.name))
		r := g.record(t, again.name)
		require.Equal(t, "complete", r.End)
		require.Zero(t, r.Tokens.Input+r.Tokens.Output)
		require.Equal(t, gjson.Get(first.body, "usage.total_tokens").Int(), r.Cache.Tokens)
		require.Equal(t, first.header.Get("x-sluice-cost-usd"), r.Cache.SavedUSD.String())
		require.Equal(t, "0", r.Budgets[0].Settled.String(), "what was reserved is given back")

		for name, other := range map[string]request{
			"another number":     question(t, team, "How do I cancel my order 1243?"),
			"another team":       question(t, team+"x", "How do I cancel my order 1234?"),
			"no team":            {path: "/v1/chat/completions", body: question(t, team, "How do I cancel my order 1234?").body},
			"another parameter":  question(t, team, "How do I cancel my order 1234?", `"seed":7,`),
			"a system prompt":    {path: "/v1/chat/completions", header: map[string]string{"x-team": team}, body: `{"model":"house","max_tokens":60,"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"How do I cancel my order 1234?"}]}`},
			"another model":      {path: "/v1/chat/completions", header: map[string]string{"x-team": team}, body: strings.Replace(question(t, team, "How do I cancel my order 1234?").body, "house", "gpt-4o-mini", 1)},
			"the client's word":  {path: "/v1/chat/completions", header: map[string]string{"x-team": team, "x-sluice-cache": "bypass"}, body: question(t, team, "How do I cancel my order 1234?").body},
			"a high temperature": question(t, team, "How do I cancel my order 1234?", `"temperature":1.5,`),
		} {
			a := g.send(t, other)
			require.Contains(t, []string{"miss", "bypass"}, a.header.Get("x-sluice-cache"), name)
			require.Len(t, g.arrived(a.name), 1, name)
		}
		saved := regexp.MustCompile(`(?m)^sluice_cache_saved_microusd_total\{.*model="gpt-4o-mini"`)
		soon(t, func() bool { return saved.MatchString(g.admin(t, "/stats/prometheus")) })
	})
}

// A stream is kept, and replayed as a stream or whole, to clients of both APIs.
func TestReplaysToBothClients(t *testing.T) {
	eachGateway(t, cached, func(t *testing.T, g *gateway) {
		team := newName(t)
		const asked = "What is the tallest mountain of Norway?"
		oai, _ := g.openAIClient(t)
		claude, _ := g.anthropicClient(t)
		p := ask(asked)
		p.Model, p.MaxCompletionTokens = "house", param.NewOpt[int64](60)
		inTeam := option.WithHeader("x-team", team)
		stream := func(usage bool) (openai.ChatCompletionAccumulator, string, int) {
			p := p
			if usage {
				p.StreamOptions = openai.ChatCompletionStreamOptionsParam{IncludeUsage: param.NewOpt(true)}
			}
			var raw *http.Response
			s := oai.Chat.Completions.NewStreaming(bounded(t), p, inTeam, option.WithResponseInto(&raw))
			whole, pieces := openai.ChatCompletionAccumulator{}, 0
			for s.Next() {
				require.True(t, whole.AddChunk(s.Current()))
				pieces++
			}
			require.NoError(t, s.Err())
			return whole, raw.Header.Get("x-sluice-cache"), pieces
		}
		first, result, _ := stream(false)
		require.Equal(t, "miss", result)
		var again openai.ChatCompletionAccumulator
		pieces := 0
		soon(t, func() bool {
			again, result, pieces = stream(true)
			return result == "hit"
		})
		require.Equal(t, first.Choices[0].Message.Content, again.Choices[0].Message.Content)
		require.Equal(t, "stop", again.Choices[0].FinishReason)
		require.Positive(t, again.Usage.CompletionTokens)
		require.Greater(t, pieces, 4, "a stream, and not one piece")
		hidden, _, _ := stream(false)
		require.Zero(t, hidden.Usage.CompletionTokens, "usage that nobody asked for")

		var raw *http.Response
		whole, err := oai.Chat.Completions.New(bounded(t), p, inTeam, option.WithResponseInto(&raw))
		require.NoError(t, err)
		require.Equal(t, "hit", raw.Header.Get("x-sluice-cache"))
		require.Equal(t, first.Choices[0].Message.Content, whole.Choices[0].Message.Content)

		// The other API has another cap and the same question.
		q := askAnthropic(asked)
		q.Model, q.MaxTokens = "house", 60
		message, err := claude.Messages.New(bounded(t), q, antoption.WithHeader("x-team", team), antoption.WithResponseInto(&raw))
		require.NoError(t, err)
		require.Equal(t, "hit", raw.Header.Get("x-sluice-cache"))
		require.Equal(t, first.Choices[0].Message.Content, message.Content[0].Text)
		require.Equal(t, ant.StopReasonEndTurn, message.StopReason)
		require.Positive(t, message.Usage.OutputTokens)
		events := claude.Messages.NewStreaming(bounded(t), q, antoption.WithHeader("x-team", team))
		var streamed ant.Message
		for events.Next() {
			require.NoError(t, streamed.Accumulate(events.Current()))
		}
		require.NoError(t, events.Err())
		require.Equal(t, first.Choices[0].Message.Content, streamed.Content[0].Text)
	})
}

// Many that ask the same at once are answered by one.
func TestOneAnswersForMany(t *testing.T) {
	eachGateway(t, cached, func(t *testing.T, g *gateway) {
		team := newName(t)
		r := question(t, team, "How deep is the Baltic Sea?")
		r.header["x-mock-fault"] = "{delay: 700ms}"
		answers := make([]answer, 300)
		var all sync.WaitGroup
		for i := range answers {
			all.Go(func() { answers[i] = g.send(t, r) })
		}
		all.Wait()
		sent, said := 0, map[string]bool{}
		for _, a := range answers {
			require.NoError(t, a.err)
			require.Equal(t, 200, a.status, a.body)
			sent += len(g.arrived(a.name))
			said[content(a.body)] = true
		}
		require.Equal(t, 1, sent, "requests that reached the provider")
		require.Len(t, said, 1)
	})
}

// What may not be kept is not: an error, a broken stream, one that was cut short.
func TestKeepsOnlyWholeAnswers(t *testing.T) {
	eachGateway(t, cached, func(t *testing.T, g *gateway) {
		for name, row := range map[string]struct{ more, fault, end string }{
			"an error":                     {"", "{status: 503}", "error"},
			"an error event":               {`"stream":true,`, "{error_event: {after_events: 3}}", "error"},
			"a broken stream":              {`"stream":true,`, "{cut: {after_events: 3, how: close}}", "error"},
			"a stream that ends too early": {`"stream":true,`, "{cut: {after_events: 3, how: end}}", "error"},
			"an answer cut short":          {"", "", "complete"},
			"a streamed answer cut short":  {`"stream":true,`, "", "complete"},
		} {
			t.Run(name, func(t *testing.T) {
				team := newName(t)
				r := question(t, team, "Name five rivers of Spain, and describe each of them.", row.more)
				if row.fault == "" {
					r.body = strings.Replace(r.body, `"max_tokens":60`, `"max_tokens":2`, 1)
				} else {
					r.header["x-mock-fault"] = row.fault
				}
				// A model of one target: failures would have others' requests go to the next.
				r.body = strings.Replace(r.body, `"house"`, `"gpt-4.1-nano"`, 1)
				for range 3 {
					a := g.send(t, r)
					require.NotContains(t, a.header.Get("x-sluice-cache"), "hit")
					require.Equal(t, row.end, g.record(t, a.name).End)
					require.Len(t, g.arrived(a.name), 1)
				}
			})
		}
	})
}

// nonsense is what a companion may do in place of an answer, by the team that asks.
var nonsense = map[string]func(net.Conn){
	"silent":           func(c net.Conn) { _, _ = io.Copy(io.Discard, c) },
	"hangs-up":         func(net.Conn) {},
	"half-an-answer":   writes("HTTP/1.1 200 OK\r\nx-sluice-cache: hit\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"),
	"no-HTTP":          writes("220 mail.example ESMTP\r\n"),
	"an-error":         writes("HTTP/1.1 500 No\r\ncontent-length: 2\r\n\r\n{}"),
	"a-hit-of-nothing": writes("HTTP/1.1 200 OK\r\nx-sluice-cache: hit\r\ncontent-length: 0\r\n\r\n"),
	"too-much":         writes("HTTP/1.1 200 OK\r\nx-sluice-cache: miss\r\ncontent-length: 1000000\r\n\r\n" + strings.Repeat("x", 1000000)),
}

func writes(text string) func(net.Conn) {
	return func(c net.Conn) { _, _ = io.WriteString(c, text) }
}

// faulty is a companion that does what the team in a look-up is called after.
func faulty(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				r, err := http.ReadRequest(bufio.NewReader(c))
				if err != nil {
					return
				}
				body, err := io.ReadAll(r.Body)
				if err != nil {
					return
				}
				if fault := nonsense[gjson.GetBytes(body, "tenant.0.1").Str]; fault != nil {
					fault(c)
				}
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// The companion may be slow, talk nonsense or hang up: requests go on, within the time that
// a look-up may take.
func TestTheCompanionFails(t *testing.T) {
	text := strings.NewReplacer("{endpoint: http://companion}", "{endpoint: "+faulty(t)+", circuit: {after: 3, for: 50ms}}",
		"lookup_timeout: 5s", "lookup_timeout: 200ms", "companion: true", "companion: false").Replace(cached)
	eachGateway(t, text, func(t *testing.T, g *gateway) {
		for team := range nonsense {
			for range 8 {
				a := g.send(t, question(t, team, "How high is the sky?"))
				require.Equal(t, 200, a.status, a.body)
				require.Equal(t, "bypass", a.header.Get("x-sluice-cache"), team)
				require.Equal(t, "companion_error", g.record(t, a.name).Failure, team)
			}
		}
		for _, result := range []string{"error", "circuit_open"} {
			counted := regexp.MustCompile(`(?m)^sluice_cache_total\{.*result="` + result + `"`)
			soon(t, func() bool { return counted.MatchString(g.admin(t, "/stats/prometheus")) }, result)
		}
	})
}

// The companion is not there at all, asks for a token, and is killed at moments of its own
// and starts again on what it left: what is answered is right, whoever answers.
func TestTheCompanionComesAndGoes(t *testing.T) {
	text := strings.Replace(cached, "wait: 20s", "wait: 1s", 1)
	text = strings.Replace(text, "{endpoint: http://companion}", "{endpoint: http://companion, credential: {env: SLUICE_E2E_COMPANION_TOKEN}, circuit: {after: 3, for: 100ms}}", 1)
	eachGateway(t, text, func(t *testing.T, g *gateway) {
		require.NoError(t, g.companion.Kill())
		for range 12 {
			a := g.send(t, question(t, "red", "How high is the sky?"))
			require.Equal(t, 200, a.status, a.body)
			require.Equal(t, "companion_error", g.record(t, a.name).Failure)
		}
		g.asksWhoCalls(t, []phase{
			{"the token", withToken(sidecar.Options{}, companionToken), ""},
			{"another token", withToken(sidecar.Options{}, companionToken+"x"), "the companion refused the gateway's token"},
		})

		require.NoError(t, g.companionAgain(sidecar.Options{}))
		team := newName(t)
		stop := make(chan struct{})
		var all sync.WaitGroup
		var mu sync.Mutex
		hits, asked := 0, 0
		said := map[string]string{}
		for worker := range 4 {
			all.Go(func() {
				for i := 0; ; i++ {
					select {
					case <-stop:
						return
					default:
					}
					n := (worker*7 + i) % 12
					a := g.send(t, question(t, team, fmt.Sprintf("Summarise ticket %d in two sentences.", 4000+n*13)))
					mu.Lock()
					asked++
					if a.status != 200 || a.err != nil {
						t.Errorf("status %d: %v %s", a.status, a.err, a.body)
					}
					key := fmt.Sprint(n)
					if known, ok := said[key]; ok && known != content(a.body) {
						t.Errorf("question %d was answered %q and %q", n, known, content(a.body))
					}
					said[key] = content(a.body)
					if a.header.Get("x-sluice-cache") == "hit" {
						hits++
					}
					mu.Unlock()
				}
			})
		}
		for round := range 5 {
			time.Sleep(time.Duration(200+round*170) * time.Millisecond)
			require.NoError(t, g.companion.Kill())
			require.NoError(t, g.companionAgain(sidecar.Options{}))
		}
		close(stop)
		all.Wait()
		require.Positive(t, hits)
		t.Logf("%d requests, %d of them answered from the cache", asked, hits)
	})
}
