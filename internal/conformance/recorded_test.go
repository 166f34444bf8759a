package conformance

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Istio's column is what the file says of the scenarios as they are now: one that has changed
// since Istio ran it, or is new, is said on the page to be so.
func TestRecordedColumn(t *testing.T) {
	r, err := ReadRecorded("testdata/istio.txt")
	require.NoError(t, err)
	_, text, _ := split(t, "../../docs/conformance.md")
	table := parseTable(text)
	for _, topic := range Topics {
		for _, s := range topic.Scenarios {
			require.Equal(t, r.cell(&s), table[Istio.Title][s.Name], "%s on %s: UPDATE_GOLDEN=1 make e2e-istio runs it anew, make conformance writes what is known", s.Name, Istio.Title)
		}
	}
	page, err := os.ReadFile("../../docs/conformance.md")
	require.NoError(t, err)
	require.Contains(t, string(page), "<!-- commit -->`"+r.Commit+"`", "of which tree the column is")
}

// What makes a scenario another one, and what does not.
func TestDigest(t *testing.T) {
	s := Scenario{Name: "s", On: &Policy{"p", "version: 1"}, Providers: fields{"alpha": "x"},
		Steps: []Step{{Request{Path: "/a"}, Want{Status: 200, Record: fields{}}}}}
	before := s.digest()
	require.Len(t, before, 12)
	require.Equal(t, before, s.digest())
	for name, change := range map[string]func(*Scenario){
		"the policy":      func(s *Scenario) { s.On = &Policy{"p", "version: 2"} },
		"a provider":      func(s *Scenario) { s.Providers = fields{"alpha": "y"} },
		"a request":       func(s *Scenario) { s.Steps = []Step{{Request{Path: "/b"}, s.Steps[0].Want}} },
		"what is wanted":  func(s *Scenario) { s.Steps = []Step{{s.Steps[0].Request, Want{Status: 200, Text: "x"}}} },
		"a record at all": func(s *Scenario) { s.Steps = []Step{{s.Steps[0].Request, Want{Status: 200}}} },
	} {
		other := s
		change(&other)
		require.NotEqual(t, before, other.digest(), name)
	}
	s.Needs, s.Without = []Feature{WhoBroke}, map[Feature][]Want{WhoBroke: {{Status: 500}}}
	require.Equal(t, before, s.digest(), "what is seen on hosts that lack something, as Istio does not")
}

// A cell is one of the scenario that was run, and what is written is what is read.
func TestRecorded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "istio.txt")
	none, err := ReadRecorded(path)
	require.NoError(t, err)
	s := calls[0]
	require.Equal(t, notYet, none.cell(&s))
	r := &Recorded{Commit: "0123456789", cells: map[string]recordedCell{s.Name: {s.digest(), Pass}}}
	require.NoError(t, r.write(path))
	read, err := ReadRecorded(path)
	require.NoError(t, err)
	require.Equal(t, r, read)
	require.Equal(t, Pass, read.cell(&s))
	require.Equal(t, notYet, read.results()[calls[1].Name])
	s.Steps = append([]Step{{}}, s.Steps...)
	require.Equal(t, notSince, read.cell(&s))

	require.NoError(t, os.WriteFile(path, []byte("no\ttabs enough\n"), 0o600))
	_, err = ReadRecorded(path)
	require.ErrorContains(t, err, "want a digest, a cell and a name")
}
