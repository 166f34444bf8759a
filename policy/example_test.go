package policy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/policy"
)

func TestDecodeMinimal(t *testing.T) {
	p, err := policy.Decode([]byte(`{"version":1,"providers":{"openai":{"dialect":"openai","endpoint":"https://api.openai.com"}},"default_provider":"openai"}`))
	require.NoError(t, err)
	require.Equal(t, "openai", p.Providers[0].Name)
	require.Equal(t, 443, p.Providers[0].Endpoint.Port)
	t.Logf("%+v", p)
}
