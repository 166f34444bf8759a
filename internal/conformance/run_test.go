package conformance

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// scripted is a gateway that answers each request with the next of its answers.
type scripted struct {
	answers   []Seen
	providers *Providers
	asked     []Request
}

func (g *scripted) Providers() *Providers               { return g.providers }
func (g *scripted) Metrics(testing.TB) map[string]int64 { return map[string]int64{} }
func (g *scripted) Do(_ testing.TB, r Request, _ bool) Seen {
	g.asked = append(g.asked, r)
	a := g.answers[0]
	g.answers = g.answers[1:]
	return a
}

// A host that can do what it has to, one that cannot and does what is said of it, and all
// that is neither.
func TestRun(t *testing.T) {
	s := Scenario{Name: "s", Needs: []Feature{LateStatus}, Without: map[Feature][]Want{LateStatus: {{Status: 503}}},
		Steps: []Step{{Request{Path: "/a", Until: fields{"x-kept": "1"}}, Want{Status: 200, Header: fields{"x-kept": "1"}}}, {Request{Path: "/b"}, Want{Status: 201}}}}
	able, unable := &Tier{Name: "able"}, &Tier{Name: "unable", Lacks: map[Feature]string{LateStatus: "it cannot"}}
	kept := http.Header{"X-Kept": {"1"}}
	for _, row := range []struct {
		name    string
		tier    *Tier
		answers []Seen
		cell    string
		problem string
	}{
		{"able", able, []Seen{{Status: 200, Header: kept}, {Status: 201}}, Pass, ""},
		{"able, in the end", able, []Seen{{Status: 200}, {Status: 200}, {Status: 200, Header: kept}, {Status: 201}}, Pass, ""},
		{"able, at first", able, []Seen{{Status: 200, Header: kept}, {Status: 500}}, "", "request 2:\nstatus: want 201, got 500"},
		{"unable, as is said", unable, []Seen{{Status: 503}}, "it cannot", ""},
		{"unable, in another way", unable, []Seen{{Status: 502}}, "", "request 1:\nstatus: want 503, got 502"},
	} {
		t.Run(row.name, func(t *testing.T) {
			providers, err := newProviders(false)
			require.NoError(t, err)
			g := &scripted{answers: row.answers, providers: providers}
			cell, err := s.run(t, row.tier, g, "team")
			require.Equal(t, row.cell, cell)
			if row.problem == "" {
				require.NoError(t, err)
				require.Empty(t, g.answers)
			} else {
				require.ErrorContains(t, err, row.problem)
			}
			require.Equal(t, "team", g.asked[0].team)
		})
	}

	// One that is said to be unable, and is not: what is wanted is seen all the same.
	s.Without[LateStatus] = []Want{{Status: 200}}
	providers, err := newProviders(false)
	require.NoError(t, err)
	_, err = s.run(t, unable, &scripted{answers: []Seen{{Status: 200, Header: kept}}, providers: providers}, "team")
	require.ErrorContains(t, err, `it passes without "an answer`)
}
