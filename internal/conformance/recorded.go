package conformance

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Recorded is a column that `make test` cannot run: what its run has come to is kept in a file of
// the tree, each cell with the digest of the scenario that was run. A scenario that is another
// one by now, or new, is said to be so.
type Recorded struct {
	Commit string // of the tree that was run
	cells  map[string]recordedCell
}

type recordedCell struct{ digest, cell string }

// What a cell says of a scenario that was not run as it is.
const (
	notYet   = "not run yet"
	notSince = "not run since it changed"
)

// The file is a few lines for people, one with the commit, and one for each scenario: digest,
// cell and name, with tabs between them.
const (
	recordedHead   = "# What make e2e-istio has come to. UPDATE_GOLDEN=1 make e2e-istio writes this.\n"
	recordedCommit = "commit "
)

// ReadRecorded reads the file; one that is not there has no cells.
func ReadRecorded(path string) (*Recorded, error) {
	r := &Recorded{cells: map[string]recordedCell{}}
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if commit, is := strings.CutPrefix(line, recordedCommit); is {
			r.Commit = commit
			continue
		}
		if strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(line, "\t")
		if len(parts) != 3 {
			return nil, fmt.Errorf("conformance: %s: %q: want a digest, a cell and a name", path, line)
		}
		r.cells[parts[2]] = recordedCell{parts[0], parts[1]}
	}
	return r, nil
}

func (r *Recorded) write(path string) error {
	var b strings.Builder
	b.WriteString(recordedHead + recordedCommit + r.Commit + "\n")
	for _, topic := range Topics {
		for _, s := range topic.Scenarios {
			if c, is := r.cells[s.Name]; is {
				fmt.Fprintf(&b, "%s\t%s\t%s\n", c.digest, c.cell, s.Name)
			}
		}
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}

// cell is what the page has of a scenario.
func (r *Recorded) cell(s *Scenario) string {
	c, is := r.cells[s.Name]
	switch {
	case !is:
		return notYet
	case c.digest != s.digest():
		return notSince
	}
	return c.cell
}

// results are the whole column.
func (r *Recorded) results() Results {
	all := Results{}
	for _, topic := range Topics {
		for _, s := range topic.Scenarios {
			all[s.Name] = r.cell(&s)
		}
	}
	return all
}

// digest is of all that makes a scenario on Istio: its policy, what the providers do, what is
// asked and what has to be seen. A field that nobody has set is no part of it, so that the suite
// can have new ones, and neither is what other hosts do in its place.
func (s *Scenario) digest() string {
	there := *s
	there.Needs, there.Without = nil, nil
	if lacking, _ := s.lacks(&Istio); lacking != "" {
		there.Without = map[Feature][]Want{lacking: s.Without[lacking]}
	}
	text, err := json.Marshal(there)
	var tree any
	if err == nil {
		err = json.Unmarshal(text, &tree)
	}
	if err == nil {
		text, err = json.Marshal(set(tree))
	}
	if err != nil {
		panic("conformance: a scenario is not all data: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6])
}

// set is a tree without what is empty in its objects.
func set(tree any) any {
	switch v := tree.(type) {
	case map[string]any:
		for name, value := range v {
			switch value := set(value); {
			case value == nil, value == "", value == 0.0, value == false:
				delete(v, name)
			default:
				v[name] = value
			}
		}
	case []any:
		for i := range v {
			v[i] = set(v[i])
		}
	}
	return tree
}

// recordedFile is where Istio's column is recorded, and pageFile the page, from the tree's root.
const (
	recordedFile = "internal/conformance/testdata/istio.txt"
	pageFile     = "docs/conformance.md"
)

// Know gives Istio's column what is recorded of it.
func (c *Columns) Know(t testing.TB, root string) {
	t.Helper()
	r, err := ReadRecorded(root + "/" + recordedFile)
	require.NoError(t, err)
	for scenario, cell := range r.results() {
		c.set(&Istio, scenario, cell)
	}
}

// HoldRecorded compares what Istio has come to with the file, or, with UPDATE_GOLDEN=1, writes it
// there and into the page. A scenario that did not run keeps its cell.
func (c *Columns) HoldRecorded(t testing.TB, root string) {
	t.Helper()
	r, err := ReadRecorded(root + "/" + recordedFile)
	require.NoError(t, err)
	update := os.Getenv("UPDATE_GOLDEN") != ""
	for _, topic := range Topics {
		for _, s := range topic.Scenarios {
			cell, ran := c.cells[&Istio][s.Name]
			if !ran {
				continue
			}
			if !update {
				require.Equal(t, cell, r.cell(&s), "%s: UPDATE_GOLDEN=1 make e2e-istio records it", s.Name)
			}
			r.cells[s.Name] = recordedCell{s.digest(), cell}
		}
	}
	if !update {
		return
	}
	r.Commit = commitOf(root)
	require.NoError(t, r.write(root+"/"+recordedFile))
	var column Columns
	column.Know(t, root)
	column.Hold(t, root+"/"+pageFile)
	require.NoError(t, r.writeCommit(root+"/"+pageFile))
}

// commitOf is the commit of the tree that runs.
func commitOf(root string) string {
	git := func(args ...string) (string, error) {
		out, err := exec.Command("git", append([]string{"-C", root}, args...)...).Output()
		return strings.TrimSpace(string(out)), err
	}
	commit, err := git("rev-parse", "--short=10", "HEAD")
	if err != nil {
		return "unknown"
	}
	if changes, err := git("status", "--porcelain", "--untracked-files=no"); err != nil || changes != "" {
		commit += " and changes"
	}
	return commit
}

// commitOnPage is where the page says of which tree the recorded column is.
var commitOnPage = regexp.MustCompile("(<!-- commit -->`)[^`]*(`)")

// writeCommit has the page say of which tree the column is.
func (r *Recorded) writeCommit(page string) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	return os.WriteFile(page, commitOnPage.ReplaceAll(text, []byte("${1}"+r.Commit+"${2}")), 0o644)
}
