package mock

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

// Command is `sluice mock`: it serves until ctx ends. The result is the exit code.
func Command(ctx context.Context, arguments []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("sluice mock", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var (
		listen = flags.String("listen", "127.0.0.1:8081", "`host:port` to listen on")
		script = flags.String("script", "", "`file` that says how to answer and what goes wrong (YAML or JSON)")
		keep   = flags.Int("keep", 1000, "how many requests to remember for GET /_mock/requests; 0 for none")
		bodies = flags.Int64("keep-bytes", 64<<20, "how many bytes of their bodies; 0 for none")
		cert   = flags.String("tls-cert", "", "`file` of a certificate in PEM: serve TLS")
		key    = flags.String("tls-key", "", "`file` of its key")
	)
	if err := flags.Parse(arguments); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "sluice mock: unexpected argument %q\n", flags.Arg(0))
		return 2
	}
	o := Options{Listen: *listen, Keep: noneIfZero(*keep), KeepBytes: noneIfZero(*bodies)}
	if *script != "" {
		text, err := os.ReadFile(*script)
		if err != nil {
			fmt.Fprintf(stderr, "sluice mock: %v\n", err)
			return 1
		}
		if _, err := ParseScript(string(text)); err != nil {
			fmt.Fprintf(stderr, "sluice mock: %s: %v\n", *script, err)
			return 1
		}
		o.Script = string(text)
	}
	if *cert != "" || *key != "" {
		pair, err := tls.LoadX509KeyPair(*cert, *key)
		if err != nil {
			fmt.Fprintf(stderr, "sluice mock: certificate: %v\n", err)
			return 1
		}
		o.Certificate = &pair
	}
	server, err := Start(o)
	if err != nil {
		fmt.Fprintf(stderr, "sluice %v\n", err)
		return 1
	}
	defer server.Close()
	fmt.Fprintf(stdout, "listening on %s\n", server.URL())
	<-ctx.Done()
	return 0
}

// noneIfZero turns a flag's 0 into what Options call none.
func noneIfZero[T int | int64](n T) T {
	if n == 0 {
		return -1
	}
	return n
}
