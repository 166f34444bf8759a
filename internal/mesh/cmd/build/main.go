// Command build builds Istio's control plane and its agent from their module, for package mesh.
//
//	go run ./internal/mesh/cmd/build -o build/istio
//
// The module internal/istio says which Istio that is. The first time takes a quarter of an
// hour of CPU and 3 GB of Go's build cache.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
)

func main() {
	to := flag.String("o", "build/istio", "`DIRECTORY` for the programs and the agent's template of a bootstrap")
	module := flag.String("module", "internal/istio", "`DIRECTORY` of the module that requires Istio")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := build(ctx, *module, *to); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func build(ctx context.Context, module, to string) error {
	to, err := filepath.Abs(to)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for _, pkg := range []string{"istio.io/istio/pilot/cmd/pilot-discovery", "istio.io/istio/pilot/cmd/pilot-agent"} {
		if err := program(ctx, module, to, pkg); err != nil {
			return err
		}
	}
	// Its directory is there by now.
	list := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "istio.io/istio")
	list.Dir, list.Stderr = module, os.Stderr
	istio, err := list.Output()
	if err != nil {
		return fmt.Errorf("find Istio's module: %w", err)
	}
	if err := template(strings.TrimSpace(string(istio)), to); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, "ready"), nil, 0o644)
}

func program(ctx context.Context, module, to, pkg string) error {
	fmt.Fprintln(os.Stderr, "building", pkg)
	cmd := exec.CommandContext(ctx, "go", "build", "-o", to+string(filepath.Separator), pkg)
	cmd.Dir, cmd.Stdout, cmd.Stderr = module, os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build %s: %w", pkg, err)
	}
	return nil
}

// template is what the agent makes Envoy's bootstrap of. Its listener for metrics is on every
// address; here there is loopback alone.
func template(istio, to string) error {
	text, err := replaced(filepath.Join(istio, "tools", "packaging", "common", "envoy_bootstrap.json"),
		`"address": "{{ .wildcard }}"`, `"address": "{{ .localhost }}"`)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, "envoy_bootstrap.json"), []byte(text), 0o644)
}

func replaced(path, old, by string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if !strings.Contains(string(text), old) {
		return "", fmt.Errorf("%s has no %s any more: see what has become of it", path, old)
	}
	return strings.ReplaceAll(string(text), old, by), nil
}
