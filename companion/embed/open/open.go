// Package open makes the embedder that the command line names, with what stands before it:
//
//	Memo -> Batcher -> minilm, or a service over HTTP
package open

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/sluice-gateway/sluice/companion/embed"
	"github.com/sluice-gateway/sluice/companion/embed/minilm"
	"github.com/sluice-gateway/sluice/companion/embed/openai"
)

// None is the Spec for no embedder: only equal requests are answered from the cache.
const None = "none"

// Options are those of the command line.
type Options struct {
	// Spec is "" for the model in Model, None, or the address of a service that speaks
	// OpenAI's embeddings API, with its options as the query:
	//
	//	https://api.openai.com?model=text-embedding-3-small&key_env=OPENAI_API_KEY
	//	http://127.0.0.1:11434?model=nomic-embed-text&window=8000
	//
	// model is required. key_env names the variable of the environment that has the key.
	// dimensions, window (bytes), inputs, timeout and attempts are those of openai.Options.
	Spec string
	// Model is minilm's folder; "" = "model" beside the running program.
	Model string
	// Remember is the most that vectors may take in memory, in bytes; 0 = 64 MiB, some
	// 35,000 of minilm's.
	Remember int64
}

// Embedder is a Memo before a Batcher; both have counters.
type Embedder struct {
	*embed.Memo
	Batcher *embed.Batcher
}

// Open makes the embedder, nil with None. The error is minilm.ErrNoModel where Options.Model
// has none; a companion then says so and serves what needs no vectors.
func Open(ctx context.Context, o Options) (*Embedder, error) {
	if o.Remember == 0 {
		o.Remember = 64 << 20
	}
	switch o.Spec {
	case None:
		return nil, nil
	case "":
		return local(o)
	}
	service, err := remote(o.Spec)
	if err != nil {
		return nil, err
	}
	client, err := openai.Open(ctx, service)
	if err != nil {
		return nil, err
	}
	// The service does the work and has many cores: more than one request is under way.
	return before(client, embed.BatchOptions{Passes: 4, Texts: service.Inputs, Tokens: 16 << 10}, o.Remember), nil
}

func local(o Options) (*Embedder, error) {
	dir := o.Model
	if dir == "" {
		program, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("open: where the program is, to find the model beside it: %w", err)
		}
		dir = filepath.Join(filepath.Dir(program), "model")
	}
	model, err := minilm.Open(dir)
	if err != nil {
		return nil, err
	}
	return before(model, embed.BatchOptions{
		// A pass keeps one core busy. Half of them are left for all else that the process does.
		Passes: max(1, runtime.GOMAXPROCS(0)/2),
		// A token costs the same in a larger pass, and all of it would wait for the last one.
		Tokens: 128,
		Size:   model.Tokens,
	}, o.Remember), nil
}

func before(e embed.Embedder, o embed.BatchOptions, remember int64) *Embedder {
	b := embed.NewBatcher(e, o)
	return &Embedder{embed.NewMemo(b, remember), b}
}

// remote reads the address of a service. No part of it is a key, so it may be in errors.
func remote(spec string) (openai.Options, error) {
	u, err := url.Parse(spec)
	if err != nil {
		return openai.Options{}, fmt.Errorf("open: embedder: %w", err)
	}
	query, err := url.ParseQuery(u.RawQuery)
	u.RawQuery = ""
	if err != nil {
		return openai.Options{}, fmt.Errorf("open: embedder %s: %w", u.Redacted(), err)
	}
	o := openai.Options{URL: u.String()}
	for name, values := range query {
		value := values[0]
		if len(values) > 1 {
			return o, fmt.Errorf("open: embedder %s: %s is there %d times", u.Redacted(), name, len(values))
		}
		var err error
		switch name {
		case "model":
			o.Model = value
		case "key_env":
			if o.Key = os.Getenv(value); o.Key == "" {
				err = fmt.Errorf("the environment has no %s", value)
			}
		case "dimensions":
			o.Dimensions, err = count(value)
		case "window":
			o.Window, err = count(value)
		case "inputs":
			o.Inputs, err = count(value)
		case "attempts":
			o.Attempts, err = count(value)
		case "timeout":
			if o.Timeout, err = time.ParseDuration(value); err == nil && o.Timeout <= 0 {
				err = fmt.Errorf("%s is no time to wait", value)
			}
		default:
			err = fmt.Errorf("there is no such option; model, key_env, dimensions, window, inputs, timeout and attempts are")
		}
		if err != nil {
			return o, fmt.Errorf("open: embedder %s: %s: %w", u.Redacted(), name, err)
		}
	}
	return o, nil
}

func count(value string) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > 1<<24 {
		return 0, fmt.Errorf("%q is no number from 1 to %d", value, 1<<24)
	}
	return n, nil
}
