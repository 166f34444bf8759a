package mesh

import (
	"context"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryNameIsHere(t *testing.T) {
	server, err := StartDNS()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.Address)
	}}
	found, err := resolver.LookupHost(t.Context(), "alpha.providers.test.")
	require.NoError(t, err)
	require.Equal(t, []string{"127.0.0.1"}, found)
	for _, bad := range []string{"", "short", "0123456789ab", "\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x05name"} {
		require.Nil(t, here([]byte(bad)))
	}
}
