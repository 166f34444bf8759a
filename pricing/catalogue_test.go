package pricing

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLookup(t *testing.T) {
	for asked, want := range map[string]string{
		"gpt-4o":                     "gpt-4o",
		"gpt-4o-2024-08-06":          "gpt-4o",
		"gpt-4o-2024-05-13":          "gpt-4o-2024-05-13", // priced apart
		"gpt-4o-mini":                "gpt-4o-mini",
		"gpt-4o-mini-2024-07-18":     "gpt-4o-mini",
		"gpt-4-0613":                 "gpt-4-0613",
		"gpt-4-turbo-2024-04-09":     "gpt-4-turbo",
		"gpt-5-2025-08-07":           "gpt-5",
		"gpt-5-chat-latest":          "gpt-5-chat-latest",
		"gpt-5.4-mini-2026-03-17":    "gpt-5.4-mini",
		"gpt-6.1-sol-2026-09-29":     "gpt-6.1-sol",
		"o1-2024-12-17":              "o1",
		"text-embedding-ada-002":     "text-embedding-ada-002",
		"claude-sonnet-4-5-20250929": "claude-sonnet-4-5",
		"claude-sonnet-4-20250514":   "claude-sonnet-4",
		"claude-3-5-haiku-latest":    "claude-3-5-haiku",
		"claude-3-7-sonnet-20250219": "claude-3-7-sonnet",
		"claude-3-opus-20240229":     "claude-3-opus",
		"claude-haiku-4-5":           "claude-haiku-4-5",

		"":                            "",
		"-latest":                     "",
		"-2024-08-06":                 "",
		"gpt":                         "",
		"gpt-4o-mini-tuned":           "",
		"gpt-4o-":                     "",
		"gpt-4o ":                     "",
		"GPT-4o":                      "",
		"openai/gpt-4o":               "",
		"ft:gpt-4o-2024-08-06:acme::": "",
		"gpt-4o-2024-13-06":           "",
		"gpt-4o-2024-08-32":           "",
		"gpt-4o-1924-08-06":           "",
		"gpt-4o-2024-08-0x":           "",
		"gpt-4o-2024_08_06":           "",
		"gpt-4o-2024-08-06-latest":    "", // one suffix, not two
		"gpt-4-1234":                  "",
		"claude-sonnet-4-5-2025-0929": "",
		"claude-sonnet-4-9":           "",
		"claude-sonnet-4-5@20250929":  "",
	} {
		m, ok := Lookup(asked)
		require.Equal(t, want != "", ok, asked)
		require.Equal(t, want, m.Name, asked)
	}
}

func TestTables(t *testing.T) {
	for _, table := range [][]Model{openaiModels[:], anthropicModels[:]} {
		require.True(t, slices.IsSortedFunc(table, func(a, b Model) int { return strings.Compare(a.Name, b.Name) }))
		for i, m := range table {
			require.False(t, i > 0 && table[i-1].Name == m.Name, "%s twice", m.Name)
			require.Positive(t, m.Input, m.Name)
			require.Positive(t, m.CachedInput, m.Name)
			require.LessOrEqual(t, m.CachedInput, m.Input, m.Name)
			require.LessOrEqual(t, m.Input, m.CacheWrite, m.Name)
			require.LessOrEqual(t, m.CacheWrite, m.CacheWriteLong, m.Name)
			require.Positive(t, m.Context, m.Name)
			require.LessOrEqual(t, m.MaxOutput, m.Context, m.Name)
			require.Equal(t, strings.HasPrefix(m.Name, "text-embedding-"), m.Output == 0 && m.MaxOutput == 0, m.Name)
			require.Equal(t, strings.HasPrefix(m.Name, "claude-"), m.WriteOnRequest, m.Name)
			require.True(t, strings.HasPrefix(m.Source, "https://"), m.Name)
			_, err := time.Parse(time.DateOnly, m.AsOf)
			require.NoError(t, err, m.Name)
			if m.Long == (Tier{}) {
				continue
			}
			require.Less(t, m.Long.Above, m.Context, m.Name)
			require.Less(t, m.Input, m.Long.Input, m.Name)
			require.Less(t, m.Output, m.Long.Output, m.Name)
			require.Less(t, m.CachedInput, m.Long.CachedInput, m.Name)
			require.Less(t, m.CacheWrite, m.Long.CacheWrite, m.Name)
			require.Less(t, m.CacheWriteLong, m.Long.CacheWriteLong, m.Name)
		}
	}
}

func TestOverrides(t *testing.T) {
	list := []Override{
		{Model: "in-house", Input: 7, Output: 9, CachedInput: 3},
		{Model: "gpt-4o", Input: 1_000_000, Output: 4_000_000, CachedInput: 500_000},
		{Model: "claude-sonnet-4-5", Input: 1, Output: 2, CachedInput: 1},
		{Model: "gpt-4o-2024-11-20", Input: 11, Output: 12, CachedInput: 13},
		{Model: "in-house", Input: 8, Output: 9, CachedInput: 3},
	}
	c := NewCatalogue(list)
	list[0].Input = 12345 // the catalogue has its own copy
	get := func(name string) Model {
		m, ok := c.Lookup(name)
		require.True(t, ok, name)
		return m
	}

	house := get("in-house")
	require.Equal(t, Model{Name: "in-house", Input: 8, Output: 9, CachedInput: 3, CacheWrite: 8, CacheWriteLong: 8, Source: "policy"}, house, "the later of two counts")
	require.Equal(t, house, get("in-house-2026-01-01"))

	gpt := get("gpt-4o")
	require.EqualValues(t, 1_000_000, gpt.Input)
	require.EqualValues(t, 1_000_000, gpt.CacheWrite)
	require.EqualValues(t, 128_000, gpt.Context, "limits stay")
	require.EqualValues(t, 16_384, gpt.MaxOutput)
	require.Equal(t, gpt, get("gpt-4o-2024-08-06"), "a snapshot costs what its model was overridden to")
	require.EqualValues(t, 5_000_000, get("gpt-4o-2024-05-13").Input, "but one with a price of its own keeps it")
	require.EqualValues(t, 11, get("gpt-4o-2024-11-20").Input)

	sonnet := get("claude-sonnet-4-5-20250929")
	require.EqualValues(t, 2, sonnet.CacheWrite, "1.25 times 1, rounded up")
	require.EqualValues(t, 2, sonnet.CacheWriteLong)
	require.True(t, sonnet.WriteOnRequest)
	require.Zero(t, sonnet.Long, "the given price is the price")

	shipped, _ := Lookup("gpt-4o")
	require.EqualValues(t, 2_500_000, shipped.Input, "the shipped table is untouched")
	_, ok := c.Lookup("unknown")
	require.False(t, ok)
	mini, ok := new(Catalogue).Lookup("gpt-4o-mini")
	require.True(t, ok && mini.Input == 150_000, "the zero catalogue is the shipped one")
}

func TestLookupDoesNotAllocate(t *testing.T) {
	c := NewCatalogue([]Override{{Model: "x", Input: 1}})
	require.Zero(t, testing.AllocsPerRun(100, func() { c.Lookup("claude-sonnet-4-5-20250929") }))
}

func FuzzLookup(f *testing.F) {
	for _, s := range []string{"gpt-4o-2024-08-06", "claude-3-5-haiku-latest", "-20240101", "x-2024-01-01", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		m, ok := Lookup(name)
		if !ok {
			require.Zero(t, m)
			return
		}
		rest, found := strings.CutPrefix(name, m.Name)
		require.True(t, found, "%q matched %q", name, m.Name)
		if rest != "" && rest != "-latest" {
			require.Regexp(t, `^-20\d\d(-[01]\d-[0-3]\d|[01]\d[0-3]\d)$`, rest)
		}
	})
}
