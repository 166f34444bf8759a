package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// ticksPerSecond is USER_HZ, in which Linux reports CPU time to programs on every
// architecture that Go runs on.
const ticksPerSecond = 100

// cpuTime is what a process has used so far, in all its threads (proc_pid_stat(5),
// fields utime and stime).
func cpuTime(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	return parseCPUTime(stat)
}

// processTimes is what some processes have used so far, to the nanosecond: by their own CPU
// clocks, whose numbers are made of theirs (clock_getcpuclockid(3)).
func processTimes(pids []int) (sum time.Duration, err error) {
	const scheduler = 2
	for _, pid := range pids {
		var t unix.Timespec
		if err := unix.ClockGettime(int32(^pid<<3|scheduler), &t); err != nil {
			return 0, fmt.Errorf("the CPU clock of process %d: %w", pid, err)
		}
		sum += time.Duration(t.Nano())
	}
	return sum, nil
}

func parseCPUTime(stat []byte) (time.Duration, error) {
	// The second field is the program's name in parentheses, whatever characters it has.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/pid/stat has %d fields behind the name, want 13 or more", len(fields))
	}
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * time.Second / ticksPerSecond, errors.Join(err1, err2)
}

// residentBytes is the memory that a process occupies (proc_pid_status(5), VmRSS).
func residentBytes(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			return kilobytes(rest)
		}
	}
	return 0, errors.New("/proc/pid/status has no VmRSS")
}

func kilobytes(text string) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "kB")), 10, 64)
	return n << 10, err
}

// linear is one WebAssembly memory: how large it is, and how much of it is in use.
type linear struct{ size, resident int64 }

// linearMemories finds the WebAssembly memories in a process. V8 reserves gigabytes of
// addresses for each, so that an access out of bounds is a page fault, and makes the
// beginning of it readable: in proc_pid_smaps(5) it is a private mapping with rw-
// permissions directly in front of a large one without any.
func linearMemories(pid int) ([]linear, error) {
	smaps, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps", pid))
	if err != nil {
		return nil, err
	}
	return parseLinearMemories(smaps)
}

// reserved is more than any other gap in a process's mappings.
const reserved = 2 << 30

func parseLinearMemories(smaps []byte) ([]linear, error) {
	var found []linear
	var last struct {
		linear
		end        uint64
		accessible bool
	}
	lines := bufio.NewScanner(bytes.NewReader(smaps))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 {
			continue
		}
		if fields[0] == "Rss:" {
			kib, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil {
				return nil, err
			}
			last.resident = kib << 10
			continue
		}
		from, to, ok := strings.Cut(fields[0], "-")
		if !ok || len(fields[1]) != 4 {
			continue
		}
		start, err1 := strconv.ParseUint(from, 16, 64)
		end, err2 := strconv.ParseUint(to, 16, 64)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		if fields[1] == "---p" && end-start >= reserved && last.accessible && last.end == start {
			found = append(found, last.linear)
		}
		last.linear, last.end, last.accessible = linear{size: int64(end - start)}, end, fields[1] == "rw-p"
	}
	return found, lines.Err()
}
