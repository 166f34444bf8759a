//go:build wasip1

package abi

import _ "unsafe" // for go:linkname

//go:wasmimport env proxy_set_tick_period_milliseconds
func proxySetTickPeriodMilliseconds(period uint32) uint32

//go:linkname onTick github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/internal.ProxyOnTick
func onTick(pluginID uint32)

// proxyOnTick survives a panic of the plugin: the next tick is tried like any other.
//
//go:wasmexport proxy_on_tick
func proxyOnTick(pluginID uint32) {
	enter(pluginID)
	defer rescue("proxy_on_tick", pluginID, outside, nil)
	onTick(pluginID)
}

func (*host) ProxySetTickPeriodMilliseconds(period uint32) uint32 {
	return proxySetTickPeriodMilliseconds(period)
}
