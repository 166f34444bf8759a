package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const twice = good + `models: {m: {targets: [{provider: openai, model: a}], retry: {}}}
records: {access_log: false}
`

// A policy that a gateway cannot serve is refused by check and by render alike.
func TestRefusedOnKong(t *testing.T) {
	path := write(t, "sluice.yaml", twice)
	const refusal = "models.m.retry: Kong has chosen the upstream before the filter runs, and gives it no second attempt; " +
		"write failover: inline, by which the filter makes the attempts of whole answers itself, or remove retry\n"

	code, stdout, stderr := sluice("", "check", "-c", path, "--for", "kong")
	require.Equal(t, []any{1, refusal, ""}, []any{code, stdout, stderr})
	code, stdout, stderr = sluice("", "check", "-c", path, "--for", "envoy")
	require.Equal(t, []any{0, "", path + ": no problems\n"}, []any{code, stdout, stderr})

	out := filepath.Join(t.TempDir(), "kong")
	code, stdout, stderr = sluice("", "render", "-c", path, "--for", "kong", "--out", out)
	require.Equal(t, []any{1, "", refusal}, []any{code, stdout, stderr})
	require.NoDirExists(t, out, "nothing is written of what cannot be right")
}

func TestRenderForKong(t *testing.T) {
	path := write(t, "sluice.yaml", good+"records: {access_log: false}\n")
	code, stdout, stderr := sluice("", "render", "-c", path, "--for", "kong")
	require.Zero(t, code, stderr)
	require.Empty(t, stderr)
	require.Contains(t, stdout, "name: sluice-openai.default")

	out := filepath.Join(t.TempDir(), "kong")
	code, nothing, stderr := sluice("", "render", "-c", path, "--for", "kong", "--kong", "3.4", "--out", out,
		"--wasm", "/opt/kong/sluice.wasm", "--listen", "127.0.0.1:8765", "--ca", "/etc/ca.pem", "--shared-data", "1GiB")
	require.Zero(t, code, stderr)
	require.Empty(t, nothing)
	for _, name := range []string{"kong.yml", "kong.conf", "sluice-main.conf", "sluice-proxy.conf"} {
		require.Contains(t, stderr, "wrote "+filepath.Join(out, name)+"\n")
	}
	require.NoFileExists(t, filepath.Join(out, "sluice.meta.json"), "Kong 3.4 does not read it")
	conf, err := os.ReadFile(filepath.Join(out, "kong.conf"))
	require.NoError(t, err)
	for _, line := range []string{"wasm_filters_path = /opt/kong", "proxy_listen = 127.0.0.1:8765", "admin_listen = 127.0.0.1:8001",
		"nginx_wasm_tls_trusted_certificate = /etc/ca.pem", "nginx_wasm_shm_sluice = 1024m"} {
		require.Contains(t, string(conf), "\n"+line+"\n")
	}

	code, stdout, stderr = sluice("", "render", "-c", path, "--for", "kong", "--wasm", "sluice.wasm")
	require.Equal(t, 1, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, "Kong wants the path of a file that ends in .wasm")

	code, _, stderr = sluice("", "render", "-c", path, "--for", "kong", "--out", path)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "sluice.yaml")

	// Warnings forbid nothing.
	code, stdout, stderr = sluice("", "render", "-c", write(t, "sluice.yaml", good), "--for", "kong", "--kong", "3.7")
	require.Zero(t, code)
	require.NotEmpty(t, stdout)
	require.Contains(t, stderr, "warning: records.access_log: ")
	require.Contains(t, stderr, "warning: policy: Kong before 3.8 has no metrics")
}

// What an earlier policy has left in the directory is named and not deleted, and nothing else is.
func TestLeftOverForKong(t *testing.T) {
	out := filepath.Join(t.TempDir(), "kong")
	withKey := write(t, "sluice.yaml", good+"records: {access_log: false}\n")
	keyless := write(t, "sluice.yaml", "version: 1\nproviders: {openai: {dialect: openai, endpoint: \"https://api.openai.com\"}}\ndefault_provider: openai\nrecords: {access_log: false}\n")
	code, _, stderr := sluice("", "render", "-c", withKey, "--for", "kong", "--out", out)
	require.Zero(t, code, stderr)
	require.NotContains(t, stderr, "earlier")
	require.NoError(t, os.WriteFile(filepath.Join(out, "sluice-main.conf"), []byte("# mine\n"), 0o600))
	code, _, stderr = sluice("", "render", "-c", keyless, "--for", "kong", "--out", out)
	require.Zero(t, code, stderr)
	require.Contains(t, stderr, "warning: "+filepath.Join(out, "sluice-proxy.conf")+" is of an earlier policy, and this one names no key")
	require.NotContains(t, stderr, "sluice-main.conf")
	require.FileExists(t, filepath.Join(out, "sluice-proxy.conf"))
	declarative, err := os.ReadFile(filepath.Join(out, "kong.yml"))
	require.NoError(t, err)
	require.NotContains(t, string(declarative), "the two files for nginx")
	require.Contains(t, string(declarative), "# No key is in this file, and the policy names none")
}

// What is said of a policy names no option that render does not have for the gateway.
func TestNoOptionOfOthersForKong(t *testing.T) {
	path := write(t, "sluice.yaml", good+"records: {access_log: false, companion: true}\ncompanion: {endpoint: \"http://companion.internal:8090\"}\n")
	code, _, stderr := sluice("", "render", "-c", path, "--for", "kong")
	require.Zero(t, code, stderr)
	require.Contains(t, stderr, "write credential: {env: NAME}, or, but for Kong, which shows no certificate, render with --companion-cert")
}
