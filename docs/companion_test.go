package docs

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// companionFlags are those of `sluice companion`, by its own help.
func companionFlags(t *testing.T) []string {
	out, err := exec.Command("go", "run", "../cmd/sluice", "help", "companion").CombinedOutput()
	require.NoError(t, err, "%s", out)
	var flags []string
	for _, m := range regexp.MustCompile(`(?m)^  -([a-z-]+)`).FindAllStringSubmatch(string(out), -1) {
		flags = append(flags, m[1])
	}
	require.Greater(t, len(flags), 15)
	return flags
}

// TestCompanionFlags: the table has every flag of the program, and what the examples start
// the program with are flags of it.
func TestCompanionFlags(t *testing.T) {
	flags := companionFlags(t)
	var got []string
	for _, row := range rows(t, section(t, read(t, "companion.md"), "Flags"), 3) {
		for _, m := range regexp.MustCompile("`--?([a-z-]+)`").FindAllStringSubmatch(row[0], -1) {
			got = append(got, m[1])
		}
	}
	require.ElementsMatch(t, flags, got)
	for _, example := range []string{"Dockerfile", "sluice-companion.service"} {
		used := 0
		for line := range strings.Lines(read(t, "../examples/companion/"+example)) {
			if strings.Contains(line, "companion") && regexp.MustCompile(`^(ENTRYPOINT|ExecStart)`).MatchString(line) {
				for _, m := range regexp.MustCompile(`--([a-z-]+)`).FindAllStringSubmatch(line, -1) {
					require.Contains(t, flags, m[1], example)
					used++
				}
			}
		}
		require.NotZero(t, used, example)
	}
}

// TestCompanionMetrics: the table has every metric of the companion, with its labels.
func TestCompanionMetrics(t *testing.T) {
	code := sources(t, "../companion")
	var want []string
	for _, m := range regexp.MustCompile(`counter\("([a-z_]+)"|"sluice_companion_([a-z_]+)"`).FindAllStringSubmatch(code, -1) {
		want = append(want, "sluice_companion_"+m[1]+m[2])
	}
	slices.Sort(want)
	var got []string
	for _, row := range rows(t, section(t, read(t, "companion.md"), "Metrics"), 3) {
		got = append(got, regexp.MustCompile("sluice_companion_[a-z_]+").FindAllString(row[0], -1)...)
	}
	require.Greater(t, len(got), 15)
	require.ElementsMatch(t, slices.Compact(want), got)
}

// TestCompanionPlaces: the table of failures has every place that the code counts.
func TestCompanionPlaces(t *testing.T) {
	code := sources(t, "../companion") + sources(t, "../companion/cache")
	places := map[string]bool{}
	for _, m := range regexp.MustCompile(`Failed\("([a-z]+)"|e\.step\([^"]*"([a-z]+)"`).FindAllStringSubmatch(code, -1) {
		places[m[1]+m[2]] = true
	}
	text := section(t, read(t, "companion.md"), "When something fails")
	require.Greater(t, len(places), 8)
	for place := range places {
		require.Contains(t, text, "`place=\""+place+"\"`")
	}
}
