package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/source"
	"github.com/sluice-gateway/sluice/policy/strict"
)

// load reads the policy that a command works with. What forbids to run it goes to
// problems, one a line, warnings to standard error. Without a policy the command exits
// with code. change, when it is not nil, is what the command line has to say about a policy
// that is valid, before anything is said of it.
func (c *command) load(path string, change func(*policy.Policy), problems io.Writer, s streams) (p *policy.Policy, code int) {
	if path == "" {
		return nil, c.misused(s, "name the policy with -c FILE")
	}
	p, err := source.Load(path)
	var invalid *policy.Problems
	var unreadable *fs.PathError
	switch {
	case errors.As(err, &invalid):
		fmt.Fprintln(problems, invalid)
		return nil, exitBad
	case errors.As(err, &unreadable):
		c.failed(s, err)
		return nil, exitUsage
	case err != nil:
		return nil, c.failed(s, err)
	}
	if change != nil {
		change(p)
	}
	for _, warning := range source.Warnings(p) {
		fmt.Fprintln(s.err, "warning:", warning)
	}
	if unsupported := policy.Problems(strict.Unsupported(p)); len(unsupported) > 0 {
		fmt.Fprintln(problems, &unsupported)
		return nil, exitBad
	}
	return p, exitGood
}
