package conformance

// Feature is something that not every host lets a filter do.
type Feature string

// The features.
const (
	Attempts    Feature = "further attempts by the host's router"
	Routes      Feature = "the choice of the provider by what a request says"
	LateStatus  Feature = "an answer's status and headers decided by its body"
	EmptyBodies Feature = "empty bodies seen"
	WhoBroke    Feature = "who broke a stream off"
)

// Tier is a host, as a column of the table.
type Tier struct {
	Name  string // of its test
	Title string
	Lacks map[Feature]string // why, in words for users
}

// The tiers. A host that comes to have a feature loses a line here; the run says so.
var (
	WazeroEnvoy = Tier{Name: "wazero-envoy", Title: "wazero, Envoy's rules"}
	WazeroKong  = Tier{Name: "wazero-kong", Title: "wazero, Kong's rules", Lacks: map[Feature]string{
		Attempts:    "Kong has no filter chain behind its balancer, where an attempt would be seen to have failed: a request is tried once, but for models with `failover: inline`",
		Routes:      "Kong's route has chosen the provider before the filter runs: a rule that wants another one is refused, and of the targets of a model only those of that provider are used",
		LateStatus:  "Kong's response phases cannot wait, so that an answer's status and headers have gone when its body comes: the cost is in the record alone, and an answer that is blocked has status 200 and says nothing",
		EmptyBodies: "Kong has no callback for an empty body: it goes on, with the client's own credential and none of the gateway's",
		WhoBroke:    "Kong does not tell a filter who has broken a stream off: the record says `client_gone` of either",
	}}
	EnvoyOldest = Tier{Name: "envoy-oldest", Title: "Envoy 1.37.0"}
	EnvoyNewest = Tier{Name: "envoy-newest", Title: "Envoy 1.40.0"}
)

// Tiers are the columns of the table, in order.
var Tiers = []*Tier{&WazeroEnvoy, &WazeroKong, &EnvoyOldest, &EnvoyNewest}
