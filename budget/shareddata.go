package budget

// SharedData is a proxy-wasm host's shared data as the host calls give it:
// proxy_get_shared_data and proxy_set_shared_data.
type SharedData interface {
	// Get returns a key's value and its cas; found is false, and err nil, where the
	// host says that there is no such key.
	Get(key string) (value []byte, cas uint32, found bool, err error)

	// Set stores value under the host's own rules for cas, and returns ErrConflict
	// where the host says that cas does not match. value is not kept.
	Set(key string, value []byte, cas uint32) error
}

// Rules says what a host takes a cas for. The hosts agree on one thing only: the cas of
// a read replaces exactly what was read.
type Rules struct {
	insert uint32
	fixed  bool // what has been written must not be written over by what is longer
}

var (
	// EnvoyRules: a cas of 0 overwrites whatever is there. On a key that is not there
	// any cas inserts, and a wrong one is refused on a key that is, so inserting needs
	// one that no value has. Envoy counts a value's cas up from 1, once for each Set of
	// the process, so this one is taken for a moment once in 2^32 Sets; only an insert
	// that races with that very Set could be mistaken for its successor.
	EnvoyRules = Rules{insert: 1<<32 - 1}

	// KongRules: a cas of 0 inserts, and is refused on a key that is there.
	KongRules = Rules{insert: 0}

	// Kong36Rules: and a value that is longer than the one before is written over what
	// stands behind that (Kong before 3.7). So pages, the only values of ours whose length
	// changes, are all of the longest one's there, with their own in the last two bytes.
	// https://github.com/Kong/ngx_wasm_module/pull/520
	Kong36Rules = Rules{insert: 0, fixed: true}
)

const fixedLen = pageMax + 2

// NewSharedStore makes a Store of a host's shared data.
func NewSharedStore(host SharedData, rules Rules) Store { return &sharedStore{host, rules} }

type sharedStore struct {
	host  SharedData
	rules Rules
}

func (s *sharedStore) Get(key string) ([]byte, Version, error) {
	value, cas, found, err := s.host.Get(key)
	switch {
	case err != nil:
		return nil, Absent, err
	case !found:
		return nil, Absent, nil
	case cas == 0:
		// No host gives one. Handing it back would overwrite on Envoy.
		return nil, Absent, ErrForeign
	}
	if n := len(value); s.rules.fixed && n == fixedLen {
		value = value[:min(pageMax, int(value[n-2])|int(value[n-1])<<8)]
	}
	return value, Version(cas), nil
}

func (s *sharedStore) Set(key string, value []byte, version Version) error {
	if n := len(value); s.rules.fixed && isPage(key) {
		value = append(make([]byte, 0, fixedLen), value...)[:fixedLen]
		value[pageMax], value[pageMax+1] = byte(n), byte(n>>8)
	}
	if version == Absent {
		return s.host.Set(key, value, s.rules.insert)
	}
	return s.host.Set(key, value, uint32(version))
}
