package main

import (
	"fmt"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/host"
)

var checkCommand = command{
	name:     "check",
	synopsis: "-c FILE [--for envoy|kong] [--kong VERSION]",
	summary:  "validate a policy: one problem a line, beginning with its path",
	run: func(c *command, args []string, s streams) int {
		flags := c.flags()
		path := flags.String("c", "", "the policy `FILE`, YAML or JSON")
		gateway := flags.String("for", "", "the `gateway` that it is to run on: envoy, kong; what that cannot do is a problem then")
		version := kongVersion(flags)
		if code, done := c.parse(flags, args, s); done {
			return code
		}
		on := host.Host{Name: host.Name(*gateway)}
		var err error
		switch {
		case flags.NArg() > 0:
			return c.misused(s, "name the policy with -c FILE")
		case *gateway != "" && on.Name != host.Envoy && on.Name != host.Kong:
			return c.misused(s, "--for "+*gateway+": there are envoy and kong")
		case isSet(flags, "kong") && on.Name != host.Kong:
			return c.misused(s, "--kong is for --for kong")
		}
		if on.Minor, err = host.ParseKong(*version); err != nil {
			return c.misused(s, "--kong: "+err.Error())
		}
		p, code := c.load(*path, nil, s.out, s)
		if p == nil {
			return code
		}
		refusals, warnings := host.Check(p, on)
		warn(s, warnings)
		if len(refusals) > 0 {
			problems := policy.Problems(refusals)
			fmt.Fprintln(s.out, &problems)
			return exitBad
		}
		fmt.Fprintf(s.err, "%s: no problems\n", *path)
		return code
	},
}

func warn(s streams, warnings []policy.Problem) {
	for _, warning := range warnings {
		fmt.Fprintln(s.err, "warning:", warning)
	}
}
