// Package open makes the store that a URL names.
package open

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/postgres"
	"github.com/sluice-gateway/sluice/companion/store/qdrant"
	redisstore "github.com/sluice-gateway/sluice/companion/store/redis"
	"github.com/sluice-gateway/sluice/companion/store/remote"
	"github.com/sluice-gateway/sluice/companion/store/weaviate"
)

// Disk is the name of the store on the companion's own disk, which needs no URL.
const Disk = "disk"

// keyParameter is the parameter of a URL that names the environment variable with the
// password or API key, so that it need not be on a command line.
const keyParameter = "key_env"

// opener connects to a server. The key is empty where the URL has it, or there is none.
type opener func(ctx context.Context, u *url.URL, key string) (store.Store, error)

// schemes are the URLs that there are, and an example of each for who has another.
var schemes = []struct {
	names   []string
	example string
	open    opener
}{
	{[]string{"redis", "rediss"}, "redis://user:password@host:6379/0", from(redisstore.Open)},
	{[]string{"postgres", "postgresql"}, "postgres://user:password@host:5432/database", from(postgres.Open)},
	{[]string{"weaviate+http", "weaviate+https"}, "weaviate+https://:key@host:443", from(weaviate.Open)},
	{[]string{"qdrant", "qdrants"}, "qdrants://:key@host:6334", from(qdrant.Open)},
}

// from keeps a failed store's nil from becoming an interface that is not nil.
func from[S store.Store](open func(context.Context, *url.URL, string) (S, error)) opener {
	return func(ctx context.Context, u *url.URL, key string) (store.Store, error) {
		s, err := open(ctx, u, key)
		if err != nil {
			return nil, err
		}
		return s, nil
	}
}

// Store opens the store of an address: a URL of schemes, or "disk" or nothing for the one
// that disk opens. The URL's parameter key_env names an environment variable that has the
// password or API key. No error has any part of a password.
//
// It connects, and fails where it cannot; a store that is open outlives its server.
func Store(ctx context.Context, address string, disk func(context.Context) (store.Store, error)) (store.Store, error) {
	if address == "" || address == Disk {
		return disk(ctx)
	}
	u, err := url.Parse(address)
	if err != nil {
		// What url.Parse says quotes the address, and where a password has a "/" or a "#",
		// it takes a part of that for a port.
		return nil, errors.New("store: the address cannot be read as a URL; in a password, all but letters and digits has to be written as %2F and the like")
	}
	for _, s := range schemes {
		if !slices.Contains(s.names, u.Scheme) {
			continue
		}
		if u.Hostname() == "" {
			return nil, fmt.Errorf("store: %s names no host: it is like %s", remote.Address(u), s.example)
		}
		key, err := keyOf(u)
		if err != nil {
			return nil, err
		}
		return s.open(ctx, u, key)
	}
	switch u.Scheme {
	case Disk:
		return nil, errors.New("store: the one on disk has no address: write disk, or nothing, and its place with --data")
	case "":
		return nil, fmt.Errorf("store: the address has no scheme; what there is looks like %s", examples())
	}
	return nil, fmt.Errorf("store: there is none of scheme %q: what there is looks like %s", u.Scheme, examples())
}

func examples() string {
	examples := []string{Disk}
	for _, s := range schemes {
		examples = append(examples, s.example)
	}
	return strings.Join(examples, ", ")
}

// keyOf reads the variable that a URL names, and takes the name out of the URL.
func keyOf(u *url.URL) (string, error) {
	parameters := u.Query()
	name := parameters.Get(keyParameter)
	if name == "" {
		return "", nil
	}
	parameters.Del(keyParameter)
	u.RawQuery = parameters.Encode()
	key := os.Getenv(name)
	if key == "" {
		return "", fmt.Errorf("store: %s: %s names the environment variable %s, which is not set", remote.Address(u), keyParameter, name)
	}
	return key, nil
}
