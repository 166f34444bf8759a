package gateway

// FindCredentials looks in an environment for the credentials that are still missing.
func (g *Gateway) FindCredentials(env func(name string) string) {
	g.missing = nil
	for i := range g.policy.Providers {
		v := g.providers[g.policy.Providers[i].Name]
		if v.serves() {
			continue
		}
		if v.key = env(v.CredentialEnv); v.key == "" {
			g.missing = append(g.missing, v.Name+" ("+v.CredentialEnv+")")
		}
	}
	if g.noToken == "" {
		return
	}
	if token := env(g.noToken); token != "" {
		g.companion.headers = append(g.companion.headers, [2]string{"authorization", "Bearer " + token})
		g.noToken = ""
	}
}
