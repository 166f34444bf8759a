package wasmhost_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
)

func TestSharedData(t *testing.T) {
	const rules = `
		request_headers: shared k; share k a 7; shared k; share k b 0; shared k; share k c 1; share-next k d; shared k; share k; shared k
	`
	for _, tt := range []struct {
		profile wasmhost.Profile
		notes   []string
	}{
		{wasmhost.Envoy, []string{
			"shared k = host: not found cas 0",
			"share k a 7 = ok", // a version for an absent key inserts
			`shared k = "a" cas 1`,
			"share k b 0 = ok", // 0 overwrites
			`shared k = "b" cas 2`,
			"share k c 1 = host: changed since it was read",
			"share-next k d = ok",
			`shared k = "d" cas 3`,
			"share k = ok", // an empty value is a value
			`shared k = "" cas 4`,
		}},
		{wasmhost.Kong, []string{
			"shared k = host: not found cas 0",
			"share k a 7 = host: changed since it was read",
			"shared k = host: not found cas 0",
			"share k b 0 = ok", // 0 is only if absent
			`shared k = "b" cas 1`,
			"share k c 1 = ok",
			"share-next k d = ok",
			`shared k = "d" cas 3`,
			"share k = host: changed since it was read",
			`shared k = "d" cas 3`,
		}},
	} {
		t.Run(tt.profile.String(), func(t *testing.T) {
			vm, plugin := start(t, on(tt.profile), rules)
			plugin.NewStream(nil).RequestHeaders(get("/x").Headers, true)
			require.Equal(t, tt.notes, notes(vm)[1:])
		})
	}
}

// Before Kong 3.7 a value that is longer than the key's is written over what is behind it.
func TestKongLongerValue(t *testing.T) {
	for version, problem := range map[string]string{"3.6.1": "a value of k that is longer than the one before", "3.7.1": ""} {
		for _, row := range []struct{ rules, problem string }{
			{"share k ab 0; share-next k cd; share-next k e", ""},
			{"share k ab 0; share-next k abc", problem},
		} {
			o := on(wasmhost.Kong)
			o.Version = version
			_, plugin := start(t, o, "request_headers: "+row.rules)
			s := plugin.NewStream(nil)
			s.RequestHeaders(get("/x").Headers, true)
			if row.problem == "" {
				require.NoError(t, s.Trapped(), version)
			} else {
				require.ErrorContains(t, s.Trapped(), row.problem, version)
			}
		}
	}
}

// The two words have one CRC32.
func TestSharedDataCollision(t *testing.T) {
	for profile, want := range map[wasmhost.Profile]string{
		wasmhost.Envoy: "shared buckeroo = host: not found cas 0",
		wasmhost.Kong:  `shared buckeroo = "a" cas 1`,
	} {
		vm, plugin := start(t, on(profile), "request_headers: share plumless a 0; shared buckeroo")
		plugin.NewStream(nil).RequestHeaders(get("/x").Headers, true)
		require.Equal(t, want, notes(vm)[2])
	}
}

func TestSharedDataDirectly(t *testing.T) {
	d := wasmhost.NewSharedData(wasmhost.Kong)
	require.True(t, d.Set("k", []byte("aaaa"), 0))
	_, cas, _ := d.Get("k")
	require.True(t, d.Set("k", []byte("bbbbbb"), cas))
	require.False(t, d.Set("k", []byte("c"), cas))

	d.TearReads(2)
	var got []string
	for range 4 {
		value, _, ok := d.Get("k")
		require.True(t, ok)
		got = append(got, string(value))
	}
	require.Equal(t, []string{"bbbabb", "bbbbbb", "bbbabb", "bbbbbb"}, got)

	_, cas, _ = d.Get("k")
	require.True(t, d.Set("k", nil, cas), "an empty value deletes")
	require.Zero(t, d.Len())

	require.True(t, d.Set("k", []byte("a"), 0))
	d.Evict("k")
	_, _, ok := d.Get("k")
	require.False(t, ok)
}

// Kong's keys count by themselves and begin anew: a write that was begun before an eviction passes
// for the next of what came after it.
func TestKongCountsAnew(t *testing.T) {
	for profile, passes := range map[wasmhost.Profile]bool{wasmhost.Envoy: false, wasmhost.Kong: true} {
		d := wasmhost.NewSharedData(profile)
		require.True(t, d.Set("other", []byte("x"), 0))
		require.True(t, d.Set("k", []byte("a"), 0))
		_, before, _ := d.Get("k")
		d.Evict("k")
		require.True(t, d.Set("k", []byte("b"), 0))
		require.Equal(t, passes, d.Set("k", []byte("stale"), before))
	}
	d := wasmhost.NewSharedData(wasmhost.Kong)
	require.False(t, d.Set("k", nil, 0), "what is not there cannot be deleted")
}

// The part of a key before the first / names the zone, and is not in the CRC32: these have one
// with it and not without it, and the other way round.
func TestKongNamespaces(t *testing.T) {
	d := wasmhost.NewSharedData(wasmhost.Kong)
	require.True(t, d.Set("zone/plumless", []byte("a"), 0))
	for key, found := range map[string]bool{"zone/buckeroo": true, "zone/zone/buckeroo": false, "zone/plumless/": false} {
		_, _, ok := d.Get(key)
		require.Equal(t, found, ok, key)
	}
}

// A full zone drops what was longest not used, of the same size first.
func TestKongEvicts(t *testing.T) {
	d := wasmhost.NewSharedData(wasmhost.Kong)
	d.Room(4 * 256)
	value := make([]byte, 100)
	has := func(key string) bool { _, _, ok := d.Get(key); return ok }
	for _, key := range []string{"a", "b", "c", "d"} {
		require.True(t, d.Set(key, value, 0))
	}
	require.True(t, has("a"))
	require.True(t, d.Set("e", value, 0))
	require.Equal(t, 1, d.Evicted())
	require.False(t, has("b"))

	// One that grows has a new node beside the old one for a moment, and counts on. One that
	// becomes smaller keeps its node.
	require.True(t, d.Set("e", make([]byte, 200), 1))
	_, cas, _ := d.Get("e")
	require.EqualValues(t, 2, cas)
	require.Equal(t, 3, d.Evicted())
	require.True(t, d.Set("e", value[:1], 2))
	require.True(t, d.Set("f", value, 0))
	require.Equal(t, 3, d.Evicted())
	require.True(t, d.Set("g", value, 0))
	require.Equal(t, 4, d.Evicted())
	require.False(t, has("a") || has("c") || has("d"))
	require.True(t, has("e") && has("f") && has("g"))
}

// Two workers see each other's writes.
func TestSharedDataBetweenVMs(t *testing.T) {
	shared := wasmhost.NewSharedData(wasmhost.Envoy)
	_, one := start(t, wasmhost.Options{Shared: shared}, "request_headers: share k a 0")
	vm, two := start(t, wasmhost.Options{Shared: shared}, "request_headers: shared k")
	one.NewStream(nil).RequestHeaders(get("/x").Headers, true)
	two.NewStream(nil).RequestHeaders(get("/x").Headers, true)
	require.Equal(t, `shared k = "a" cas 1`, notes(vm)[1])
}

// Workers run at the same time on one store. That each sees only whole values is what
// the race detector and the probe's own reading check.
func TestVMsInParallel(t *testing.T) {
	shared := wasmhost.NewSharedData(wasmhost.Envoy)
	var wg sync.WaitGroup
	for worker := range 4 {
		vm, plugin := start(t, wasmhost.Options{Shared: shared, NoTrace: true},
			"request_headers: share-next k "+strings.Repeat(strconv.Itoa(worker), 20)+"; shared k")
		wg.Go(func() {
			for range 50 {
				plugin.Exchange(get("/x"), streamed("a"))
			}
			for _, note := range notes(vm) {
				if value, ok := strings.CutPrefix(note, "shared k = "); ok {
					assert.Regexp(t, `^"(0{20}|1{20}|2{20}|3{20})" cas \d+$`, value)
				}
			}
		})
	}
	wg.Wait()
	_, cas, ok := shared.Get("k")
	require.True(t, ok)
	require.LessOrEqual(t, cas, uint32(200))
}
