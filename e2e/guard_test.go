package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	ant "github.com/anthropics/anthropic-sdk-go"
	antoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// guarded is a policy that lets nothing personal out. It has a cache, since what is kept
// there is as far away as a provider is.
var guarded = strings.Replace(cached, "default_provider:", `  relief: {targets: [{provider: down-openai, model: gpt-4o-mini}, {provider: anthropic, model: claude-haiku-4-5}], retry: {}}
  relief-claude: {targets: [{provider: down-anthropic, model: claude-haiku-4-5}, {provider: openai, model: gpt-4o-mini}], retry: {}}
default_provider:`, 1) + `
guards:
  pii: {kinds: [email, phone, card, iban, secret]}
`

// personal is what a user says, and canaries what must not be anywhere but there.
const personal = "I am canary.ann@example.com and my card is 4111 1111 1111 1111; write to canary.ann@example.com or canary.bob@example.org."

var canaries = []string{"canary", "4111", "1111 1111"}

func hidden(t *testing.T, text string, where ...any) {
	t.Helper()
	for _, canary := range canaries {
		require.NotContains(t, text, canary, where...)
	}
}

// What leaves has placeholders, and the client notices nothing, whoever answers.
func TestRedactedAndRestored(t *testing.T) {
	eachGateway(t, guarded, func(t *testing.T, g *gateway) {
		for _, how := range []struct {
			d     dialect
			model string // the last two are answered by a provider of the other dialect
		}{{openAI, openAI.model}, {anthropic, anthropic.model}, {openAI, "relief"}, {anthropic, "relief-claude"}} {
			for _, stream := range []bool{false, true} {
				t.Run(fmt.Sprint(how.model, stream), func(t *testing.T) {
					d := how.d
					d.model = how.model
					a := g.send(t, request{path: d.path, body: d.body(personal, stream, ""), header: map[string]string{
						"x-mock-answer": "{echo: true}", "x-mock-fault": "{split_bytes: 40}", "x-team": newName(t)}})
					require.Equal(t, 200, a.status, a.body)
					require.Equal(t, personal, a.seen(stream), a.body)
					up := g.upstream(t, a.name)
					require.Contains(t, string(up.Body), "I am [EMAIL_1] and my card is [CARD_1]; write to [EMAIL_1] or [EMAIL_2].")
					hidden(t, string(up.Body))
					require.Equal(t, "complete", g.record(t, a.name).End)
				})
			}
		}
		hidden(t, g.admin(t, "/stats/prometheus"))
		require.Contains(t, g.admin(t, "/stats/prometheus"), `sluice_guard_total{`)
		hidden(t, g.envoy.Stderr()+g.envoy.Stdout())
	})
}

// The official clients: an answer in text, and the arguments of a tool's call, streamed.
func TestGuardedClients(t *testing.T) {
	eachGateway(t, guarded, func(t *testing.T, g *gateway) {
		const call = `{tools: [{name: mail, arguments: {to: "[EMAIL_1]", say: "\"quoted\" [CARD_1]"}}]}`
		want := map[string]any{"to": "canary.ann@example.com", "say": `"quoted" 4111 1111 1111 1111`}
		tool := map[string]any{"type": "object", "properties": map[string]any{"to": map[string]any{"type": "string"}, "say": map[string]any{"type": "string"}}}

		oai, _ := g.openAIClient(t)
		chat := ask(personal)
		chat.Tools = []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{Name: "mail", Parameters: tool})}
		called := func(arguments string) {
			t.Helper()
			var got map[string]any
			require.NoError(t, json.Unmarshal([]byte(arguments), &got), arguments)
			require.Equal(t, want, got)
		}
		answer, err := oai.Chat.Completions.New(bounded(t), chat, option.WithHeader("x-mock-answer", call))
		require.NoError(t, err)
		called(answer.Choices[0].Message.ToolCalls[0].Function.Arguments)
		events := oai.Chat.Completions.NewStreaming(bounded(t), chat, option.WithHeader("x-mock-answer", call), option.WithHeader("x-mock-fault", "{split_bytes: 3}"))
		var whole openai.ChatCompletionAccumulator
		for events.Next() {
			require.True(t, whole.AddChunk(events.Current()))
		}
		require.NoError(t, events.Err())
		called(whole.Choices[0].Message.ToolCalls[0].Function.Arguments)
		require.Equal(t, "tool_calls", string(whole.Choices[0].FinishReason))

		claude, _ := g.anthropicClient(t)
		message := askAnthropic(personal)
		message.Tools = []ant.ToolUnionParam{{OfTool: &ant.ToolParam{Name: "mail", InputSchema: ant.ToolInputSchemaParam{Properties: tool["properties"]}}}}
		reply, err := claude.Messages.New(bounded(t), message, antoption.WithHeader("x-mock-answer", call))
		require.NoError(t, err)
		called(string(reply.Content[len(reply.Content)-1].Input))
		pieces := claude.Messages.NewStreaming(bounded(t), message, antoption.WithHeader("x-mock-answer", call))
		var put ant.Message
		for pieces.Next() {
			require.NoError(t, put.Accumulate(pieces.Current()))
		}
		require.NoError(t, pieces.Err())
		called(string(put.Content[len(put.Content)-1].Input))
	})
}

// Who asks the same about somebody else gets the kept answer, about that somebody. What is
// kept knows nobody, and the companion was told of nobody.
func TestGuardedCache(t *testing.T) {
	eachGateway(t, guarded, func(t *testing.T, g *gateway) {
		team := newName(t)
		of := func(mail string, stream string) request {
			r := question(t, team, "Write two lines to "+mail+" about the fair", stream)
			r.header["x-mock-answer"] = `{text: "Dear [EMAIL_1], the fair is on. Yours"}`
			return r
		}
		g.kept(t, of("canary.ann@example.com", ""))
		for _, stream := range []string{"", `"stream":true,`} {
			a := g.send(t, of("canary.bob@example.org", stream))
			require.Equal(t, "hit", a.header.Get("x-sluice-cache"), a.body)
			require.Equal(t, "Dear canary.bob@example.org, the fair is on. Yours", a.seen(stream != ""))
		}
		require.NoError(t, filepath.WalkDir(g.data, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			for _, canary := range canaries {
				require.NotContains(t, string(text), canary, path)
			}
			return err
		}))
		hidden(t, g.companion.Log())
		hidden(t, g.envoy.Stderr()+g.envoy.Stdout())
	})
}

// A request that is blocked reaches nobody.
func TestBlockedPrompt(t *testing.T) {
	eachGateway(t, strings.Replace(guarded, "pii: {kinds", "pii: {action: block, kinds", 1), func(t *testing.T, g *gateway) {
		for _, d := range []dialect{openAI, anthropic} {
			a := g.send(t, request{path: d.path, body: d.body(personal, true, "")})
			require.Equal(t, 400, a.status, a.body)
			hidden(t, a.body)
			require.Contains(t, a.problem(t, d).Error.Message, "(email)")
			require.Empty(t, g.arrived(a.name))
			r := g.record(t, a.name)
			require.Equal(t, "blocked", r.End)
			require.True(t, gjson.Valid(a.body))
		}
	})
}
