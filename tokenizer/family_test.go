package tokenizer

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestForModel(t *testing.T) {
	for _, v := range []struct {
		model, vendor, encoding string
		exact                   bool
		factor                  int
	}{
		{"gpt-5", "openai", "o200k_base", true, 1000},
		{"gpt-5.4-mini", "openai", "o200k_base", true, 1000},
		{"gpt-6.2-sol", "openai", "o200k_base", true, 1000},
		{"gpt-4.1-nano-2025-04-14", "openai", "o200k_base", true, 1000},
		{"gpt-4.5-preview", "openai", "o200k_base", true, 1000},
		{"gpt-4o", "openai", "o200k_base", true, 1000},
		{"GPT-4o-mini", "openai", "o200k_base", true, 1000},
		{"openai/gpt-4o", "openai", "o200k_base", true, 1000},
		{"ft:gpt-4o-mini-2024-07-18:acme::abc123", "openai", "o200k_base", true, 1000},
		{"ft:gpt-3.5-turbo-0125:acme::abc123", "openai", "cl100k_base", true, 1000},
		{"chatgpt-4o-latest", "openai", "o200k_base", true, 1000},
		{"o1", "openai", "o200k_base", true, 1000},
		{"o3-pro", "openai", "o200k_base", true, 1000},
		{"o4-mini", "openai", "o200k_base", true, 1000},
		{"gpt-oss-120b", "openai", "o200k_base", true, 1000},
		{"gpt-4", "openai", "cl100k_base", true, 1000},
		{"gpt-4-turbo", "openai", "cl100k_base", true, 1000},
		{"gpt-4-0613", "openai", "cl100k_base", true, 1000},
		{"gpt-3.5-turbo", "openai", "cl100k_base", true, 1000},
		{"gpt-35-turbo", "openai", "cl100k_base", true, 1000},
		{"text-embedding-3-large", "openai", "cl100k_base", true, 1000},
		{"claude-sonnet-4-5-20250929", "anthropic", "o200k_base", false, 1200},
		{"claude-sonnet-4-20250514", "anthropic", "o200k_base", false, 1200},
		{"claude-opus-4", "anthropic", "o200k_base", false, 1200},
		{"claude-opus-4-6", "anthropic", "o200k_base", false, 1200},
		{"claude-3-5-haiku-latest", "anthropic", "o200k_base", false, 1200},
		{"claude-opus-4-7", "anthropic", "o200k_base", false, 1600},
		{"claude-opus-4-8-20260601", "anthropic", "o200k_base", false, 1600},
		{"claude-sonnet-5", "anthropic", "o200k_base", false, 1600},
		{"anthropic/claude-haiku-5-5", "anthropic", "o200k_base", false, 1600},
		{"gemini-2.5-pro", "google", "o200k_base", false, 1050},
		{"mistral-large-latest", "mistral", "o200k_base", false, 1150},
		{"something-else", "other", "o200k_base", false, 1100},
		{"", "other", "o200k_base", false, 1100},
	} {
		f := ForModel(v.model)
		require.Equal(t, v.vendor, f.Name, v.model)
		require.Equal(t, v.encoding, f.Encoding.Name(), v.model)
		require.Equal(t, v.exact, f.Exact, v.model)
		require.Equal(t, v.factor, f.Factor, v.model)
		require.Positive(t, f.Overhead.PerMessage, v.model)
	}
	require.EqualValues(t, 12, Family{Factor: 1200}.Estimate(10))
	require.EqualValues(t, 2, Family{Factor: 1200}.Estimate(1), "rounded up")
}

func TestByName(t *testing.T) {
	for _, name := range Names() {
		e, ok := ByName(name)
		require.True(t, ok)
		require.Equal(t, name, e.Name())
	}
	_, ok := ByName("p50k_base")
	require.False(t, ok)
}
