//go:build !(linux || darwin || freebsd || netbsd || openbsd)

package disk

import (
	"fmt"
	"os"
	"runtime"
)

func lock(string) (*os.File, error) {
	return nil, fmt.Errorf("no way to lock a directory on %s", runtime.GOOS)
}
