package replay

import "github.com/sluice-gateway/sluice/budget"

// store holds the budgets' state while records are replayed.
type store map[string]entry

type entry struct {
	value   []byte
	version budget.Version
}

func (s store) Get(key string) ([]byte, budget.Version, error) {
	e := s[key]
	return e.value, e.version, nil
}

func (s store) Set(key string, value []byte, version budget.Version) error {
	e := s[key]
	if e.version != version {
		return budget.ErrConflict
	}
	s[key] = entry{append([]byte(nil), value...), version + 1}
	return nil
}
