package wasmhost

var logLevels = [...]string{"trace", "debug", "info", "warn", "error", "critical"}

func log(c *hostCall) Status {
	level := c.number(0)
	if level >= uint32(len(logLevels)) {
		return BadArgument
	}
	c.vm.logs = append(c.vm.logs, Log{logLevels[level], string(c.bytes(1))})
	return OK
}

func setTickPeriod(c *hostCall) Status {
	// https://github.com/Kong/ngx_wasm_module/blob/main/src/common/proxy_wasm/ngx_proxy_wasm_host.c
	c.trapIf(c.vm.rules.ticksOnce && c.vm.current != nil, "can only set tick_period in root context")
	c.trapIf(c.vm.rules.ticksOnce && c.vm.plugin.period != 0, "tick_period already set")
	c.vm.plugin.period = c.number(0)
	return OK
}

func setEffectiveContext(c *hostCall) Status {
	id := c.number(0)
	if _, stream := c.vm.contexts[id]; !stream && id != c.vm.plugin.id {
		return BadArgument
	}
	if c.vm.rules.movesContext {
		c.vm.effective = id
	}
	return OK
}

func proxyDone(c *hostCall) Status {
	c.trapIf(!c.vm.rules.closeStream, "not supported")
	return NotFound // no context waits for it: the module's proxy_on_done answers true
}

func getShared(c *hostCall) Status {
	c.trapIf(c.vm.options.NoSharedData, "there is no zone for shared data")
	value, cas, ok := c.vm.shared.Get(string(c.bytes(0)))
	if !ok {
		return NotFound
	}
	c.returnBytes(value)
	return c.returnWord(cas)
}

func setShared(c *hostCall) Status {
	c.trapIf(c.vm.options.NoSharedData, "there is no zone for shared data")
	key, value := string(c.bytes(0)), c.bytes(1)
	// What it does there is to write over its neighbours: ngx_wasm_module, pull request 520.
	c.trapIf(c.vm.before(7) && c.vm.shared.lengthens(key, value), "a value of "+key+" that is longer than the one before")
	if !c.vm.shared.Set(key, value, c.number(2)) {
		return CasMismatch
	}
	return OK
}
