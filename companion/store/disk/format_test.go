package disk

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/storetest"
)

// contents are all files of a directory.
func contents(t *testing.T, dir string) map[string]string {
	files := map[string]string{}
	names, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, n := range names {
		b, err := os.ReadFile(filepath.Join(dir, n.Name()))
		require.NoError(t, err)
		files[n.Name()] = string(b)
	}
	return files
}

func write(t *testing.T, dir string, files map[string]string) {
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
}

// What is not known is refused, with its version and ours, and left as it was.
func TestUnknownFormat(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		says  string
	}{
		"newer":     {map[string]string{"format": "sluice store 2\nall else is different\x00", "00000001.log": "records"}, "it has version 2, the newest known is 1"},
		"far newer": {map[string]string{"format": "sluice store 10\nmark 0123456789abcdef\n"}, "it has version 10, the newest known is 1"},
		"other":     {map[string]string{"format": "something else", "data": "x"}, `begins with "something else"`},
		"empty":     {map[string]string{"format": ""}, `begins with ""`},
		"zero":      {map[string]string{"format": "sluice store 0\nmark 0123456789abcdef\n"}, "begins with"},
		"no mark":   {map[string]string{"format": "sluice store 1\n"}, "no mark"},
		"no format": {map[string]string{"00000001.log": "records"}, "1 files of records and no file named format"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, c.files)
			_, err := Open(context.Background(), dir, Options{})
			require.ErrorIs(t, err, ErrFormat)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, dir)
			require.Equal(t, c.files, contents(t, dir))
		})
	}
}

// An older version is brought up one version at a time. What was interrupted is done again.
func TestUpgrades(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, writeFormat(dir, 1, 7))
	var done []int
	fail := true
	steps := map[int]func(string, uint64) error{
		1: func(dir string, mark uint64) error { done = append(done, 1); return writeFormat(dir, 2, mark) },
		2: func(dir string, mark uint64) error {
			if done = append(done, 2); fail {
				return errors.New("no room")
			}
			return writeFormat(dir, 3, mark)
		},
	}
	_, err := prepare(dir, 3, steps)
	require.EqualError(t, err, "upgrade from version 2: no room")
	fail = false
	mark, err := prepare(dir, 3, steps)
	require.NoError(t, err)
	require.EqualValues(t, 7, mark)
	require.Equal(t, []int{1, 2, 2}, done)
	version, _, err := readFormat(dir, 3)
	require.NoError(t, err)
	require.Equal(t, 3, version)
}

// first are the entries of testdata/v1, made by hand so that nothing but the format can
// change them.
func first() (entries []*store.Entry, made time.Time) {
	made = time.Date(2026, 5, 1, 12, 0, 0, 123456789, time.UTC)
	for i := range 8 {
		e := &store.Entry{
			Key: store.Key{byte(i), 1}, Scope: store.Key{byte(i % 2), 2}, Space: "minilm/1", Vector: make([]float32, 16),
			Prompt: "prompt \x00 é", Answer: []byte{0, 1, 2, byte(i)}, Model: "gpt-4o",
			Labels: []store.Label{{Name: "team", Value: "blue"}}, Created: made, Expires: made.AddDate(1000, 0, 0), Saves: int64(i),
		}
		e.Vector[i], e.Vector[15] = 0.6, 0.8
		entries = append(entries, e)
	}
	entries[6].Vector, entries[7].Labels = nil, nil
	return entries, made
}

// A directory that version 1 wrote is read, whatever the present version is. It has a record
// of each kind: 5 was put twice, 3 deleted, 2 used.
// SLUICE_WRITE_FIXTURE writes a new one, which is for a new version and never for an old.
func TestFirstFormat(t *testing.T) {
	entries, made := first()
	ctx := context.Background()
	if dir := os.Getenv("SLUICE_WRITE_FIXTURE"); dir != "" {
		s := open(t, dir, Options{HalfLife: time.Hour})
		replaced := *entries[5]
		replaced.Answer = []byte("old")
		put(t, s, &replaced)
		put(t, s, entries...)
		_, err := s.Delete(ctx, store.Filter{Key: &entries[3].Key})
		require.NoError(t, err)
		require.NoError(t, s.Used(ctx, entries[2].Key, made.Add(24*time.Hour)))
		require.NoError(t, s.Close())
	}
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "v1"))))
	for range 2 { // the second reads what the first has left
		s := open(t, dir, Options{})
		for i, e := range entries {
			got, err := s.Get(ctx, e.Key, made)
			if i == 3 {
				require.ErrorIs(t, err, store.ErrNotFound)
				continue
			}
			require.NoError(t, err, "entry %d", i)
			storetest.RequireEqual(t, e, got)
			require.True(t, e.Created.Equal(got.Created))
			if e.Vector == nil {
				continue
			}
			matches, err := s.Nearest(ctx, store.Query{Scope: e.Scope, Space: e.Space, Vector: e.Vector, K: 1}, made)
			require.NoError(t, err)
			storetest.RequireEqual(t, e, matches[0].Entry)
		}
		slot, _, err := s.lookup(entries[2].Key)
		require.NoError(t, err)
		require.Equal(t, seconds(made.Add(24*time.Hour)), s.index.meta(slot).used)
		require.Zero(t, s.Corrupt())
		require.NoError(t, s.Close())
	}
}
