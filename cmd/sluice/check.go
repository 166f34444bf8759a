package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/source"
)

var checkCommand = command{
	name:     "check",
	synopsis: "-c FILE",
	summary:  "validate a policy: one problem a line, beginning with its path",
	run:      check,
}

// check prints problems to out, one a line, and warnings to err. Warnings alone leave
// the policy good.
func check(c *command, args []string, s streams) int {
	flags := c.flags()
	path := flags.String("c", "", "the policy `FILE`, YAML or JSON")
	if code, done := c.parse(flags, args, s); done {
		return code
	}
	if *path == "" || flags.NArg() > 0 {
		return c.misused(s, "name the policy with -c FILE")
	}
	p, _, err := source.Load(*path)
	var problems *policy.Problems
	var unreadable *fs.PathError
	switch {
	case errors.As(err, &problems):
		fmt.Fprintln(s.out, problems)
		return exitBad
	case errors.As(err, &unreadable):
		return c.misused(s, err.Error())
	case err != nil:
		return c.failed(s, err)
	}
	for _, warning := range policy.Warnings(p) {
		fmt.Fprintln(s.err, "warning:", warning)
	}
	unsupported := policy.Unsupported(p)
	for _, problem := range unsupported {
		fmt.Fprintln(s.out, problem)
	}
	if len(unsupported) > 0 {
		return exitBad
	}
	fmt.Fprintf(s.err, "%s: no problems\n", *path)
	return exitGood
}
