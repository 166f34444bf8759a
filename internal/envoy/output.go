package envoy

import (
	"bytes"
	"io"
	"strings"
	"sync"
)

// output keeps what a process wrote; it is read while the process writes.
type output struct {
	mu   sync.Mutex
	kept bytes.Buffer
	also io.Writer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.kept.Write(p)
	if o.also != nil {
		if _, err := o.also.Write(p); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.kept.String()
}

// Stdout is all that Envoy has written to stdout so far: its access log.
func (in *Instance) Stdout() string { return in.stdout.String() }

// Lines are the whole lines of Stdout.
func (in *Instance) Lines() []string {
	text := in.Stdout()
	end := strings.LastIndexByte(text, '\n')
	if end < 0 {
		return nil
	}
	return strings.Split(text[:end], "\n")
}

// Stderr is all that Envoy has written to stderr so far: its own log.
func (in *Instance) Stderr() string { return in.stderr.String() }
