package main

import "fmt"

var checkCommand = command{
	name:     "check",
	synopsis: "-c FILE",
	summary:  "validate a policy: one problem a line, beginning with its path",
	run: func(c *command, args []string, s streams) int {
		flags := c.flags()
		path := flags.String("c", "", "the policy `FILE`, YAML or JSON")
		if code, done := c.parse(flags, args, s); done {
			return code
		}
		if flags.NArg() > 0 {
			return c.misused(s, "name the policy with -c FILE")
		}
		p, code := c.load(*path, nil, s.out, s)
		if p != nil {
			fmt.Fprintf(s.err, "%s: no problems\n", *path)
		}
		return code
	},
}
