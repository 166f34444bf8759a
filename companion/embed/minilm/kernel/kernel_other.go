//go:build !amd64 && !arm64

package kernel

// Best is the fastest set that this machine can run.
func Best() Kernels { return Plain{} }
