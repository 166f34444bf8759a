package disk

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/storetest"
)

const (
	killDim     = 64
	killWriters = 4
	killKeys    = 150 // of each writer
)

// A process that writes is killed at any moment, again and again. Whatever a call returned
// for is there afterwards, nothing that was deleted, evicted or replaced comes back, and
// nothing is damaged. SLUICE_KILL_ROUNDS sets how often.
func TestKilled(t *testing.T) {
	rounds := 8
	if n, err := strconv.Atoi(os.Getenv("SLUICE_KILL_ROUNDS")); err == nil {
		rounds = n
	}
	for name, o := range map[string]Options{
		"with room":   {},
		"evicting":    {MaxEntries: 300, MaxBytes: 2 << 20},
		"each synced": {MaxBytes: 8 << 20, Sync: -1}, // room for all that is live
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, m := t.TempDir(), model{}
			r := rand.New(rand.NewPCG(uint64(len(name)), 1))
			for round := range rounds {
				evicted := m.write(t, dir, o, uint64(round), time.Duration(10+r.IntN(150))*time.Millisecond)
				m.verify(t, dir, o, evicted)
			}
		})
	}
}

// model is what may be found of each key: one of its versions; 0 = nothing.
type model map[int][]int

// write runs the child, kills it, and takes note of what it has said.
func (m model) write(t *testing.T, dir string, o Options, seed uint64, after time.Duration) (evicted int) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestKilledChild$")
	c.Env = append(os.Environ(), "SLUICE_KILLED_DIR="+dir, fmt.Sprintf("SLUICE_KILLED=%d %d %d %d", o.MaxEntries, o.MaxBytes, o.Sync, seed))
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan(), "the child did not start")
	require.Equal(t, "open", lines.Text())
	time.AfterFunc(after, func() { _ = c.Process.Kill() })
	for lines.Scan() {
		var what string
		var key, version int
		if n, _ := fmt.Sscan(lines.Text(), &what, &key, &version); n != 3 {
			t.Fatalf("the child said %q", lines.Text())
		}
		switch what {
		case "begin":
			if m[key] == nil {
				m[key] = []int{0}
			}
			m[key] = append(m[key], version)
		case "done":
			m[key] = []int{version}
		case "evicted":
			evicted = max(evicted, key)
		}
	}
	require.Error(t, c.Wait(), "it was killed")
	return evicted
}

func (m model) verify(t *testing.T, dir string, o Options, evicted int) {
	s, err := Open(context.Background(), dir, o)
	require.NoError(t, err)
	ctx, now := context.Background(), time.Now()
	missing := 0
	for key, allowed := range m {
		e, err := s.Get(ctx, killKey(key), now)
		version := 0
		if err == nil {
			version, err = strconv.Atoi(e.Prompt)
			require.NoError(t, err)
			storetest.RequireEqual(t, killEntry(key, version, e.Created), e)
			matches, err := s.Nearest(ctx, store.Query{Scope: e.Scope, Space: e.Space, Vector: e.Vector, K: 1}, now)
			require.NoError(t, err)
			require.Len(t, matches, 1)
			require.Equal(t, e.Key, matches[0].Entry.Key)
		} else {
			require.ErrorIs(t, err, store.ErrNotFound)
		}
		if version == 0 && allowed[0] != 0 && o.MaxEntries > 0 {
			missing++
		} else {
			require.Contains(t, allowed, version, "key %d", key)
		}
		m[key] = []int{version}
	}
	// What is evicted by a put that did not return is not reported.
	require.LessOrEqual(t, missing, evicted+2*killWriters)
	stats, err := s.Stats(ctx)
	require.NoError(t, err)
	if o.MaxEntries > 0 {
		require.LessOrEqual(t, stats.Entries, int64(o.MaxEntries))
	}
	if o.MaxBytes > 0 {
		require.LessOrEqual(t, stats.Bytes, o.MaxBytes)
	}
	require.LessOrEqual(t, s.Corrupt(), int64(1), "one record was being written")
	require.NoError(t, s.Close())
}

func killKey(key int) store.Key { return storetest.KeyOf(fmt.Sprint("killed ", key)) }

func killEntry(key, version int, created time.Time) *store.Entry {
	e := storetest.Sample(fmt.Sprint(key, " ", version), killDim, created)
	e.Key, e.Scope, e.Prompt = killKey(key), storetest.KeyOf(fmt.Sprint(key%7)), fmt.Sprint(version)
	for len(e.Answer) < version%5000 {
		e.Answer = append(e.Answer, e.Answer...)
	}
	return e
}

// TestKilledChild is the process that is killed.
func TestKilledChild(t *testing.T) {
	dir := os.Getenv("SLUICE_KILLED_DIR")
	if dir == "" {
		t.Skip("is run by TestKilled")
	}
	var o Options
	var seed uint64
	_, err := fmt.Sscan(os.Getenv("SLUICE_KILLED"), &o.MaxEntries, &o.MaxBytes, &o.Sync, &seed)
	require.NoError(t, err)
	s := open(t, dir, o)
	var mu sync.Mutex
	say := func(format string, a ...any) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = os.Stdout.WriteString(fmt.Sprintf(format, a...) + "\n") // one write, no buffer
	}
	say("open")
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var wait sync.WaitGroup
	for w := range killWriters {
		wait.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(w)))
			for ctx.Err() == nil {
				key := w*killKeys + r.IntN(killKeys)
				version := 1 + int(r.Uint32()>>2)
				switch r.IntN(8) {
				case 0:
					say("begin %d 0", key)
					k := killKey(key)
					if _, err := s.Delete(ctx, store.Filter{Key: &k}); err != nil {
						panic(err)
					}
					say("done %d 0", key)
				case 1:
					_ = s.Used(ctx, killKey(key), time.Now().Add(time.Duration(r.IntN(100))*time.Hour))
				default:
					say("begin %d %d", key, version)
					err := s.Put(ctx, killEntry(key, version, time.Now().Truncate(time.Millisecond)))
					if err != nil && !errors.Is(err, context.DeadlineExceeded) {
						panic(err)
					}
					say("done %d %d", key, version)
				}
				if stats, err := s.Stats(ctx); err == nil && stats.Evicted > 0 {
					say("evicted %d 0", stats.Evicted)
				}
			}
		})
	}
	wait.Wait()
}
