package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// report is the table.
type report struct {
	rows   [][5]string
	tables []table
	notes  []string
}

// table is one of a part's own, where the sides are not all that there is to compare.
type table struct {
	title   string
	columns []string
	rows    [][]string
}

func (t *table) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s:\n\n| %s |\n|%s\n", t.title, strings.Join(t.columns, " | "), strings.Repeat("---|", len(t.columns)))
	for _, row := range t.rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(row, " | "))
	}
}

// row adds a figure: what it is, without and with the filter, what the filter adds, and
// what it is held to, "" where it is held to nothing.
func (r *report) row(what, without, with, added, target string) {
	r.rows = append(r.rows, [5]string{what, without, with, added, target})
}

func (r *report) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// print writes the table with all that is needed to judge it.
func (r *report) print(ctx context.Context, w io.Writer, b *bench) error {
	version, err := exec.CommandContext(ctx, b.binary, "--version").Output()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "`go run ./internal/bench %s`\n", strings.Join(os.Args[1:], " "))
	fmt.Fprintf(w, "%s, commit %s, %s, Envoy %s, %d × %s, Linux %s\n\n", time.Now().UTC().Format(time.DateOnly), commit(ctx), runtime.Version(),
		envoyVersion(string(version)), runtime.NumCPU(), cpuModel(), kernel())
	if len(r.rows) > 0 {
		fmt.Fprintln(w, "| | Envoy | with Sluice | added | held to |")
		fmt.Fprintln(w, "|---|---|---|---|---|")
	}
	for _, row := range r.rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(row[:], " | "))
	}
	for _, t := range r.tables {
		t.print(w)
	}
	fmt.Fprintln(w)
	for _, note := range r.notes {
		fmt.Fprintf(w, "- %s\n", note)
	}
	return nil
}

// commit is the source's, with -dirty where there are changes that it does not have.
func commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty", "--exclude", "*").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// envoyVersion takes the number out of
// `… version: 5b0…/1.40.0/Clean/RELEASE/BoringSSL`.
func envoyVersion(text string) string {
	if parts := strings.Split(text, "/"); len(parts) > 2 {
		for _, part := range parts {
			if strings.Count(part, ".") == 2 && strings.Trim(part, "0123456789.") == "" {
				return part
			}
		}
	}
	return strings.TrimSpace(text)
}

func cpuModel() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(info)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

func kernel() string {
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(release))
}

// ms, us and mib write figures with the digits that mean something.
func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond)) }

func plusMS(d time.Duration) string {
	return fmt.Sprintf("%+.2f ms", float64(d)/float64(time.Millisecond))
}

func us(d time.Duration) string { return fmt.Sprintf("%.0f µs", float64(d)/float64(time.Microsecond)) }

func plusUS(d time.Duration) string {
	return fmt.Sprintf("%+.0f µs", float64(d)/float64(time.Microsecond))
}

func mib(bytes int64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }

func plusMiB(bytes int64) string { return fmt.Sprintf("%+.1f MiB", float64(bytes)/(1<<20)) }
