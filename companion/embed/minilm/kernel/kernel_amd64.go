package kernel

import "golang.org/x/sys/cpu"

// Best is the fastest set that this machine can run. The assembly is for x86-64-v3, which is
// Intel's machines of 2013 and AMD's of 2015 and later.
func Best() Kernels {
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA && hasF16C() {
		return assembly{}
	}
	return Plain{}
}

// hasF16C asks the machine (CPUID leaf 1, ECX bit 29): golang.org/x/sys/cpu does not.
func hasF16C() bool
