// Package e2e tests the built module in stock Envoys: the newest that is supported and
// the oldest. Clients are the vendors' own libraries, changed in nothing but their
// base URL, and plain HTTP where the bytes matter; providers are internal/mock.
//
// An Envoy is slow to start, since it compiles the whole module first. So there is one
// for each version and policy (policies_test.go), and the tests share it: each request
// has an API key of its own, and the budgets are kept per key, so that no test sees
// what another one has spent.
//
//	harness_test.go     a policy's text becomes a gateway: its URL, its provider, its records
//	certificate_test.go providers over TLS
//	http_test.go        one request and what its client saw of the answer
//	record_test.go      decision records, and budgets as a client can read them
//	golang_test.go      openai-go and anthropic-sdk-go
//	python_test.go      openai and anthropic for Python (clients/)
//	node_test.go        openai and @anthropic-ai/sdk for Node (clients/node/)
//	transparency_test.go  what passes byte for byte
//	budgets_test.go     limits: at once, several, in shadow, clamped
//	crowd_test.go       64 clients at a budget's limit
//	cut_test.go         streams that are cut by a budget
//	faults_test.go      every fault of a provider
//	disconnect_test.go  clients that hang up
//	bodies_test.go      large, slow, broken and compressed bodies; HTTP/2
//	secrets_test.go     credentials, and what a client says in our name
//	metrics_test.go     the metrics, the records and the provider's bill agree
//	reload_test.go      a new policy under load
//
// The cache by meaning, each policy with a companion of its own:
//
//	companion_test.go   the companion as a process: who may call it, the judge, the command line
//	cache_test.go       hits and what must not be one; a companion that fails or is killed
//	cache_tools_test.go answers that call tools
//	cache_clients_test.go  hits as the vendors' clients for Python and Node see them
//
// Routing and failover, all of it on one policy, whose providers are servers of their own:
//
//	providers_test.go   the providers, what they have seen, and what an answer has to look like
//	failover_test.go    every failure of a first provider, for both clients, over both APIs
//	crowd_failover_test.go  200 streams while a provider is away
//	tls_failover_test.go  server names and certificates
//	routing_test.go     strategies, rules, affinity, cool-down
//	translation_test.go the vendors' own clients over the other vendor's API
//	steering_test.go    what a client says and is not heard; the metrics of attempts
//
// And when there is time:
//
//	soak_test.go        six silent minutes; many requests in flat memory (SLUICE_SOAK=1)
package e2e
