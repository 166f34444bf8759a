//go:build wasip1 && !sluicepanic

package main

// sabotage is where the module that tests build with the tag sluicepanic panics. In
// every other build there is nothing here.
func (*edge) sabotage(callback)     {}
func (*provider) sabotage(callback) {}
