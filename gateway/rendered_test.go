package gateway_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/policy/normal"
	"github.com/sluice-gateway/sluice/policy/source"
)

// FuzzRendered: whatever somebody has made of a rendered policy, the gateway starts with
// it or says why not.
func FuzzRendered(f *testing.F) {
	p, err := source.Load("../policy/source/testdata/every-field.yaml")
	require.NoError(f, err)
	good := string(normal.Append(nil, p))
	for _, edit := range [][2]string{{"", ""}, {`"provider":"openai"`, `"provider":"nobody"`}, {`"per":["key"]`, `"per":["x"]`}, {`"zone":"UTC"`, `"zone":"X"`},
		{`"unit":"tokens"`, `"unit":""`}, {`"calendar":"month"`, `"calendar":"year"`}, {`"limit":50000`, `"limit":-1`}, {`"every_ms":60000`, `"every_ms":9000000000000000000`},
		{`"zones":[]`, `"zones":[{"name":"UTC","at_s":[],"offset_s":[1]}]`}, {`"strategy":"ordered"`, `"strategy":"?"`}, {`"attempts":3`, `"attempts":-3`},
		{`"default_provider":"openai"`, `"default_provider":"?"`}, {`"targets":[{`, `"targets":[],"rules":[{`}, {`"on":["rate_limited"`, `"on":["?"`}} {
		require.Contains(f, good, edit[0])
		f.Add(strings.Replace(good, edit[0], edit[1], 1))
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := normal.Read([]byte(text))
		if err != nil {
			return
		}
		_, _ = gateway.New(p, gateway.Options{Env: func(string) string { return "" }})
	})
}
