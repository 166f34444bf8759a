package strict_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/policy"
	"github.com/sluice-gateway/sluice/policy/strict"
)

func TestDefaults(t *testing.T) {
	p := decode(t, `{"version":1,"providers":{"openai":{"dialect":"openai","endpoint":"https://api.openai.com"}},
		"models":{"m":{"targets":[{"provider":"openai","model":"x"}]}}}`)
	require.Equal(t, &policy.Policy{
		Version: 1,
		Providers: []policy.Provider{{Name: "openai", Dialect: policy.OpenAI,
			Endpoint: policy.Endpoint{TLS: true, Host: "api.openai.com", Port: 443}, APIPath: "/v1"}},
		Models: []policy.Model{{Name: "m", Strategy: policy.Ordered,
			Targets: []policy.Target{{Provider: "openai", Model: "x", Weight: 1}}, Retry: policy.Retry{Attempts: 1},
			CoolDown: policy.CoolDown{After: 3, Base: 5 * time.Second, Max: 2 * time.Minute}}},
		Budget: policy.BudgetSettings{OnCompanionError: policy.Deny, OnUnknownPrice: policy.Deny, OnStoreError: policy.Deny,
			Clamp: true, Cutoff: true, Hold: 20 * time.Minute, SettleOnDisconnect: policy.SettleCounted},
		Counting:    policy.CountExact,
		Companion:   policy.Companion{Endpoint: policy.Endpoint{Host: "127.0.0.1", Port: 8090}, Circuit: policy.Circuit{After: 5, For: 10 * time.Second}},
		Records:     policy.Records{AccessLog: true},
		Limits:      policy.Limits{RequestBody: 8 << 20, ResponseBody: 8 << 20, Stream: 15 * time.Minute},
		HoldHeaders: true,
	}, p)
	require.Empty(t, strict.Unsupported(p))
	require.Empty(t, strict.Warnings(p))
}

// TestRetryDefaults: an empty section is a whole one.
func TestRetryDefaults(t *testing.T) {
	p := decode(t, small+`,"models":{"m":{"targets":[{"provider":"openai","model":"x"}],"retry":{"attempts":4,"classes":{"timeout":{"attempts":2}}}}}}`)
	want := policy.Retry{Attempts: 4, PerTry: time.Minute, FirstToken: 15 * time.Second, Total: 2 * time.Minute, MaxCost: -1, MaxRetryAfter: 10 * time.Second}
	for _, class := range []string{policy.RateLimited, policy.Unavailable, policy.Timeout, policy.Stalled, policy.InvalidOutput} {
		attempts := 4
		if class == policy.Timeout {
			attempts = 2
		}
		want.On = append(want.On, class)
		want.Classes = append(want.Classes, policy.RetryClass{Class: class, Attempts: attempts, Backoff: 100 * time.Millisecond, MaxBackoff: 2 * time.Second})
	}
	require.Equal(t, want, p.Models[0].Retry)
}

func TestCredentials(t *testing.T) {
	for credential, want := range map[string][4]string{ // header and scheme of an OpenAI provider, then of an Anthropic one
		`{"env":"K"}`:                                             {"authorization", "Bearer", "x-api-key", ""},
		`{"env":"K","header":"Authorization"}`:                    {"authorization", "Bearer", "authorization", "Bearer"},
		`{"env":"K","header":"API-Key"}`:                          {"api-key", "", "api-key", ""},
		`{"env":"K","scheme":"Token"}`:                            {"authorization", "Token", "x-api-key", "Token"},
		`{"env":"K","header":"x-goog-api-key","scheme":"Bearer"}`: {"x-goog-api-key", "Bearer", "x-goog-api-key", "Bearer"},
	} {
		p := decode(t, `{"version":1,"providers":{"o":{"dialect":"openai","endpoint":"http://a","credential":`+credential+`},
			"a":{"dialect":"anthropic","endpoint":"http://a","credential":`+credential+`}}}`)
		o, a := p.Providers[0], p.Providers[1]
		require.Equal(t, want, [4]string{o.CredentialHeader, o.CredentialScheme, a.CredentialHeader, a.CredentialScheme}, credential)
	}
}

func TestAPIPaths(t *testing.T) {
	for text, want := range map[string]string{
		"/":                                     "",
		"/v1":                                   "/v1",
		"/api/v3":                               "/api/v3",
		"/openai/deployments/{model}":           "/openai/deployments/{model}",
		"/models/{model}-{model}/v1":            "/models/{model}-{model}/v1",
		"/accounts/me@example.com/a:b/~x/$(a)'": "/accounts/me@example.com/a:b/~x/$(a)'",
	} {
		p := decode(t, `{"version":1,"providers":{"a":{"dialect":"openai","endpoint":"http://a","api_path":`+quote(text)+`}}}`)
		require.Equal(t, want, p.Providers[0].APIPath)
	}
	for _, text := range []string{"", "v1", "//", "/v1/", "/a//b", "/..", "/a/./b", "/a?b=c", "/a#b", "/%2e", "/{model", "/{name}", "/}", "/a b", "/é", "https://a/v1"} {
		_, err := strict.Decode([]byte(`{"version":1,"providers":{"a":{"dialect":"openai","endpoint":"http://a","api_path":` + quote(text) + `}}}`))
		require.ErrorContains(t, err, "providers.a.api_path: must be a path such as /v1", text)
	}
}

// TestRules: a rule's targets are places in the list of targets, its conditions are as
// good as absent where they are not written.
func TestRules(t *testing.T) {
	p := decode(t, small+`,"models":{"m":{"targets":[{"provider":"openai","model":"a/b"},{"provider":"openai","model":"c"}],"rules":[
		{"name":"long","when":{"input_over":0},"targets":["openai/c","openai/a/b"]},
		{"name":"team","when":{"tools":false,"header":{"X-Lane":"Fast"},"identity":{"team":"blue"}},"targets":["openai/a/b"]}]}}}`)
	no := false
	require.Equal(t, []policy.Rule{
		{Name: "long", When: policy.Condition{BudgetBelow: 20}, Targets: []int{1, 0}},
		{Name: "team", When: policy.Condition{InputOver: -1, Tools: &no, BudgetBelow: 20,
			Headers:  []policy.Parameter{{Name: "x-lane", Value: "Fast"}},
			Identity: []policy.Parameter{{Name: "team", Value: "blue"}}}, Targets: []int{0}},
	}, p.Models[0].Rules)
}

// TestOrders counts the orders one by one.
func TestOrders(t *testing.T) {
	var count func(left, attempts int) int
	count = func(left, attempts int) int {
		n := 0
		for range left {
			if attempts > 0 {
				n += 1 + count(left-1, attempts-1)
			}
		}
		return n
	}
	for targets := 1; targets <= 6; targets++ {
		for attempts := 1; attempts <= 6; attempts++ {
			want := count(targets, attempts)
			if got := strict.Orders(targets, attempts); want <= strict.MaxOrders {
				require.Equal(t, want, got, "%d targets, %d attempts", targets, attempts)
			} else {
				require.Greater(t, got, strict.MaxOrders, "%d targets, %d attempts", targets, attempts)
			}
		}
	}
	require.Greater(t, strict.Orders(100_000, 10), strict.MaxOrders)
}

func TestUnits(t *testing.T) {
	p := decode(t, small+`,"budgets":[
		{"name":"t","unit":"tokens","limit":50000,"every":"1m"},
		{"name":"r","unit":"requests","limit":100,"calendar":"day","mode":"shadow"},
		{"name":"u","unit":"usd","limit":500,"calendar":"month","zone":"Europe/Berlin"},
		{"name":"v","unit":"usd","limit":"0.000001","calendar":"hour"},
		{"name":"w","unit":"usd","limit":0.30,"calendar":"week"}],
		"prices":{"b":{"input":0.15,"output":"0.60","cached_input":0.075},"a":{"input":0.1,"output":0.7000000}}}`)
	var limits []int64
	for _, b := range p.Budgets {
		limits = append(limits, b.Limit)
	}
	require.Equal(t, []int64{50000, 100, 500_000_000, 1, 300_000}, limits)
	require.True(t, p.Budgets[1].Shadow)
	require.Equal(t, "UTC", p.Budgets[1].Zone)
	require.Equal(t, []policy.Price{ // in the order of the file
		{Model: "b", Input: 150_000, Output: 600_000, CachedInput: 75_000},
		{Model: "a", Input: 100_000, Output: 700_000, CachedInput: 100_000},
	}, p.Prices)
}

func TestIdentity(t *testing.T) {
	p := decode(t, `{"version":1,"providers":{"a":{"dialect":"openai","endpoint":"http://a"}},"default_provider":"a","identity":{
		"key":{"header":"Authorization"},"user":{"header":"X-User","verified":true},"team":{"header":"x-team"},
		"sub":{"property":"metadata.filter_metadata[\"envoy.filters.http.jwt_authn\"].payload.sub"}},
		"budgets":[{"name":"a","per":["user","sub","model"],"unit":"tokens","limit":1,"every":"1m"}]}`)
	require.Equal(t, []policy.IdentityPart{
		{Name: "key", Header: "authorization", Hash: true}, // a credential is never kept in the clear
		{Name: "user", Header: "x-user", Verified: true},
		{Name: "team", Header: "x-team"},
		{Name: "sub", Property: []string{"metadata", "filter_metadata", "envoy.filters.http.jwt_authn", "payload", "sub"}},
	}, p.Identity)
	require.Empty(t, strict.Warnings(p), "neither what is verified nor what no rule rests on is worth a warning")
}

func TestWarnsOfNoWay(t *testing.T) {
	p := decode(t, small+"}")
	require.Equal(t, []string{"models: there are none and there is no default_provider: every request is refused; name one of them"},
		lines(strict.Warnings(p)))
}

func TestWarnsOfWhatHasNoEffect(t *testing.T) {
	two := `"targets":[{"provider":"openai","model":"x"},{"provider":"openai","model":"y"}]`
	for fields, want := range map[string][]string{
		`"models":{"m":{` + two + `}}`: {"models.m.targets: only the first is asked while it is well, since a request is tried once; " +
			"write retry: {}, or raise retry.attempts, to have the next one tried"},
		`"models":{"m":{` + two + `,"retry":{}}}`:            nil,
		`"models":{"m":{"strategy":"weighted",` + two + `}}`: nil,
		`"models":{"m":{"targets":[{"provider":"openai","model":"x","weight":2}]}}`: {
			"models.m.targets[0].weight: has no effect with strategy ordered; remove it, or write strategy: weighted"},
		`"providers":{"a":{"dialect":"openai","endpoint":"https://a/openai/v1/"}},"default_provider":"a"`: {
			"providers.a.endpoint: ends in /v1, and a call's own path, which begins with /v1, is appended to it; " +
				"remove the /v1, or write api_path: /, unless the server really has it twice"},
		`"models":{"m":{` + two + `,"retry":{"on":["timeout"]}}},"guards":{"answers":[{"name":"a","deny":["x"]},{"name":"b","deny":["x"],"action":"retry"}]}`: {
			"guards.answers[1].action: retry, and no model tries again after invalid_output, so that it only blocks; give a model retry: {}, or write block"},
		`"models":{"m":{` + two + `,"retry":{}}},"guards":{"answers":[{"name":"b","deny":["x"],"action":"retry"}]}`: nil,
		`"default_provider":"openai","guards":{"pii":{}}`: {
			"default_provider: is sent what is no LLM call as it came, past the guards: files, batches, pictures, speech, all but paths that end as a prompt's do, which are refused; " +
				"let the gateway's routes and authentication say who may call the others"},
		`"default_provider":"openai","guards":{"pii":{"mode":"shadow"},"injection":{"action":"flag"},"prompts":[{"name":"p","deny":["x"],"action":"flag"}],"answers":[{"name":"a","deny":["x"]}]}`: nil,
		`"models":{"m":{` + two + `,"retry":{}}},"guards":{"pii":{}}`: nil,
		`"records":{"companion":true},"companion":{"endpoint":"http://127.0.0.1:8090/base/v1"},"default_provider":"openai"`: {
			"companion.endpoint: ends in /v1, and a call's own path, such as /v1/lookup, is appended to it; " +
				"remove the /v1, unless something in front of the companion takes it away"},
		`"records":{"companion":true},"companion":{"endpoint":"http://127.0.0.1:8090/base"},"default_provider":"openai"`: nil,
		`"records":{"companion":false},"companion":{"endpoint":"http://127.0.0.1:8090/v1"},"default_provider":"openai"`:  nil,
		`"providers":{"a":{"dialect":"openai","endpoint":"https://a/v1","api_path":"/"}},"default_provider":"a"`:         nil,
	} {
		require.Equal(t, want, lines(strict.Warnings(decode(t, withFields(fields)))), fields)
	}
}

func TestEndpoints(t *testing.T) {
	for text, want := range map[string]policy.Endpoint{
		"http://Localhost":                 {Host: "localhost", Port: 80},
		"https://a.example/":               {TLS: true, Host: "a.example", Port: 443},
		"https://a.example:8443/v1beta/x/": {TLS: true, Host: "a.example", Port: 8443, BasePath: "/v1beta/x"},
		"http://10.0.0.1:65535":            {Host: "10.0.0.1", Port: 65535},
		"http://my_service:80/a":           {Host: "my_service", Port: 80, BasePath: "/a"},
		"http://[2001:DB8::1]:99":          {Host: "2001:db8::1", Port: 99},
		"https://[::1]":                    {TLS: true, Host: "::1", Port: 443},
		"https://[1:2:3:4:5:6:7:8]/x":      {TLS: true, Host: "1:2:3:4:5:6:7:8", Port: 443, BasePath: "/x"},
	} {
		p := decode(t, `{"version":1,"providers":{"a":{"dialect":"openai","endpoint":"`+text+`"}}}`)
		require.Equal(t, want, p.Providers[0].Endpoint, text)
	}
	for _, text := range []string{
		"", "a.example", "ftp://a", "https://", "https:///x", "https://a b", "https://a:0", "https://a:65536", "https://a:", "https://a:+1",
		"https://u@a", "https://u:p@a", "https://a?x=1", "https://a/#x", "https://a/%2e%2e", "https://a/..", "https://a/x/./y", "https://a//x",
		"https://a/x//", "https://1.2.3", "https://1.2.3.256", "https://1.2.3.04", "https://-a", "https://a..b", "https://a.", "https://[::1",
		"https://[1:2]", "https://[1::2::3]", "https://[::12345]", "https://[::1%25eth0]", "https://[::1]x", "https://[:1]", "https://ä",
		"https://a\\b", "HTTPS://a",
	} {
		_, err := strict.Decode([]byte(set(t, everyField, "providers.openai.endpoint", quote(text))))
		require.ErrorContains(t, err, "providers.openai.endpoint: must be http:// or https://", text)
	}
}

// TestDocumentOrder: problems come in the order in which a reader of the file meets them.
func TestDocumentOrder(t *testing.T) {
	_, err := strict.Decode([]byte(`{"hold_headers":1,"limits":{"strem":1,"request_body":"x"},"budgets":[{"per":["nobody"],"name":"b","limit":1,"unit":"tokens","every":"x"}],
		"default_provider":"nobody","providers":{"a":{"endpoint":"https://a","dialect":"x"}},"version":2}`))
	var paths []string
	for _, p := range *err.(*policy.Problems) {
		paths = append(paths, p.Path)
	}
	require.Equal(t, []string{"hold_headers", "limits.strem", "limits.request_body", "budgets[0].per[0]", "budgets[0].every",
		"default_provider", "providers.a.dialect", "version"}, paths)
}

// FuzzDecode: no text makes it panic, a problem is one line, and the same text means
// the same policy.
func FuzzDecode(f *testing.F) {
	f.Add(everyField)
	f.Add(small + "}")
	f.Add(`{"version":1,"providers":{"a\nb":{"dialect":[[[[]]]],"endpoint":{"x":null}}},"a\u0000":"\ud800"}`)
	for _, row := range fields {
		f.Add(small + `,"` + row.path + `":` + row.wrong + "}")
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := strict.Decode([]byte(text))
		again, err2 := strict.Decode([]byte(text))
		require.Equal(t, err, err2)
		require.Equal(t, p, again)
		if err != nil {
			for _, problem := range *err.(*policy.Problems) {
				require.NotContains(t, problem.String(), "\n")
				require.NotEmpty(t, problem.Message)
			}
			return
		}
		strict.Unsupported(p)
		strict.Warnings(p)
	})
}

func quote(text string) string {
	quoted, _ := json.Marshal(text)
	return string(quoted)
}
