// Package sidecar runs `sluice companion` as a process of its own, for the demo, the
// benchmarks and the tests.
package sidecar

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"syscall"
	"time"
)

// Options says how to run a companion.
type Options struct {
	Binary string   // build/sluice
	Args   []string // more of its command line; --listen is a free port on loopback
	Env    []string // name=value, over this process's environment

	// Client asks it whether it is ready, and what it knows; nil = http.DefaultClient.
	Client *http.Client
	// ReadyWithin limits the start; 0 = 60 s.
	ReadyWithin time.Duration
	// StopWithin limits the orderly end, after which the process is killed; 0 = 10 s.
	StopWithin time.Duration
}

// Process is a running companion.
type Process struct {
	// URL is its address, without a path.
	URL string

	cmd        *exec.Cmd
	client     *http.Client
	log        output
	stopWithin time.Duration
	ended      chan struct{} // closed when the process has ended
	endErr     error         // its end; read after ended
}

// serving finds the address in what a companion prints when it listens.
var serving = regexp.MustCompile(`https?://127\.0\.0\.1:\d+`)

// Start runs a companion and returns when it is ready. The caller stops it; it also ends
// with ctx.
func Start(ctx context.Context, o Options) (*Process, error) {
	if o.ReadyWithin == 0 {
		o.ReadyWithin = time.Minute
	}
	p := &Process{client: o.Client, stopWithin: o.StopWithin, ended: make(chan struct{})}
	if p.client == nil {
		p.client = http.DefaultClient
	}
	if p.stopWithin == 0 {
		p.stopWithin = 10 * time.Second
	}
	p.cmd = exec.CommandContext(ctx, o.Binary, append([]string{"companion", "--listen", "127.0.0.1:0"}, o.Args...)...)
	p.cmd.Env = append(os.Environ(), o.Env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = p.stopWithin
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("sidecar: %w", err)
	}
	go func() {
		p.endErr = p.cmd.Wait()
		close(p.ended)
	}()
	ready, cancel := context.WithTimeout(ctx, o.ReadyWithin)
	defer cancel()
	if err := p.waitReady(ready); err != nil {
		err = fmt.Errorf("sidecar: start %s: %w\n%s", o.Binary, err, p.Log())
		return nil, errors.Join(err, p.Stop())
	}
	return p, nil
}

func (p *Process) waitReady(ctx context.Context) error {
	for {
		if p.URL = serving.FindString(p.Log()); p.URL != "" && p.isReady(ctx) {
			return nil
		}
		select {
		case <-p.ended:
			return fmt.Errorf("it ended by itself: %v", p.endErr)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (p *Process) isReady(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+"/readyz", nil)
	if err != nil {
		return false
	}
	res, err := p.client.Do(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// Usage is an answer of GET /v1/usage.
type Usage struct {
	Rows  []Sum
	Total Sum
}

// Sum is what one group of requests comes to.
type Sum struct {
	By       map[string]string
	Requests int64
	Tokens   struct{ Input, Output int64 }
	CostUSD  json.Number `json:"cost_usd"`

	Hits         int64
	SemanticHits int64       `json:"semantic_hits"`
	SavedUSD     json.Number `json:"saved_usd"`
}

// Usage asks its ledger.
func (p *Process) Usage(ctx context.Context, query string) (Usage, error) {
	var u Usage
	err := p.get(ctx, "/v1/usage?"+query, &u)
	return u, err
}

// Entries is how many answers its store keeps.
func (p *Process) Entries(ctx context.Context) (int, error) {
	var stats struct{ Store struct{ Entries int } }
	err := p.get(ctx, "/v1/stats", &stats)
	return stats.Store.Entries, err
}

func (p *Process) get(ctx context.Context, path string, answer any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+path, nil)
	if err != nil {
		return err
	}
	res, err := p.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if err := json.NewDecoder(res.Body).Decode(answer); err != nil {
		return fmt.Errorf("sidecar: GET %s, with status %s: %w", path, res.Status, err)
	}
	return nil
}

// Log is what it has printed so far.
func (p *Process) Log() string { return p.log.String() }

// Pid is the process's number.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Kill ends the process at once, as kill -9 does, and returns when it has ended.
func (p *Process) Kill() error {
	err := p.cmd.Process.Kill()
	<-p.ended
	return err
}

// Stop ends it in order. It may be called twice, and after Kill.
func (p *Process) Stop() error {
	select {
	case <-p.ended:
		return nil
	default:
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-p.ended:
		return p.endErr
	case <-time.After(p.stopWithin):
		return errors.Join(fmt.Errorf("sidecar: it did not end in %s", p.stopWithin), p.Kill())
	}
}

// output keeps what is written to it.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}
