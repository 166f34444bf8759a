package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/internal/envoy"
	"github.com/sluice-gateway/sluice/policy/source"
	"github.com/sluice-gateway/sluice/render"
)

//go:embed sluice.yaml
var policyText string

// bench is what all parts share.
type bench struct {
	size     float64
	binary   string
	wasm     string
	sluice   string
	upstream *upstream
	with     []byte // the bootstraps
	without  []byte
}

func newBench(size float64, wasm string) (*bench, error) {
	if !(size > 0 && size <= 100) {
		return nil, fmt.Errorf("-size %g: want more than 0 and at most 100", size)
	}
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		return nil, errors.New("CPU time and memory are read from /proc, which this system does not have: run it on Linux")
	}
	b := &bench{size: size}
	var err error
	if b.wasm, err = filepath.Abs(wasm); err != nil {
		return nil, err
	}
	if _, err := os.Stat(b.wasm); err != nil {
		return nil, fmt.Errorf("%w: make build writes it", err)
	}
	if b.binary, err = envoy.Path(""); err != nil {
		return nil, err
	}
	if b.upstream, err = startUpstream(); err != nil {
		return nil, err
	}
	if b.with, b.without, err = b.bootstraps(); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

func (b *bench) close() error { return b.upstream.close() }

// times is a number of things to do, for the size that was asked for.
func (b *bench) times(usual int) int { return max(1, int(math.Round(float64(usual)*b.size))) }

// bootstraps renders the policy, and takes the filter out of a second copy.
func (b *bench) bootstraps() (with, without []byte, err error) {
	rendered, err := b.rendered(policyText)
	if err != nil {
		return nil, nil, err
	}
	if with, err = edited(rendered, recordsToNowhere); err != nil {
		return nil, nil, err
	}
	without, err = edited(rendered, withoutFilter)
	return with, without, err
}

func (b *bench) rendered(policy string) ([]byte, error) {
	p, err := source.Policy([]byte(strings.ReplaceAll(policy, "http://127.0.0.1:1", "http://"+b.upstream.address())))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = render.Envoy(&out, p, render.Options{Listen: "127.0.0.1:0", Admin: "127.0.0.1:0", Wasm: b.wasm})
	return out.Bytes(), err
}

// edited changes the resources, the connection manager and the route of a bootstrap.
func edited(bootstrap []byte, edit func(resources, manager, route map[string]any)) ([]byte, error) {
	var tree map[string]any
	if err := yaml.Unmarshal(bootstrap, &tree); err != nil {
		return nil, err
	}
	resources := tree["static_resources"].(map[string]any)
	listener := first(resources["listeners"])
	manager := first(first(listener["filter_chains"])["filters"])["typed_config"].(map[string]any)
	route := first(first(manager["route_config"].(map[string]any)["virtual_hosts"])["routes"])["route"].(map[string]any)
	edit(resources, manager, route)
	return yaml.Marshal(tree)
}

func first(list any) map[string]any { return list.([]any)[0].(map[string]any) }

// recordsToNowhere writes the decision records to /dev/null in place of stdout: Envoy
// does all its work, and this process does not have to read them.
func recordsToNowhere(_, manager, _ map[string]any) {
	log := first(manager["access_log"])["typed_config"].(map[string]any)
	log["@type"] = "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog"
	log["path"] = os.DevNull
}

// withoutFilter leaves the router alone. The records go with the filter that writes them,
// and so do the clusters of attempts, which have it in their own chains.
func withoutFilter(resources, manager, route map[string]any) {
	resources["clusters"] = slices.DeleteFunc(resources["clusters"].([]any), attempts)
	filters := manager["http_filters"].([]any)
	manager["http_filters"] = filters[len(filters)-1:]
	delete(manager, "access_log")
	delete(route, "cluster_header")
	route["cluster"] = gateway.ClusterPrefix + "openai"
}

// attempts says whether a cluster is one of providers to be tried in turn.
func attempts(cluster any) bool {
	return strings.HasPrefix(cluster.(map[string]any)["name"].(string), gateway.AttemptsPrefix)
}

// side is one of the two Envoys.
type side struct {
	*envoy.Instance
	address string
}

// start starts an Envoy with so many worker threads.
func (b *bench) start(ctx context.Context, bootstrap []byte, workers int) (*side, error) {
	in, err := envoy.Start(ctx, envoy.Options{Binary: b.binary, Bootstrap: bootstrap, Concurrency: workers, Env: []string{"OPENAI_API_KEY=bench"}})
	if err != nil {
		return nil, err
	}
	return &side{Instance: in, address: in.Listener(render.ListenerName)}, nil
}

// pair is both, side by side. The order is always: without, with.
type pair [2]*side

const (
	without = 0
	with    = 1
)

// startPair starts both with so many workers each.
func (b *bench) startPair(ctx context.Context, workers int) (pair, error) {
	var p pair
	var err error
	if p[without], err = b.start(ctx, b.without, workers); err != nil {
		return p, err
	}
	if p[with], err = b.start(ctx, b.with, workers); err != nil {
		return p, errors.Join(err, p.stop())
	}
	return p, nil
}

func (p pair) stop() error {
	var err error
	for _, s := range p {
		if s != nil {
			err = errors.Join(err, s.Stop())
		}
	}
	return err
}
