package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

var cacheCommand = command{
	name:     "cache",
	synopsis: "invalidate | stats [--companion URL] [...]",
	summary:  "delete from a companion's cache by key, scope, model, tenant or age, or say what it holds",
	run:      runCache,
}

// invalidation is the body of POST /v1/invalidate.
type invalidation struct {
	Key       string      `json:"key,omitempty"`
	Scope     string      `json:"scope,omitempty"`
	Model     string      `json:"model,omitempty"`
	Tenant    [][2]string `json:"tenant,omitempty"`
	OlderThan *int64      `json:"older_than_s,omitempty"`
	All       bool        `json:"all,omitempty"`
}

// runCache makes one call of a companion and prints what it answers, which is JSON.
func runCache(c *command, args []string, s streams) int {
	flags := c.flags()
	base := flags.String("companion", "http://127.0.0.1:8090", "the companion's `URL`")
	variable := flags.String("token-env", tokenEnv, "the environment `variable` with its token")
	var by identification
	flags.StringVar(&by.ca, "ca", "", "the authorities in this `file` vouch for an https companion; default: the system's")
	flags.StringVar(&by.cert, "cert", "", "the certificate in this `file` is shown to a companion with --client-ca")
	flags.StringVar(&by.key, "cert-key", "", "with the key in this `file`")
	verb := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		verb, args = args[0], args[1:]
	}
	var what invalidation
	if verb != "stats" { // also for help
		flags.StringVar(&what.Key, "key", "", "invalidate: the entry with this `key`, cache.entry of a decision record")
		flags.StringVar(&what.Scope, "scope", "", "invalidate: the entries of this `scope`")
		flags.StringVar(&what.Model, "model", "", "invalidate: the entries of this `model`, as clients ask for it")
		flags.Func("tenant", "invalidate: the entries of this part of a tenant, as `NAME=VALUE`; may be there several times", func(text string) error {
			name, value, ok := strings.Cut(text, "=")
			if !ok || name == "" {
				return errors.New("NAME=VALUE is needed")
			}
			what.Tenant = append(what.Tenant, [2]string{name, value})
			return nil
		})
		flags.Func("older-than", "invalidate: the entries older than this `time`, such as 24h", func(text string) error {
			age, err := time.ParseDuration(text)
			if err != nil || age < 0 {
				return errors.New("it is a time from 0s, with its unit, such as 90m or 24h")
			}
			seconds := int64(age / time.Second)
			what.OlderThan = &seconds
			return nil
		})
		flags.BoolVar(&what.All, "all", false, "invalidate: everything")
	}
	if code, done := c.parse(flags, args, s); done {
		return code
	}
	method, path, body := http.MethodGet, "/v1/stats", []byte(nil)
	switch {
	case flags.NArg() > 0 || (verb != "invalidate" && verb != "stats"):
		return c.misused(s, "say invalidate or stats")
	case verb == "invalidate":
		var err error
		method, path = http.MethodPost, "/v1/invalidate"
		if body, err = json.Marshal(what); err != nil {
			return c.failed(s, err)
		}
		if string(body) == "{}" {
			return c.misused(s, "name what to delete, or --all")
		}
		if what.All && string(body) != `{"all":true}` {
			return c.misused(s, "--all is everything, and goes with no condition")
		}
	}
	by.token = os.Getenv(*variable)
	answer, err := callCompanion(*base, by, method, path, body)
	if err != nil {
		return c.failed(s, err)
	}
	s.out.Write(answer)
	var said struct {
		Unknown []string `json:"unknown_parts"`
	}
	if json.Unmarshal(answer, &said) == nil && len(said.Unknown) > 0 {
		fmt.Fprintf(s.err, "sluice cache: nothing has a part named %s, as far as this companion knows; the names are those of the policy's cache.scope\n", strings.Join(said.Unknown, ", "))
	}
	return exitGood
}

// callWithin is longer than the companion takes to delete everything.
const callWithin = 90 * time.Second

// identification is how a companion and its caller know each other.
type identification struct {
	token         string // "" = none is shown
	ca, cert, key string // files; "" = the system's authorities, no certificate
}

// client has connections of its own.
func (i *identification) client() (*http.Client, error) {
	if (i.cert == "") != (i.key == "") {
		return nil, errors.New("--cert and --cert-key go together")
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if i.ca != "" {
		pem, err := os.ReadFile(i.ca)
		if err != nil {
			return nil, fmt.Errorf("--ca: %w", err)
		}
		if c.RootCAs = x509.NewCertPool(); !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("--ca: %s has no certificate", i.ca)
		}
	}
	if i.cert != "" {
		pair, err := tls.LoadX509KeyPair(i.cert, i.key)
		if err != nil {
			return nil, fmt.Errorf("--cert: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = c
	return &http.Client{Transport: transport}, nil
}

func callCompanion(base string, by identification, method, path string, body []byte) ([]byte, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("--companion %s: no URL such as http://127.0.0.1:8090", base)
	}
	client, err := by.client()
	if err != nil {
		return nil, err
	}
	defer client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(context.Background(), callWithin)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, u.JoinPath(path).String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != nil {
		request.Header.Set("content-type", "application/json")
	}
	if by.token != "" {
		request.Header.Set("authorization", "Bearer "+by.token)
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		var e struct{ Error struct{ Message string } }
		json.Unmarshal(answer, &e)
		return nil, fmt.Errorf("the companion says %d: %s", response.StatusCode, e.Error.Message)
	}
	return answer, nil
}
