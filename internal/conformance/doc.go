// Package conformance is what Sluice promises of each host: one set of scenarios, at the
// level of HTTP, that runs on all of them, and the table in docs/conformance.md that the
// run makes.
//
//	client ──▶ a host with the module, one policy ──▶ internal/mock, as the scenario scripts it
//	  │                                                  │
//	  └── what it saw, the record, the metrics ──────────┴── what came there:  Want
//
// A scenario (scenario.go) is a policy, a few requests, the providers' scripts and what has
// to be seen, and it names the features that a host must have for it. A tier (tiers.go) is
// a host and what that lacks, each with the reason. Where a tier has all that is needed,
// the scenario has to pass. Where it lacks something, the scenario says what is seen
// instead, and that has to be so: no cell of the table is there by word alone. A tier that
// lacks something and passes nonetheless is an error too: the table would say too little.
// What check refuses to run on a host is not run there, and check is seen to refuse it.
//
//	scenario.go, check.go, answer.go   what a scenario is, and how it is held
//	tiers.go                           the hosts, and what they lack
//	policies.go, calls.go, …           the scenarios; bodies.go, how clients ask
//	providers.go, backends.go          what stands behind a host
//	host.go, proxy.go, envoy.go        the hosts that are processes of their own
//	wazero.go, kong.go, inprocess.go   and those that are not
//	framing.go, refused.go             lengths of bodies; what check refuses
//	run.go, table.go                   a run, and what becomes of its results
package conformance
