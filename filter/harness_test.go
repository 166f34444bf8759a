package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
	"github.com/sluice-gateway/sluice/internal/wasmhost/hosttest"
	"github.com/sluice-gateway/sluice/policy/normal"
	"github.com/sluice-gateway/sluice/policy/source"
)

// The tests of this package run the built module in a host of internal/wasmhost. What
// is decided is tested in package gateway; here it is that callbacks, host calls,
// buffers, shared data and lifecycles are right, on the rules of both gateways.

const (
	envoy = wasmhost.Envoy
	kong  = wasmhost.Kong
)

var profiles = []wasmhost.Profile{envoy, kong}

const (
	chat     = "/v1/chat/completions"
	messages = "/v1/messages"
)

// spine is the policy of most tests: two providers, a budget for each team.
const spine = `
version: 1
providers:
  openai:    {dialect: openai,    endpoint: "https://api.openai.com", credential: {env: OPENAI_API_KEY}}
  anthropic: {dialect: anthropic, endpoint: "https://api.anthropic.com", credential: {env: ANTHROPIC_API_KEY}}
  based:     {dialect: openai,    endpoint: "http://127.0.0.1:8080/base"}
models:
  claude-haiku-4-5: {targets: [{provider: anthropic, model: claude-haiku-4-5}]}
  house:            {targets: [{provider: openai, model: gpt-4o-mini}]}
  local:            {targets: [{provider: based, model: gpt-4o}]}
default_provider: openai
identity:
  team: {header: x-team, verified: true}
budgets:
  - {name: team-month, per: [team], unit: tokens, limit: 100000, calendar: month, zone: UTC}
`

const limit = 100000 // of team-month

var environment = map[string]string{"OPENAI_API_KEY": "sk-ours", "ANTHROPIC_API_KEY": "sk-ant-ours"}

// machine is a virtual machine with one plugin, and a clock that stands still until it
// is moved.
type machine struct {
	t      testing.TB
	vm     *wasmhost.VM
	plugin *wasmhost.Plugin
	shared *wasmhost.SharedData
	now    time.Time
	route  string // the provider that Kong's route leads to; "" = its configuration does not say
}

// startRoute is a machine for one of Kong's routes.
func startRoute(t testing.TB, provider, policy string, change ...func(*wasmhost.Options)) *machine {
	t.Helper()
	m := newMachine(t, hosttest.Compile(t, "./filter"), kong, change...)
	m.route = provider
	m.plugin = m.configure(policy)
	return m
}

// version is a version of Kong.
func version(v string) func(*wasmhost.Options) { return func(o *wasmhost.Options) { o.Version = v } }

// begin is a Monday in the middle of a month; no test looks at a real clock.
var begin = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func startOn(t testing.TB, profile wasmhost.Profile, policy string, change ...func(*wasmhost.Options)) *machine {
	t.Helper()
	return startModule(t, hosttest.Compile(t, "./filter"), profile, policy, change...)
}

func startModule(t testing.TB, host *wasmhost.Host, profile wasmhost.Profile, policy string, change ...func(*wasmhost.Options)) *machine {
	t.Helper()
	m := newMachine(t, host, profile, change...)
	m.plugin = m.configure(policy)
	return m
}

func newMachine(t testing.TB, host *wasmhost.Host, profile wasmhost.Profile, change ...func(*wasmhost.Options)) *machine {
	t.Helper()
	m := &machine{t: t, now: begin}
	o := wasmhost.Options{Profile: profile, Env: environment, Clock: func() time.Time { return m.now }, Conf: map[string]string{
		"nginx_wasm_proxy_wasm_lua_resolver": "on", "nginx_http_proxy_wasm_lua_resolver": "on", // as rendered
	}}
	for _, f := range change {
		f(&o)
	}
	if o.Shared == nil {
		o.Shared = wasmhost.NewSharedData(profile)
	}
	m.shared = o.Shared
	var err error
	m.vm, err = host.NewVM(o)
	require.NoError(t, err)
	t.Cleanup(func() { m.vm.Close() })
	return m
}

func (m *machine) configure(policy string) *wasmhost.Plugin {
	m.t.Helper()
	text := configuration(m.t, policy)
	if m.route != "" {
		text = append([]byte(`{"provider":"`+m.route+`",`), text[1:]...)
	}
	plugin, err := m.vm.Plugin(text)
	require.NoError(m.t, err, "%v", m.vm.Logs())
	return plugin
}

// configuration is what `sluice render` gives the plugin.
func configuration(t testing.TB, policy string) []byte {
	t.Helper()
	p, err := source.Policy([]byte(policy))
	require.NoError(t, err)
	return append(normal.Append([]byte(`{"role":"edge","policy":`), p), '}')
}

// sharing puts machines on one store, as a gateway's workers are.
func sharing(d *wasmhost.SharedData) func(*wasmhost.Options) {
	return func(o *wasmhost.Options) { o.Shared = d }
}

func untraced(o *wasmhost.Options) { o.NoTrace = true }

// post is a request as clients of the two APIs send it. More headers are name, value, …
func post(path, body string, more ...string) wasmhost.Request {
	r := wasmhost.Request{
		Headers: wasmhost.Headers{{":method", "POST"}, {":path", path}, {":authority", "gateway.example"}, {":scheme", "http"},
			{"Content-Type", "application/json"}, {"Authorization", "Bearer theirs"}, {"X-Team", "red"}},
	}
	for i := 0; i+1 < len(more); i += 2 {
		r.Headers = append(r.Headers, [2]string{more[i], more[i+1]})
	}
	if body != "" {
		r.Body = [][]byte{[]byte(body)}
	}
	return r
}

// answers is an upstream that answers all with the same.
func answers(status, contentType string, pieces ...string) wasmhost.Upstream {
	return func(wasmhost.Message) wasmhost.Response {
		r := wasmhost.Response{Headers: wasmhost.Headers{{":status", status}, {"Content-Type", contentType}}}
		for _, p := range pieces {
			r.Body = append(r.Body, []byte(p))
		}
		return r
	}
}

func json200(pieces ...string) wasmhost.Upstream {
	return answers("200", "application/json", pieces...)
}
func events(pieces ...string) wasmhost.Upstream {
	return answers("200", "text/event-stream", pieces...)
}

// nobody is the upstream of a request that must not reach one.
func nobody(t testing.TB) wasmhost.Upstream {
	return func(m wasmhost.Message) wasmhost.Response {
		require.Fail(t, "the request reached the upstream", "%s", m.Body())
		return wasmhost.Response{}
	}
}

// exchange runs a request and its answer, and holds what is true of any exchange.
func (m *machine) exchange(r wasmhost.Request, up wasmhost.Upstream) *wasmhost.Stream {
	m.t.Helper()
	s := m.plugin.Exchange(r, up)
	for ticks := 0; s.Hung() && ticks < maxTicks; ticks++ { // a long body is read in slices
		require.NoError(m.t, m.plugin.Tick())
		s.Respond(up)
	}
	require.NoError(m.t, s.Trapped(), "%s", s.Trace())
	require.False(m.t, s.Hung(), "%s", s.Trace())
	require.Equal(m.t, 1, m.vm.Starts())
	return s
}

// maxTicks is how many ticks a request may wait for.
const maxTicks = 1000

// left is what remains of team red's month, asked with a request that costs nothing: one
// that the upstream refuses.
func (m *machine) left() int64 {
	m.t.Helper()
	s := m.plugin.Exchange(post(chat, asksOne), answers("400", "application/json", `{"error":{}}`))
	require.Equal(m.t, 400, s.Client().Status(), "%s", s.Client().Body())
	return leftOf(s) + gjson.Get(record(m.t, s), "budgets.0.reserved").Int()
}

// leftOf is what an answer's headers say is left, its own reservation taken off.
func leftOf(s *wasmhost.Stream) int64 {
	return gjson.Parse(s.Client().Headers.Get("x-ratelimit-remaining-tokens")).Int()
}

// recordAt is where each gateway keeps the decision record for its access log.
var recordAt = map[bool]string{false: "sluice_record", true: "kong.ctx.shared.sluice_record"}

// record is the decision record of a stream that has ended.
func record(t testing.TB, s *wasmhost.Stream) string {
	t.Helper()
	for _, name := range recordAt {
		if text, ok := s.FilterState()[name]; ok {
			require.True(t, json.Valid([]byte(text)), "%s", text)
			return text
		}
	}
	require.Fail(t, "the stream left no record", "%s", s.Trace())
	return ""
}

// warnings are what the module logged at that level or above.
func (m *machine) warnings() (lines []string) {
	for _, l := range m.vm.Logs() {
		switch l.Level {
		case "warn", "error", "critical":
			lines = append(lines, l.Level+": "+l.Message)
		}
	}
	return lines
}

// golden compares with a file of testdata; UPDATE_GOLDEN=1 writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// pieces cuts a text at the given places.
func pieces(text string, cuts ...int) (parts []string) {
	from := 0
	for _, at := range append(cuts, len(text)) {
		parts = append(parts, text[from:at])
		from = at
	}
	return parts
}

func bytesOf(parts []string) (b [][]byte) {
	for _, p := range parts {
		b = append(b, []byte(p))
	}
	return b
}
