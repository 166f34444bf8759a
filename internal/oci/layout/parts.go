package layout

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Part is a Go module that the WebAssembly module is built from.
type Part struct {
	Path     string
	Version  string // "" = this tree
	Checksum string // of go.sum: "h1:" and a SHA-256 in base64; "" = of the tree and of Go itself
	Licence  string // SPDX's name; "" = it is not known
}

// standardLibrary is what SBOMs call Go's own packages.
const standardLibrary = "stdlib"

// Parts are the Go modules that the packages come from which the module is linked from: those
// that it imports by any way for wasip1, and no others that go.mod names.
func Parts(ctx context.Context, pkg string) ([]Part, error) {
	out, err := goCommand(ctx, "list", "-deps", "-json=ImportPath,Standard,Module", pkg)
	if err != nil {
		return nil, err
	}
	version, err := goCommand(ctx, "env", "GOVERSION", "GOROOT")
	if err != nil {
		return nil, err
	}
	release, root, _ := strings.Cut(strings.TrimSpace(string(version)), "\n")
	parts := []Part{{Path: standardLibrary, Version: strings.TrimPrefix(release, "go"), Licence: licenceIn(root)}}
	sums, err := checksums(ctx)
	if err != nil {
		return nil, err
	}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Standard bool
			Module   *struct {
				Path, Version, Dir string
				Main               bool
				Replace            *struct{ Path, Version, Dir string }
			}
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		m := p.Module
		if p.Standard || m == nil {
			continue
		}
		if m.Replace != nil {
			return nil, fmt.Errorf("%s is replaced by %s, which nobody else has", m.Path, m.Replace.Path)
		}
		part := Part{Path: m.Path, Version: m.Version, Checksum: sums[m.Path+" "+m.Version], Licence: licenceIn(m.Dir)}
		if slices.Contains(parts, part) {
			continue
		}
		if part.Checksum == "" && !m.Main {
			return nil, fmt.Errorf("go.sum has no checksum of %s %s", m.Path, m.Version)
		}
		parts = append(parts, part)
	}
	slices.SortFunc(parts, func(a, b Part) int { return strings.Compare(a.Path, b.Path) })
	return parts, nil
}

func goCommand(ctx context.Context, args ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, "go", args...)
	command.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w", args[0], err)
	}
	return out, nil
}

// checksums are those of go.sum, by path and version.
func checksums(ctx context.Context) (map[string]string, error) {
	file, err := goCommand(ctx, "env", "GOMOD")
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(strings.TrimSuffix(strings.TrimSpace(string(file)), ".mod") + ".sum")
	if err != nil {
		return nil, err
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 {
			sums[f[0]+" "+f[1]] = f[2]
		}
	}
	return sums, nil
}

// licences are known by what only their texts say.
var licences = []struct {
	name string
	text *regexp.Regexp
}{
	{"Apache-2.0", regexp.MustCompile(`Apache License\s+Version 2\.0, January 2004`)},
	{"MIT", regexp.MustCompile(`Permission is hereby granted, free of charge, to any person obtaining a copy`)},
	{"BSD-3-Clause", regexp.MustCompile(`(?s)Redistribution and use in source and binary forms.*Neither the name`)},
	{"BSD-2-Clause", regexp.MustCompile(`Redistribution and use in source and binary forms`)},
}

// licenceIn looks for the licence of the source in a directory.
func licenceIn(dir string) string {
	for _, name := range []string{"LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		for _, l := range licences {
			if l.text.Match(text) {
				return l.name
			}
		}
	}
	return ""
}
