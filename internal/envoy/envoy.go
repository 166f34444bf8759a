// Package envoy gets a stock Envoy and runs it: for the tests, for the demo and
// for `make run`. Nothing of it is needed to use Sluice with an Envoy of your own.
//
//	path, err := envoy.Path("")                                  // fetched once, kept in build/envoy
//	gw, err := envoy.Start(ctx, envoy.Options{Bootstrap: yaml})  // returns when it serves
//	defer gw.Stop()
//	url := "http://" + gw.Listener("sluice")
package envoy

import "os"

// DefaultVersion is the Envoy that is fetched when nobody asks for another.
const DefaultVersion = "1.40.0"

// OldestVersion is the oldest Envoy on which everything that Sluice promises holds.
const OldestVersion = "1.37.0"

// The variables a user chooses an Envoy with.
const (
	// PathVariable names a binary. It wins over everything.
	PathVariable = "ENVOY"
	// VersionVariable names a version to fetch.
	VersionVariable = "SLUICE_ENVOY_VERSION"
)

// TestVersions returns what a test that says something of every supported Envoy
// gives to Path, one after the other: the newest and the oldest, or only the
// one that the environment asks for.
func TestVersions() []string {
	if os.Getenv(PathVariable) != "" {
		return []string{""}
	}
	if v := os.Getenv(VersionVariable); v != "" {
		return []string{v}
	}
	return []string{DefaultVersion, OldestVersion}
}
