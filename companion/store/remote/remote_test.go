package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/storetest"
)

func TestRecord(t *testing.T) {
	now := time.Now().UTC()
	full := storetest.Sample("a", 8, now)
	for _, e := range []*store.Entry{
		full, {}, {Answer: []byte{}}, {Labels: []store.Label{{}, {Name: "\x00", Value: "\xff"}}},
		{Created: time.Unix(0, 0), Expires: time.Unix(0, -1), Saves: -1 << 63},
	} {
		record := Encode(e)
		got, err := Decode(record)
		require.NoError(t, err)
		got.Vector = e.Vector
		storetest.RequireEqual(t, e, got)
		require.True(t, e.Created.Equal(got.Created) && e.Expires.Equal(got.Expires), "%v %v", e.Created, got.Created)
		require.Equal(t, e.Labels, got.Labels)
		clear(record) // what was decoded is its own
		require.Equal(t, e.Model, got.Model)
		require.Equal(t, string(e.Answer), string(got.Answer))
	}
	record := Encode(full)
	for cut := range len(record) - len(full.Answer) {
		_, err := Decode(record[:cut])
		require.Error(t, err, "the first %d bytes", cut)
	}
	record[0]++
	_, err := Decode(record)
	require.ErrorContains(t, err, "not an entry of this cache")
}

// Whatever is decoded is encoded to the same again, and nothing makes Decode panic or take
// more memory than its input.
func FuzzDecode(f *testing.F) {
	f.Add(Encode(storetest.Sample("a", 8, time.Unix(1e9, 0))))
	f.Add([]byte{recordVersion})
	f.Add(append(Encode(&store.Entry{})[:70], 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := Decode(b)
		if err != nil {
			return
		}
		again, err := Decode(Encode(e))
		require.NoError(t, err)
		require.Equal(t, e, again)
	})
}

func TestVector(t *testing.T) {
	v := []float32{0, 1, -0.1, 3.4e38, 1e-45}
	b := AppendVector([]byte{}, v)
	require.Len(t, b, 4*len(v))
	got, err := Vector(b)
	require.NoError(t, err)
	require.Equal(t, v, got)
	got, err = Vector(nil)
	require.NoError(t, err)
	require.Nil(t, got)
	_, err = Vector(b[:5])
	require.Error(t, err)
}

func TestWords(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range []store.Label{{Name: "a", Value: "bc"}, {Name: "ab", Value: "c"}, {Name: "abc"}, {Value: "abc"}, {Name: "1:a", Value: "b"}, {Name: "1", Value: ":ab"}} {
		word := LabelWord(l)
		require.Len(t, word, 32)
		require.False(t, seen[word], "%q", l)
		seen[word] = true
	}
}

// A server that proposes what it must not is overruled.
func TestNearestDropsWhatAServerMustNotPropose(t *testing.T) {
	now := time.Now()
	good := storetest.Sample("good", 8, now)
	better := storetest.Sample("good", 8, now)
	better.Key = storetest.KeyOf("better")
	good.Vector = append([]float32{}, good.Vector...)
	good.Vector[0] = -good.Vector[0]
	wrong := func(change func(e *store.Entry)) *store.Entry {
		e := storetest.Sample("good", 8, now)
		change(e)
		return e
	}
	q := store.Query{Scope: better.Scope, Space: better.Space, Vector: better.Vector, K: 3}
	matches := Nearest(q, now, []*store.Entry{
		wrong(func(e *store.Entry) { e.Scope[31] ^= 1 }), wrong(func(e *store.Entry) { e.Space += " " }),
		wrong(func(e *store.Entry) { e.Vector = e.Vector[:7] }), wrong(func(e *store.Entry) { e.Vector = nil }),
		wrong(func(e *store.Entry) { e.Expires = now }),
		good, better,
	})
	require.Len(t, matches, 2)
	require.Equal(t, better.Key, matches[0].Entry.Key)
	require.InDelta(t, 1, matches[0].Similarity, 1e-6)
	require.InDelta(t, storetest.Cosine(good.Vector, q.Vector), matches[1].Similarity, 1e-6)
	q.K = 1
	require.Len(t, Nearest(q, now, []*store.Entry{good, better}), 1)
	require.Empty(t, Nearest(q, now, nil))
}

func TestSelects(t *testing.T) {
	e := storetest.Sample("a", 0, time.Now())
	other := storetest.KeyOf("other")
	require.True(t, Selects(store.Filter{}, e))
	require.True(t, Selects(store.Filter{Key: &e.Key, Scope: &e.Scope, Model: e.Model, Labels: e.Labels, Before: e.Created.Add(1)}, e))
	for _, f := range []store.Filter{{Key: &other}, {Scope: &other}, {Model: "x"}, {Labels: []store.Label{{Name: "team"}}}, {Before: e.Created}} {
		require.False(t, Selects(f, e), "%+v", f)
	}
}

func TestLimit(t *testing.T) {
	ctx, cancel := Limit(context.Background(), time.Hour)
	_, limited := ctx.Deadline()
	require.True(t, limited)
	cancel()
	require.ErrorIs(t, ctx.Err(), context.Canceled)
	given, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	ctx, cancel = Limit(given, time.Nanosecond)
	cancel()
	require.NoError(t, ctx.Err(), "the caller's deadline stands")
}

func TestFailed(t *testing.T) {
	cause := errors.New("cause")
	require.EqualError(t, Failed(context.Background(), "redis://a", "get 1", cause), "redis://a: get 1: cause")
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	err := Failed(gone, "redis://a", "get 1", cause)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, cause)
	err = Failed(context.Background(), "redis://a", "get 1", fmt.Errorf("read: %w", os.ErrDeadlineExceeded))
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestAddressShowsNoSecret(t *testing.T) {
	u, err := url.Parse("postgres://me:secret@host:5432/db?password=secret#secret")
	require.NoError(t, err)
	require.Equal(t, "postgres://host:5432/db", Address(u))
}

// Stop ends a purge under way and waits for it.
func TestEvery(t *testing.T) {
	began, ended := make(chan bool, 1), false
	stop := Every(time.Millisecond, func(ctx context.Context) {
		select {
		case began <- true:
		default:
		}
		<-ctx.Done()
		ended = true
	})
	<-began
	stop()
	require.True(t, ended)
	never := Every(time.Hour, func(context.Context) { t.Error("not yet") })
	never()
}

func TestEncodeIsOneOfAKind(t *testing.T) {
	a, b := storetest.Sample("a", 0, time.Unix(1, 0)), storetest.Sample("a", 0, time.Unix(1, 0))
	require.True(t, bytes.Equal(Encode(a), Encode(b)))
}
