package normal

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/jsontree"
)

// TestNoTwoContextsHashAlike: equal requests, of contexts that differ by as little as can
// be, in texts made of what an encoding that joins them would join them with.
func TestNoTwoContextsHashAlike(t *testing.T) {
	const tries = 50_000
	r := rand.New(rand.NewPCG(1, 2))
	letters := []string{"", "a", "b", "=", ";", "\x00", "\"", "(", ")", "labels", "\x00\x00\x00\x00\x00\x00\x00\x01"}
	word := func() (s string) {
		for range r.IntN(3) {
			s += letters[r.IntN(len(letters))]
		}
		return s
	}
	labels := func() (all []store.Label) {
		for range r.IntN(3) {
			all = append(all, store.Label{Name: word(), Value: word()})
		}
		return all
	}
	bodies := []string{chat(""), chat(`,"temperature":0`), talk(Chat, `[{"role":"user","content":"hello!"}]`)}
	var requests []*Request
	for _, b := range bodies {
		q, err := ReadRequest(Chat, []byte(b), warm)
		require.NoError(t, err)
		requests = append(requests, q)
	}
	exacts, scopes := map[store.Key]string{}, map[store.Key]string{}
	distinct := map[string]bool{}
	for range tries {
		in := Context{Policy: word(), Tenant: labels(), Other: labels()}
		i := r.IntN(len(requests))
		exact, scope := requests[i].Keys(in)
		require.NotEqual(t, exact, scope)
		order := func(a, b store.Label) int { return strings.Compare(fmt.Sprintf("%q", a), fmt.Sprintf("%q", b)) }
		slices.SortFunc(in.Tenant, order)
		slices.SortFunc(in.Other, order)
		what := fmt.Sprintf("%q", in)
		distinct[what] = true
		for _, k := range []struct {
			seen map[store.Key]string
			key  store.Key
			what string
		}{{exacts, exact, fmt.Sprint(what, i)}, {scopes, scope, fmt.Sprint(what, i%2)}} { // the first and the last differ in the prompt alone
			if other, there := k.seen[k.key]; there && other != k.what {
				t.Fatalf("%s and %s have one key", other, k.what)
			}
			k.seen[k.key] = k.what
		}
	}
	require.Greater(t, len(distinct), tries/2)
	// That one tuple has one key is what the maps' sizes say.
	require.Len(t, byWhat(exacts), len(exacts))
	require.Len(t, byWhat(scopes), len(scopes))
}

func byWhat(keys map[store.Key]string) map[string]bool {
	all := map[string]bool{}
	for _, what := range keys {
		all[what] = true
	}
	return all
}

// read is the encoding read back, as far as what is in it can be told apart.
func read(e encoding) (list []any, rest encoding, err error) {
	for len(e) > 0 {
		tag := e[0]
		e = e[1:]
		switch tag {
		case '(', '[', '{':
			var inside []any
			if inside, e, err = read(e); err != nil {
				return nil, nil, err
			}
			list = append(list, []any{string(tag), inside})
		case ')', ']', '}':
			return append(list, string(tag)), e, nil
		case '"', '#':
			if len(e) < 8 || uint64(len(e)-8) < binary.BigEndian.Uint64(e) {
				return nil, nil, errors.New("cut")
			}
			n := binary.BigEndian.Uint64(e)
			list = append(list, string(tag)+string(e[8:8+n]))
			e = e[8+n:]
		case 't', 'f', 'n':
			list = append(list, string(tag))
		default:
			return nil, nil, fmt.Errorf("tag %q", tag)
		}
	}
	return list, nil, nil
}

// TestEncodingReadsBack: an encoding has one reading, so that two values have two.
func TestEncodingReadsBack(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	seen := map[string]string{}
	for range 10_000 {
		text, err := json.Marshal(anything(r, 3))
		require.NoError(t, err)
		v, err := jsontree.Parse(text)
		require.NoError(t, err)
		var e encoding
		e.value(v)
		list, rest, err := read(e)
		require.NoError(t, err)
		require.Empty(t, rest)
		require.Len(t, list, 1)
		if other, there := seen[string(e)]; there {
			require.Equal(t, other, string(text))
		}
		seen[string(e)] = string(text)
	}
}

// anything is a random JSON value.
func anything(r *rand.Rand, depth int) any {
	if depth == 0 {
		return []any{nil, true, false, "", "t", "(", "a\"", r.IntN(3), 0.5}[r.IntN(9)]
	}
	switch r.IntN(4) {
	case 0:
		list := make([]any, r.IntN(3))
		for i := range list {
			list[i] = anything(r, depth-1)
		}
		return list
	case 1:
		m := map[string]any{}
		for range r.IntN(3) {
			m[string(rune('a'+r.IntN(3)))] = anything(r, depth-1)
		}
		return m
	}
	return anything(r, 0)
}
