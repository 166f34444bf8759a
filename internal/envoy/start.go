package envoy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Options says how to run an Envoy.
type Options struct {
	Binary      string    // "" = Path("")
	Bootstrap   []byte    // YAML. Port 0 in it is a free port; Admin and Listener say which
	Concurrency int       // worker threads; 0 = 2
	Env         []string  // name=value, over this process's environment
	Args        []string  // further command line
	Log         io.Writer // gets Envoy's own log (stderr) as it comes; nil = only kept
	LogLevel    string    // "" = warning

	// ReadyWithin limits the start; 0 = 90 s. Envoy compiles the whole wasm module
	// before it serves, which takes seconds of CPU on a machine that may be busy.
	ReadyWithin time.Duration
	// StopWithin limits the orderly end, after which the process is killed; 0 = 10 s.
	StopWithin time.Duration
}

// Instance is a running Envoy.
type Instance struct {
	// Admin is the admin interface's host:port.
	Admin string
	// Config is the path of the bootstrap file that it was started with. The
	// directory is the instance's own and goes away with Stop.
	Config string

	cmd        *exec.Cmd
	dir        string
	stopWithin time.Duration
	stdout     output
	stderr     output
	listeners  map[string]string
	ended      chan struct{} // closed when the process has ended
	endErr     error         // its end; read after ended
}

// Start runs an Envoy and returns when it serves. The caller stops it; it also
// ends with ctx.
func Start(ctx context.Context, opt Options) (*Instance, error) {
	opt, err := opt.withDefaults()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "sluice-envoy-")
	if err != nil {
		return nil, err
	}
	in := &Instance{
		Config:     filepath.Join(dir, "envoy.yaml"),
		dir:        dir,
		stopWithin: opt.StopWithin,
		ended:      make(chan struct{}),
	}
	if err := in.run(ctx, opt); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	ready, cancel := context.WithTimeout(ctx, opt.ReadyWithin)
	defer cancel()
	if err := in.waitReady(ready); err != nil {
		err = fmt.Errorf("envoy: start %s: %w\n%s", opt.Binary, err, tail(in.Stderr(), 20))
		return nil, errors.Join(err, in.Stop())
	}
	return in, nil
}

func (o Options) withDefaults() (Options, error) {
	if o.Binary == "" {
		path, err := Path("")
		if err != nil {
			return o, err
		}
		o.Binary = path
	}
	if o.Concurrency == 0 {
		o.Concurrency = 2
	}
	if o.LogLevel == "" {
		o.LogLevel = "warning"
	}
	if o.ReadyWithin == 0 {
		o.ReadyWithin = 90 * time.Second
	}
	if o.StopWithin == 0 {
		o.StopWithin = 10 * time.Second
	}
	return o, nil
}

// run starts the process.
func (in *Instance) run(ctx context.Context, opt Options) error {
	if err := os.WriteFile(in.Config, opt.Bootstrap, 0o600); err != nil {
		return err
	}
	args := []string{
		"--config-path", in.Config,
		"--concurrency", strconv.Itoa(opt.Concurrency),
		"--log-level", opt.LogLevel,
		"--admin-address-path", in.adminFile(),
		"--disable-hot-restart",            // no base id to share with another instance
		"--file-flush-interval-msec", "50", // a record is on stdout at once, not after 10 s
		"--drain-time-s", "2", // a replaced listener's connections
		"--parent-shutdown-time-s", "3", // must be longer than the drain time
	}
	in.cmd = exec.CommandContext(ctx, opt.Binary, append(args, opt.Args...)...)
	in.cmd.Env = append(os.Environ(), opt.Env...)
	in.cmd.Stdout = &in.stdout
	in.cmd.Stderr = &in.stderr
	in.stderr.also = opt.Log
	in.cmd.Cancel = func() error { return in.cmd.Process.Signal(syscall.SIGTERM) }
	in.cmd.WaitDelay = opt.StopWithin
	if err := in.cmd.Start(); err != nil {
		return fmt.Errorf("envoy: %w", err)
	}
	go func() {
		in.endErr = in.cmd.Wait()
		close(in.ended)
	}()
	return nil
}

func (in *Instance) adminFile() string { return filepath.Join(in.dir, "admin") }

// waitReady returns when every listener is open. Envoy opens its admin interface
// before it loads any wasm code and answers /ready with 503 until all is loaded.
func (in *Instance) waitReady(ctx context.Context) error {
	for {
		err := in.ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-in.ended:
			if in.endErr == nil {
				return errors.New("it ended by itself")
			}
			return fmt.Errorf("it ended by itself: %w", in.endErr)
		case <-ctx.Done():
			return fmt.Errorf("not ready in time: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (in *Instance) ready(ctx context.Context) error {
	address, err := os.ReadFile(in.adminFile())
	if err != nil {
		return err
	}
	in.Admin = string(address)
	if _, err := in.admin(ctx, "GET", "/ready"); err != nil {
		return err
	}
	in.listeners, err = in.findListeners(ctx)
	return err
}

// Stop ends Envoy in good order: it flushes its access log. It returns an error
// when Envoy had already ended by itself, or had to be killed. Safe to call twice.
func (in *Instance) Stop() error {
	var err error
	select {
	case <-in.ended:
		if in.cmd.ProcessState.ExitCode() != 0 {
			err = fmt.Errorf("envoy: had ended before it was stopped: %w", in.endErr)
		}
	default:
		err = in.terminate()
	}
	return errors.Join(err, os.RemoveAll(in.dir))
}

func (in *Instance) terminate() error {
	if err := in.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-in.ended:
		return nil
	case <-time.After(in.stopWithin):
	}
	_ = in.cmd.Process.Kill()
	<-in.ended
	return fmt.Errorf("envoy: did not end within %s and was killed", in.stopWithin)
}

// Ended is closed when the process has ended, whoever ended it.
func (in *Instance) Ended() <-chan struct{} { return in.ended }

// Pid is the process's id.
func (in *Instance) Pid() int { return in.cmd.Process.Pid }

// tail returns the last n lines.
func tail(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
