package main_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/sluice-gateway/sluice/internal/build/module"
	"github.com/sluice-gateway/sluice/internal/wasmhost"
	"github.com/sluice-gateway/sluice/internal/wasmhost/hosttest"
)

// run are the names of a module's functions that have run, in the order in which they came
// to it.
type run struct {
	on    bool
	names []string
	times map[string]int
}

func (r *run) NewFunctionListener(f api.FunctionDefinition) experimental.FunctionListener {
	name := f.Name()
	if _, _, imported := f.Import(); imported || name == "" {
		return nil
	}
	return experimental.FunctionListenerFunc(func(context.Context, api.Module, api.FunctionDefinition, []uint64, experimental.StackIterator) {
		if !r.on {
			return
		}
		if r.times[name]++; r.times[name] == 1 {
			r.names = append(r.names, name)
		}
	})
}

// usual is the policy of the requests whose functions are put together: budgets of every unit
// and kind of window, for a team and for a user.
const usual = `
version: 1
providers:
  openai:    {dialect: openai,    endpoint: "https://api.openai.com", credential: {env: OPENAI_API_KEY}}
  anthropic: {dialect: anthropic, endpoint: "https://api.anthropic.com", credential: {env: ANTHROPIC_API_KEY}}
models:
  claude-haiku-4-5: {targets: [{provider: anthropic, model: claude-haiku-4-5}]}
default_provider: openai
identity:
  team: {header: x-team, verified: true}
  user: {header: x-user, verified: true}
budgets:
  - {name: user-minute, per: [user], unit: tokens, limit: 1000000, every: 1m}
  - {name: team-month, per: [team], unit: usd, limit: 10000, calendar: month}
  - {name: user-try, per: [user], unit: requests, limit: 1000000, calendar: day, mode: shadow}
`

// long is a request with a prompt of 1 KiB.
func long(body string) string {
	return strings.Replace(body, "Say ", strings.Repeat(`It's 94,301 words of the gateway's own:\n \"tokens\", München. `, 16)+"Say ", 1)
}

// usually makes usual requests of either API. What they run is looked at once it is the usual.
func (m *machine) usually(look func(bool)) {
	for _, k := range []kind{
		{request: post(chat, long(asksOne), "x-user", "ada"), upstream: json200(chatAnswer)},
		{request: post(chat, long(asksStream), "x-user", "ada"), upstream: events(streamHead+withNull, streamTail+withNull, streamUsage+streamDone)},
		{request: post(messages, long(asksClaude), "x-user", "ada"), upstream: json200(claudeAnswer)},
		{request: post(messages, long(streClaude), "x-user", "ada"), upstream: events(claudeHead, claudeTail)},
	} {
		for range 20 { // enough for memory to be taken anew; the first makes metrics known to the host
			m.now = m.now.Add(time.Second)
			m.exchange(k.request, k.upstream)
			require.NoError(m.t, m.plugin.Tick())
			look(true)
		}
		look(false)
	}
}

func TestFunctions(t *testing.T) {
	file := filepath.Join(t.TempDir(), "named.wasm")
	_, err := module.Build(t.Context(), module.Options{Package: hosttest.Filter, Output: file, Dir: hosttest.Repository(t), Named: true})
	require.NoError(t, err)
	wasm, err := os.ReadFile(file)
	require.NoError(t, err)
	r := &run{}
	host, err := wasmhost.Compile(experimental.WithFunctionListenerFactory(t.Context(), r), wasm, "")
	require.NoError(t, err)
	defer host.Close()
	m := startModule(t, host, envoy, usual, untraced)
	t.Run("together", func(t *testing.T) { r.areTogether(t, m) })
	t.Run("collections", func(t *testing.T) { r.collects(t, m) })
}

// areTogether: the functions that usual requests run stand in the list by which the build puts
// them together. Some that are missing cost little; so the list is not of every change, but of
// nine in ten at least. UPDATE_GOLDEN=1 writes it anew.
func (r *run) areTogether(t *testing.T, m *machine) {
	r.times = map[string]int{}
	m.usually(func(on bool) { r.on = on })
	list := filepath.Join(hosttest.Repository(t), "internal", "build", "module", "together.txt")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(list, []byte(strings.Join(r.names, "\n")+"\n"), 0o644))
	}
	text, err := os.ReadFile(list)
	require.NoError(t, err)
	listed := map[string]bool{}
	for name := range strings.Lines(string(text)) {
		listed[strings.TrimSpace(name)] = true
	}
	missing := slices.DeleteFunc(slices.Clone(r.names), func(name string) bool { return listed[name] })
	require.Less(t, 10*len(missing), len(r.names), "of %d functions these are not in internal/build/module/together.txt: UPDATE_GOLDEN=1 writes it anew\n%s",
		len(r.names), strings.Join(missing, "\n"))
}

// collects: what a collection costs is paid by the request that begins it. While one lasts,
// what is allocated is marked, and every pointer that is written is looked at.
func (r *run) collects(t *testing.T, m *machine) {
	r.on = true
	collections := 0
	for n := 0; collections < 2; n++ {
		require.Less(t, n, 5000)
		r.times = map[string]int{}
		m.exchange(post(chat, long(asksOne), "x-user", "ada"), json200(chatAnswer))
		begun, ended := r.times["runtime.gcStart"] > 0, r.times["runtime.gcMarkTermination"] > 0
		require.Equal(t, begun, ended, "request %d", n)
		if ended {
			collections++
		} else {
			require.Zero(t, r.times["runtime.gcmarknewobject"], "request %d", n)
		}
	}
	r.on = false
}

// branching is which ways the branches of a module have gone.
type branching struct {
	on   bool
	seen map[module.Branch]byte
}

func (b *branching) NewFunctionListener(f api.FunctionDefinition) experimental.FunctionListener {
	if _, _, imported := f.Import(); imported || f.Name() != "" || len(f.ParamTypes()) != 3 || len(f.ResultTypes()) != 1 {
		return nil
	}
	return experimental.FunctionListenerFunc(func(_ context.Context, _ api.Module, _ api.FunctionDefinition, of []uint64, _ experimental.StackIterator) {
		if !b.on {
			return
		}
		at := module.Branch{Function: uint32(of[1]), Number: uint32(of[2])}
		way := byte(module.Never)
		if uint32(of[0]) != 0 {
			way = module.Always
		}
		if before, is := b.seen[at]; is && before != way {
			way = module.Either
		}
		b.seen[at] = way
	})
}

// TestBranches: the build knows which ways the branches go that usual requests come to, of nine
// in ten functions at least. UPDATE_GOLDEN=1 writes it anew.
func TestBranches(t *testing.T) {
	file := filepath.Join(t.TempDir(), "probed.wasm")
	_, err := module.Build(t.Context(), module.Options{Package: hosttest.Filter, Output: file, Dir: hosttest.Repository(t), Binaryen: hosttest.Binaryen(t), Named: true, Probed: true})
	require.NoError(t, err)
	wasm, err := os.ReadFile(file)
	require.NoError(t, err)
	b := &branching{seen: map[module.Branch]byte{}}
	host, err := wasmhost.Compile(experimental.WithFunctionListenerFactory(t.Context(), b), wasm, "")
	require.NoError(t, err)
	defer host.Close()
	m := startModule(t, host, envoy, usual, untraced)
	m.usually(func(on bool) { b.on = on })
	profile, err := module.Profile(wasm, b.seen)
	require.NoError(t, err)
	list := filepath.Join(hosttest.Repository(t), "internal", "build", "module", "branches.txt")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(list, []byte(profile), 0o644))
	}
	text, err := os.ReadFile(list)
	require.NoError(t, err)
	known := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		known[line] = true
	}
	var all, other int
	for line := range strings.Lines(profile) {
		if all++; !known[line] {
			other++
			t.Log(line)
		}
	}
	shipped, err := os.ReadFile(hosttest.File(t, hosttest.Filter))
	require.NoError(t, err)
	require.Contains(t, string(shipped), "metadata.code.branch_hint")
	require.Less(t, 10*other, all, "of %d functions these are not so in internal/build/module/branches.txt: UPDATE_GOLDEN=1 writes it anew", all)
}
