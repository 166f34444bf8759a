package disk

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// format is the version of what is in a directory, as its file "format" says:
//
//	sluice store 1
//	mark 0123456789abcdef
//
// Whoever changes what is written raises it, adds to upgrades how a directory of the
// version before is brought up, and keeps testdata/v1 and its test.
const format = 1

// upgrades[v] turns a directory of version v into one of v+1. It writes the format file
// last, so that one that was interrupted is done again.
var upgrades = map[int]func(dir string, mark uint64) error{}

// ErrFormat is the error for a directory that a newer version, or something else, wrote.
// Nothing in it was changed.
var ErrFormat = errors.New("not a format that this version knows")

// readFormat returns version 0 for a directory that is new.
func readFormat(dir string, newest int) (version int, mark uint64, err error) {
	b, err := os.ReadFile(filepath.Join(dir, "format"))
	if errors.Is(err, fs.ErrNotExist) {
		segments, err := filepath.Glob(filepath.Join(dir, "*.log"))
		if err == nil && len(segments) > 0 {
			err = fmt.Errorf("%d files of records and no file named format: %w", len(segments), ErrFormat)
		}
		return 0, 0, err
	}
	if err != nil {
		return 0, 0, err
	}
	// A newer version may have written anything after its number.
	if n, err := fmt.Sscanf(string(b), "sluice store %d\n", &version); n != 1 || err != nil || version < 1 {
		return 0, 0, fmt.Errorf("its file named format begins with %q: %w", b[:min(len(b), 32)], ErrFormat)
	}
	if version > newest {
		return 0, 0, fmt.Errorf("it has version %d, the newest known is %d: %w", version, newest, ErrFormat)
	}
	if n, err := fmt.Sscanf(string(b), "sluice store %d\nmark %x\n", &version, &mark); n != 2 || err != nil {
		return 0, 0, fmt.Errorf("its file named format has no mark: %w", ErrFormat)
	}
	return version, mark, nil
}

// prepare brings a locked directory to the present format and returns its mark.
func prepare(dir string, newest int, upgrades map[int]func(dir string, mark uint64) error) (mark uint64, err error) {
	version, mark, err := readFormat(dir, newest)
	if err != nil {
		return 0, err
	}
	if version == 0 {
		var random [8]byte
		if _, err := rand.Read(random[:]); err != nil {
			return 0, err
		}
		mark = little.Uint64(random[:])
		return mark, writeFormat(dir, newest, mark)
	}
	for ; version < newest; version++ {
		if err := upgrades[version](dir, mark); err != nil {
			return 0, fmt.Errorf("upgrade from version %d: %w", version, err)
		}
	}
	return mark, nil
}

func writeFormat(dir string, version int, mark uint64) error {
	path := filepath.Join(dir, "format")
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "sluice store %d\nmark %016x\n", version, mark)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return errors.Join(err, syncDir(dir))
}

// syncDir makes new and removed names survive a loss of power.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
