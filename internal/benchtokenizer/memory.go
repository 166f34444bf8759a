package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// memory measures what a vocabulary costs a module: in its file, in its memory, at its start.
func (b *bench) memory(ctx context.Context) error {
	fmt.Println("The module with the tokenizer alone: its file, its linear memory, and a new VM of it in Node's V8.")
	fmt.Println()
	fmt.Println("| vocabularies | file, bytes | memory at start, MiB | after counting the mixed text | new VM, ms | its first count, ms |")
	fmt.Println("|---|---|---|---|---|---|")
	for vocabularies, name := range []string{"none", "o200k_base", "both"} {
		file, err := os.Stat(b.modules[vocabularies])
		if err != nil {
			return err
		}
		fmt.Printf("| %s | %d |", name, file.Size())
		if err := needs("node"); err != nil {
			fmt.Printf(" not here: %v | | | |\n", err)
			continue
		}
		there, first, before, after, err := b.starts(ctx, vocabularies)
		if err != nil {
			return err
		}
		if vocabularies == 0 {
			fmt.Printf(" %.1f | | %.1f | |\n", mebibytes(before), milliseconds(there))
			continue
		}
		fmt.Printf(" %.1f | %.1f | %.1f | %.2f |\n", mebibytes(before), mebibytes(after), milliseconds(there), milliseconds(first))
	}
	return nil
}

// starts makes new VMs, and returns the shortest time until one is there, the shortest of a first count, and the bytes of its memory
// before and after counting the mixed text.
func (b *bench) starts(ctx context.Context, vocabularies int) (there, first time.Duration, before, after int64, err error) {
	w, err := startWorker(b.node(ctx, vocabularies))
	if err != nil {
		return 0, 0, 0, 0, err
	}
	defer w.close()
	var theres, firsts series
	for range 5 * b.rounds {
		if err := w.ask("start "+filepath.Join(b.dir, "texts", "mixed"), &there, &first, &before, &after); err != nil {
			return 0, 0, 0, 0, err
		}
		theres, firsts = append(theres, there), append(firsts, first)
	}
	return theres.shortest(), firsts.shortest(), before, after, nil
}

func mebibytes(n int64) float64            { return float64(n) / (1 << 20) }
func milliseconds(d time.Duration) float64 { return d.Seconds() * 1e3 }
