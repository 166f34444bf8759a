// Package istio tests Sluice in Istio: `make e2e-istio`. The control plane, the agent that
// fetches the module and Envoy's bootstrap are Istio's own (internal/mesh), Envoy is a stock
// one, and the objects are those that `sluice render --for istio` writes.
//
//	harness_test.go    a policy's text becomes objects, and a gateway's pod that serves them
//	client_test.go     one request and what its client saw
//	full_test.go       the main scenarios, in the shape full
//	plugin_test.go     what a WasmPlugin and a TrafficExtension can do
//	sidecar_test.go    a plugin in an application's sidecar, for either direction
//	together_test.go   two renderings in one namespace
//	live_test.go       a new policy, a new module, broken ones, and none, under load
//	fetch_test.go      a module that is not the one that was meant; an Envoy without an agent
//	image_test.go      the module's OCI image, in both of its forms
//	conformance_test.go  the scenarios of internal/conformance: Istio's column of docs/conformance.md
//
// Building Istio takes a quarter of an hour once, so all of it has a build tag: istio.
package istio
