package mesh

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is one of Istio's, in a directory of its own: its paths are relative.
type process struct {
	name   string
	dir    string
	cmd    *exec.Cmd
	stdout output
	stderr output
	ended  chan struct{} // closed when it has ended
	end    error         // read after ended
}

// stopWithin limits an orderly end, after which a process is killed.
const stopWithin = 20 * time.Second

// start runs a command in a new directory in which the files are.
func start(ctx context.Context, binary string, files map[string]string, env []string, args ...string) (*process, error) {
	dir, err := os.MkdirTemp("", "sluice-mesh-")
	if err != nil {
		return nil, err
	}
	p := &process{name: filepath.Base(binary), dir: dir, ended: make(chan struct{})}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			return nil, errors.Join(err, os.RemoveAll(dir))
		}
	}
	p.cmd = exec.CommandContext(ctx, binary, args...)
	p.cmd.Dir = dir
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = stopWithin
	if err := p.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("mesh: %w", err), os.RemoveAll(dir))
	}
	go func() {
		p.end = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// until waits for something that the process brings about.
func (p *process) until(ctx context.Context, limit time.Duration, holds func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for !holds() {
		select {
		case <-p.ended:
			return fmt.Errorf("mesh: %s ended by itself: %v\n%s", p.name, p.end, tail(p.stderr.String(), 30))
		case <-ctx.Done():
			return fmt.Errorf("mesh: %s is not ready: %w\n%s", p.name, ctx.Err(), tail(p.stderr.String(), 30))
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// stop ends the process in good order, and takes its directory away.
func (p *process) stop() error {
	var err error
	select {
	case <-p.ended:
		err = fmt.Errorf("mesh: %s had ended before it was stopped: %v\n%s", p.name, p.end, tail(p.stderr.String(), 30))
	default:
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-p.ended:
		case <-time.After(stopWithin):
			err = fmt.Errorf("mesh: %s did not end within %s and was killed", p.name, stopWithin)
			_ = p.cmd.Process.Kill()
			<-p.ended
		}
	}
	return errors.Join(err, os.RemoveAll(p.dir))
}

// output keeps what a process writes; it is read meanwhile.
type output struct {
	mu   sync.Mutex
	kept bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.kept.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.kept.String()
}

// tail is the last n lines.
func tail(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
