package disk

import (
	"context"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/storetest"
)

func open(t testing.TB, dir string, o Options) *Store {
	t.Helper()
	s, err := Open(context.Background(), dir, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// SLUICE_SCOPE_TRIES sets how often scopes are asked for what others have.
func TestConformance(t *testing.T) {
	tries, _ := strconv.Atoi(os.Getenv("SLUICE_SCOPE_TRIES"))
	dirs := map[store.Store]string{}
	storetest.Run(t, storetest.Options{
		Name:  "disk",
		Tries: tries,
		Reopen: func(t testing.TB, s store.Store) store.Store {
			dir := dirs[s]
			require.NoError(t, s.Close())
			next := open(t, dir, Options{})
			dirs[next] = dir
			return next
		},
	}, func(t *testing.T) store.Store {
		dir := t.TempDir()
		s := open(t, dir, Options{})
		dirs[s] = dir
		return s
	})
}
