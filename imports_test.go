// Package sluice_test holds the tree to its design: which packages may know which.
package sluice_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/sluice-gateway/sluice"

// allowed is the direction of imports between the packages that decide. What is not
// listed here is native, and may import what it likes but the filter.
var allowed = map[string][]string{
	"gateway": {"budget", "cacheclient", "dialect", "guard", "guardclient", "jsonscan", "jsonschema", "jsontree", "policy", "pricing", "route", "sse", "tokenizer"},
	"dialect": {"jsonscan", "jsontree", "policy", "sse"},
	"policy":  {},
	"budget":  {},

	"dialect/rewrite": {"dialect", "jsonscan", "sse"},
	"guard/match":     {},
	"guard/injection": {"guard"},

	"policy/normal": {"jsonscan", "jsontree", "policy"},

	"guard":             {"dialect", "guardclient", "jsonscan", "policy"}, // and what is under it
	"guard/placeholder": {"jsonscan"},

	"cacheclient": {"jsonscan"},
	"guardclient": {"jsonscan", "jsontree"},
	"tokenizer":   {"jsonscan"},
	"pricing":     {},
	"sse":         {},
	"jsonscan":    {},
	"jsontree":    {},
	"jsonschema":  {"jsontree"},
	"route":       {},
	"guard/pii":   {},
}

// raced are those of them with tests of several goroutines, which the Makefile runs with the
// race detector on.
var raced = []string{"budget", "gateway"}

// forbidden is what a package that decides may not reach by any way: the proxy, the
// operating system, the network, and what drags them in or is too large for the module.
var forbidden = []string{"os", "net", "fmt", "encoding/json", "reflect", "regexp", "log", "github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm"}

func TestPurePackages(t *testing.T) {
	for name, may := range allowed {
		t.Run(name, func(t *testing.T) {
			for _, path := range dependencies(t, "./"+name) {
				require.NotContains(t, forbidden, path)
				inside, ours := strings.CutPrefix(path, module+"/")
				if !ours || inside == name || strings.HasPrefix(inside, name+"/") {
					continue
				}
				root, _, _ := strings.Cut(inside, "/")
				reachable := may
				for _, m := range may {
					reachable = append(reachable, allowed[m]...)
				}
				require.Contains(t, reachable, root, "%s may not know %s", name, inside)
			}
			for _, call := range clockCalls(t, name) {
				t.Error(call)
			}
			for _, second := range goroutines(t, name) {
				if !slices.Contains(raced, name) {
					t.Error(second + ": the Makefile has the race detector on where a second goroutine is")
				}
			}
		})
	}
}

// What a module reads is what `sluice render` has written of a policy. What reads and
// judges policies is large, and none of it is in there.
func TestTheModuleCarriesNoDecoder(t *testing.T) {
	found := dependencies(t, "./filter")
	require.Contains(t, found, module+"/policy/normal")
	for _, path := range found {
		below, ok := strings.CutPrefix(path, module+"/policy/")
		require.True(t, !ok || below == "normal", "the module reaches %s", path)
	}
}

// Nothing but the filter knows the host, and nothing knows the filter.
func TestOnlyTheFilterKnowsTheHost(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}: {{join .Imports " "}}`, "./...").Output()
	require.NoError(t, err)
	for line := range strings.Lines(string(out)) {
		path, imports, _ := strings.Cut(strings.TrimSpace(line), ": ")
		for _, imported := range strings.Fields(imports) {
			require.NotEqual(t, module+"/filter", imported, path)
			if strings.HasPrefix(imported, "github.com/tetratelabs/proxy-wasm-go-sdk") {
				require.True(t, strings.HasPrefix(path, module+"/filter"), "%s imports %s", path, imported)
			}
		}
	}
}

func dependencies(t *testing.T, pattern string) []string {
	command := exec.Command("go", "list", "-deps", pattern)
	command.Env = append(command.Environ(), "GOOS=wasip1", "GOARCH=wasm") // as it is in the module
	out, err := command.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return strings.Fields(string(out))
}

// clockCalls finds the uses of the clock: the time is an argument there.
func clockCalls(t *testing.T, dir string) []string {
	var found []string
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, file, nil, 0)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			from, ok := selector.X.(*ast.Ident)
			if ok && from.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After", "Tick", "NewTimer", "NewTicker"}, selector.Sel.Name) {
				found = append(found, set.Position(n.Pos()).String()+": time."+selector.Sel.Name)
			}
			return true
		})
	}
	return found
}

// goroutines finds where a package or its tests, or one below it, may come to have a second
// goroutine.
func goroutines(t *testing.T, dir string) (found []string) {
	require.NoError(t, filepath.WalkDir(dir, func(file string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, ".go") {
			return err
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				found = append(found, set.Position(n.Pos()).String()+": go")
			case *ast.SelectorExpr:
				if name := n.Sel.Name; name == "Go" || name == "Parallel" || name == "RunParallel" {
					found = append(found, set.Position(n.Pos()).String()+": "+name)
				}
			}
			return true
		})
		return nil
	}))
	return found
}
