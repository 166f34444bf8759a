package strict_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/guard/match"
	"github.com/sluice-gateway/sluice/policy"
)

// What a rule has by words stays with the filter, what it has by meaning is asked of the
// companion; words that allow go where the examples do, since either allows.
func TestRulesByMeaning(t *testing.T) {
	g := decode(t, withFields(`"companion":{},"guards":{"external":[{"name":"e","type":"webhook","endpoint":"http://e"}],"prompts":[
		{"name":"words","deny_words":["a"],"allow":["b+"]},
		{"name":"both","deny_words":["a"],"deny_like":["c"],"action":"flag","roles":["tool"],"mode":"shadow","on_error":"allow","timeout":"3s","similarity":0.6},
		{"name":"like","deny_like":["c"]},
		{"name":"allow","allow_like":["d"],"allow_words":["thanks"],"deny_words":["a"]}]}`)).Guards

	require.Equal(t, []policy.SpeechRule{
		{Name: "words", Deny: 1, Allow: 1, Roles: []string{"user"}, Action: policy.GuardBlock},
		{Name: "both", Deny: 1, Roles: []string{"tool"}, Action: policy.GuardFlag, Shadow: true},
		{Name: "allow", Deny: 1, Roles: []string{"user"}, Action: policy.GuardBlock},
	}, g.Prompts.Rules)
	set, err := match.Load(g.Prompts.Program)
	require.NoError(t, err)
	require.Equal(t, 4, set.Rules())

	require.Len(t, g.External, 4)
	require.Equal(t, "e", g.External[0].Name)
	require.Equal(t, policy.ExternalGuard{Name: "both", Action: policy.GuardFlag, Roles: []string{"tool"}, Timeout: 3 * time.Second, OnError: policy.AllowOnError, Shadow: true,
		Service: policy.Service{Type: policy.Meaning, MinScore: 0.6, DenyLike: []string{"c"}}}, g.External[1])
	require.Equal(t, policy.ExternalGuard{Name: "like", Action: policy.GuardBlock, Roles: []string{"user"}, Timeout: 2 * time.Second, OnError: policy.DenyOnError,
		Service: policy.Service{Type: policy.Meaning, MinScore: 0.4, DenyLike: []string{"c"}}}, g.External[2])
	allow := g.External[3].Service
	require.Equal(t, []string{"d"}, allow.AllowLike)
	set, err = match.Load(allow.AllowProgram)
	require.NoError(t, err)
	require.Equal(t, 1, set.Rules())
	require.NotEmpty(t, set.NewMatcher().Write([]byte("Thanks a lot")))
}
