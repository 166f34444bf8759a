package conformance

import (
	"strconv"

	"github.com/sluice-gateway/sluice/internal/envoy"
	"github.com/sluice-gateway/sluice/policy/host"
)

// Feature is something that not every host lets a filter do.
type Feature string

// The features.
const (
	LateStatus  Feature = "an answer's status and headers decided by its body"
	EmptyChunks Feature = "bodies seen that come in chunks, of which there are none"
	WhoBroke    Feature = "who broke a stream off"
)

// Tier is a host, as a column of the table.
type Tier struct {
	Name  string // of its test
	Title string
	// Check is what `sluice check --for` calls it. A model that is refused there is asked of
	// no scenario.
	Check host.Name
	// Kong is its minor version; 0 = the newest.
	Kong int
	// Unreachable is the status of what the host itself answers for a provider that gives
	// no answer.
	Unreachable int
	Lacks       map[Feature]string // why, in words for users
}

// The tiers. A host that comes to have a feature loses a line here; the run says so.
var (
	WazeroEnvoy = Tier{Name: "wazero-envoy", Title: "wazero, Envoy's rules", Check: host.Envoy, Unreachable: 503}
	WazeroKong  = Tier{Name: "wazero-kong", Title: "wazero, Kong's rules", Check: host.Kong, Unreachable: 502, Lacks: map[Feature]string{
		LateStatus:  told(host.Kong, "answers that a guard replaces") + ". So the cost of an answer is in its record alone, and one that is blocked has status 200 and says nothing",
		EmptyChunks: "Kong has no callback for a body without a byte, and `transfer-encoding: chunked` does not tell that none will come: it goes on, with the client's own credential and none of the gateway's",
		WhoBroke:    "Kong does not tell a filter who has broken a stream off: the record says `client_gone` of either",
	}}
	EnvoyOldest = Tier{Name: "envoy-oldest", Title: "Envoy " + envoy.OldestVersion, Check: host.Envoy, Unreachable: 503}
	EnvoyNewest = Tier{Name: "envoy-newest", Title: "Envoy " + envoy.DefaultVersion, Check: host.Envoy, Unreachable: 503}
	Istio       = Tier{Name: "istio", Title: "Istio 1.31", Check: host.Istio, Unreachable: 503} // shape full; its column is made by make e2e-istio
)

// again is the same host in another way.
func (t *Tier) again(how string) *Tier {
	other := *t
	other.Name += how
	return &other
}

// older is an older Kong, which is no column.
func (t *Tier) older(minor int) *Tier {
	other := t.again("-3." + strconv.Itoa(minor))
	other.Kong, other.Title = minor, ""
	return other
}

// hasMetrics tells whether the host has any for filters.
func (t *Tier) hasMetrics() bool { return t.Kong == 0 || t.Kong >= 8 }

// Tiers are the columns of the table, in order.
var Tiers = []*Tier{&WazeroEnvoy, &WazeroKong, &EnvoyOldest, &EnvoyNewest, &Istio}

// told is what `sluice check --for` says of a feature: the reasons are the same here.
func told(n host.Name, feature string) string {
	for _, row := range host.Table(n) {
		if row.What != feature {
			continue
		}
		does := "warns of it"
		if row.Refused {
			does = "refuses it"
		}
		return row.Why + " (`sluice check --for " + string(n) + "` " + does + ")"
	}
	panic("policy/host has no line " + feature + " of " + string(n))
}
