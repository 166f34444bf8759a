package conformance

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Results are the cells of one column, by the scenario's name.
type Results map[string]string

// Columns are what a run has come to.
type Columns struct {
	mu    sync.Mutex
	cells map[*Tier]Results
}

func (c *Columns) set(tier *Tier, scenario, cell string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cells == nil {
		c.cells = map[*Tier]Results{}
	}
	if c.cells[tier] == nil {
		c.cells[tier] = Results{}
	}
	c.cells[tier][scenario] = cell
}

// Pass is a cell of a scenario that a host can serve. Where it cannot, the cell is the
// reason.
const Pass = "pass"

// Run holds a host to all scenarios: each policy on a gateway of its own and all of these at
// once, so that it has only begun when Run returns; the test that called it waits for it. A
// pattern of -run may leave scenarios out, and the columns then have no cells of those.
func Run(t *testing.T, tier *Tier, h Host, b *Backends, c *Columns) {
	t.Helper()
	for _, p := range Policies {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			refused, err := tier.refusals(p)
			if tier.Kong == 8 && p == Guarded {
				require.ErrorContains(t, err, "guards.external", "check refuses it whole there: its services must be heard")
				return
			}
			require.NoError(t, err)
			require.NoError(t, tier.proveRefusals(b, p))
			g := h.Start(t, p, b)
			for _, topic := range Topics {
				for n, s := range topic.Scenarios {
					if s.On == p {
						t.Run(s.Name, func(t *testing.T) {
							team := strings.ToLower(tier.Name + "-" + topic.Name + "-" + strconv.Itoa(n))
							cell, err := s.refused(refused), error(nil)
							if cell == "" {
								cell, err = s.run(t, tier, g, team)
							}
							require.NoError(t, err)
							c.set(tier, s.Name, cell)
						})
					}
				}
			}
		})
	}
}

// run is one scenario, and its cell.
func (s *Scenario) run(t testing.TB, tier *Tier, g Gateway, team string) (cell string, err error) {
	if err := g.Providers().script(s.Providers); err != nil {
		return "", err
	}
	lacking, why := s.lacks(tier)
	instead := s.Without[lacking]
	asPromised := true
	for i, step := range s.Steps {
		request, want := step.Request, step.Want
		if lacking != "" {
			if i == len(instead) {
				break
			}
			want, request.Until = instead[i], nil
		}
		request.team, want.Metrics = team, ofTeam(want.Metrics, team)
		if !tier.hasMetrics() {
			want.Metrics = nil
		}
		if want.Status == Unreachable {
			want.Status = tier.Unreachable
		}
		seen := request.on(t, g, &want)
		if found := want.check(seen); len(found) > 0 {
			return "", fmt.Errorf("request %d:\n%s\nrecord %s", i+1, strings.Join(found, "\n"), seen.Record)
		}
		asPromised = asPromised && len(step.Want.check(seen)) == 0
	}
	switch {
	case lacking == "":
		return Pass, nil
	case asPromised:
		return "", fmt.Errorf("it passes without %q: take that from what %s lacks (tiers.go), or from what the scenario needs", lacking, tier.Name)
	}
	return why, nil
}

// ofTeam puts a team into the names of counters.
func ofTeam(counters map[string]int64, team string) map[string]int64 {
	if counters == nil {
		return nil
	}
	named := map[string]int64{}
	for name, n := range counters {
		named[strings.ReplaceAll(name, teamMark, team)] = n
	}
	return named
}

// on makes a request, again for as long as it has to be, and collects what came of it.
func (r Request) on(t testing.TB, g Gateway, want *Want) (seen Seen) {
	t.Helper()
	within(30*time.Second, 20*time.Millisecond, func() bool {
		seen = r.once(t, g, want)
		for name, value := range r.Until {
			if seen.Header.Get(name) != value {
				return false
			}
		}
		return true
	})
	return seen
}

func (r Request) once(t testing.TB, g Gateway, want *Want) Seen {
	t.Helper()
	arrived := len(g.Providers().arrived())
	var before map[string]int64
	if want.Metrics != nil {
		before = g.Metrics(t)
	}
	seen := g.Do(t, r, want.Record != nil)
	seen.Sent = g.Providers().arrived()[arrived:]
	if want.Metrics != nil {
		soon(func() bool {
			seen.Metrics = g.Metrics(t)
			for name, n := range before {
				seen.Metrics[name] -= n
			}
			for name, n := range want.Metrics {
				if seen.Metrics[name] != n {
					return false
				}
			}
			return true
		})
	}
	return seen
}

// soon waits, for some time, until something holds that another process brings about.
func soon(holds func() bool) { within(10*time.Second, 5*time.Millisecond, holds) }

// within tries until something holds, or the time is over; at least once.
func within(limit, pause time.Duration, holds func() bool) {
	deadline := time.After(limit)
	for !holds() {
		select {
		case <-deadline:
			return
		case <-time.After(pause):
		}
	}
}
