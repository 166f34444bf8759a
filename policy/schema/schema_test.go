package schema

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/sjson"

	"github.com/sluice-gateway/sluice/policy/source"
	"github.com/sluice-gateway/sluice/policy/strict"
)

func compile(t *testing.T) *jsonschema.Schema {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(JSON())))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("policy.json", doc))
	schema, err := compiler.Compile("policy.json") // against the draft's own schema too
	require.NoError(t, err)
	return schema
}

func accepts(t *testing.T, schema *jsonschema.Schema, text string) bool {
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	require.NoError(t, err, text)
	return schema.Validate(instance) == nil
}

func documented(t *testing.T) string {
	text, err := os.ReadFile("../source/testdata/every-field.yaml")
	require.NoError(t, err)
	canonical, err := source.Read(text)
	require.NoError(t, err)
	return string(canonical)
}

func TestAcceptsTheDocumentedPolicy(t *testing.T) {
	require.True(t, accepts(t, compile(t), documented(t)))
}

// TestAgreesWithTheDecoder: on every policy of strict/testdata/problems.txt the schema may be
// milder than the decoder, but only about what needs more than one value to be seen.
func TestAgreesWithTheDecoder(t *testing.T) {
	schema := compile(t)
	text, err := os.ReadFile("../strict/testdata/problems.txt")
	require.NoError(t, err)
	var doc string
	compared := 0
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "{") || strings.HasPrefix(line, "["):
			doc = line
		case strings.HasPrefix(line, `"`):
			doc = `{"version":1,"providers":{"openai":{"dialect":"openai","endpoint":"https://a"}},"identity":{"team":{"claim":"team"}}}`
			for key, value := range members(t, "{"+line+"}") {
				doc, err = sjson.SetRaw(doc, key, string(value))
				require.NoError(t, err)
			}
		case strings.HasPrefix(line, "guards.output.json_schema."):
			// What a schema of the policy's own says is for the decoder alone.
		case json.Valid([]byte(doc)):
			for _, shape := range []string{": missing; ", ": unknown field; ", ": must be a mapping", ": must be a list", ": must be true or false", ": must be one of"} {
				if strings.Contains(line, shape) {
					require.False(t, accepts(t, schema, doc), "%s\n%s", doc, line)
					compared++
				}
			}
		}
	}
	require.Greater(t, compared, 30)
}

func members(t *testing.T, text string) map[string]json.RawMessage {
	var m map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(text), &m))
	return m
}

// TestNeverStricterThanTheDecoder tries random texts in fields of every kind that is text.
// What the decoder takes an editor must not underline.
func TestNeverStricterThanTheDecoder(t *testing.T) {
	schema := compile(t)
	doc := documented(t)
	// The first part begins every text, the others follow in any order.
	alphabets := map[string][]string{
		"limits.stream":                             {"", "0", "1", "9", "h", "m", "s", "ms", ".", " "},
		"limits.request_body":                       {"", "0", "1", "20", "KiB", "MiB", "MB", "GiB", " "},
		"prices.gpt-4o-mini.input":                  {"", "0", "1", "9", ".", "-", "e", "000"},
		"budgets.1.limit":                           {"", "0", "1", "9", ".", "-", "_"},
		"budgets.0.name":                            {"", "a", "Z", "_", "-", "0", ".", "ä"},
		"budgets.1.zone":                            {"", "A", "z", "/", "_", "+", "-", "0", "."},
		"identity.team.header":                      {"", "a", "Z", "-", "!", "~", "|", "^", "(", " ", "é"},
		"providers.openai.endpoint":                 {"https://a", "http://", "https://", "a", "1", ":80", "/", "[::1]", "@", "?", "%", "~", "-"},
		"providers.openai.credential.env":           {"", "A", "z", "_", "0", "-", "é"},
		"providers.groq.credential.scheme":          {"", "a", "Z", "-", "!", "~", " ", "(", "é", "aaaaaaaaaa"},
		"providers.openai.api_path":                 {"/", "a", "1", "/", "{model}", "{", "@", "?", "%", "~", "..", "é"},
		"models.gpt-4-smart-router.targets.2.model": {"", "a", "/", ":", " ", "\n", "é", "\u0085"},
		"guards.decorate.append.0.content":          {"", "a", "{{", "}}", "model", " ", "\n", "\t", "é", "\u0085"},
		"models.gpt-4-smart-router.drop.0":          {"", "a", "Z", "_", "-", ".", "*", "[", " ", "é"},
	}
	for path, alphabet := range alphabets {
		r := rand.New(rand.NewPCG(5, uint64(len(path)))) // the same texts whatever the order of the map
		good := 0
		for range 600 {
			text := alphabet[0]
			for range r.IntN(6) {
				text += alphabet[1+r.IntN(len(alphabet)-1)]
			}
			tried, err := sjson.Set(doc, path, text)
			require.NoError(t, err)
			if _, err := strict.Decode([]byte(tried)); err == nil {
				good++
				require.True(t, accepts(t, schema, tried), "%s: %q", path, text)
			}
		}
		require.Greater(t, good, 5, "%s: hardly anything was compared", path)
	}
}
