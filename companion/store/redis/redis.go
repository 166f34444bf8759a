// Package redisstore keeps the cache in a Redis server. Similar entries are found by
// RediSearch where the server has it (Redis Stack, Redis 8 with its query engine), else by
// the vector sets that Redis 8 has of itself.
//
// Every entry is one hash, which the server removes when it is out of date:
//
//	sluice_cache:1:e:<key>   b = the record, v = the vector, and words to search by
//
// The 1 is the format's version. Nothing else in the server is touched.
package redisstore

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/remote"
)

const prefix = "sluice_cache:" + remote.Version + ":"

// grace is how much longer than its expiry an entry is kept. Whether it may be served is
// for the query to say, by the companion's clock; the server's may be ahead of it.
const grace = time.Minute

// Store is the cache in a Redis server. It implements store.Store.
type Store struct {
	client  *redis.Client
	index   index
	address string
	evicted int64 // keys that the server had evicted before
	stop    func()
}

// index is how entries are found by something other than their key.
type index interface {
	// ready makes what has to be there before an entry is put.
	ready(ctx context.Context) error
	// put adds what makes e findable to the transaction that writes its hash.
	put(ctx context.Context, tx redis.Pipeliner, e *store.Entry) error
	// nearest returns what the server holds for the nearest of q, to be checked.
	nearest(ctx context.Context, q store.Query, now time.Time) ([]*store.Entry, error)
	// remove removes what f selects, f having no key.
	remove(ctx context.Context, f store.Filter) (int, error)
	// entries is how many there are, or -1.
	entries(ctx context.Context) (int64, error)
	// purge removes what the server does not remove of itself.
	purge(ctx context.Context)
}

// Open connects to the server of a URL, redis://user:password@host:port/database or
// rediss:// for TLS. A key that is not empty stands in for the URL's password. RediSearch
// works in database 0 alone.
func Open(ctx context.Context, u *url.URL, key string) (*Store, error) {
	address := remote.Address(u)
	options, err := redis.ParseURL(u.String())
	if err != nil {
		return nil, fmt.Errorf("%s: no address of a Redis server: redis://user:password@host:port/database is", address)
	}
	if key != "" {
		options.Password = key
	}
	options.ClientName = "sluice"
	options.ContextTimeoutEnabled = true
	options.MaxRetries = -1
	options.DialerRetries = 1
	options.DialTimeout = remote.CallLimit
	options.ReadTimeout, options.WriteTimeout, options.PoolTimeout = remote.DeleteLimit, remote.CallLimit, remote.CallLimit
	options.PoolSize, options.MaxActiveConns = remote.Connections, remote.Connections
	options.PipelinePoolSize = remote.Connections
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}

	logging.Disable() // for all of the client: what it would write is in the errors that it returns

	s := &Store{client: redis.NewClient(options), address: address}
	ctx, cancel := remote.Limit(ctx, remote.CallLimit)
	defer cancel()
	if err := s.begin(ctx); err != nil {
		s.client.Close()
		return nil, s.failed(ctx, "open", err)
	}
	s.stop = remote.Every(remote.PurgeEvery, s.index.purge)
	return s, nil
}

// begin finds out what the server can do.
func (s *Store) begin(ctx context.Context) error {
	if err := s.client.Ping(ctx).Err(); err != nil {
		return err
	}
	known, err := s.client.Do(ctx, "COMMAND", "INFO", "FT.SEARCH", "VSIM").Slice()
	if err != nil {
		return err
	}
	switch {
	case len(known) > 0 && known[0] != nil:
		s.index = newSearch(s.client)
	case len(known) > 1 && known[1] != nil:
		s.index = vectorSets{s.client}
	default:
		return errors.New("the server has neither RediSearch (FT.SEARCH) nor vector sets (VSIM): Redis Stack 7.2 or Redis 8 is needed")
	}
	if err := s.index.ready(ctx); err != nil {
		return err
	}
	_, s.evicted, err = s.info(ctx)
	return err
}

// Get returns the entry of a key. See store.Store.
func (s *Store) Get(ctx context.Context, key store.Key, now time.Time) (*store.Entry, error) {
	ctx, cancel := remote.Limit(ctx, remote.CallLimit)
	defer cancel()
	fields, err := s.client.HMGet(ctx, hash(key), "b", "v").Result()
	if err != nil {
		return nil, s.failed(ctx, "get "+key.String(), err)
	}
	e, err := entry(fields)
	if err != nil {
		return nil, s.failed(ctx, "get "+key.String(), err)
	}
	if e == nil || e.Key != key || !remote.Fresh(e, now) {
		return nil, store.ErrNotFound
	}
	return e, nil
}

// Nearest returns the nearest entries of a scope and a space: exactly those while there
// are no more than remote.Exact of them, nearly always those above. See store.Store.
func (s *Store) Nearest(ctx context.Context, q store.Query, now time.Time) ([]store.Match, error) {
	ctx, cancel := remote.Limit(ctx, remote.CallLimit)
	defer cancel()
	if q.K < 1 || len(q.Vector) == 0 {
		return nil, nil
	}
	proposed, err := s.index.nearest(ctx, q, now)
	if err != nil {
		return nil, s.failed(ctx, fmt.Sprintf("search for %d nearest", q.K), err)
	}
	return remote.Nearest(q, now, proposed), nil
}

// Put keeps an entry. See store.Store.
func (s *Store) Put(ctx context.Context, e *store.Entry) error {
	ctx, cancel := remote.Limit(ctx, remote.CallLimit)
	defer cancel()
	record := remote.Encode(e)
	err := s.put(ctx, e, record)
	if err != nil {
		return s.failed(ctx, fmt.Sprintf("put %d bytes", len(record)), err)
	}
	return nil
}

func (s *Store) put(ctx context.Context, e *store.Entry, record []byte) error {
	tx := s.client.TxPipeline()
	fields := []any{
		"b", record,
		"scope", word(e.Scope.String()), "model", word(remote.Word(e.Model)),
		"created", e.Created.UnixMicro(), "expires", e.Expires.UnixMicro(),
	}
	for i, label := range remote.LabelWords(e.Labels) {
		if i == 0 {
			fields = append(fields, "labels", word(label))
			continue
		}
		fields[len(fields)-1] = fields[len(fields)-1].(string) + "," + word(label)
	}
	if e.Vector != nil {
		fields = append(fields, "v", remote.AppendVector(nil, e.Vector), "room", room(e.Space, len(e.Vector)))
	}
	tx.Del(ctx, hash(e.Key)) // and with it what the new entry does not have
	tx.HSet(ctx, hash(e.Key), fields...)
	tx.PExpireAt(ctx, hash(e.Key), e.Expires.Add(grace))
	if err := s.index.put(ctx, tx, e); err != nil {
		return err
	}
	_, err := tx.Exec(ctx)
	return err
}

// Used does nothing: the server evicts by its own reckoning, in which a read is a use.
func (s *Store) Used(context.Context, store.Key, time.Time) error { return nil }

// Delete removes what a filter selects. Times count to the microsecond. Without
// RediSearch it looks at every key of the server's database. See store.Store.
func (s *Store) Delete(ctx context.Context, f store.Filter) (int, error) {
	ctx, cancel := remote.Limit(ctx, remote.DeleteLimit)
	defer cancel()
	var n int
	var err error
	if f.Key != nil {
		n, err = s.deleteKey(ctx, f)
	} else {
		n, err = s.index.remove(ctx, f)
	}
	if err != nil {
		return n, s.failed(ctx, fmt.Sprintf("delete, %d done", n), err)
	}
	return n, nil
}

// deleteKey removes one entry. What an index still says of it leads nowhere.
func (s *Store) deleteKey(ctx context.Context, f store.Filter) (int, error) {
	record, err := s.client.HGet(ctx, hash(*f.Key), "b").Bytes()
	if errors.Is(err, redis.Nil) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	e, err := remote.Decode(record)
	if err != nil {
		return 0, err
	}
	if !remote.Selects(f, e) {
		return 0, nil
	}
	n, err := s.client.Unlink(ctx, hash(*f.Key)).Result()
	return int(n), err
}

// Ready asks the server, and makes the index again where somebody has emptied it.
func (s *Store) Ready(ctx context.Context) error {
	ctx, cancel := remote.Limit(ctx, remote.CallLimit)
	defer cancel()
	if err := s.index.ready(ctx); err != nil {
		return s.failed(ctx, "ready", err)
	}
	return nil
}

// Stats describes the store. Bytes and Evicted are of the whole server.
func (s *Store) Stats(ctx context.Context) (store.Stats, error) {
	ctx, cancel := remote.Limit(ctx, remote.CallLimit)
	defer cancel()
	entries, err := s.index.entries(ctx)
	if err != nil {
		return store.Stats{}, s.failed(ctx, "stats", err)
	}
	used, evicted, err := s.info(ctx)
	if err != nil {
		return store.Stats{}, s.failed(ctx, "stats", err)
	}
	return store.Stats{Entries: entries, Bytes: used, Evicted: max(0, evicted-s.evicted)}, nil
}

// info reads the server's own figures.
func (s *Store) info(ctx context.Context) (used, evicted int64, err error) {
	text, err := s.client.Info(ctx, "memory", "stats").Result()
	if err != nil {
		return 0, 0, err
	}
	used = -1
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		n, err := strconv.ParseInt(value, 10, 64)
		switch {
		case err != nil:
		case name == "used_memory":
			used = n
		case name == "evicted_keys":
			evicted = n
		}
	}
	return used, evicted, nil
}

// Close ends the store's work.
func (s *Store) Close() error {
	s.stop()
	return s.client.Close()
}

func (s *Store) failed(ctx context.Context, what string, err error) error {
	return remote.Failed(ctx, s.address, what, err)
}

// hash is where an entry is.
func hash(key store.Key) string { return prefix + "e:" + key.String() }

// word is a word that no server takes for a number.
func word(hex string) string { return "x" + hex }

// room is a space's vectors of one length: only they can be compared.
func room(space string, dimension int) string {
	return word(remote.Word(fmt.Sprintf("%d:%s", dimension, space)))
}

// entry reads the fields b and v of a hash. No hash gives nil.
func entry(fields []any) (*store.Entry, error) {
	record, there := fields[0].(string)
	if !there {
		return nil, nil
	}
	e, err := remote.Decode([]byte(record))
	if err != nil {
		return nil, err
	}
	vector, _ := fields[1].(string)
	e.Vector, err = remote.Vector([]byte(vector))
	return e, err
}
