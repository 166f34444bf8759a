package late

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/memory"
	"github.com/sluice-gateway/sluice/companion/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, storetest.Options{Name: "memory", Tries: 1000}, func(t *testing.T) store.Store {
		s := Open(func(context.Context) (store.Store, error) { return memory.New(), nil }, slog.New(slog.DiscardHandler))
		require.Eventually(t, func() bool { return s.Ready(context.Background()) == nil }, 10*time.Second, time.Millisecond)
		return s
	})
}

func TestNotYet(t *testing.T) {
	var there atomic.Bool
	down := errors.New("connection refused")
	s := Open(func(context.Context) (store.Store, error) {
		if !there.Load() {
			return nil, down
		}
		return memory.New(), nil
	}, slog.New(slog.DiscardHandler))
	ctx := context.Background()
	require.Eventually(t, func() bool { return errors.Is(s.Ready(ctx), down) }, 10*time.Second, time.Millisecond)
	_, err := s.Get(ctx, store.Key{}, time.Now())
	require.ErrorIs(t, err, ErrNotYet)
	_, err = s.Nearest(ctx, store.Query{}, time.Now())
	require.ErrorIs(t, err, ErrNotYet)
	_, err = s.Delete(ctx, store.Filter{})
	require.ErrorIs(t, err, ErrNotYet)
	_, err = s.Stats(ctx)
	require.ErrorIs(t, err, ErrNotYet)
	require.ErrorIs(t, s.Put(ctx, &store.Entry{}), ErrNotYet)
	require.ErrorIs(t, s.Used(ctx, store.Key{}, time.Now()), ErrNotYet)
	there.Store(true)
	require.Eventually(t, func() bool { return s.Ready(ctx) == nil }, 10*time.Second, time.Millisecond)
	require.NoError(t, s.Close())

	never := Open(func(ctx context.Context) (store.Store, error) {
		<-ctx.Done() // hangs until it is let go
		return nil, ctx.Err()
	}, slog.New(slog.DiscardHandler))
	require.NoError(t, never.Close())
}
