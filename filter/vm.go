//go:build wasip1

package main

import (
	"math/rand/v2"
	"os"
	"strings"

	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm"
	"github.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/types"

	"github.com/sluice-gateway/sluice/filter/internal/abi"
	"github.com/sluice-gateway/sluice/gateway"
	"github.com/sluice-gateway/sluice/policy/normal"
)

// A host that runs several plugins with the same code may run them in one virtual
// machine, so nothing here but what is true of the machine itself: the streams that
// are open in it.
var streams = map[uint32]role{}

func init() {
	proxywasm.SetVMContext(&vm{})
	abi.OnPanic(func(contextID uint32, callback string) {
		if s := streams[contextID]; s != nil {
			s.panicked()
		}
	})
}

type vm struct{ types.DefaultVMContext }

func (*vm) NewPluginContext(id uint32) types.PluginContext { return &plugin{context: id} }

// plugin is one configuration of the filter.
type plugin struct {
	types.DefaultPluginContext
	context uint32
	gateway *gateway.Gateway // nil in the provider role
	host    host
	routed  bool // it is for one route of a host that has its environment with requests alone: see meet

	timer timer

	lostRecord bool // the host has not taken a decision record, and that has been said
}

// OnPluginStart compiles the policy. It runs in machines that never serve as well
// (Envoy's main thread has one), so it changes nothing outside.
func (p *plugin) OnPluginStart(size int) types.OnPluginStartStatus {
	var configuration []byte
	var err error
	if size > 0 { // the hosts have nothing else to give
		configuration, err = proxywasm.GetPluginConfiguration()
	}
	if err == nil {
		err = p.configure(configuration)
	}
	if err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			proxywasm.LogCritical("sluice: " + line)
		}
		return types.OnPluginStartStatusFailed
	}
	if p.gateway == nil {
		return types.OnPluginStartStatusOK
	}
	if !p.routed {
		p.complain()
	}
	p.timer.period = slowTick
	if p.gateway.Tells() {
		p.timer.period = recordsTick // where it is set once it has to be this one
	}
	if err := proxywasm.SetTickPeriodMilliSeconds(uint32(p.timer.period)); err != nil {
		proxywasm.LogCritical("sluice: the host gives no tick: " + err.Error())
		return types.OnPluginStartStatusFailed
	}
	return types.OnPluginStartStatusOK
}

func (p *plugin) configure(text []byte) error {
	c, err := readConfiguration(text)
	if err != nil || string(c.role) == providerRole {
		return err
	}
	p.routed = len(c.provider) > 0
	rendered, err := normal.Read(c.policy)
	if err != nil {
		return err
	}
	p.gateway, err = gateway.New(rendered, gateway.Options{
		Store: store(&p.host), Env: os.Getenv, Provider: string(c.provider), Machine: string(c.machine),
		Secret: [2]uint64{rand.Uint64(), rand.Uint64()},
	})
	return err
}

func (p *plugin) NewHttpContext(contextID uint32) types.HttpContext {
	var s role
	if common := (stream{plugin: p, context: contextID}); p.gateway == nil {
		s = &provider{stream: common}
	} else {
		s = &edge{stream: common}
	}
	streams[contextID] = s
	return s
}

// clock is asked once in a callback, since each reading is a host call.
func clock() int64 { return abi.Now() }
