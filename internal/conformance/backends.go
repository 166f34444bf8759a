package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"github.com/sluice-gateway/sluice/internal/sidecar"
)

// Backends are what all hosts of a run share: the companion as a process, and a guard that
// is a service of its own. Callers of different hosts are different teams.
type Backends struct {
	Companion *sidecar.Process
	webhook   *httptest.Server
	binary    string // build/sluice
	data      string
}

// StartBackends starts them with build/sluice of the tree, which lies at root.
func StartBackends(root string) (*Backends, error) {
	b := &Backends{webhook: httptest.NewServer(http.HandlerFunc(judge))}
	var err error
	if b.data, err = os.MkdirTemp("", "sluice-conformance-"); err != nil {
		return nil, err
	}
	b.binary = filepath.Join(root, "build", "sluice")
	for _, made := range []string{b.binary, filepath.Join(root, "build", "model")} {
		if _, err := os.Stat(made); err != nil {
			return nil, errors.Join(fmt.Errorf("%w: make build model makes it", err), b.Close())
		}
	}
	file := filepath.Join(b.data, "sluice.yaml")
	text := strings.NewReplacer(append(b.addresses(), "http://companion", "http://127.0.0.1:1")...).Replace(Guarded.Text)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	b.Companion, err = sidecar.Start(context.Background(), sidecar.Options{Binary: b.binary, Args: []string{"--data", b.data, "-c", file}})
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (b *Backends) addresses() []string { return []string{"http://webhook", b.webhook.URL} }

// Policy is a policy's text with the addresses of what stands behind the gateway: pairs of
// what it says, and what is there.
func (b *Backends) Policy(p *Policy, more ...string) string {
	return strings.NewReplacer(append(append(b.addresses(), more...), "http://companion", b.Companion.URL)...).Replace(p.Text)
}

// Close ends them.
func (b *Backends) Close() error {
	b.webhook.Close()
	var err error
	if b.Companion != nil {
		err = b.Companion.Stop()
	}
	return errors.Join(err, os.RemoveAll(b.data))
}

// judge finds weapons, by the contract of docs/guards-webhook.md.
func judge(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	switch {
	case err != nil:
		w.WriteHeader(http.StatusBadRequest)
	case strings.Contains(string(body), "weapon"):
		_, _ = io.WriteString(w, `{"result":"found","kinds":["weapons"]}`)
	default:
		_, _ = io.WriteString(w, `{"result":"clean"}`)
	}
}
