// Command module is the tokenizer as a WebAssembly module, for the benchmark: the same file runs in Envoy, where it answers a
// request with the time that it took to count the request's body (envoy.go), and in any host of WebAssembly, which calls room and
// count and has a clock of its own (count.go).
//
// It is not the filter, so that its size and memory are those of the tokenizer alone: the tags none and one leave all of it
// out, or the vocabulary cl100k_base.
package main

func main() {}
