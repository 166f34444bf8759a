package source

import (
	"slices"
	"strconv"
	"time"
	_ "time/tzdata" // what a zone is does not depend on the machine's files

	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/internal/document"
)

// The years of which a policy has the zones. Before and after them a zone's clocks stay as
// they are at that end. Where they change in summer, a year is two numbers and two more.
var (
	firstYear = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	lastYear  = time.Date(2060, 1, 1, 0, 0, 0, 0, time.UTC)
)

// findZones adds the zones that a policy's budgets name. Its problems are of names that
// have the form of one but are none.
func findZones(p *policy.Policy) policy.Problems {
	var problems policy.Problems
	for i, b := range p.Budgets {
		where, err := time.LoadLocation(b.Zone)
		switch {
		case err != nil:
			problems = append(problems, policy.Problem{
				Path:    document.Index("budgets", i) + ".zone",
				Message: "unknown time zone " + strconv.Quote(b.Zone) + "; write an IANA name such as UTC or Europe/Berlin",
			})
		case where != time.UTC && !slices.ContainsFunc(p.Zones, func(z policy.Zone) bool { return z.Name == b.Zone }):
			table := budget.NewZone(where, firstYear, lastYear)
			p.Zones = append(p.Zones, policy.Zone{Name: b.Zone, At: table.At, Offset: table.Offset})
		}
	}
	return problems
}
