package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/host"
	"github.com/sluice-gateway/sluice/render"
)

var checkCommand = command{
	name:     "check",
	synopsis: "-c FILE [--for envoy|istio|kong] [--shape full|plugin] [--kong VERSION]",
	summary:  "validate a policy: one problem a line, beginning with its path",
	run: func(c *command, args []string, s streams) int {
		flags := c.flags()
		path := flags.String("c", "", "the policy `FILE`, YAML or JSON")
		gateway := flags.String("for", "", "the `gateway` that it is to run on, envoy, istio or kong: what that cannot do is a problem then")
		var form render.Shape
		shape(flags, &form)
		version := kongVersion(flags)
		if code, done := c.parse(flags, args, s); done {
			return code
		}
		on := host.Host{Name: host.Name(*gateway)}
		var err error
		switch {
		case flags.NArg() > 0:
			return c.misused(s, "name the policy with -c FILE")
		case *gateway != "" && !slices.Contains(host.Names, on.Name):
			return c.misused(s, "--for "+*gateway+": there are "+gateways())
		case isSet(flags, "kong") && on.Name != host.Kong:
			return c.misused(s, "--kong is for --for kong")
		case isSet(flags, "shape") && on.Name != host.Istio:
			return c.misused(s, "--shape is for --for istio")
		}
		if on.Name == host.Istio {
			on = form.Host()
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

// gateways are all that policies can be rendered for.
func gateways() string {
	var names []string
	for _, name := range host.Names {
		names = append(names, string(name))
	}
	return strings.Join(names, ", ")
}

func warn(s streams, warnings []policy.Problem) {
	for _, warning := range warnings {
		fmt.Fprintln(s.err, "warning:", warning)
	}
}
