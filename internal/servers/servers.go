// Package servers starts the database servers that the stores are tested with: real ones,
// out of build/servers, on a free port of 127.0.0.1, with their data in a directory that
// goes away with the test. `make test` fetches them; a test that finds none fails.
package servers

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Password is what the servers are set up with, so that every test also tests that it is
// shown nowhere.
const Password = "open-sesame"

// patience is how long a server may take to start or to end.
const patience = 60 * time.Second

// Server is a database server that a test owns.
type Server struct {
	Address string // host:port

	t       testing.TB
	command func() *exec.Cmd
	ready   func(address string) error
	stopBy  os.Signal

	running *exec.Cmd
	ended   chan error
	output  *output
}

// start starts a server and has it ended with the test.
func (s *Server) start() *Server {
	s.t.Helper()
	s.Start()
	s.t.Cleanup(func() {
		if s.running != nil {
			s.Stop()
		}
	})
	return s
}

// Start starts a server that was stopped, with its data and on its port.
func (s *Server) Start() {
	s.t.Helper()
	s.output = &output{}
	s.running = s.command()
	s.running.Stdout, s.running.Stderr = s.output, s.output
	require.NoError(s.t, s.running.Start())
	s.ended = make(chan error, 1)
	go func(cmd *exec.Cmd, ended chan error) { ended <- cmd.Wait() }(s.running, s.ended)
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		err := s.ready(s.Address)
		if err == nil {
			return
		}
		select {
		case end := <-s.ended:
			s.running = nil
			s.t.Fatalf("%s ended: %v\n%s", s.Address, end, s.output)
		default:
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%s does not serve after %s: %v\n%s", s.Address, patience, err, s.output)
		}
	}
}

// Stop ends the server as its operator would.
func (s *Server) Stop() {
	s.t.Helper()
	require.NoError(s.t, s.running.Process.Signal(s.stopBy))
	select {
	case <-s.ended:
	case <-time.After(patience):
		_ = s.running.Process.Kill()
		<-s.ended
		s.t.Errorf("%s did not end within %s\n%s", s.Address, patience, s.output)
	}
	s.running = nil
}

// output is what a server has said, its end.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.text.Len() > 1<<16 {
		o.text.Reset()
	}
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// freeAddress is one that nobody listens on, below the ports that systems hand out by
// themselves (from 32768 on Linux, 49152 elsewhere): a server that a test stops and starts
// again finds its port as it left it.
func freeAddress(t testing.TB) (address, port string) {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000)))
		if err != nil {
			continue
		}
		defer l.Close()
		_, port, _ = net.SplitHostPort(l.Addr().String())
		return l.Addr().String(), port
	}
	t.Fatal("no port from 20000 to 31999 is free")
	return "", ""
}

// tool is the path of a file of build/servers.
func tool(t testing.TB, path string) string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	dir := os.Getenv("SLUICE_SERVERS")
	if dir == "" {
		dir = filepath.Join(filepath.Dir(here), "..", "..", "build", "servers")
	}
	found := filepath.Join(dir, path)
	if _, err := os.Stat(found); err != nil {
		t.Fatalf("%v: `make test` fetches the servers into build/servers, or SLUICE_SERVERS says where they are", err)
	}
	return found
}

// says asks a server one line and wants another.
func says(question, answers string) func(string) error {
	return func(address string) error {
		c, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			return err
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(time.Second))
		if _, err := c.Write([]byte(question)); err != nil {
			return err
		}
		got := make([]byte, 256)
		n, err := c.Read(got)
		if err != nil || !strings.Contains(string(got[:n]), answers) {
			return fmt.Errorf("it says %q: %w", got[:n], err)
		}
		return nil
	}
}
