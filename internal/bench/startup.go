package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/sluice-gateway/sluice/internal/build/module"
)

// measureStart starts Envoys one at a time and in turns.
func measureStart(ctx context.Context, b *bench, r *report) error {
	wasm, err := os.ReadFile(b.wasm)
	if err != nil {
		return err
	}
	sizes, err := module.Check(wasm, module.MaxCode)
	if err != nil {
		return err
	}
	var ready, used [2][]float64
	for range b.times(3) {
		for at, bootstrap := range [][]byte{b.without, b.with} {
			began := time.Now()
			s, err := b.start(ctx, bootstrap, 1)
			if err != nil {
				return err
			}
			ready[at] = append(ready[at], time.Since(began).Seconds())
			cpu, err := cpuTime(s.Pid())
			used[at] = append(used[at], cpu.Seconds())
			if err := errors.Join(err, s.Stop()); err != nil {
				return err
			}
		}
	}
	seconds := func(what string, values [2][]float64) {
		a, c := median(values[without]), median(values[with])
		r.row(what, fmt.Sprintf("%.1f s", a), fmt.Sprintf("%.1f s", c), fmt.Sprintf("%+.1f s", c-a), "")
	}
	seconds("start, until it serves, 1 worker", ready)
	seconds("CPU time of the start", used)
	r.row("module: code section, all", "", fmt.Sprintf("%.2f MB, %.2f MB", float64(sizes.Code)/1e6, float64(sizes.Module)/1e6), "",
		fmt.Sprintf("≤ %.1f MB, ≤ %.0f MB", module.MaxCode/1e6, module.MaxModule/1e6))
	return nil
}
