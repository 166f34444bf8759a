package module

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func good() crafted {
	return crafted{
		imports: []string{"wasi_snapshot_preview1", "fd_write", "env", "proxy_log"},
		exports: slices.Clone(wantedExports),
		code:    MaxCode,
		data:    1000,
	}
}

func TestCheck(t *testing.T) {
	wasm := good().bytes()
	sizes, err := Check(wasm, MaxCode)
	require.NoError(t, err)
	require.Equal(t, Sizes{Code: MaxCode, Data: 1000, Module: len(wasm)}, sizes)
	require.Contains(t, sizes.String(), "code 2,500,000 of 2,500,000 bytes, data 1,000, module 2,50")
}

func TestCheckRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil    func(*crafted)
		problems []string
	}{
		"stock Go": {
			func(c *crafted) { c.imports = append(c.imports, "wasi_snapshot_preview1", "poll_oneoff") },
			[]string{"imports wasi_snapshot_preview1.poll_oneoff: Envoy 1.33"},
		},
		"Kong's trap": {
			func(c *crafted) { c.imports = append(c.imports, "env", "proxy_get_log_level") },
			[]string{"imports env.proxy_get_log_level: Kong's"},
		},
		"unknown imports, all of them named": {
			func(c *crafted) {
				c.imports = append(c.imports, "wasi_snapshot_preview1", "sock_accept", "other", "proxy_log", "env", "proxy_logs")
			},
			[]string{"imports wasi_snapshot_preview1.sock_accept, which", "imports other.proxy_log, which", "imports env.proxy_logs, which"},
		},
		"no abi package": {
			func(c *crafted) { c.exports = []string{"_initialize", "memory"} },
			[]string{"does not export proxy_abi_version_0_2_1", "does not export proxy_on_delete"},
		},
		"TCP": {
			func(c *crafted) { c.exports = append(c.exports, "proxy_on_downstream_data") },
			[]string{"exports proxy_on_downstream_data"},
		},
		"too much code": {
			func(c *crafted) { c.code++ },
			[]string{"code section of 2,500,001 bytes, 2,500,000 allowed"},
		},
		"too large": {
			func(c *crafted) { c.data = MaxModule },
			[]string{" bytes, 10,000,000 allowed"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := good()
			tt.spoil(&c)
			_, err := Check(c.bytes(), MaxCode)
			for _, problem := range tt.problems {
				require.ErrorContains(t, err, problem)
			}
		})
	}
}

func TestDigits(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 123456: "123,456", 1234567: "1,234,567"} {
		require.Equal(t, want, digits(n))
	}
}
