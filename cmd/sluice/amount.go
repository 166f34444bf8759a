package main

import (
	"flag"
	"fmt"
	"strconv"

	"github.com/sluice-gateway/sluice/policy/strict"
)

// amount is a flag's number with its bounds: flag's own takes what no service can run with,
// and says "parse error" of what it does not take.
type amount struct {
	to          *int64
	least, most int64
	bytes       bool // written as a policy writes sizes, 8MiB
}

// number registers a flag that is a number of something.
func number(flags *flag.FlagSet, to *int64, name string, value, least, most int64, usage string) {
	*to = value
	flags.Var(&amount{to: to, least: least, most: most}, name, usage)
}

// size registers a flag that is a number of bytes.
func size(flags *flag.FlagSet, to *int64, name string, value, least, most int64, usage string) {
	*to = value
	flags.Var(&amount{to: to, least: least, most: most, bytes: true}, name, usage)
}

// Set reads a number. Its error is read behind the flag's name and what was written.
func (a *amount) Set(text string) error {
	n, ok := int64(0), false
	if a.bytes {
		n, ok = strict.ParseSize(text)
	} else if v, err := strconv.ParseInt(text, 10, 64); err == nil {
		n, ok = v, true
	}
	switch {
	case ok && n >= a.least && n <= a.most:
		*a.to = n
		return nil
	case a.bytes:
		return fmt.Errorf("it is a size of %s to %s, with its unit, such as %s (KiB, MiB or GiB)", strict.FormatSize(a.least), strict.FormatSize(a.most), a)
	}
	return fmt.Errorf("it is a whole number of %d to %d, such as %s", a.least, a.most, a)
}

// String is the value, which the help shows as the default.
func (a *amount) String() string {
	switch {
	case a.to == nil: // flag makes one to see what is nothing
		return ""
	case a.bytes:
		return strict.FormatSize(*a.to)
	}
	return strconv.FormatInt(*a.to, 10)
}
