package mesh

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/sluice-gateway/sluice/internal/envoy"
)

// binaries is the directory of what `make istio` has built.
func binaries() (string, error) {
	root, err := envoy.SourceRoot()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, "build", "istio")
	if _, err := os.Stat(filepath.Join(dir, "ready")); err != nil {
		return "", fmt.Errorf("mesh: there is no Istio in %s: `make istio` builds it", dir)
	}
	return dir, nil
}
