package disk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/storetest"
)

// Whatever is done to the files, what is served is an entry as it was put, the undamaged
// ones are all served, and the damage is counted.
func TestDamagedFiles(t *testing.T) {
	now := day
	o := at(&now, Options{MaxBytes: 8 << 20}) // segments of 256 KiB
	dir := t.TempDir()
	s := open(t, dir, o)
	var entries []*store.Entry
	for i := range 300 {
		e := storetest.Sample(fmt.Sprint(i), 32, day)
		e.Answer = bytes.Repeat([]byte{byte(i)}, 2000)
		entries = append(entries, e)
	}
	put(t, s, entries...)
	require.NoError(t, s.Close())
	files := contents(t, dir)
	require.Greater(t, len(files), 4, "several segments")

	r := rand.New(rand.NewPCG(1, 1))
	for name, c := range map[string]struct {
		lost   int // at most
		damage func(b []byte) []byte
	}{
		"a bit":           {1, func(b []byte) []byte { b[r.IntN(len(b))] ^= 1 << r.IntN(8); return b }},
		"zeros":           {4, func(b []byte) []byte { at := r.IntN(len(b) - 4096); clear(b[at : at+4096]); return b }},
		"cut":             {125, func(b []byte) []byte { return b[:r.IntN(len(b))] }},
		"bytes taken out": {2, func(b []byte) []byte { at := r.IntN(len(b) - 1); return append(b[:at], b[at+1:]...) }},
		"bytes in between": {1, func(b []byte) []byte {
			at := r.IntN(len(b))
			return append(append(bytes.Clone(b[:at]), "garbage"...), b[at:]...)
		}},
		"nothing left": {125, func([]byte) []byte { return nil }},
	} {
		t.Run(name, func(t *testing.T) {
			for round := range 8 {
				dir := t.TempDir()
				write(t, dir, files)
				path := segmentPath(dir, uint32(1+round%3))
				b, err := os.ReadFile(path)
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(path, c.damage(b), 0o600))
				lost := -1
				for range 2 { // what was found damaged once does not grow
					var said bytes.Buffer
					o := o
					o.Log = slog.New(slog.NewTextHandler(&said, nil))
					s := open(t, dir, o)
					stats, err := s.Stats(context.Background())
					require.NoError(t, err)
					require.Equal(t, s.Corrupt(), stats.Damaged)
					require.Equal(t, stats.Damaged > 0, said.Len() > 0, "%d places: %s", stats.Damaged, &said)
					if said.Len() > 0 {
						require.Equal(t, 1, strings.Count(said.String(), "\n"), "one line: %s", &said)
						require.Contains(t, said.String(), "file="+path+" offset=")
						require.Regexp(t, ` bytes=[1-9]`, said.String())
					}
					missing := 0
					for _, e := range entries {
						got, err := s.Get(context.Background(), e.Key, day)
						if err != nil {
							require.ErrorIs(t, err, store.ErrNotFound)
							missing++
							continue
						}
						storetest.RequireEqual(t, e, got)
					}
					require.LessOrEqual(t, missing, c.lost)
					if lost < 0 && missing > 0 && c.lost < 10 { // the first time: a damaged end is then cut off
						require.Positive(t, s.Corrupt())
					}
					if lost >= 0 {
						require.Equal(t, lost, missing)
					}
					lost = missing
					put(t, s, storetest.Sample("new", 32, day))
					require.NoError(t, s.Close())
				}
			}
		})
	}
}

// A record that goes bad while the store is open is noticed when it is read, and removed.
func TestDamagedWhileOpen(t *testing.T) {
	now := day
	dir := t.TempDir()
	s := open(t, dir, at(&now, Options{}))
	a, b := storetest.Sample("a", 32, day), storetest.Sample("b", 32, day)
	put(t, s, a, b)
	path := filepath.Join(dir, "00000001.log")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteAt([]byte("X"), int64(bytes.Index(text, a.Answer)))
	require.NoError(t, err)
	require.NoError(t, f.Close())
	matches, err := s.Nearest(context.Background(), store.Query{Scope: a.Scope, Space: a.Space, Vector: a.Vector, K: 1}, day)
	require.NoError(t, err)
	for _, m := range matches {
		storetest.RequireEqual(t, b, m.Entry)
	}
	require.False(t, has(t, s, a.Key, day))
	require.True(t, has(t, s, b.Key, day))
	require.Positive(t, s.Corrupt())
	require.Eventually(t, func() bool {
		stats, err := s.Stats(context.Background())
		return err == nil && stats.Entries == 1
	}, 10*time.Second, time.Millisecond)
	put(t, s, a)
	require.True(t, has(t, s, a.Key, day))
}

// An answer that contains a record does not become one when what is around it is damaged:
// whoever wrote it does not know the mark.
func TestForgedRecord(t *testing.T) {
	now := day
	dir := t.TempDir()
	s := open(t, dir, at(&now, Options{}))
	forged, outer := storetest.Sample("forged", 32, day), storetest.Sample("outer", 32, day)
	outer.Answer = append([]byte("padding"), finish(encodeEntry(forged), s.log.mark+1, kindPut)...)
	put(t, s, outer)
	require.NoError(t, s.Close())
	path := segmentPath(dir, 1)
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	b[10] ^= 1
	require.NoError(t, os.WriteFile(path, b, 0o600))
	s = open(t, dir, at(&now, Options{}))
	require.False(t, has(t, s, forged.Key, day))
	require.False(t, has(t, s, outer.Key, day))
	require.EqualValues(t, 1, s.Corrupt())
}

// Payloads are decoded or refused, and what is decoded is written and read as it was.
func FuzzDecodeEntry(f *testing.F) {
	f.Add(encodeEntry(storetest.Sample("a", 3, day))[headerSize:])
	bare := storetest.Sample("b", 0, day)
	bare.Labels, bare.Prompt = nil, ""
	f.Add(encodeEntry(bare)[headerSize:])
	f.Add(make([]byte, vectorAt+15))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := decodeEntry(b)
		if err != nil {
			require.ErrorIs(t, err, errRecord)
			return
		}
		again := encodeEntry(e)[headerSize:]
		require.LessOrEqual(t, len(again), len(b))
		e2, err := decodeEntry(again)
		require.NoError(t, err)
		for i := range e.Vector {
			require.Equal(t, math.Float32bits(e.Vector[i]), math.Float32bits(e2.Vector[i]))
		}
		e.Vector, e2.Vector = nil, nil
		require.Equal(t, e, e2)
	})
}

// Records with anything between and around them are all found, in order.
func FuzzReader(f *testing.F) {
	f.Add([]byte("garbage"), uint8(3), uint16(50))
	f.Add(finish(encodeDead([]place{1, 2}), 42, kindDead), uint8(1), uint16(3))
	f.Fuzz(func(t *testing.T, between []byte, n uint8, size uint16) {
		const mark = 0x1122334455667788
		var file []byte
		var want [][]byte
		for i := range int(n % 8) {
			file = append(file, between...)
			payload := bytes.Repeat([]byte{byte(i)}, int(size))
			want = append(want, payload)
			file = append(file, finish(append(make([]byte, headerSize), payload...), mark, kindPut)...)
		}
		end := len(file)
		file = append(file, between...)
		r := &reader{file: bytes.NewReader(file), size: int64(len(file)), mark: mark}
		for {
			payload, _, _, err := r.read()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			require.NotEmpty(t, want)
			require.Equal(t, want[0], payload)
			want = want[1:]
		}
		require.Empty(t, want)
		require.EqualValues(t, end, r.end)
		if len(between) > 0 {
			require.Positive(t, r.corrupt)
		} else {
			require.Zero(t, r.corrupt)
		}
	})
}

// What is said of a damaged file is where it is and how much.
func TestDamageIsTold(t *testing.T) {
	now := day
	dir := t.TempDir()
	s := open(t, dir, at(&now, Options{}))
	for i := range 20 {
		put(t, s, storetest.Sample(fmt.Sprint(i), 32, day))
	}
	require.NoError(t, s.Close())
	path := segmentPath(dir, 1)
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	size := len(b) / 20 // of each record, but for its number's digits
	b[5*size+headerSize+40] ^= 1
	b[10*size+headerSize+40] ^= 1
	require.NoError(t, os.WriteFile(path, append(b, "half a rec"...), 0o600))
	var said bytes.Buffer
	o := at(&now, Options{Log: slog.New(slog.NewTextHandler(&said, nil))})
	s = open(t, dir, o)
	require.EqualValues(t, 3, s.Corrupt())
	require.Regexp(t, `level=WARN msg="disk: a file is damaged.*" file=\S+/00000001.log offset=\d+ bytes=\d+ places=3\n$`, said.String())
	require.NoError(t, s.Close())
	said.Reset()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString("half")
	require.NoError(t, err)
	require.NoError(t, f.Close())
	s = open(t, dir, o)
	require.Contains(t, said.String(), "places=3", "what was damaged stays so until it is cleared away, and the end is a third place again")
	require.NoError(t, s.Close())
}
