package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by the build: -ldflags "-X main.version=v1.2.3".
var version string

var versionCommand = command{
	name:    "version",
	summary: "print the version of sluice and of the Go it was built with",
	run: func(c *command, args []string, s streams) int {
		flags := c.flags()
		if code, done := c.parse(flags, args, s); done {
			return code
		}
		if flags.NArg() > 0 {
			return c.misused(s, "takes no arguments")
		}
		fmt.Fprintf(s.out, "sluice %s %s %s/%s\n", buildVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return exitGood
	},
}

// buildVersion is what the build set, else what Go recorded: the module's version when
// it was installed as one, the commit when it was built from a checkout.
func buildVersion() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return "devel-" + setting.Value[:min(12, len(setting.Value))]
		}
	}
	return "devel"
}
