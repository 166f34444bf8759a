package conformance

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/wasmhost"
	"github.com/sluice-gateway/sluice/policy/source"
)

// What stands around a filter on Kong is what render has written.
func TestRenderedKong(t *testing.T) {
	p, err := source.Policy([]byte(strings.ReplaceAll(recordedByCompanion(Plain.Text), "http://companion", "http://127.0.0.1:8090")))
	require.NoError(t, err)
	require.True(t, p.Records.Companion)
	require.False(t, p.Records.AccessLog)
	p, refused, err := WazeroKong.part(p)
	require.NoError(t, err)
	require.Contains(t, refused["two"], "gives it no second attempt")
	require.Contains(t, refused["weighted"], "leads to one provider")
	k := renderedKong(t, p, 0)
	require.Equal(t, 96<<10, k.bufferLimit, "limits.request_body and 64 KiB")
	require.Equal(t, "sk-provider-key-of-alpha", k.variables["ngx.sluice_env_sluice_conformance_alpha_key"])
	require.Len(t, k.configs, 6)
	require.Equal(t, route{"/alpha/", true}, k.routes["alpha"])
	require.Equal(t, route{"/", false}, k.routes["open"], "the default provider's")

	request := Request{Path: chatPath + "?a=b", Body: "{}"}
	sent := k.arriving(request.overHTTP1(false), "alpha")
	require.Equal(t, "/alpha"+chatPath+"?a=b", sent.Headers.Get(":path"))
	require.Equal(t, chatPath, sent.Properties["ngx.upstream_uri"])

	for _, row := range []struct{ name, path, length, body, wantPath, wantLength string }{
		{"as it came", "/alpha" + chatPath + "?a=b", "2", "{}", chatPath + "?a=b", "2"},
		{"another path", "/base" + chatPath, "2", "{}", "/base" + chatPath + "?a=b", "2"},
		{"another path and query", "/base" + chatPath + "?c=d", "2", "{}", "/base" + chatPath + "?c=d", "2"},
		{"another body", "/base" + chatPath, "2", `{"a":1}`, "/base" + chatPath + "?a=b", "7"},
		{"another body and its length", "/base" + chatPath, "7", `{"a":1}`, "/base" + chatPath + "?a=b", "7"},
		{"and a length that it has not", "/base" + chatPath, "9", `{"a":1}`, "/base" + chatPath + "?a=b", "9"},
	} {
		left := k.leaving(wasmhost.Message{Chunks: [][]byte{[]byte(row.body)},
			Headers: wasmhost.Headers{{":path", row.path}, {"Content-Length", row.length}, {"Expect", "100-continue"}}}, sent)
		require.Equal(t, row.wantPath, left.Headers.Get(":path"), row.name)
		require.Equal(t, row.wantLength, left.Headers.Get("content-length"), row.name)
		require.False(t, left.Headers.Has("expect"))
	}
}

// A policy that a host cannot have but for some models has no others in its way.
func TestRefused(t *testing.T) {
	for _, tier := range Tiers {
		for _, p := range Policies {
			refused, err := tier.refusals(p)
			require.NoError(t, err)
			require.Equal(t, tier == &WazeroKong && p != Screened, len(refused) > 0, "%s on %s", p.Name, tier.Title)
		}
	}
	_, err := WazeroKong.refusals(&Policy{"p", strings.Replace(providers, "{header: x-team, verified: true}", "{claim: team}", 1)})
	require.ErrorContains(t, err, "kong cannot have this policy at all: identity.team.claim")
	s := Scenario{Steps: []Step{{chat("a", "?"), Want{}}, {chat("b", "?"), Want{}}}}
	require.Equal(t, "why", s.refused(map[string]string{"b": "why"}))
	require.Empty(t, s.refused(map[string]string{"c": "why"}))
}
