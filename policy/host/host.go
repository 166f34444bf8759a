// Package host holds a policy against the gateways that Sluice runs in: what it asks for
// that one of them cannot do is found before it runs there, with the reason and what to
// write instead. All of it is one table, limits.
package host

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/policy"
)

// Name is a gateway's name, as `sluice render --for` takes it.
type Name string

// The gateways.
const (
	Envoy Name = "envoy"
	Istio Name = "istio"
	Kong  Name = "kong"
	// WasmPlugin is Istio by a plain WasmPlugin: --shape plugin.
	WasmPlugin Name = "istio plugin"
)

// Names are all of them.
var Names = []Name{Envoy, Istio, Kong}

// Host is a gateway to run a policy on.
type Host struct {
	Name  Name
	Minor int // of Kong 3; 0 = the newest that can run a filter
}

// Kong has the runtime for filters from 3.4 to 3.9: the default builds of what came after do
// not (https://github.com/Kong/kong/pull/14347).
const (
	OldestKong = 4
	NewestKong = 9
)

// ParseKong takes "3.9" or "3.9.1".
func ParseKong(version string) (minor int, err error) {
	parts := strings.Split(version, ".")
	for _, p := range parts {
		if n, e := strconv.Atoi(p); e != nil || n < 0 {
			err = e
			parts = nil
		}
	}
	if len(parts) < 2 || err != nil {
		return 0, fmt.Errorf("%q is no version of Kong; write one such as 3.9", version)
	}
	major, _ := strconv.Atoi(parts[0])
	minor, _ = strconv.Atoi(parts[1])
	switch {
	case major < 3 || major == 3 && minor < OldestKong:
		return 0, fmt.Errorf("%s is a Kong that cannot run a filter; 3.4 to 3.9 can", version)
	case major > 3 || minor > NewestKong:
		return 0, fmt.Errorf("%s is a Kong without the WebAssembly runtime, which its default builds have dropped after 3.9; 3.4 to 3.9 have it", version)
	}
	return minor, nil
}

// minor is the version that the host is taken for.
func (h Host) minor() int {
	if h.Minor == 0 {
		return NewestKong
	}
	return h.Minor
}

// limit is one thing that policies may ask for and not every gateway does.
type limit struct {
	what string // the feature, for documents
	// asked finds where a policy asks for it.
	asked func(p *policy.Policy, h Host) []string
	on    map[Name]answer
}

// answer is what a gateway does about a feature that it does not have.
type answer struct {
	why     string // what in the host makes it so
	instead string // what to write, or what to reckon with
	warns   bool   // the policy may run: it is different there
}

// all is the table.
func all() []limit { return slices.Concat(limits, istioLimits) }

// Check holds a policy against a gateway. A policy with refusals must not run there; with
// warnings it may.
func Check(p *policy.Policy, h Host) (refusals, warnings []policy.Problem) {
	for _, l := range all() {
		a, ok := l.on[h.Name]
		if !ok {
			continue
		}
		for _, path := range l.asked(p, h) {
			problem := policy.Problem{Path: path, Message: a.why + "; " + a.instead}
			if a.warns {
				warnings = append(warnings, problem)
			} else {
				refusals = append(refusals, problem)
			}
		}
	}
	return refusals, warnings
}

// Row is a line of the table, for documents and their tests.
type Row struct {
	What, Why, Instead string
	Refused            bool
}

// Table is what a gateway does not do.
func Table(n Name) []Row {
	var rows []Row
	for _, l := range all() {
		if a, ok := l.on[n]; ok {
			rows = append(rows, Row{l.what, a.why, a.instead, !a.warns})
		}
	}
	return rows
}
