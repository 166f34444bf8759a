// Package mesh runs Istio for tests: the real istiod and the real agent beside a stock Envoy,
// all as processes on this machine, with objects as a cluster would have them.
//
//	kube, err := mesh.StartKube()                     // the API of a cluster, in this process
//	err = kube.Apply(yaml)                            // what kubectl apply would be given
//	istiod, err := mesh.StartIstiod(ctx, kube, …)     // reads the objects, serves xDS
//	gw, err := mesh.StartGateway(ctx, istiod, …)      // Istio's agent, which starts an Envoy
//
//	kube ◀──watch── istiod ──xDS──▶ agent ──xDS──▶ Envoy
//	                                  └──fetches the module over HTTP, as in a pod
//
// Istio is built from its own module (internal/istio, `make istio`) and is no part of Sluice's.
// What is not Istio's is the Kubernetes API, in which objects are as they were written: nobody
// validates them, starts their pods or gives them defaults.
package mesh
