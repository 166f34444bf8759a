// Bare is a module that speaks no ABI at all.
package main

func main() {}
