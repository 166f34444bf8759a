package conformance

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sluice-gateway/sluice/internal/mock"
)

// servers are the providers' servers, as policies name them. Each speaks both APIs.
var servers = []string{"alpha", "beta", "claude", "open"}

// Providers are the servers behind one gateway.
type Providers struct {
	servers map[string]*mock.Server
	listen  bool
}

// StartProviders starts servers that listen.
func StartProviders() (*Providers, error) { return newProviders(true) }

func newProviders(listen bool) (*Providers, error) {
	p := &Providers{servers: map[string]*mock.Server{}, listen: listen}
	start := mock.New
	if listen {
		start = mock.Start
	}
	for _, name := range servers {
		server, err := start(mock.Options{})
		if err != nil {
			return nil, err
		}
		p.servers[name] = server
	}
	return p, nil
}

// Close ends them.
func (p *Providers) Close() (err error) {
	for _, s := range p.servers {
		if p.listen {
			err = errors.Join(err, s.Close())
		}
	}
	return err
}

// Addresses are pairs of what stands for a server's URL in a policy, and the URL.
func (p *Providers) Addresses() (pairs []string) {
	for name, s := range p.servers {
		pairs = append(pairs, "http://"+name, s.URL())
	}
	return pairs
}

// saying is what a provider says that has no script.
func saying(name string) string { return "It is " + name + " who says this." }

// script makes the servers behave as a scenario has it, and forget all that was before.
func (p *Providers) script(scripts map[string]string) error {
	for name, s := range p.servers {
		text := "defaults: {answer: {text: " + saying(name) + "}}\n" + scripts[name]
		if strings.Contains(scripts[name], "defaults:") {
			text = scripts[name]
		}
		if err := s.Script(text); err != nil {
			return fmt.Errorf("the script of %s: %w", name, err)
		}
		s.Reset()
	}
	return nil
}

// arrived are the requests that have come since the last script, in order.
func (p *Providers) arrived() []Got {
	type at struct {
		time.Time
		Got
	}
	var all []at
	for name, s := range p.servers {
		for _, r := range s.Requests() {
			all = append(all, at{r.Time, Got{To: name, Path: r.Path, Header: r.Header, Body: string(r.Body)}})
		}
	}
	slices.SortStableFunc(all, func(a, b at) int { return a.Compare(b.Time) })
	got := make([]Got, len(all))
	for i := range all {
		got[i] = all[i].Got
	}
	return got
}
