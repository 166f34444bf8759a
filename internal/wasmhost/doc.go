// Package wasmhost runs a proxy-wasm module as a gateway would, for tests. It speaks
// ABI 0.2.1 over wazero and has two profiles, Envoy and Kong, which differ exactly where
// the gateways do: the table is in profile.go.
//
//	host, err := wasmhost.Compile(ctx, wasm, cacheDir)   // once: compiling is slow
//	vm, err := host.NewVM(wasmhost.Options{Profile: wasmhost.Envoy})
//	plugin, err := vm.Plugin([]byte(`{"role":"edge"}`))
//
//	// A whole exchange: the driver is client, filter chain and upstream in one.
//	stream, result := plugin.Exchange(request, upstream)
//
//	// Or step by step, each call telling what went on to the other side.
//	stream := plugin.NewStream(nil)
//	sent := stream.RequestHeaders(headers, false)
//	sent = stream.RequestBody(chunk, true)
//	got := stream.ResponseHeaders(headers, false)
//	stream.Abort() // the client hangs up
//
// Router is what is behind an Envoy's listener: attempts at providers, each with a filter
// chain of its own, in which a second plugin of the same VM may be.
//
// stream.Trace is every callback and host call as text, the same each time, to be
// compared with a golden file. A VM is for one goroutine, as a gateway's is for one
// thread; several VMs may share a SharedData and run at the same time.
//
// What stands behind the rules was measured on Envoy 1.37.0 and 1.40.0 (V8) and on the
// WebAssembly runtime of Kong 3.9. Where nobody has measured, the Kong profile takes what
// ngx_wasm_module's source says, and the stricter reading of it, so that a module which
// passes here does not depend on it: a response that pauses traps, a version for an absent
// key is a mismatch, a change of :path, :authority or :status is taken and has no effect,
// set_property knows only ngx, wasmx and kong.ctx, and of nginx's variables those that can
// be set, a call of a scheme that is neither http nor https traps (Kong sends it in the
// clear), a body is there in its own callbacks alone, set_effective_context does nothing,
// so that a tick which acts on a stream ends the worker, and trailers have no callbacks.
// What becomes of a request whose call failed differs by the version: see Call.Answer. So do
// calls beside each other, and names in them: see Options.Conf. A metric that cannot be kept ends
// the machine, and a trap behind a local reply the worker.
// What Kong itself does around the runtime is there as far as a module meets with it: the
// query that is appended to ngx.upstream_uri, the word that a client may send its body, and
// the words about an upstream that does not answer. Its zone for shared data is the tree of nodes that SharedData describes.
//
// Not emulated: gRPC, shared queues, foreign functions, metadata callbacks, TCP (a module
// that imports one of their calls does not load); of Kong's zone: a value too large for
// all of it, which is an error there, and that one which evicts while a node grows may
// take that very node and end the worker (a rendered zone evicts nothing); Kong's errors in XML and gRPC; Envoy's second
// of 503 for all requests of a worker after a trap, before it starts the module again;
// time, which passes where a test says so (Options.Clock, Plugin.Tick, Routed.TimeOver);
// of the router: its backoff, its limits on retries, hedging, and an answer that overtakes
// its request.
package wasmhost
