//go:build darwin || freebsd || netbsd || openbsd

package disk

func advise([]byte) {}
