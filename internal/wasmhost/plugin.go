package wasmhost

import (
	"fmt"
	"maps"
	"slices"
)

// Plugin is a module's configured root context.
type Plugin struct {
	vm     *VM
	id     uint32
	config []byte
	calls  []*Call // not answered yet
	period uint32  // of ticks, in milliseconds
}

// Plugin starts a plugin with its configuration: a context, vm_start (which Envoy calls
// for each plugin, not once a VM) and configure. The module refusing one of them is an
// error.
func (vm *VM) Plugin(config []byte) (*Plugin, error) {
	p := &Plugin{vm: vm, id: vm.nextContext, config: config}
	vm.nextContext++
	if err := p.start(true); err != nil {
		return nil, err
	}
	vm.plugins = append(vm.plugins, p)
	return p, nil
}

func (p *Plugin) start(vmStart bool) error {
	p.period = 0
	if _, err := p.callback("proxy_on_context_create", p.id, 0); err != nil {
		return err
	}
	if vmStart {
		if ok, err := p.callback("proxy_on_vm_start", p.id, uint32(len(p.vm.options.VMConfig))); err != nil || ok == 0 {
			return refused("proxy_on_vm_start", err)
		}
	}
	if ok, err := p.callback("proxy_on_configure", p.id, uint32(len(p.config))); err != nil || ok == 0 {
		return refused("proxy_on_configure", err)
	}
	return nil
}

func refused(callback string, err error) error {
	if err != nil {
		return fmt.Errorf("wasmhost: %w", err)
	}
	return fmt.Errorf("wasmhost: %s answered false", callback)
}

// Tick runs the module's timer callback once, whatever its period. Streams that it
// answered or resumed in their name (proxy_set_effective_context) go on from there.
func (p *Plugin) Tick() error {
	_, err := p.callback("proxy_on_tick", p.id)
	for _, id := range slices.Sorted(maps.Keys(p.vm.contexts)) {
		s := p.vm.contexts[id]
		if s.ended || s.trapped != nil {
			continue
		}
		if !s.request.after() {
			s.request.afterwards()
		}
		s.goOn()
	}
	p.vm.answerCalls()
	return err
}

// TickPeriod is what the module asked for, in milliseconds; 0 is no ticks.
func (p *Plugin) TickPeriod() uint32 { return p.period }

// Calls are the module's HTTP calls that have had no answer yet, in order.
func (p *Plugin) Calls() []*Call { return slices.Clone(p.calls) }

// callback runs a callback that is not about a stream.
func (p *Plugin) callback(name string, params ...uint32) (uint32, error) {
	vm := p.vm
	if vm.crashed != nil {
		return 0, vm.crashed
	}
	if err := vm.revive(); err != nil {
		return 0, err
	}
	vm.current, vm.plugin, vm.callback, vm.effective = nil, p, name, p.id
	return vm.traced(name, params)
}

// revive makes a new instance in place of one that trapped, as FAIL_RELOAD has Envoy do
// and Kong does by itself.
func (vm *VM) revive() error {
	if vm.instance != nil {
		return nil
	}
	if err := vm.start(); err != nil {
		return err
	}
	for _, p := range vm.plugins {
		if err := p.start(vm.rules.vmStartOnReload); err != nil {
			return err
		}
	}
	return nil
}
