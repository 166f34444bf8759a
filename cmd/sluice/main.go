// Command sluice checks, renders and replays policies, counts tokens, and serves the companion and a
// mock provider.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// Exit codes. A command may have more of its own.
const (
	exitGood  = 0
	exitBad   = 1 // what was looked at is bad, or the work failed
	exitUsage = 2 // the command was not understood
)

// streams are a command's standard input, output and error.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// command is one subcommand.
type command struct {
	name     string
	synopsis string // its arguments
	summary  string
	run      func(c *command, args []string, s streams) int
}

// commands in the order of the help.
var commands = []command{
	checkCommand,
	renderCommand,
	countCommand,
	replayCommand,
	companionCommand,
	cacheCommand,
	cacheEvalCommand,
	piiCommand,
	mockCommand,
	schemaCommand,
	versionCommand,
}

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	s := streams{stdin, stdout, stderr}
	if len(args) == 0 {
		help(stderr)
		return exitUsage
	}
	name, rest := args[0], args[1:]
	switch name {
	case "-h", "-help", "--help":
		name, rest = "help", nil
	case "-version", "--version":
		name = "version"
	}
	if name == "help" {
		if len(rest) == 0 {
			help(stdout)
			return exitGood
		}
		name, rest = rest[0], []string{"-h"}
	}
	for i := range commands {
		if commands[i].name == name {
			return commands[i].run(&commands[i], rest, s)
		}
	}
	fmt.Fprintf(stderr, "sluice: unknown command %q; run sluice help\n", name)
	return exitUsage
}

func help(w io.Writer) {
	fmt.Fprint(w, "Sluice: AI-gateway logic for the gateway you already run.\n\n")
	for _, c := range commands {
		fmt.Fprintf(w, "  sluice %-10s %s\n", c.name, c.summary)
	}
	fmt.Fprint(w, "\nRun sluice help COMMAND for its arguments.\n")
}

// flags is the flag set of a command.
func (c *command) flags() *flag.FlagSet {
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // parse says what is wrong, in one line
	return fs
}

// parse reads a command's flags. done: there is nothing more to do but exit with code.
func (c *command) parse(fs *flag.FlagSet, args []string, s streams) (code int, done bool) {
	err := fs.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintf(s.out, "usage: sluice %s %s\n%s\n", c.name, c.synopsis, c.summary)
		fs.SetOutput(s.out)
		fs.PrintDefaults()
		return exitGood, true
	case err != nil:
		return c.misused(s, strings.Replace(err.Error(), " for flag -", " for flag --", 1)), true
	}
	return 0, false
}

// misused says why a command was not understood.
func (c *command) misused(s streams, reason string) int {
	fmt.Fprintf(s.err, "sluice %s: %s\nusage: sluice %s %s\n", c.name, reason, c.name, c.synopsis)
	return exitUsage
}

// failed says why the work could not be done. A package of the command's own name need not be
// named once more.
func (c *command) failed(s streams, err error) int {
	fmt.Fprintf(s.err, "sluice %s: %s\n", c.name, strings.TrimPrefix(err.Error(), c.name+": "))
	return exitBad
}
