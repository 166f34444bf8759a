package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/sluice-gateway/sluice/companion"
	"github.com/sluice-gateway/sluice/companion/cache"
	"github.com/sluice-gateway/sluice/companion/compare"
	"github.com/sluice-gateway/sluice/companion/embed/minilm"
	embedder "github.com/sluice-gateway/sluice/companion/embed/open"
	"github.com/sluice-gateway/sluice/companion/guard"
	"github.com/sluice-gateway/sluice/companion/judge"
	"github.com/sluice-gateway/sluice/companion/ledger"
	"github.com/sluice-gateway/sluice/companion/store/disk"
	"github.com/sluice-gateway/sluice/policy/source"
)

var companionCommand = command{
	name:     "companion",
	synopsis: "[-c FILE] [--listen H:P] [--store URL] [--embedder URL] [--model DIR] [--data DIR] [...]",
	summary:  "serve the companion: the cache by meaning, and the ledger",
	run: func(c *command, args []string, s streams) int {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		return serveCompanion(ctx, c, args, s)
	},
}

// companionFlags are the command's.
type companionFlags struct {
	listening                         companion.Listening
	policy, store, data               string
	embedder                          embedder.Options
	tokenEnv, sealEnv                 string
	judgeURL, judgeKeyEnv             string
	retention, maxEntries, maxBytes   int64
	lookups, waits, bodies, maxAnswer int64
}

// tokenEnv is where the token is looked for when nobody says where.
const tokenEnv, sealEnv = "SLUICE_COMPANION_TOKEN", "SLUICE_COMPANION_SEAL"

func (f *companionFlags) register(flags *flag.FlagSet) {
	text := func(to *string, name, value, usage string) { flags.StringVar(to, name, value, usage) }
	text(&f.listening.Address, "listen", "127.0.0.1:8090", "the `address` to serve at; beyond this machine only with a token or --client-ca")
	text(&f.policy, "c", "", "the policy in this `FILE`, whose external guards and rules by meaning are asked; default: none are known")
	text(&f.listening.CertFile, "tls-cert", "", "serve TLS with the certificate in this `file`")
	text(&f.listening.KeyFile, "tls-key", "", "with the key in this `file`")
	text(&f.listening.CAFile, "client-ca", "", "callers must show a certificate of an authority in this `file`")
	text(&f.tokenEnv, "token-env", tokenEnv, "the environment `variable` with the token that callers must show")
	text(&f.data, "data", dataDir(), "the `DIR` of the embedded store and the ledger")
	text(&f.store, "store", "", "the `URL` of the store, redis:// postgres:// weaviate+http:// qdrant://, ?key_env=NAME for its password; default: on disk in --data")
	text(&f.sealEnv, "seal-env", sealEnv, "the environment `variable` with a secret: entries of a store that are not sealed with it are not served")
	number(flags, &f.maxEntries, "max-entries", 1_000_000, 1, 1<<30, "the most `entries` of the store on disk")
	size(flags, &f.maxBytes, "max-bytes", 8<<30, 1<<20, 1<<50, "the most that the store on disk takes, a `size`")
	registerEmbedder(flags, &f.embedder)
	text(&f.judgeURL, "judge-url", "", "the gateway's base `URL`, at which the judge that a policy names is asked; default: nobody is")
	text(&f.judgeKeyEnv, "judge-key-env", "", "the environment `variable` with the key for that")
	number(flags, &f.retention, "retention-days", 400, 1, 3660, "how many `days` the ledger keeps")
	number(flags, &f.lookups, "max-lookups", 512, 1, mostCalls, "`look-ups` at once that do not wait")
	number(flags, &f.waits, "max-waiting", 4096, 1, mostCalls, "`look-ups` at once that wait for another")
	size(flags, &f.bodies, "max-bodies", 256<<20, 24<<20, 1<<40, "bodies at once, a `size`: no less than one answer may have with its ticket")
	size(flags, &f.maxAnswer, "max-answer", 1<<20, 1<<10, 8<<20, "the `size` of the largest answer that is kept, whatever a policy allows")
}

// mostCalls is more than one companion can have under way.
const mostCalls = 1_000_000

// registerEmbedder is for all commands that embed.
func registerEmbedder(flags *flag.FlagSet, o *embedder.Options) {
	flags.StringVar(&o.Spec, "embedder", "", "the `URL` of an OpenAI-compatible API for embeddings, with ?model=NAME&key_env=NAME, or none; default: the model")
	flags.StringVar(&o.Model, "model", "", "the `DIR` of the model, from make model (default: model/ beside this program)")
	size(flags, &o.Remember, "memo", 64<<20, 1<<10, 1<<40, "the `size` of the vectors that are remembered")
}

// dataDir is where systemd wants state to be, or a directory here.
func dataDir() string {
	if dir := os.Getenv("STATE_DIRECTORY"); dir != "" {
		return dir
	}
	return "sluice-data"
}

// secret reads an environment variable that must be set when it was named.
func secret(flags *flag.FlagSet, flagName, variable string) (string, error) {
	if variable == "" {
		return "", nil
	}
	value := os.Getenv(variable)
	named := false
	flags.Visit(func(f *flag.Flag) { named = named || f.Name == flagName })
	if value == "" && named {
		return "", fmt.Errorf("--%s: the variable %s is empty", flagName, variable)
	}
	return value, nil
}

func serveCompanion(ctx context.Context, c *command, args []string, s streams) int {
	flags := c.flags()
	var f companionFlags
	f.register(flags)
	if code, done := c.parse(flags, args, s); done {
		return code
	}
	if flags.NArg() > 0 {
		return c.misused(s, "unexpected argument "+flags.Arg(0))
	}
	if err := f.serve(ctx, flags, s); err != nil {
		return c.failed(s, err)
	}
	return exitGood
}

// guards are the external ones of the policy.
func (f *companionFlags) guards() (*guard.Set, error) {
	if f.policy == "" {
		return nil, nil
	}
	p, err := source.Load(f.policy)
	if err != nil {
		return nil, err
	}
	if p.Guards == nil {
		return nil, nil
	}
	return guard.New(p.Guards.External, os.Getenv)
}

// serve opens the parts in the order in which they need one another, serves, and closes
// them in the other order.
func (f *companionFlags) serve(ctx context.Context, flags *flag.FlagSet, s streams) (err error) {
	log := slog.New(slog.NewTextHandler(s.err, nil))
	config := companion.Config{Log: log, ClientCA: f.listening.CAFile != "",
		Limits: companion.Limits{Lookups: f.lookups, Waits: f.waits, Bodies: f.bodies}}
	var sealKey, judgeKey string
	for _, v := range []struct {
		to             *string
		flag, variable string
	}{{&config.Token, "token-env", f.tokenEnv},
		{&sealKey, "seal-env", f.sealEnv}, {&judgeKey, "judge-key-env", f.judgeKeyEnv}} {
		if *v.to, err = secret(flags, v.flag, v.variable); err != nil {
			return err
		}
	}
	config.Cache = cache.Config{Compare: compare.Compare, ToEmbed: compare.ToEmbed, Seal: []byte(sealKey),
		Limits: cache.Limits{Waiting: int(f.waits), Answer: int(f.maxAnswer)}}
	if f.judgeURL != "" {
		if config.Cache.Asker, err = judge.New(f.judgeURL, judgeKey); err != nil {
			return err
		}
	}
	if config.Guards, err = f.guards(); err != nil {
		return err
	}
	compare.Warm() // or the first look-up would be late
	f.listening.Token = config.Token != ""
	listener, err := companion.Listen(f.listening)
	if err != nil {
		return err
	}
	defer listener.Close()

	vectors, err := embedder.Open(ctx, f.embedder)
	embedderName := ""
	switch {
	case errors.Is(err, minilm.ErrNoModel) && f.embedder.Model == "":
		config.ExactWhy = "exact hits only: no model; make model fetches it"
		log.Warn(config.ExactWhy, "error", err)
	case err != nil:
		return err
	case vectors == nil:
		config.ExactWhy = "exact hits only: --embedder none"
	default:
		config.Cache.Embedder, embedderName = vectors, vectors.Space()
	}
	if rules := config.Guards.ByMeaning(); len(rules) > 0 {
		if vectors == nil {
			log.Warn("rules by meaning cannot be served: there is no embedder, and each verdict of theirs is an error", "rules", rules)
		} else if err := config.Guards.Embed(ctx, vectors); err != nil {
			return err
		}
	}
	if config.Ledger, err = ledger.Open(filepath.Join(f.data, "ledger"), ledger.Options{Retention: time.Duration(f.retention) * 24 * time.Hour}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, config.Ledger.Close()) }()
	kept, storeName, err := openStore(ctx, f.store, f.data, disk.Options{MaxEntries: int(f.maxEntries), MaxBytes: f.maxBytes}, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	config.Cache.Store = kept

	server := companion.New(config)
	defer server.Close()
	scheme := "http"
	if f.listening.CertFile != "" {
		scheme = "https"
	}
	if config.ExactWhy != "" {
		embedderName = config.ExactWhy
	}
	fmt.Fprintf(s.out, "companion: serving at %s://%s, store %s, embedder %s\n", scheme, listener.Addr(), storeName, embedderName)
	return server.Serve(ctx, listener)
}
