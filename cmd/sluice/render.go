package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/strict"
	"github.com/sluice-gateway/sluice/render"
)

var renderCommand = command{
	name:     "render",
	synopsis: "-c FILE --for envoy|istio|kong [--listen HOST:PORT] [--admin HOST:PORT] [--wasm PATH] [--companion URL] [--companion-ca PATH] [--companion-cert PATH --companion-key PATH] [--ca PATH] [--filters FILE] [--into FILE]",
	summary:  "write the gateway's own configuration, ready to start",
	run:      renderGateway,
}

func renderGateway(c *command, args []string, s streams) int {
	switch forGateway(args) {
	case "istio":
		return renderIstio(c, args, s)
	case "kong":
		return renderKong(c, args, s)
	}
	flags := c.flags()
	path := flags.String("c", "", "the policy `FILE`, YAML or JSON")
	gateway := flags.String("for", "", "the `gateway`: envoy; istio and kong have flags of their own (render --for kong -h)")
	var opt render.Options
	flags.StringVar(&opt.Listen, "listen", "127.0.0.1:10000", "`address` for clients")
	flags.StringVar(&opt.Admin, "admin", "127.0.0.1:9901", "`address` of the gateway's own administration, which may stop it")
	flags.StringVar(&opt.Wasm, "wasm", modulePath(), "`path` of sluice.wasm on the gateway's machine")
	companion := companionAt(flags, "http://127.0.0.1:8090")
	companionTLS(flags, &opt.CompanionTLS)
	flags.StringVar(&opt.CAFile, "ca", render.SystemCAFile(), "`path` of the root certificates on the gateway's machine")
	filters := flags.String("filters", "", "a YAML `FILE` with filters of your own that go in front, and their clusters")
	into := flags.String("into", "", "the bootstrap `FILE` of an Envoy that is there already: what is written is that with Sluice in it")
	if code, done := c.parse(flags, args, s); done {
		return code
	}
	switch {
	case flags.NArg() > 0:
		return c.misused(s, "unexpected argument "+flags.Arg(0))
	case *gateway != "envoy":
		return c.misused(s, "name the gateway with --for envoy, --for istio or --for kong")
	}
	p, code := c.load(*path, companion.of, s.err, s)
	if p == nil {
		return code
	}
	if *filters != "" {
		var err error
		if opt.Filters, err = os.ReadFile(*filters); err != nil {
			return c.failed(s, err)
		}
	}
	var out bytes.Buffer // nothing is written unless all of it is
	var err error
	if *into == "" {
		err = render.Envoy(&out, p, opt)
	} else {
		var bootstrap []byte
		if bootstrap, err = os.ReadFile(*into); err == nil {
			err = render.EnvoyInto(&out, bootstrap, p, opt)
		}
	}
	if err != nil {
		return c.failed(s, err)
	}
	if _, err := out.WriteTo(s.out); err != nil {
		return c.failed(s, err)
	}
	return exitGood
}

// elsewhere is a companion in place of the policy's: without a host, none.
type elsewhere struct{ policy.Endpoint }

// companionAt is the flag that names one, for every gateway.
func companionAt(flags *flag.FlagSet, example string) *elsewhere {
	at := &elsewhere{}
	flags.Func("companion", "`URL` of the companion, in place of the policy's", func(text string) error {
		var ok bool
		if at.Endpoint, ok = strict.ParseEndpoint(text); !ok {
			return errors.New("want http:// or https:// and a host, as in " + example)
		}
		return nil
	})
	return at
}

// of has a policy's companion be there.
func (at *elsewhere) of(p *policy.Policy) {
	if at.Host != "" {
		p.Companion.Endpoint = at.Endpoint
	}
}

// companionTLS are the flags for the files of the connection to a companion behind https://.
func companionTLS(flags *flag.FlagSet, files *render.CompanionTLS) {
	flags.StringVar(&files.CAFile, "companion-ca", "", "`path`, where the gateway runs, of the authorities that vouch for the companion and for no provider (default: those of --ca)")
	flags.StringVar(&files.Cert, "companion-cert", "", "`path`, where the gateway runs, of the certificate to show a companion that asks for one (its --client-ca)")
	flags.StringVar(&files.Key, "companion-key", "", "`path` of that certificate's key")
}

// forGateway is what --for says among the arguments, which have flags of their own for each.
func forGateway(args []string) string {
	for i, arg := range args {
		name, value, given := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(arg, "-"), "-"), "=")
		switch {
		case !strings.HasPrefix(arg, "-") || name != "for":
		case given:
			return value
		case i+1 < len(args):
			return args[i+1]
		}
	}
	return ""
}

// modulePath is where the build puts the module; when that is not below the working
// directory, beside this binary, where the build puts it too.
func modulePath() string {
	const built = "build/sluice.wasm"
	if _, err := os.Stat(built); err == nil {
		return built
	}
	if binary, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(binary), "sluice.wasm")
		if _, err := os.Stat(beside); err == nil {
			return beside
		}
	}
	return built
}
