package cache_test

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/cacheclient"
	"github.com/sluice-gateway/sluice/companion/cache"
)

// written is a look-up as the gateway writes it.
func written() []byte {
	client := cacheclient.New(cacheclient.Rules{Version: "v1", Exact: true, Semantic: true, Threshold: 0.75, TTL: 86_400_000, MaxTemperature: 1, MaxAnswer: 262_144, Within: 50})
	return client.Lookup(cacheclient.Request{ID: "1-2", API: cacheclient.Messages, Model: "a\"b\\c", Tenant: [][2]string{{"team", "ä"}, {"user", ""}},
		Other: [][2]string{{"query", "x=1"}}, Body: []byte(`{"model":"a","messages":[{"role":"user","content":"\ud83d\ude00"}]}`)})
}

func TestReadCall(t *testing.T) {
	r, ok := cache.ReadCall(written())
	require.True(t, ok, "what every gateway sends is read the fast way")
	require.Equal(t, "1-2", r.ID)
	require.Equal(t, "a\"b\\c", r.Model)
	require.Equal(t, cache.Pairs{{"team", "ä"}, {"user", ""}}, r.Tenant)
}

// What is read the fast way is read as encoding/json reads it.
func FuzzReadCall(f *testing.F) {
	f.Add(written())
	for _, text := range []string{
		`{}`, `[]`, `{"api":"x","api":"y"}`, `{"exact":1}`, `{"tenant":[["a"]]}`, `{"tenant":[["a","b"],["\ud800","\u0000"]]}`, `{"tenant":null}`, `{"exakt":true}`,
		`{"ttl_ms":1e3}`, `{"ttl_ms":9223372036854775808}`, `{"threshold":1e999}`, `{"threshold":-0.5E-2}`, `{"request":{"a":[1,{"b":"c"}]}}x`, `{"request":null}`,
		"{\"model\":\"\xff\"}", `{"Model":"x"}`, `{"mod\u0065l":"x"}`, `{"judge":{"model":"m","timeout_ms":5}}`, ` {"max_answer" : 1 } `, `{"model":"` + "\x01" + `"}`, `{"within_ms":-0}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		fast, ok := cache.ReadCall(bytes.Clone(text))
		if !ok {
			return
		}
		var slow cache.Request
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		require.NoError(t, d.Decode(&slow))
		_, err := d.Token()
		require.Equal(t, io.EOF, err)
		require.Equal(t, &slow, fast)
	})
}
