package conformance

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The table is between these lines of its page.
const (
	tableBegin = "<!-- what follows is written by make conformance -->\n"
	tableEnd   = "<!-- what is before is written by make conformance -->\n"
)

// cells are the table: by tier's title and scenario's name.
type cells map[string]Results

// Hold compares what a run has come to with the table of a page, or writes it there with
// UPDATE_GOLDEN=1. A scenario that did not run, and a tier that did not, keep their cells.
func (c *Columns) Hold(t testing.TB, page string) {
	t.Helper()
	before, old, after := split(t, page)
	table := parseTable(old)
	for tier, results := range c.cells {
		if table[tier.Title] == nil {
			table[tier.Title] = Results{}
		}
		maps.Copy(table[tier.Title], results)
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(page, []byte(before+tableBegin+table.String()+tableEnd+after), 0o644))
		return
	}
	require.Equal(t, old, table.String(), "the run gave another table; make conformance writes it")
}

// split is a page in front of its table, the table, and the rest, without the lines between.
func split(t testing.TB, page string) (before, table, after string) {
	t.Helper()
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(text), tableBegin)
	require.True(t, ok, "%s has no line %q", page, tableBegin)
	table, after, ok = strings.Cut(rest, tableEnd)
	require.True(t, ok, "%s has no line %q", page, tableEnd)
	return before, table, after
}

// String is the table, with the reasons under it.
func (c cells) String() string {
	var b strings.Builder
	var reasons []string
	fmt.Fprint(&b, "\n| |")
	for _, tier := range Tiers {
		fmt.Fprintf(&b, " %s |", tier.Title)
	}
	fmt.Fprint(&b, "\n|---|", strings.Repeat("---|", len(Tiers)), "\n")
	for _, topic := range Topics {
		fmt.Fprintf(&b, "| **%s** |%s\n", topic.Name, strings.Repeat(" |", len(Tiers)))
		for _, s := range topic.Scenarios {
			fmt.Fprintf(&b, "| %s |", s.Name)
			for _, tier := range Tiers {
				cell := c[tier.Title][s.Name]
				if cell != "" && cell != Pass && cell != notYet && cell != notSince {
					n := slices.Index(reasons, cell)
					if n < 0 {
						n, reasons = len(reasons), append(reasons, cell)
					}
					cell = fmt.Sprintf("cannot (%d)", n+1)
				}
				fmt.Fprintf(&b, " %s |", cell)
			}
			b.WriteByte('\n')
		}
	}
	b.WriteByte('\n')
	for i, why := range reasons {
		fmt.Fprintf(&b, "%d. %s.\n", i+1, why)
	}
	if len(reasons) > 0 {
		b.WriteByte('\n')
	}
	return b.String()
}

var (
	reasonLine = regexp.MustCompile(`(?m)^(\d+)\. (.*)\.$`)
	cannot     = regexp.MustCompile(`^cannot \((\d+)\)$`)
)

// parseTable reads what String has written.
func parseTable(text string) cells {
	reasons := map[string]string{}
	for _, m := range reasonLine.FindAllStringSubmatch(text, -1) {
		reasons[m[1]] = m[2]
	}
	c := cells{}
	var titles []string
	for line := range strings.Lines(text) {
		parts := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		switch {
		case !strings.HasPrefix(line, "|"), strings.HasPrefix(line, "|---"), strings.HasPrefix(parts[0], "**"):
		case titles == nil:
			titles = parts[1:]
			for _, title := range titles {
				c[title] = Results{}
			}
		default:
			for i, cell := range parts[1:] {
				if m := cannot.FindStringSubmatch(cell); m != nil {
					cell = reasons[m[1]]
				}
				if i < len(titles) {
					c[titles[i]][parts[0]] = cell
				}
			}
		}
	}
	return c
}
