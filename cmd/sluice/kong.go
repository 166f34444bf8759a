package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/host"
	"github.com/sluice-gateway/sluice/render"
)

// kongFlags are the flags of render that are for Kong alone.
type kongFlags struct {
	version string
	shared  int64
	out     string
	minor   int
}

// kongOnly are their names.
var kongOnly = []string{"kong", "shared-data", "out"}

// envoyOnly are those that Kong has no use for, and why.
var envoyOnly = []struct{ name, why string }{
	{"companion-cert", "Kong shows no certificate in a filter's calls; give the companion a token (companion.credential)"},
	{"companion-key", "Kong shows no certificate in a filter's calls; give the companion a token (companion.credential)"},
	{"into", "Kong merges files itself: give kong.yml to deck, or put its services into your own"},
}

func (k *kongFlags) define(flags *flag.FlagSet) {
	flags.StringVar(&k.version, "kong", "3.9", "Kong's `version`, 3.4 to 3.9")
	size(flags, &k.shared, "shared-data", render.KongSharedData, 1<<20, 1<<40, "`size` of Kong's zone for budgets and the rest")
	flags.StringVar(&k.out, "out", "", "for Kong: the `directory` that all files are written to; without it the declarative configuration alone is written, to standard output")
}

// misused says what is wrong with the flags for a gateway; "" = nothing.
func (k *kongFlags) misused(gateway string, flags *flag.FlagSet) string {
	if gateway != string(host.Kong) {
		for _, name := range kongOnly {
			if isSet(flags, name) {
				return "--" + name + " is for --for kong"
			}
		}
		return ""
	}
	for _, other := range envoyOnly {
		if isSet(flags, other.name) {
			return "--" + other.name + ": " + other.why
		}
	}
	var err error
	if k.minor, err = host.ParseKong(k.version); err != nil {
		return "--kong: " + err.Error()
	}
	return ""
}

// render writes what Kong needs: all of it into a directory, or the declarative
// configuration to standard output.
func (k *kongFlags) render(c *command, p *policy.Policy, envoy render.Options, flags *flag.FlagSet, s streams) int {
	opt := render.KongOptions{Minor: k.minor, CAFile: envoy.CAFile, SharedData: k.shared, Own: envoy.Filters}
	for name, to := range map[string]*string{"listen": &opt.Listen, "admin": &opt.Admin, "wasm": &opt.Wasm} {
		if isSet(flags, name) { // what they are otherwise is Envoy's
			*to = flags.Lookup(name).Value.String()
		}
	}
	_, warnings := host.Check(p, host.Host{Name: host.Kong, Minor: k.minor})
	warn(s, warnings)
	files, err := render.Kong(p, opt)
	var refused *policy.Problems
	switch {
	case errors.As(err, &refused):
		fmt.Fprintln(s.err, refused)
		return exitBad
	case err != nil:
		return c.failed(s, err)
	case k.out == "":
		if _, err := s.out.Write(files[0].Content); err != nil {
			return c.failed(s, err)
		}
		return exitGood
	}
	if err := os.MkdirAll(k.out, 0o755); err != nil {
		return c.failed(s, err)
	}
	for _, file := range files {
		name := filepath.Join(k.out, file.Name)
		if err := os.WriteFile(name, file.Content, 0o644); err != nil {
			return c.failed(s, err)
		}
		fmt.Fprintln(s.err, "wrote", name)
	}
	return exitGood
}

// isSet tells whether a flag was given.
func isSet(flags *flag.FlagSet, name string) bool {
	found := false
	flags.Visit(func(f *flag.Flag) { found = found || f.Name == name })
	return found
}
