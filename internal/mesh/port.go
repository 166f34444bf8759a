//go:build unix

package mesh

import (
	"errors"
	"os"
	"syscall"
)

// Port is a port of 127.0.0.1 that is kept for an Envoy: what listens there has to share it,
// as Envoy's listeners do and nobody else's.
type Port struct {
	Number int

	fd int
}

// soReusePort is SO_REUSEPORT on Linux, which package syscall does not have for every machine.
const soReusePort = 0xf

// ReservePort finds one that is free, and takes it without listening.
func ReservePort() (*Port, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	syscall.CloseOnExec(fd)
	err = os.NewSyscallError("setsockopt", syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, soReusePort, 1))
	if err == nil {
		err = os.NewSyscallError("bind", syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	}
	if err != nil {
		return nil, errors.Join(err, syscall.Close(fd))
	}
	at, err := syscall.Getsockname(fd)
	if err != nil {
		return nil, errors.Join(err, syscall.Close(fd))
	}
	return &Port{at.(*syscall.SockaddrInet4).Port, fd}, nil
}

// Release gives it up.
func (p *Port) Release() error { return syscall.Close(p.fd) }
