package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// target is one FuzzXxx function.
type target struct {
	pkg  string // import path
	name string
}

// module begins every import path here; lines are easier to read without it.
const module = "github.com/sluice-gateway/sluice/"

func (t target) String() string { return strings.TrimPrefix(t.pkg, module) + " " + t.name }

// list asks the go command for the targets of the packages.
func list(ctx context.Context, packages []string) ([]target, error) {
	out, err := goCommand(ctx, append([]string{"test", "-json", "-list", "^Fuzz"}, packages...)...)
	if err != nil {
		return nil, err
	}
	return parseList(out)
}

// parseList reads test2json events: each output line of a package that is a target's
// name. Other lines are the go command's own, `ok  	pkg	0.01s`.
func parseList(events []byte) ([]target, error) {
	var targets []target
	decoder := json.NewDecoder(bytes.NewReader(events))
	for {
		var event struct{ Action, Package, Output string }
		switch err := decoder.Decode(&event); {
		case errors.Is(err, io.EOF):
			return targets, nil
		case err != nil:
			return nil, fmt.Errorf("read what `go test -json -list` says: %w", err)
		}
		if name := strings.TrimSuffix(event.Output, "\n"); event.Action == "output" && isTarget(name) {
			targets = append(targets, target{pkg: event.Package, name: name})
		}
	}
}

func isTarget(line string) bool {
	return strings.HasPrefix(line, "Fuzz") && !strings.ContainsAny(line, " \t")
}

// fuzz runs the target. The result is what the go command last said of its progress.
func (t target) fuzz(ctx context.Context, each time.Duration) (string, error) {
	out, err := goCommand(ctx, "test", "-run", "^$", "-fuzz", "^"+t.name+"$", "-fuzztime", each.String(), t.pkg)
	if err != nil && !endOfTimeOnly(out) {
		return "", fmt.Errorf("%s: %w\nonce more:  go test -run '^%s$' %s", t, err, t.name, t.pkg)
	}
	return progress(out)
}

// endOfTimeOnly tells that a run failed for no other reason than that its time was over
// while an input was under way: the go command sometimes takes that for a failure
// (golang.org/issue/75804). A target that fails says with which input.
func endOfTimeOnly(out []byte) bool {
	return bytes.Contains(out, []byte("\n    context deadline exceeded\n")) && !bytes.Contains(out, []byte("Failing input"))
}

// lastProgress is a line such as
//
//	fuzz: elapsed: 3s, execs: 325017 (108336/sec), new interesting: 11 (total: 202)
var lastProgress = regexp.MustCompile(`(?m)^fuzz: elapsed: ([^,]+), execs: (\d+) .*new interesting: (\d+) \(total: (\d+)\)$`)

// progress sums a good run up. A run without a single input is none.
func progress(out []byte) (string, error) {
	all := lastProgress.FindAllSubmatch(out, -1)
	if len(all) == 0 || string(all[len(all)-1][2]) == "0" {
		return "", fmt.Errorf("`go test` ended well and ran nothing:\n%s", out)
	}
	last := all[len(all)-1]
	return fmt.Sprintf("%s inputs in %s, %s of %s in the corpus are new", last[2], last[1], last[3], last[4]), nil
}

// goCommand runs the go command and returns its stdout, of a failure too. Cancelled, it
// and all that it has started are interrupted and not killed: they clean up behind them.
func goCommand(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = 20 * time.Second
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	switch {
	case ctx.Err() != nil:
		return nil, errors.New("interrupted")
	case err != nil:
		return out, fmt.Errorf("go %s: %w\n%s%s", strings.Join(args, " "), err, out, problems.Bytes())
	}
	return out, nil
}
