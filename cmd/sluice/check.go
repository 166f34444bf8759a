package main

import (
	"fmt"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/render"
)

var checkCommand = command{
	name:     "check",
	synopsis: "-c FILE [--for istio [--shape full|plugin]]",
	summary:  "validate a policy: one problem a line, beginning with its path",
	run: func(c *command, args []string, s streams) int {
		flags := c.flags()
		path := flags.String("c", "", "the policy `FILE`, YAML or JSON")
		gateway := flags.String("for", "", "the `gateway` that is to keep it, envoy or istio: what it cannot do is a problem too")
		var form render.Shape
		shape(flags, &form)
		if code, done := c.parse(flags, args, s); done {
			return code
		}
		if flags.NArg() > 0 {
			return c.misused(s, "name the policy with -c FILE")
		}
		if *gateway != "" && *gateway != "envoy" && *gateway != "istio" {
			return c.misused(s, "--for "+*gateway+": there are envoy and istio")
		}
		p, code := c.load(*path, nil, s.out, s)
		if p != nil && *gateway == "istio" {
			if problems := policy.Problems(render.IstioProblems(p, form)); len(problems) > 0 {
				fmt.Fprintln(s.out, &problems)
				return exitBad
			}
		}
		if p != nil {
			fmt.Fprintf(s.err, "%s: no problems\n", *path)
		}
		return code
	},
}
