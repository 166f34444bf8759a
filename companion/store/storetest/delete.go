package storetest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
)

func testDeleteByField(s *subject) {
	now := start()
	both := func() (a, b *store.Entry) {
		a, b = Sample("a", s.o.Dim, now), Sample("b", s.o.Dim, now)
		b.Scope, b.Model, b.Created = KeyOf("scope of b"), "claude", now.Add(time.Second)
		b.Labels = []store.Label{{Name: "team", Value: "red"}}
		s.put(a, b)
		return a, b
	}
	a, b := both()
	if namer, ok := s.Store.(store.Namer); ok {
		want := map[string]bool{"team": true}
		for _, l := range a.Labels {
			want[l.Name] = true
		}
		names, err := namer.LabelNames(s.Context())
		require.NoError(s, err)
		require.Equal(s, slices.Sorted(maps.Keys(want)), names)
	}
	for name, f := range map[string]store.Filter{
		"key":    {Key: &a.Key},
		"scope":  {Scope: &a.Scope},
		"model":  {Model: a.Model},
		"label":  {Labels: a.Labels[:1]},
		"labels": {Labels: a.Labels},
		"before": {Before: b.Created},
		"all":    {Key: &a.Key, Scope: &a.Scope, Model: a.Model, Labels: a.Labels, Before: b.Created},
	} {
		require.Equal(s, 1, s.delete(f), name)
		_, err := s.get(a.Key, now)
		require.ErrorIs(s, err, store.ErrNotFound, name)
		require.Empty(s, s.nearest(store.Query{Scope: a.Scope, Space: a.Space, Vector: a.Vector, K: 3}, now), name)
		got, err := s.get(b.Key, now)
		require.NoError(s, err, name)
		RequireEqual(s, b, got)
		require.Len(s, s.nearest(store.Query{Scope: b.Scope, Space: b.Space, Vector: b.Vector, K: 3}, now), 1, name)
		require.Zero(s, s.delete(f), "%s: once more", name)
		both()
	}
	for name, f := range map[string]store.Filter{
		"key of one, scope of the other":   {Key: &a.Key, Scope: &b.Scope},
		"model of one, label of the other": {Model: a.Model, Labels: b.Labels},
		"a label of each":                  {Labels: []store.Label{a.Labels[0], b.Labels[0]}},
		"name without value":               {Labels: []store.Label{{Name: "team"}}},
		"value under another name":         {Labels: []store.Label{{Name: "user", Value: "red"}}},
		"before the first":                 {Before: a.Created},
	} {
		require.Zero(s, s.delete(f), name)
	}
	require.Equal(s, 2, s.delete(store.Filter{}), "no field set selects everything")
	if namer, ok := s.Store.(store.Namer); ok {
		names, err := namer.LabelNames(s.Context())
		require.NoError(s, err)
		require.Empty(s, names, "nobody has any")
	}
	_, err := s.get(b.Key, now)
	require.ErrorIs(s, err, store.ErrNotFound)
}

// Filters made at random delete what the filter's documentation, in code, selects.
func testDeleteByAnyFilter(s *subject) {
	now := start()
	r := rand.New(rand.NewPCG(7, 8))
	left := map[store.Key]*store.Entry{}
	add := func(i int) {
		e := Sample(fmt.Sprint(i), s.o.Dim, now)
		e.Scope = KeyOf(fmt.Sprint("scope ", r.IntN(3)))
		e.Model = fmt.Sprint("model ", r.IntN(3))
		e.Created = now.Add(time.Duration(r.IntN(4)) * time.Second)
		e.Labels = nil
		for _, name := range []string{"team", "user"} {
			if n := r.IntN(4); n > 0 {
				e.Labels = append(e.Labels, store.Label{Name: name, Value: fmt.Sprint(n)})
			}
		}
		if i%5 == 0 {
			e.Vector = nil
		}
		left[e.Key] = e
		s.put(e)
	}
	for i := range 60 {
		add(i)
	}
	for round := range 40 {
		var f store.Filter
		for f.Key == nil && f.Scope == nil && f.Model == "" && f.Labels == nil && f.Before.IsZero() {
			if r.IntN(8) == 0 {
				key := KeyOf(fmt.Sprint(r.IntN(60)))
				f.Key = &key
			}
			if r.IntN(3) == 0 {
				scope := KeyOf(fmt.Sprint("scope ", r.IntN(3)))
				f.Scope = &scope
			}
			if r.IntN(3) == 0 {
				f.Model = fmt.Sprint("model ", r.IntN(3))
			}
			for _, name := range []string{"team", "user"} {
				if r.IntN(3) == 0 {
					f.Labels = append(f.Labels, store.Label{Name: name, Value: fmt.Sprint(1 + r.IntN(3))})
				}
			}
			if r.IntN(3) == 0 {
				f.Before = now.Add(time.Duration(r.IntN(4)) * time.Second)
			}
		}
		want := 0
		for key, e := range left {
			if selects(f, e) {
				delete(left, key)
				want++
			}
		}
		require.Equal(s, want, s.delete(f), "round %d: %+v", round, f)
		for i := range 60 {
			e, ok := left[KeyOf(fmt.Sprint(i))]
			got, err := s.get(KeyOf(fmt.Sprint(i)), now)
			if !ok {
				require.ErrorIs(s, err, store.ErrNotFound, "round %d: %+v", round, f)
				continue
			}
			require.NoError(s, err, "round %d: %+v", round, f)
			RequireEqual(s, e, got)
		}
		for i := range 60 {
			if _, ok := left[KeyOf(fmt.Sprint(i))]; !ok && i%3 == round%3 {
				add(i)
			}
		}
	}
}

// odd is what labels may contain and query languages stumble over.
var odd = []string{
	"", " ", "  two  ", `"`, `'`, "`", `\`, `\\`, `a"b`, "a'b", "a\\b", "*", "?", "a*", "[a]", "{a}", "{a|b}", "a|b", "a,b", "a-b", "-", "--",
	"a.b", "a:b", "a=b", "a b", "a\nb", "\r\n", "\t", "%", "_", "a%", "$1", "@team", "(a)", "~a", "!a", "&", "<", ">", "null", "NULL", "true", "1", "1.0", "0x1",
	"é", "e\u0301", "日本語", "𝄞", "\u2028", "A", "a", "ß", "SS", "İ", "';--", "${x}", "{{x}}", "and", "OR", "the", "über", "*:*",
}

// Each odd label is its own and no other's: deleting by one deletes one entry.
func testOddLabels(s *subject) {
	now := start()
	var entries []*store.Entry
	for i, text := range odd {
		value, name := Sample(fmt.Sprint("value ", i), s.o.Dim, now), Sample(fmt.Sprint("name ", i), s.o.Dim, now)
		value.Labels = []store.Label{{Name: "team", Value: text}, {Name: "all", Value: "yes"}}
		name.Labels = []store.Label{{Name: "x" + text, Value: "y"}, {Name: "all", Value: "yes"}}
		entries = append(entries, value, name)
	}
	// Pairs that run together when they are joined without care.
	for i, l := range []store.Label{{Name: "p", Value: "q=r"}, {Name: "p=q", Value: "r"}, {Name: "p", Value: "q\x1fr"}, {Name: "p", Value: "q,p=z"}, {Name: "p", Value: "q|r"}, {Name: "p:q", Value: "r"}, {Name: "p", Value: "q:r"}} {
		e := Sample(fmt.Sprint("pair ", i), s.o.Dim, now)
		e.Labels = []store.Label{l, {Name: "all", Value: "yes"}}
		entries = append(entries, e)
	}
	// Models are texts of the client's choosing too.
	for i, text := range odd[1:] {
		e := Sample(fmt.Sprint("model ", i), s.o.Dim, now)
		e.Model, e.Labels = text, []store.Label{{Name: "all", Value: "yes"}}
		entries = append(entries, e)
	}
	for _, e := range entries {
		ctx, cancel := s.context()
		require.NoError(s, s.Store.Put(ctx, e))
		cancel()
	}
	s.settle()
	for _, e := range entries {
		got, err := s.get(e.Key, now)
		require.NoError(s, err)
		RequireEqual(s, e, got)
	}
	require.Zero(s, s.delete(store.Filter{Labels: []store.Label{{Name: "team", Value: "none"}}}))
	for i, e := range entries {
		f := store.Filter{Labels: e.Labels[:1]}
		if e.Model != "gpt-4o" {
			f = store.Filter{Model: e.Model}
		}
		require.Equal(s, 1, s.delete(f), "entry %d: %q %q", i, e.Model, e.Labels)
		_, err := s.get(e.Key, now)
		require.ErrorIs(s, err, store.ErrNotFound, "entry %d: %q %q", i, e.Model, e.Labels)
	}
	require.Zero(s, s.delete(store.Filter{Labels: []store.Label{{Name: "all", Value: "yes"}}}))
}
