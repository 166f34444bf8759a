package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"strings"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/render"
)

// istioSynopsis is render's, for Istio.
const istioSynopsis = "-c FILE --for istio --module URL [--sha256 DIGEST] --selector NAME=VALUE --gateway NAME [--host NAME] [--path PREFIX] [--namespace NAME] [--name NAME] [--unfiltered refuse|pass] [--companion-image IMAGE [--judge-url URL]] [--companion URL [--companion-ca PATH] [--companion-cert PATH --companion-key PATH]] [--ca PATH]\n" +
	"       sluice render -c FILE --for istio --shape plugin --module URL [--sha256 DIGEST] --selector NAME=VALUE|--target KIND/NAME [--gateway NAME] [--host NAME] [--namespace NAME] [--name NAME] [--api WasmPlugin|TrafficExtension] [--traffic client|server] [--priority N] [--pull-secret NAME]"

// several is a flag that may be given several times, or with commas.
func several(to *[]string) func(string) error {
	return func(text string) error {
		*to = append(*to, strings.Split(text, ",")...)
		return nil
	}
}

// shape is the flag that check and render share.
func shape(flags *flag.FlagSet, to *render.Shape) {
	*to = render.Full
	flags.Func("shape", "istio: `full`, an EnvoyFilter with all that Sluice does, in an Istio gateway (default); or plugin, a WasmPlugin, wherever Istio takes one", func(text string) error {
		if *to = render.Shape(text); *to != render.Full && *to != render.Plugin {
			return errors.New("there are full and plugin")
		}
		return nil
	})
}

func renderIstio(of *command, args []string, s streams) int {
	c := &command{name: of.name, synopsis: istioSynopsis, summary: of.summary}
	flags := c.flags()
	path := flags.String("c", "", "the policy `FILE`, YAML or JSON")
	flags.String("for", "", "the `gateway`: istio")
	var opt render.IstioOptions
	text := func(to *string, name, value, usage string) { flags.StringVar(to, name, value, usage) }
	shape(flags, &opt.Shape)
	text(&opt.Module, "module", "", "`URL` of the module: oci://, https://, http:// or file://, a path in the proxy's container")
	text(&opt.SHA256, "sha256", "", "its `DIGEST`, which make oci prints; of an image that of its manifest, which the URL may have too (@sha256:…)")
	text(&opt.Namespace, "namespace", "istio-ingress", "`NAMESPACE` of the pods that Sluice runs in, and of all objects")
	text(&opt.Name, "name", "sluice", "`NAME` of this rendering, with which the names of all its objects and of its route begin: each of several in one namespace has its own")
	flags.Func("selector", "`LABEL` of these pods, as NAME=VALUE; several with commas", several(&opt.Selector))
	flags.Func("target", "plugin: what it is attached to in place of pods, as `KIND/NAME`: Gateway, GatewayClass, Service or ServiceEntry; several with commas", several(&opt.Targets))
	flags.Func("gateway", "the Istio Gateway that clients come in by, as `NAME` or NAMESPACE/NAME; several with commas; a plugin without one has no route written", several(&opt.Gateways))
	flags.Func("host", "`NAME` by which clients call the gateway; several with commas (default: every name)", several(&opt.Hosts))
	flags.Func("path", "full: `PREFIX` of the paths that come to Sluice, as /v1/; several with commas (default: every path of the hosts)", several(&opt.Paths))
	text(&opt.Unfiltered, "unfiltered", "refuse", "full: what becomes of requests while the EnvoyFilter is not in place: `refuse` (503), or pass, to the default provider")
	text(&opt.API, "api", "WasmPlugin", "plugin: its `KIND`, WasmPlugin or TrafficExtension")
	text(&opt.Traffic, "traffic", "", "plugin: which calls of a sidecar's it is for: `client`, those that the pod makes, or server, those to it (default: both)")
	flags.Int64Var(&opt.Priority, "priority", 0, "plugin: `N`, its place among others of the phase STATS, the highest in front")
	text(&opt.PullSecret, "pull-secret", "", "plugin: `NAME` of the Secret with the registry's credentials")
	text(&opt.CompanionImage, "companion-image", "", "`IMAGE` of the companion, to have it run beside the gateway; without it, it is where the policy says")
	text(&opt.JudgeURL, "judge-url", "", "`URL` of this gateway, by which that companion asks the policy's cache.judge")
	text(&opt.CAFile, "ca", "", "full: `path` of the root certificates in the proxy's container (default: where Istio's image has them)")
	companionTLS(flags, &opt.CompanionTLS)
	companion := companionAt(flags, "http://sluice-companion.llm.svc.cluster.local:8090")
	if code, done := c.parse(flags, args, s); done {
		return code
	}
	switch {
	case flags.NArg() > 0:
		return c.misused(s, "unexpected argument "+flags.Arg(0))
	case companion.Host != "" && opt.CompanionImage != "":
		return c.misused(s, "--companion is one that runs already, --companion-image one that is to: they exclude each other")
	case companion.Host != "" && opt.Shape == render.Plugin:
		return c.misused(s, "--companion is for --shape full: a plugin asks no companion; leave it out")
	case *path == "":
		return c.misused(s, "name the policy with -c FILE"+besides(opt))
	case opt.CompanionImage != "":
		companion.Endpoint = opt.CompanionService()
	}
	p, code := c.load(*path, companion.of, s.err, s)
	if p == nil {
		return code
	}
	warn(s, append(render.IstioWarnings(p, opt), render.IstioDifferences(p, opt)...))
	var out bytes.Buffer // nothing is written unless all of it is
	err := render.Istio(&out, p, opt)
	if problems := new(policy.Problems); errors.As(err, &problems) {
		fmt.Fprintln(s.err, problems)
		return exitBad
	}
	if err != nil {
		return c.failed(s, err)
	}
	if _, err := out.WriteTo(s.out); err != nil {
		return c.failed(s, err)
	}
	return exitGood
}

// besides are the other options that there is no rendering without.
func besides(opt render.IstioOptions) string {
	var missing []string
	if opt.Module == "" {
		missing = append(missing, "the module with --module URL")
	}
	switch {
	case len(opt.Selector) > 0 || len(opt.Targets) > 0:
	case opt.Shape == render.Plugin:
		missing = append(missing, "the pods with --selector NAME=VALUE or --target KIND/NAME")
	default:
		missing = append(missing, "the pods with --selector NAME=VALUE")
	}
	if opt.Shape == render.Full && len(opt.Gateways) == 0 {
		missing = append(missing, "the Istio Gateway with --gateway NAME")
	}
	if len(missing) == 0 {
		return ""
	}
	return "; and " + strings.Join(missing, ", ")
}
