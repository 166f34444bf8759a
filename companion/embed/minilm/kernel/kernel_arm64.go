package kernel

// Best is the fastest set that this machine can run: the assembly needs Advanced SIMD and
// its conversion from float16, which every arm64 has.
func Best() Kernels { return assembly{} }
