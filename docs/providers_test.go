package docs

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/source"
	"github.com/sluice-gateway/sluice/policy/strict"
)

// TestProviders: each entry of the page is good, silent, and makes the path and the
// header that the table says; the table has no other.
func TestProviders(t *testing.T) {
	page := read(t, "providers.md")
	table := rows(t, page, 4)
	entries := blocks(page, "yaml")
	require.Len(t, table, len(entries))
	for i, block := range entries {
		p, err := source.Policy([]byte(block))
		require.NoError(t, err, block)
		require.Empty(t, source.Warnings(p), block)
		require.Empty(t, strict.Unsupported(p), block)
		require.Len(t, p.Providers, 1)
		v := p.Providers[0]

		header := "none of ours"
		if v.CredentialEnv != "" {
			header = "`" + v.CredentialHeader + ": " + strings.TrimLeft(v.CredentialScheme+" KEY", " ") + "`"
		}
		require.Equal(t, []string{"`" + v.Name + "`", "`POST /v1/chat/completions`", "`" + chatPath(v, "m") + "`", header}, table[i])
	}
}

// chatPath is where a chat completion goes.
func chatPath(v policy.Provider, model string) string {
	call := "/chat/completions"
	if v.Dialect == policy.Anthropic {
		call = "/messages"
	}
	path := v.Endpoint.BasePath + strings.ReplaceAll(v.APIPath, "{model}", model) + call
	for i, q := range v.Query {
		path += string("?&"[min(i, 1)]) + url.QueryEscape(q.Name) + "=" + url.QueryEscape(q.Value)
	}
	return path
}
