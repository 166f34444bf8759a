package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"time"

	"github.com/sluice-gateway/sluice/internal/benchguard/labelled"
)

//go:embed presidio/analyse.py
var program string

// settings of Presidio: as it comes, and told what our texts have. Ours must be better than both.
var settings = []string{"plain", "helped"}

// presidio is the process that presidio/analyse.py describes.
type presidio struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	version string
	kinds   []string // that it has a recogniser for
}

func startPresidio(ctx context.Context, python string) (*presidio, error) {
	p := &presidio{cmd: exec.CommandContext(ctx, python, "-c", program)}
	p.cmd.Stderr = os.Stderr
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w; `make bench-guard` makes it", python, err)
	}
	var ready struct {
		Version string   `json:"version"`
		Kinds   []string `json:"kinds"`
	}
	if err := p.read(&ready); err != nil {
		p.close()
		return nil, fmt.Errorf("presidio did not start: %w", err)
	}
	p.version, p.kinds = ready.Version, ready.Kinds
	return p, nil
}

func (p *presidio) read(into any) error {
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, into)
}

// find asks for one text, and gives the shortest time of several runs.
func (p *presidio) find(setting, text string, times int) ([]found, time.Duration, error) {
	line, err := json.Marshal(map[string]any{"text": text, "setting": setting, "times": times})
	if err != nil {
		return nil, 0, err
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		return nil, 0, fmt.Errorf("presidio: %w", err)
	}
	var answer struct {
		Spans []found         `json:"spans"`
		NS    []time.Duration `json:"ns"`
	}
	if err := p.read(&answer); err != nil {
		return nil, 0, fmt.Errorf("presidio: %w", err)
	}
	return answer.Spans, slices.Min(answer.NS), nil
}

// judge scores the held-out texts. A policy would ask for a least score; for each kind it is the one with the best F1 on the
// development texts, which nobody who installs Presidio has.
func (p *presidio) judge(setting string, development, heldOut []labelled.Text) (result, error) {
	thresholds := map[string]int{}
	var finds [2][][]found
	for i, texts := range [][]labelled.Text{development, heldOut} {
		for _, t := range texts {
			spans, _, err := p.find(setting, t.Text, 1)
			if err != nil {
				return result{}, err
			}
			finds[i] = append(finds[i], spans)
		}
	}
	for _, kind := range p.kinds {
		best := -1.0
		for _, threshold := range scores(finds[0], kind) {
			f1 := judgeFinds(development, finds[0], map[string]int{kind: threshold}).kinds[kind].exact.f1()
			if f1 > best {
				best, thresholds[kind] = f1, threshold
			}
		}
	}
	return result{name: "presidio, " + setting, thresholds: thresholds, score: judgeFinds(heldOut, finds[1], thresholds), speed: &speed{}}, nil
}

// scores are the distinct ones of a kind, lowest first.
func scores(finds [][]found, kind string) []int {
	var out []int
	for _, spans := range finds {
		for _, f := range spans {
			if f.Kind == kind {
				out = append(out, f.Score)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// judgeFinds scores finds of kinds that have a threshold and reach it. Of finds of one kind that overlap the surest stays.
func judgeFinds(texts []labelled.Text, finds [][]found, thresholds map[string]int) *score {
	i := -1
	return judge(texts, func(labelled.Text) []found {
		i++
		var kept []found
		sorted := slices.SortedStableFunc(slices.Values(finds[i]), func(a, b found) int {
			if a.Score != b.Score {
				return b.Score - a.Score
			}
			return (b.End - b.Start) - (a.End - a.Start)
		})
		for _, f := range sorted {
			threshold, ok := thresholds[f.Kind]
			if ok && f.Score >= threshold && !slices.ContainsFunc(kept, func(k found) bool { return k.Kind == f.Kind && k.Start < f.End && f.Start < k.End }) {
				kept = append(kept, f)
			}
		}
		return kept
	})
}

// close ends the process by ending its input, or by force when it does not listen.
func (p *presidio) close() {
	p.in.Close()
	timer := time.AfterFunc(10*time.Second, func() { p.cmd.Process.Kill() })
	defer timer.Stop()
	p.cmd.Wait()
}
