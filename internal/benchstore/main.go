// Command benchstore measures the companion's own store: how long a search takes, whether
// it finds what comparing with every entry finds, and what it costs in memory and time to
// open.
//
//	go run ./internal/benchstore -n 1000000
//
// The entries are made up after what sentence embeddings look like: topics of very
// different variety, in a space whose directions are used very unequally and whose vectors
// all share a part (see data.go). Queries are of three kinds: near an entry; of the same
// making but near none; and random, which is as far as a query can be.
//
// One process fills the store, another opens and searches it, so that its memory is its
// own, and this one then compares.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/disk"
)

const space = "bench/1"

var kinds = []string{"near", "far", "random"}

type settings struct {
	Entries, Scopes, Queries, Truth int
	Dir                             string
}

// report is what the searching process has measured.
type report struct {
	OpenMS                       float64
	OpenedKB, SearchedKB, PeakKB int64
	DiskBytes                    int64
	OpenCPUMS                    float64
	P50MS, P99MS                 map[string]float64
	CPU50MS, CPU99MS             map[string]float64
	WhileWritingP99MS            float64
	First                        map[string][]float64 // similarity of what was found first, by query
}

func main() {
	var o settings
	flag.IntVar(&o.Entries, "n", 100000, "entries")
	flag.IntVar(&o.Scopes, "scopes", 1, "scopes that they are spread over")
	flag.IntVar(&o.Queries, "queries", 1000, "queries of each kind")
	flag.IntVar(&o.Truth, "truth", 300, "queries of each kind that are compared with every entry")
	flag.StringVar(&o.Dir, "dir", "", "where the store is made and left (default: a temporary directory)")
	step := flag.String("step", "", "used by the command itself: fill or search")
	profile := flag.String("cpuprofile", "", "with -step search: where a CPU profile is written")
	flag.Parse()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err == nil {
			_ = pprof.StartCPUProfile(f)
			defer pprof.StopCPUProfile()
		}
	}
	o.Truth = min(o.Truth, o.Queries)
	var err error
	switch *step {
	case "fill":
		err = fill(o)
	case "search":
		err = search(o)
	default:
		err = compare(o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchstore:", err)
		os.Exit(1)
	}
}

func compare(o settings) error {
	if o.Dir == "" {
		dir, err := os.MkdirTemp("", "benchstore")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.Dir = dir
	}
	if _, err := os.Stat(filepath.Join(o.Dir, "format")); err != nil {
		if _, err := again(o, "fill"); err != nil {
			return err
		}
	}
	out, err := again(o, "search")
	if err != nil {
		return err
	}
	var r report
	if err := json.Unmarshal(out, &r); err != nil {
		return err
	}
	fmt.Printf("%d entries of %d numbers in %d scopes, %.1f GB on disk\n", o.Entries, dim, o.Scopes, float64(r.DiskBytes)/1e9)
	fmt.Printf("opened in %.1f s, %.1f s of CPU; resident %d MB after opening, %d MB after searching, %d MB at most\n", r.OpenMS/1000, r.OpenCPUMS/1000, r.OpenedKB*1024/1e6, r.SearchedKB*1024/1e6, r.PeakKB*1024/1e6)
	best := truth(o)
	for _, kind := range kinds {
		found := 0
		for i, want := range best[kind] {
			if r.First[kind][i] >= want-1e-6 {
				found++
			}
		}
		slices.Sort(best[kind])
		fmt.Printf("%-7s search p50 %.2f ms, p99 %.2f ms; of CPU %.2f and %.2f ms; recall@1 %.4f of %d; median similarity of the nearest %.2f\n", kind, r.P50MS[kind], r.P99MS[kind], r.CPU50MS[kind], r.CPU99MS[kind],
			float64(found)/float64(o.Truth), o.Truth, best[kind][o.Truth/2])
	}
	fmt.Printf("near    search p99 %.2f ms while entries are put without a pause\n", r.WhileWritingP99MS)
	return nil
}

// again runs this program for one step.
func again(o settings, step string) ([]byte, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Hour)
	defer cancel()
	c := exec.CommandContext(ctx, self, "-step", step, "-n", fmt.Sprint(o.Entries), "-scopes", fmt.Sprint(o.Scopes), "-queries", fmt.Sprint(o.Queries), "-truth", fmt.Sprint(o.Truth), "-dir", o.Dir)
	c.Stderr = os.Stderr
	return c.Output()
}

func fill(o settings) error {
	ctx := context.Background()
	s, err := disk.Open(ctx, o.Dir, disk.Options{MaxEntries: o.Entries + 100000})
	if err != nil {
		return err
	}
	d := newData(o)
	start := time.Now()
	var wait sync.WaitGroup
	failed := make(chan error, 64)
	for w := range 64 {
		wait.Go(func() {
			for i := w; i < o.Entries; i += 64 {
				if err := s.Put(ctx, d.entry(i)); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	wait.Wait()
	close(failed)
	if err := <-failed; err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "filled in %s, making the vectors included\n", time.Since(start).Round(time.Second))
	return s.Close()
}

func search(o settings) error {
	ctx := context.Background()
	start := time.Now()
	s, err := disk.Open(ctx, o.Dir, disk.Options{MaxEntries: o.Entries + 100000})
	if err != nil {
		return err
	}
	r := report{OpenMS: ms(time.Since(start)), P50MS: map[string]float64{}, P99MS: map[string]float64{}, CPU50MS: map[string]float64{}, CPU99MS: map[string]float64{}, First: map[string][]float64{}}
	r.OpenedKB, r.OpenCPUMS = status("VmRSS:"), cpu(unix.CLOCK_PROCESS_CPUTIME_ID)
	runtime.LockOSThread() // so that its CPU time is that of the searches
	d := newData(o)
	for _, kind := range kinds {
		var took, busy []float64
		for i := range o.Queries {
			q := d.query(kind, i)
			start, startCPU := time.Now(), cpu(unix.CLOCK_THREAD_CPUTIME_ID)
			matches, err := s.Nearest(ctx, q, d.now)
			took, busy = append(took, ms(time.Since(start))), append(busy, cpu(unix.CLOCK_THREAD_CPUTIME_ID)-startCPU)
			if err != nil {
				return err
			}
			if i < o.Truth {
				first := -2.0
				if len(matches) > 0 {
					first = matches[0].Similarity
				}
				r.First[kind] = append(r.First[kind], first)
			}
		}
		slices.Sort(took)
		slices.Sort(busy)
		r.CPU50MS[kind], r.CPU99MS[kind] = busy[len(busy)/2], busy[len(busy)*99/100]
		r.P50MS[kind], r.P99MS[kind] = took[len(took)/2], took[len(took)*99/100]
	}
	r.SearchedKB, r.PeakKB = status("VmRSS:"), status("VmHWM:")
	if r.WhileWritingP99MS, err = whileWriting(s, d, o); err != nil {
		return err
	}
	stats, err := s.Stats(ctx)
	if err != nil {
		return err
	}
	r.DiskBytes = stats.Bytes
	out, err := json.Marshal(r)
	if err != nil {
		return err
	}
	fmt.Println(string(out))
	return s.Close()
}

// whileWriting puts and deletes the same entries over and over beside the searches.
func whileWriting(s store.Store, d *data, o settings) (float64, error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ctx.Err() == nil; i++ {
			e := d.entry(o.Entries + i%1000)
			_ = s.Put(ctx, e) // ends with the context
		}
	}()
	var took []float64
	for i := range o.Queries {
		q := d.query("near", i)
		start := time.Now()
		if _, err := s.Nearest(ctx, q, d.now); err != nil {
			cancel()
			return 0, err
		}
		took = append(took, ms(time.Since(start)))
	}
	cancel()
	<-done
	slices.Sort(took)
	_, err := s.Delete(context.Background(), store.Filter{Model: "later"})
	return took[len(took)*99/100], err
}

// cpu is the time in ms that one of the system's clocks shows. On a machine that does other
// things as well it says more than the time that has passed.
func cpu(clock int32) float64 {
	var t unix.Timespec
	if unix.ClockGettime(clock, &t) != nil {
		return 0
	}
	return float64(t.Nano()) / 1e6
}

func ms(d time.Duration) float64 { return float64(d) / 1e6 }

// status is a line of Linux's account of this process, in KB; 0 elsewhere.
func status(name string) (kb int64) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			_, _ = fmt.Sscan(rest, &kb)
		}
	}
	return kb
}
