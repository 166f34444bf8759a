package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sluice-gateway/sluice/internal/envoy"
	"github.com/sluice-gateway/sluice/internal/mock"
	"github.com/sluice-gateway/sluice/internal/sidecar"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/source"
	"github.com/sluice-gateway/sluice/policy/strict"
	"github.com/sluice-gateway/sluice/render"
)

//go:embed sluice.yaml
var policyText string

//go:embed providers.yaml
var providersScript string

// gateway is everything that runs: Envoy, the mock providers behind it, and the companion
// beside it.
type gateway struct {
	envoy     *envoy.Instance
	companion *sidecar.Process
	data      string                  // the companion's
	mocks     map[string]*mock.Server // by the provider's name; none where the real one serves
	took      time.Duration           // until Envoy served
}

func newMocks() map[string]*mock.Server { return map[string]*mock.Server{} }

type options struct {
	wasm       string
	sluice     string // the binary, with the model beside it
	fixedPorts bool   // the well-known ones, if they are free
}

// start starts the providers and the gateway. What it has started when it fails, it stops.
func start(ctx context.Context, s *screen, o options) (_ *gateway, err error) {
	wasm, err := filepath.Abs(o.wasm)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(wasm); err != nil {
		return nil, fmt.Errorf("%w: make build writes it", err)
	}
	binary, err := findEnvoy(s)
	if err != nil {
		return nil, err
	}
	g := &gateway{mocks: newMocks()}
	defer func() {
		if err != nil {
			err = errors.Join(err, g.stop())
		}
	}()
	p, env, err := g.providers()
	if err != nil {
		return nil, err
	}
	if err := g.startCompanion(ctx, o.sluice); err != nil {
		return nil, err
	}
	p.Companion.Endpoint, _ = strict.ParseEndpoint(g.companion.URL)
	opt := render.Options{Listen: "127.0.0.1:0", Admin: "127.0.0.1:0", Wasm: wasm, CAFile: render.SystemCAFile()}
	if o.fixedPorts {
		opt.Listen, opt.Admin = ifFree("127.0.0.1:10000"), ifFree("127.0.0.1:9901")
	}
	var bootstrap bytes.Buffer
	if err := render.Envoy(&bootstrap, p, opt); err != nil {
		return nil, err
	}
	s.say("Starting a stock Envoy with the filter (it compiles the module first: some seconds) ...")
	began := time.Now()
	g.envoy, err = envoy.Start(ctx, envoy.Options{Binary: binary, Bootstrap: bootstrap.Bytes(), Env: env})
	g.took = time.Since(began)
	return g, err
}

// startCompanion starts the companion, on data of its own that goes with it.
func (g *gateway) startCompanion(ctx context.Context, binary string) (err error) {
	if g.data, err = os.MkdirTemp("", "sluice-demo-"); err != nil {
		return err
	}
	g.companion, err = sidecar.Start(ctx, sidecar.Options{Binary: binary, Args: []string{"--data", g.data}})
	return err
}

// kept waits until the companion keeps more than so many answers, and for others that may
// be on their way: each is brought to it when its client has it.
func (g *gateway) kept(ctx context.Context, before int) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for last := -1; ; {
		now, err := g.companion.Entries(ctx)
		if err != nil || now > before && now == last {
			return now, err
		}
		last = now
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return 0, fmt.Errorf("the companion keeps no more than %d answers: %w\n%s", now, err, g.companion.Log())
		}
	}
}

// findEnvoy gets the binary, and says so when that may take a while.
func findEnvoy(s *screen) (string, error) {
	fetching := time.AfterFunc(2*time.Second, func() { s.say("Fetching a stock Envoy into build/envoy (once, about 50 MB) ...") })
	defer fetching.Stop()
	return envoy.Path("")
}

// providers decides for each provider of the policy whether it is real, and returns the
// policy with the endpoints that it has here, and the environment that Envoy needs.
func (g *gateway) providers() (*policy.Policy, []string, error) {
	text := policyText
	var env []string
	for _, provider := range []struct{ name, endpoint, key string }{
		{"openai", "https://api.openai.com", "OPENAI_API_KEY"},
		{"anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY"},
	} {
		if os.Getenv(provider.key) != "" {
			continue
		}
		server, err := mock.Start(mock.Options{Script: providersScript})
		if err != nil {
			return nil, nil, err
		}
		g.mocks[provider.name] = server
		text = strings.Replace(text, provider.endpoint, server.URL(), 1)
		env = append(env, provider.key+"=demo")
	}
	p, err := source.Policy([]byte(text))
	if err != nil {
		return nil, nil, fmt.Errorf("internal/demo/sluice.yaml: %w", err)
	}
	return p, env, nil
}

// ifFree is the address, or one with a free port where somebody else has it.
func ifFree(address string) string {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return "127.0.0.1:0"
	}
	_ = l.Close()
	return address
}

// url is the gateway's address for clients.
func (g *gateway) url() string { return "http://" + g.envoy.Listener(render.ListenerName) }

// stop ends everything. Safe on a gateway that has not started completely.
func (g *gateway) stop() error {
	var err error
	if g.envoy != nil {
		err = g.envoy.Stop()
	}
	if g.companion != nil {
		err = errors.Join(err, g.companion.Stop())
	}
	if g.data != "" {
		err = errors.Join(err, os.RemoveAll(g.data))
	}
	for _, server := range g.mocks {
		err = errors.Join(err, server.Close())
	}
	return err
}

// describe says who serves what.
func (g *gateway) describe() []string {
	var lines []string
	for _, name := range []string{"openai", "anthropic"} {
		if server := g.mocks[name]; server != nil {
			lines = append(lines, fmt.Sprintf("%-10s a mock provider at %s", name, server.URL()))
		} else {
			lines = append(lines, fmt.Sprintf("%-10s the real one, with your %s", name, strings.ToUpper(name)+"_API_KEY"))
		}
	}
	lines = append(lines, fmt.Sprintf("%-10s sluice companion, at %s", "cache", g.companion.URL))
	return lines
}
