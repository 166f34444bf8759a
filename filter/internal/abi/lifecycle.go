//go:build wasip1

package abi

import _ "unsafe" // for go:linkname

//go:wasmimport env proxy_set_effective_context
func proxySetEffectiveContext(contextID uint32) uint32

//go:wasmimport env proxy_done
func proxyDone() uint32

//go:linkname onVMStart github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/internal.ProxyOnVMStart
func onVMStart(contextID uint32, configurationSize int) bool

//go:linkname onConfigure github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/internal.ProxyOnConfigure
func onConfigure(pluginID uint32, configurationSize int) bool

//go:linkname onContextCreate github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/internal.ProxyOnContextCreate
func onContextCreate(contextID, pluginID uint32)

//go:linkname onDone github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/internal.ProxyOnDone
func onDone(contextID uint32) bool

//go:linkname onLog github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/internal.ProxyOnLog
func onLog(contextID uint32)

//go:linkname onDelete github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/internal.ProxyOnDelete
func onDelete(contextID uint32)

// proxyABIVersion tells the host which ABI the module speaks, by being there.
//
//go:wasmexport proxy_abi_version_0_2_1
func proxyABIVersion() {}

// proxyOnVMStart refuses the module (false) on a panic.
//
//go:wasmexport proxy_on_vm_start
func proxyOnVMStart(contextID, configurationSize uint32) (ok bool) {
	enter(contextID)
	defer rescue("proxy_on_vm_start", contextID, outside, nil)
	return onVMStart(contextID, int(configurationSize))
}

// proxyOnConfigure refuses the configuration (false) on a panic.
//
//go:wasmexport proxy_on_configure
func proxyOnConfigure(pluginID, configurationSize uint32) (ok bool) {
	enter(pluginID)
	defer rescue("proxy_on_configure", pluginID, outside, nil)
	return onConfigure(pluginID, int(configurationSize))
}

// proxyOnContextCreate makes a plugin's context (pluginID is 0) or a stream's. A stream
// whose context could not be made is answered 500 when its request arrives: nothing can
// be sent yet.
//
//go:wasmexport proxy_on_context_create
func proxyOnContextCreate(contextID, pluginID uint32) {
	at := creating
	if pluginID == 0 {
		at = outside
	} else {
		plugins[contextID] = pluginID
	}
	enter(contextID)
	defer rescue("proxy_on_context_create", contextID, at, nil)
	onContextCreate(contextID, pluginID)
}

// proxyOnDone answers that the context may be deleted, which is also the answer after a
// panic. Kong calls it before proxyOnLog, Envoy after.
//
//go:wasmexport proxy_on_done
func proxyOnDone(contextID uint32) (done bool) {
	done = true
	if dead(contextID) {
		return done
	}
	enter(contextID)
	defer rescue("proxy_on_done", contextID, ending, nil)
	return onDone(contextID)
}

// proxyOnLog runs the SDK's OnHttpStreamDone.
//
//go:wasmexport proxy_on_log
func proxyOnLog(contextID uint32) {
	if dead(contextID) {
		return
	}
	enter(contextID)
	defer rescue("proxy_on_log", contextID, ending, nil)
	onLog(contextID)
}

// proxyOnDelete frees whatever is kept by context. The SDK panics for a context whose
// making had failed; that is no news.
//
//go:wasmexport proxy_on_delete
func proxyOnDelete(contextID uint32) {
	at := deleted
	if dead(contextID) {
		at = deletedAndKnown
	}
	delete(fates, contextID)
	delete(plugins, contextID)
	enter(contextID)
	defer rescue("proxy_on_delete", contextID, at, nil)
	defer dropCalls(contextID)
	onDelete(contextID)
}

func (*host) ProxySetEffectiveContext(contextID uint32) uint32 {
	status := proxySetEffectiveContext(contextID)
	if Status(status) == OK {
		active = contextID
	}
	return status
}

func (*host) ProxyDone() uint32 { return proxyDone() }
