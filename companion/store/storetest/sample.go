package storetest

import (
	"crypto/sha256"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
)

// start is when the entries of a test were made: the present, since servers that expire
// entries do it by their own clock. Whole milliseconds are what every store keeps.
func start() time.Time { return time.Now().Truncate(time.Millisecond).UTC() }

// KeyOf is the key of a text.
func KeyOf(text string) store.Key { return sha256.Sum256([]byte(text)) }

// Sample makes an entry whose every field is set. Entries of one name are equal.
func Sample(name string, dim int, now time.Time) *store.Entry {
	seed := KeyOf(name)
	r := rand.New(rand.NewChaCha8(seed))
	return &store.Entry{
		Key:     seed,
		Scope:   KeyOf("scope"),
		Space:   "test/1",
		Vector:  Vector(r, dim),
		Prompt:  "what is " + name + "?",
		Answer:  []byte(`{"answer":"` + name + `"}`),
		Model:   "gpt-4o",
		Labels:  []store.Label{{Name: "team", Value: "blue"}, {Name: "user", Value: name}},
		Created: now,
		Expires: now.Add(time.Hour),
		Saves:   1200,
	}
}

// Vector is a random one of unit length.
func Vector(r *rand.Rand, dim int) []float32 {
	v := make([]float32, dim)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return unit(v)
}

// Near is a vector of unit length whose cosine to v is about the given one.
func Near(r *rand.Rand, v []float32, cosine float64) []float32 {
	noise := Vector(r, len(v))
	along := Cosine(v, noise)
	near := make([]float32, len(v))
	side := math.Sqrt((1 - cosine*cosine) / (1 - along*along))
	for i := range v {
		near[i] = float32(cosine*float64(v[i]) + side*(float64(noise[i])-along*float64(v[i])))
	}
	return unit(near)
}

func unit(v []float32) []float32 {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	for i := range v {
		v[i] = float32(float64(v[i]) / math.Sqrt(sum))
	}
	return v
}

// Cosine is what a store's similarity must equal to 1e-5.
func Cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return ab / math.Sqrt(aa*bb)
}

// RequireEqual compares all fields of two entries. A time has to be kept to the
// millisecond, a vector exactly; labels are a set; empty and nil are the same.
func RequireEqual(t testing.TB, want, got *store.Entry) {
	t.Helper()
	require.NotNil(t, got)
	require.Equal(t, want.Key, got.Key)
	require.Equal(t, want.Scope, got.Scope)
	require.Equal(t, want.Space, got.Space)
	require.Equal(t, len(want.Vector), len(got.Vector))
	for i := range want.Vector {
		require.Equal(t, want.Vector[i], got.Vector[i], "number %d of the vector", i)
	}
	require.True(t, want.Prompt == got.Prompt, "prompt: %s", difference(want.Prompt, got.Prompt))
	require.True(t, string(want.Answer) == string(got.Answer), "answer: %s", difference(string(want.Answer), string(got.Answer)))
	require.Equal(t, want.Model, got.Model)
	require.ElementsMatch(t, want.Labels, got.Labels)
	require.Equal(t, want.Created.UnixMilli(), got.Created.UnixMilli(), "created")
	require.Equal(t, want.Expires.UnixMilli(), got.Expires.UnixMilli(), "expires")
	require.Equal(t, want.Saves, got.Saves)
}

// difference says where two texts part, since a diff of a megabyte helps nobody.
func difference(want, got string) string {
	for i := range min(len(want), len(got)) {
		if want[i] != got[i] {
			return fmt.Sprintf("byte %d of %d is %#x, want %#x", i, len(want), got[i], want[i])
		}
	}
	return fmt.Sprintf("%d bytes, want %d", len(got), len(want))
}

// selects is Filter's documentation in code: the oracle of Delete.
func selects(f store.Filter, e *store.Entry) bool {
	if f.Key != nil && *f.Key != e.Key || f.Scope != nil && *f.Scope != e.Scope {
		return false
	}
	if f.Model != "" && f.Model != e.Model || !f.Before.IsZero() && !e.Created.Before(f.Before) {
		return false
	}
	for _, want := range f.Labels {
		found := false
		for _, l := range e.Labels {
			found = found || l == want
		}
		if !found {
			return false
		}
	}
	return true
}
