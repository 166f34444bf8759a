//go:build wasip1

package main

import (
	"github.com/sluice-gateway/sluice/budget"
	"github.com/sluice-gateway/sluice/filter/internal/abi"
)

// sharedData is the host's shared data. Which rules it has is known only once the
// host is.
type sharedData struct {
	host  *host
	rules budget.Rules
	store budget.Store
}

func store(h *host) budget.Store { return &sharedData{host: h} }

func (d *sharedData) at() budget.Store {
	if d.store == nil || d.rules != d.host.rules {
		d.rules = d.host.rules
		d.store = budget.NewSharedStore(hostData{}, d.rules)
	}
	return d.store
}

func (d *sharedData) Get(key string) ([]byte, budget.Version, error) { return d.at().Get(key) }

func (d *sharedData) Set(key string, value []byte, v budget.Version) error {
	return d.at().Set(key, value, v)
}

// hostData is the two host calls.
type hostData struct{}

func (hostData) Get(key string) (value []byte, cas uint32, found bool, err error) {
	value, cas, status := abi.SharedData(nil, key)
	switch status {
	case abi.OK:
		return value, cas, true, nil
	case abi.NotFound:
		return nil, 0, false, nil
	}
	return nil, 0, false, status
}

func (hostData) Set(key string, value []byte, cas uint32) error {
	switch status := abi.SetSharedData(key, value, cas); status {
	case abi.OK:
		return nil
	case abi.CasMismatch:
		return budget.ErrConflict
	default:
		return status
	}
}
