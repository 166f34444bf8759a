package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// sluice runs the program as main does.
func sluice(stdin string, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = run(args, strings.NewReader(stdin), &out, &err)
	return code, out.String(), err.String()
}

func write(t *testing.T, name, text string) string {
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

const good = "version: 1\nproviders: {openai: {dialect: openai, endpoint: https://api.openai.com, credential: {env: OPENAI_API_KEY}}}\ndefault_provider: openai\n"

// unshared is what is said of a policy that asks for what this release does not do.
const unshared = "budget.shared: true is not supported yet; write false: each node of the gateway keeps its own ledger\n"

func TestUsage(t *testing.T) {
	for _, row := range []struct {
		args           string
		code           int
		stdout, stderr string // what they contain; "" = they are empty
	}{
		{"", 2, "", "sluice check"},
		{"help", 0, "sluice check", ""},
		{"--help", 0, "sluice check", ""},
		{"-h", 0, "sluice check", ""},
		{"help count", 0, "usage: sluice count [--encoding NAME | --model NAME]", ""},
		{"count -h", 0, "usage: sluice count", ""},
		{"chekc", 2, "", `unknown command "chekc"`},
		{"help chekc", 2, "", `unknown command "chekc"`},
		{"cache", 2, "", "say invalidate or stats"},
		{"cache stats x", 2, "", "say invalidate or stats"},
		{"cache invalidate", 2, "", "name what to delete, or --all"},
		{"cache invalidate --tenant a", 2, "", "NAME=VALUE is needed"},
		{"cache stats --companion x", 1, "", "no URL such as"},
		{"help cache", 0, "usage: sluice cache invalidate | stats", ""},
		{"help companion", 0, "usage: sluice companion", ""},
		{"replay", 2, "", "name the files with the records, or - for standard input"},
		{"replay records.jsonl", 2, "", "name the policy with -c FILE"},
		{"replay -c no/such/file.yaml -", 2, "", "no/such/file.yaml"},
		{"replay --top 0 -", 2, "", "--top"},
		{"cache-eval x", 2, "", "the pairs come on standard input"},
		{"pii --x", 2, "", "not defined: -x"},
		{"pii x", 2, "", "the texts come on standard input"},
		{"pii --kinds email,shoe", 2, "", `no kind "shoe"; there are secret, card, iban`},
		{"pii --min-score 101", 2, "", `invalid value "101" for flag --min-score: a score is a whole number of per cent, 1 to 100`},
		{"pii --min-score 0.5", 2, "", "the policy's min_score: 0.5 is 50"},
		{"check", 2, "", "name the policy with -c FILE"},
		{"check -c", 2, "", "flag needs an argument: -c"},
		{"check -q", 2, "", "not defined: -q"},
		{"check sluice.yaml", 2, "", "name the policy with -c FILE"},
		{"check -c no/such/file.yaml", 2, "", "no/such/file.yaml"},
		{"render -c x", 2, "", "--for envoy"},
		{"render --for istio", 2, "", "name the policy with -c FILE; and the module with --module URL, the pods with --selector NAME=VALUE, the Istio Gateway with --gateway NAME\n"},
		{"render --for istio --shape plugin --module x", 2, "", "name the policy with -c FILE; and the pods with --selector NAME=VALUE or --target KIND/NAME\n"},
		{"render --for istio --module x --selector a=b --gateway c", 2, "", "name the policy with -c FILE\n"},
		{"render -c x --for istio --listen :80", 2, "", "not defined: -listen"},
		{"render -c x --for=istio y", 2, "", "unexpected argument y"},
		{"render -c x --for istio --shape half", 2, "", "there are full and plugin"},
		{"render -c x --for istio --companion http://a --companion-image b", 2, "", "exclude each other"},
		{"render -c x --for istio --shape plugin --companion http://a", 2, "", "--companion is for --shape full"},
		{"render -c x --for istio --companion-cert", 2, "", "flag needs an argument: -companion-cert"},
		{"render -c x --for kong --companion-ca c.pem", 2, "", "not defined: -companion-ca"},
		{"render -c x --for kong --kong 3.10", 2, "", "--kong: 3.10 is a Kong without the WebAssembly runtime"},
		{"render -c x --for kong --companion-cert c.pem", 2, "", "not defined: -companion-cert"},
		{"render -c x --for=kong y", 2, "", "unexpected argument y"},
		{"render --for kong", 2, "", "name the policy with -c FILE"},
		{"render -for kong -h", 0, "usage: sluice render -c FILE --for kong", ""},
		{"render -c x --for kong --shared-data big", 2, "", "--shared-data"},
		{"render -c x --for envoy --out d", 2, "", "not defined: -out"},
		{"check -c x --for nginx", 2, "", "--for nginx: there are envoy, istio, kong"},
		{"check -c x --for envoy --kong 3.9", 2, "", "--kong is for --for kong"},
		{"check -c x --for kong --kong 2.8", 2, "", "--kong: 2.8 is a Kong that cannot run a filter"},
		{"render -c x --for nginx", 2, "", "--for envoy"},
		{"render -c x --for envoy --companion c:8090", 2, "", "-companion: want http:// or https:// and a host"},
		{"render -c x --for envoy --into", 2, "", "-into"},
		{"render -c x --for envoy y", 2, "", "unexpected argument y"},
		{"render --for envoy", 2, "", "name the policy with -c FILE"},
		{"schema x", 2, "", "takes no arguments"},
		{"version x", 2, "", "takes no arguments"},
		{"version", 0, "sluice ", ""},
		{"--version", 0, "sluice ", ""},
		{"count --encoding o200k_base --model gpt-4o", 2, "", "exclude each other"},
		{"count --encoding p50k_base", 3, "", `unknown encoding "p50k_base"; there are o200k_base and cl100k_base`},
		{"count no/such/file", 1, "", "no/such/file"},
		{"mock --nonsense", 2, "", "nonsense"},
	} {
		code, stdout, stderr := sluice("", strings.Fields(row.args)...)
		require.Equal(t, row.code, code, "sluice %s\n%s%s", row.args, stdout, stderr)
		contains(t, row.stdout, stdout, row.args)
		contains(t, row.stderr, stderr, row.args)
	}
	_, stdout, _ := sluice("", "help")
	for _, c := range commands {
		require.Contains(t, stdout, c.name)
	}
}

func contains(t *testing.T, want, got, args string) {
	if want == "" {
		require.Empty(t, got, "sluice %s", args)
	}
	require.Contains(t, got, want, "sluice %s", args)
}

func TestCheck(t *testing.T) {
	path := write(t, "sluice.yaml", good)
	code, stdout, stderr := sluice("", "check", "-c", path)
	require.Equal(t, []any{0, "", path + ": no problems\n"}, []any{code, stdout, stderr})

	code, stdout, stderr = sluice("", "check", "-c", write(t, "x.yaml", good+
		"budgets:\n  - {name: b, unit: tokens, limit: 5, evry: 1m}\n  - {name: c, unit: tokens, limit: 0, every: 1m}\nkonfig: 1\n"))
	require.Equal(t, 1, code)
	require.Empty(t, stderr)
	require.Equal(t, `budgets[0].evry: unknown field; did you mean "every"?
budgets[1].limit: must be tokens: a whole number from 1 to 1000000000000000, not the number 0
konfig: unknown field; the fields here are version, providers, models, default_provider, identity, budgets, budget, counting, companion, cache, guards, prices, records, limits and hold_headers
`, stdout)

	code, stdout, stderr = sluice("", "check", "-c", write(t, "x.yaml", good+"budget: {shared: true}\n"))
	require.Equal(t, 1, code)
	require.Empty(t, stderr)
	require.Equal(t, unshared, stdout)

	code, stdout, stderr = sluice("", "check", "-c", write(t, "x.yaml", good+
		"identity: {team: {header: x-team}}\nbudgets: [{name: b, per: [team], unit: tokens, limit: 5, every: 1m}]\n"))
	require.Zero(t, code, "a warning alone leaves the policy good")
	require.Empty(t, stdout)
	require.True(t, strings.HasPrefix(stderr, "warning: budgets[0].per[0]: team is the header x-team, and any client can set"), stderr)

	code, stdout, _ = sluice("", "check", "-c", write(t, "x.yaml", "version: 1\n\tproviders: {}\n"))
	require.Equal(t, 1, code)
	require.Equal(t, "line 2: indented with a tab; YAML wants spaces\n", stdout)
}

func TestRender(t *testing.T) {
	code, stdout, stderr := sluice("", "render", "-c", write(t, "sluice.yaml", good), "--for", "envoy", "--listen", "127.0.0.1:18000",
		"--admin", "127.0.0.1:18001", "--wasm", "some/sluice.wasm", "--ca", "some/ca.pem")
	require.Zero(t, code, stderr)
	require.Empty(t, stderr)
	for _, want := range []string{"18000", "18001", "some/sluice.wasm", "some/ca.pem", "sluice_provider_openai"} {
		require.Contains(t, stdout, want)
	}
	code, stdout, stderr = sluice("", "render", "-c", write(t, "sluice.yaml", good+"budget: {shared: true}\n"), "--for", "envoy")
	require.Equal(t, 1, code)
	require.Empty(t, stdout, "a policy that must not run has no configuration")
	require.Equal(t, unshared, stderr)

	cached := write(t, "sluice.yaml", good+"cache: {}\ncompanion: {credential: {env: TOKEN}}\n")
	code, stdout, stderr = sluice("", "render", "-c", cached, "--for", "envoy", "--companion", "http://c.internal:9/x")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "sluice_companion")
	require.Contains(t, stdout, "{address: c.internal, port_value: 9}")
	require.Contains(t, stderr, "warning: companion.endpoint: http, so that", "what the command line says is warned of too")

	code, stdout, stderr = sluice("", "render", "-c", write(t, "sluice.yaml", good), "--for", "envoy", "--into", write(t, "envoy.yaml", "node: {id: edge-7}\n"))
	require.Zero(t, code, stderr)
	require.True(t, strings.HasPrefix(stdout, "node: {id: edge-7}\n"))
	require.Contains(t, stdout, "sluice_gateway")
	code, stdout, stderr = sluice("", "render", "-c", write(t, "sluice.yaml", good), "--for", "envoy", "--into", write(t, "envoy.yaml", "[]"))
	require.Equal(t, 1, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, "into: line 1: want an Envoy bootstrap, which is a mapping")

	code, stdout, stderr = sluice("", "render", "-c", write(t, "sluice.yaml", good), "--for", "envoy", "--listen", "nowhere")
	require.Equal(t, 1, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, "nowhere")
}

// What a gateway cannot do is a problem of the policy, wherever it is asked about.
func TestForIstio(t *testing.T) {
	path := write(t, "sluice.yaml", good)
	code, stdout, _ := sluice("", "check", "-c", path, "--for", "istio")
	require.Equal(t, []any{0, ""}, []any{code, stdout})
	code, stdout, stderr := sluice("", "check", "-c", path, "--for", "istio", "--shape", "plugin")
	require.Equal(t, 1, code)
	require.Contains(t, stdout, "hold_headers: a WasmPlugin has no allow_on_headers_stop_iteration")
	for _, differs := range []string{"limits.stream: ", "limits.request_body: ", "records.access_log: "} {
		require.Contains(t, stderr, "warning: "+differs)
	}

	digest := strings.Repeat("a", 64)
	plugin := []string{"render", "-c", path, "--for", "istio", "--shape", "plugin", "--module", "r.example/s", "--sha256", digest, "--target", "Gateway/llm"}
	code, stdout, stderr = sluice("", plugin...)
	require.Equal(t, []any{1, ""}, []any{code, stdout})
	require.Contains(t, stderr, "hold_headers: a WasmPlugin has no allow_on_headers_stop_iteration")
	plugin[2] = write(t, "sluice.yaml", good+"hold_headers: false\n")
	code, stdout, stderr = sluice("", append(plugin, "--target", "Service/a,Service/b")...)
	require.Zero(t, code, stderr)
	for _, want := range []string{"name: llm\n", "name: a\n", "name: b\n"} {
		require.Contains(t, stdout, want)
	}
	code, stdout, stderr = sluice("", plugin...)
	require.Zero(t, code)
	require.Contains(t, stderr, "warning: limits.stream: a WasmPlugin does not write")
	require.Contains(t, stdout, "kind: WasmPlugin")

	full := []string{"render", "-c", write(t, "sluice.yaml", good+"cache: {}\ncompanion: {credential: {env: TOKEN}}\n"), "--for", "istio", "--module", "r.example/s", "--sha256", digest,
		"--selector", "a=b,c=d", "--gateway", "llm", "--host", "a.example,b.example", "--namespace", "llm", "--companion-image", "r.example/c"}
	code, stdout, _ = sluice("", full...)
	require.Zero(t, code)
	for _, want := range []string{"kind: EnvoyFilter", "c: d", "- b.example", "address: sluice-companion.llm.svc.cluster.local", "image: r.example/c", "uri: oci://r.example/s"} {
		require.Contains(t, stdout, want)
	}
	code, stdout, _ = sluice("", append(full, "--name", "team-a", "--gateway", "edge/inside")...)
	require.Zero(t, code)
	for _, want := range []string{"  name: team-a\n", "address: team-a-companion.llm.svc.cluster.local", "    - llm\n    - edge/inside\n"} {
		require.Contains(t, stdout, want)
	}
	elsewhere := append(full[:len(full)-2:len(full)-2], "--companion", "https://c.example", "--companion-ca", "/etc/c/ca.pem", "--companion-cert", "/etc/c/tls.crt", "--companion-key", "/etc/c/tls.key")
	code, stdout, stderr = sluice("", elsewhere...)
	require.Zero(t, code, stderr)
	for _, want := range []string{"trusted_ca: {filename: /etc/c/ca.pem}", "certificate_chain: {filename: /etc/c/tls.crt}"} {
		require.Contains(t, stdout, want)
	}
	code, stdout, stderr = sluice("", append(full, "--sha256", "x")...)
	require.Equal(t, []any{1, ""}, []any{code, stdout})
	require.Contains(t, stderr, "sha256: \"x\": want the 64 hexadecimal digits")
	_, stdout, _ = sluice("", "render", "--for", "istio", "-h")
	require.Contains(t, stdout, "-shape full")
}

func TestSchema(t *testing.T) {
	code, stdout, _ := sluice("", "schema")
	require.Zero(t, code)
	require.True(t, json.Valid([]byte(stdout)))
	require.Contains(t, stdout, "https://json-schema.org/draft/2020-12/schema")
}
