package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/host"
	"github.com/sluice-gateway/sluice/render"
)

// kongSynopsis is render's, for Kong.
const kongSynopsis = "-c FILE --for kong [--kong VERSION] [--out DIR] [--listen HOST:PORT] [--admin HOST:PORT] [--wasm PATH] [--companion URL] [--ca PATH] [--filters FILE] [--shared-data SIZE]"

// renderKong writes what Kong needs: all of it into a directory, or the declarative
// configuration to standard output.
func renderKong(of *command, args []string, s streams) int {
	c := &command{name: of.name, synopsis: kongSynopsis, summary: of.summary}
	flags := c.flags()
	path := flags.String("c", "", "the policy `FILE`, YAML or JSON")
	flags.String("for", "", "the `gateway`: kong")
	version := kongVersion(flags)
	out := flags.String("out", "", "the `directory` that all files are written to; without it the declarative configuration alone is written, to standard output")
	var opt render.KongOptions
	flags.StringVar(&opt.Listen, "listen", "127.0.0.1:8000", "`address` for clients")
	flags.StringVar(&opt.Admin, "admin", "127.0.0.1:8001", "`address` of Kong's Admin API")
	flags.StringVar(&opt.Wasm, "wasm", "/etc/kong/sluice/sluice.wasm", "`path` of the module on the gateway's machine; the other files are beside it there")
	flags.StringVar(&opt.CAFile, "ca", render.SystemCAFile(), "`path` of the root certificates on the gateway's machine")
	size(flags, &opt.SharedData, "shared-data", render.KongSharedData, 1<<20, 1<<40, "`size` of Kong's zone for budgets and the rest")
	filters := flags.String("filters", "", "a YAML `FILE` with entities of your own: plugins that go in front on each service, and what they need")
	companion := companionAt(flags, "http://127.0.0.1:8090")
	if code, done := c.parse(flags, args, s); done {
		return code
	}
	var err error
	if flags.NArg() > 0 {
		return c.misused(s, "unexpected argument "+flags.Arg(0))
	}
	if opt.Minor, err = host.ParseKong(*version); err != nil {
		return c.misused(s, "--kong: "+err.Error())
	}
	p, code := c.load(*path, companion.of, s.err, s)
	if p == nil {
		return code
	}
	if *filters != "" {
		if opt.Own, err = os.ReadFile(*filters); err != nil {
			return c.failed(s, err)
		}
	}
	_, warnings := host.Check(p, host.Host{Name: host.Kong, Minor: opt.Minor})
	warn(s, warnings)
	files, err := render.Kong(p, opt)
	var refused *policy.Problems
	switch {
	case errors.As(err, &refused):
		fmt.Fprintln(s.err, refused)
		return exitBad
	case err != nil:
		return c.failed(s, err)
	case *out == "":
		_, err = s.out.Write(files[0].Content)
	default:
		err = writeFiles(*out, files, s)
	}
	if err != nil {
		return c.failed(s, err)
	}
	return exitGood
}

// writeFiles writes files into a directory, and says so.
func writeFiles(directory string, files []render.File, s streams) error {
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return err
	}
	for _, file := range files {
		name := filepath.Join(directory, file.Name)
		if err := os.WriteFile(name, file.Content, 0o644); err != nil {
			return err
		}
		fmt.Fprintln(s.err, "wrote", name)
	}
	leftOver(directory, files, s)
	return nil
}

// leftOver names the files for nginx that an earlier rendering has left there. They are not deleted:
// nginx does not start where a configuration of the user's still includes one.
func leftOver(directory string, files []render.File, s streams) {
	for _, old := range []string{render.KongMain, render.KongProxy} {
		name := filepath.Join(directory, old)
		text, err := os.ReadFile(name)
		if err == nil && render.WrittenForNginx(text) && !slices.ContainsFunc(files, func(f render.File) bool { return f.Name == old }) {
			fmt.Fprintln(s.err, "warning:", name, "is of an earlier policy, and this one names no key: delete it when no kong.conf includes it any more")
		}
	}
}

// kongVersion is the flag that check and render share.
func kongVersion(flags *flag.FlagSet) *string {
	return flags.String("kong", fmt.Sprintf("3.%d", host.NewestKong), fmt.Sprintf("Kong's `version`, 3.%d to 3.%d", host.OldestKong, host.NewestKong))
}

// isSet tells whether a flag was given.
func isSet(flags *flag.FlagSet, name string) bool {
	found := false
	flags.Visit(func(f *flag.Flag) { found = found || f.Name == name })
	return found
}
