// Package postgres keeps the cache in a PostgreSQL database with the extension pgvector,
// in one table, sluice_cache_1. The 1 is the format's version. Vectors of any length are
// in one column, which needs no index of its own: a search compares the query with every
// vector of its scope, and an index over the scopes finds those.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pgvector/pgvector-go"
	pgxvector "github.com/pgvector/pgvector-go/pgx"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/remote"
)

// Store is the cache in a PostgreSQL database. It implements store.Store.
type Store struct {
	pool    *pgxpool.Pool
	address string
	stop    func()
}

// Open connects to the database of a URL, postgres://user:password@host:port/database,
// with the parameters that libpq knows, and makes the extension and the table if they are
// not there. A key that is not empty stands in for the URL's password.
func Open(ctx context.Context, u *url.URL, key string) (*Store, error) {
	s := &Store{address: remote.Address(u)}
	config, err := pgxpool.ParseConfig(u.String())
	if err != nil {
		return nil, fmt.Errorf("%s: no address of a database: postgres://user:password@host:port/database is, with parameters of libpq", s.address)
	}
	if key != "" {
		config.ConnConfig.Password = key
	}
	config.MaxConns = remote.Connections
	config.ConnConfig.ConnectTimeout = remote.CallLimit
	config.PingTimeout = remote.CallLimit
	config.AfterConnect = pgxvector.RegisterTypes

	ctx, cancel := remote.Limit(ctx, remote.CallLimit)
	defer cancel()
	if err := prepare(ctx, config.ConnConfig.Copy()); err != nil {
		return nil, s.failed(ctx, "open", err)
	}
	if s.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, s.failed(ctx, "open", err)
	}
	s.stop = remote.Every(remote.PurgeEvery, s.purge)
	return s, nil
}

// table is what prepare makes. MAIN keeps the vectors in the table's own pages, where a
// search reads them in one go; the default would put each in a place of its own.
const table = `
CREATE EXTENSION IF NOT EXISTS vector;
CREATE TABLE IF NOT EXISTS sluice_cache_1 (
	key bytea PRIMARY KEY,
	scope bytea NOT NULL,
	room text,
	model text NOT NULL,
	labels text[] NOT NULL,
	created bigint NOT NULL,
	expires bigint NOT NULL,
	embedding vector,
	record bytea NOT NULL
);
ALTER TABLE sluice_cache_1 ALTER COLUMN embedding SET STORAGE MAIN;
CREATE INDEX IF NOT EXISTS sluice_cache_1_scope ON sluice_cache_1 (scope, room);
CREATE INDEX IF NOT EXISTS sluice_cache_1_expires ON sluice_cache_1 (expires);`

// lock keeps companions that start together from making the table together, which
// PostgreSQL answers with errors. The number is this program's own.
const lock = 0x736c7563636101

// prepare makes what is not there. Where all is, it needs no right to make anything.
func prepare(ctx context.Context, config *pgx.ConnConfig) error {
	c, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	var there bool
	if err := c.QueryRow(ctx, `SELECT to_regclass('sluice_cache_1_expires') IS NOT NULL`).Scan(&there); err != nil || there {
		return err
	}
	return pgx.BeginFunc(ctx, c, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(lock)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, table); err != nil {
			return fmt.Errorf("making the extension vector and the table sluice_cache_1: %w", err)
		}
		return nil
	})
}

// Get returns the entry of a key. See store.Store.
func (s *Store) Get(ctx context.Context, key store.Key, now time.Time) (*store.Entry, error) {
	ctx, cancel := remote.Limit(ctx, remote.CallLimit)
	defer cancel()
	rows, _ := s.pool.Query(ctx, `SELECT record, embedding FROM sluice_cache_1 WHERE key = $1`, key[:])
	e, err := pgx.CollectExactlyOneRow(rows, entry)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	if err != nil {
		return nil, s.failed(ctx, "get "+key.String(), err)
	}
	if e.Key != key || !remote.Fresh(e, now) {
		return nil, store.ErrNotFound
	}
	return e, nil
}

// entry reads a row of record and embedding.
func entry(row pgx.CollectableRow) (*store.Entry, error) {
	var record []byte
	var vector *pgvector.Vector
	if err := row.Scan(&record, &vector); err != nil {
		return nil, err
	}
	e, err := remote.Decode(record)
	if err == nil && vector != nil {
		e.Vector = vector.Slice()
	}
	return e, err
}

// Nearest returns exactly the nearest entries of a scope and a space. It takes time in
// proportion to how many there are. See store.Store.
func (s *Store) Nearest(ctx context.Context, q store.Query, now time.Time) ([]store.Match, error) {
	ctx, cancel := remote.Limit(ctx, remote.CallLimit)
	defer cancel()
	if q.K < 1 || len(q.Vector) == 0 {
		return nil, nil
	}
	// <#> is the negative inner product: of vectors of unit length, the order of the cosine.
	rows, _ := s.pool.Query(ctx, `
		SELECT record, embedding FROM sluice_cache_1
		WHERE scope = $1 AND room = $2 AND expires > $3
		ORDER BY embedding <#> $4 LIMIT $5`,
		q.Scope[:], room(q.Space, len(q.Vector)), now.UnixNano(), pgvector.NewVector(q.Vector), q.K)
	proposed, err := pgx.CollectRows(rows, entry)
	if err != nil {
		return nil, s.failed(ctx, fmt.Sprintf("search for %d nearest", q.K), err)
	}
	return remote.Nearest(q, now, proposed), nil
}

// room is a space's vectors of one length: only they can be compared.
func room(space string, dimension int) string {
	return remote.Word(fmt.Sprintf("%d:%s", dimension, space))
}

// Put keeps an entry. See store.Store.
func (s *Store) Put(ctx context.Context, e *store.Entry) error {
	ctx, cancel := remote.Limit(ctx, remote.CallLimit)
	defer cancel()
	var in *string
	var vector *pgvector.Vector
	if e.Vector != nil {
		r, v := room(e.Space, len(e.Vector)), pgvector.NewVector(e.Vector)
		in, vector = &r, &v
	}
	record := remote.Encode(e)
	_, err := s.pool.Exec(ctx, `
		INSERT INTO sluice_cache_1 (key, scope, room, model, labels, created, expires, embedding, record)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (key) DO UPDATE SET
			scope = excluded.scope, room = excluded.room, model = excluded.model, labels = excluded.labels,
			created = excluded.created, expires = excluded.expires, embedding = excluded.embedding, record = excluded.record`,
		e.Key[:], e.Scope[:], in, remote.Word(e.Model), remote.LabelWords(e.Labels),
		e.Created.UnixNano(), e.Expires.UnixNano(), vector, record)
	if err != nil {
		return s.failed(ctx, fmt.Sprintf("put %d bytes", len(record)), err)
	}
	return nil
}

// Used does nothing: the database evicts nothing.
func (s *Store) Used(context.Context, store.Key, time.Time) error { return nil }

// Delete removes what a filter selects, in one transaction. See store.Store.
func (s *Store) Delete(ctx context.Context, f store.Filter) (int, error) {
	ctx, cancel := remote.Limit(ctx, remote.DeleteLimit)
	defer cancel()
	var conditions []string
	var arguments []any
	when := func(condition string, argument any) {
		arguments = append(arguments, argument)
		conditions = append(conditions, fmt.Sprintf("%s $%d", condition, len(arguments)))
	}
	if f.Key != nil {
		when("key =", f.Key[:])
	}
	if f.Scope != nil {
		when("scope =", f.Scope[:])
	}
	if f.Model != "" {
		when("model =", remote.Word(f.Model))
	}
	if len(f.Labels) > 0 {
		when("labels @>", remote.LabelWords(f.Labels))
	}
	if !f.Before.IsZero() {
		when("created <", f.Before.UnixNano())
	}
	statement := `DELETE FROM sluice_cache_1`
	if len(conditions) > 0 {
		statement += ` WHERE ` + strings.Join(conditions, " AND ")
	}
	done, err := s.pool.Exec(ctx, statement, arguments...)
	if err != nil {
		return 0, s.failed(ctx, "delete", err)
	}
	return int(done.RowsAffected()), nil
}

// Ready asks the database for its table.
func (s *Store) Ready(ctx context.Context) error {
	ctx, cancel := remote.Limit(ctx, remote.CallLimit)
	defer cancel()
	if _, err := s.pool.Exec(ctx, `SELECT 1 FROM sluice_cache_1 LIMIT 1`); err != nil {
		return s.failed(ctx, "ready", err)
	}
	return nil
}

// Stats counts the rows, and the bytes of the table with its indexes.
func (s *Store) Stats(ctx context.Context) (store.Stats, error) {
	ctx, cancel := remote.Limit(ctx, remote.CallLimit)
	defer cancel()
	var stats store.Stats
	err := s.pool.QueryRow(ctx, `SELECT count(*), pg_total_relation_size('sluice_cache_1') FROM sluice_cache_1`).Scan(&stats.Entries, &stats.Bytes)
	if err != nil {
		return store.Stats{}, s.failed(ctx, "stats", err)
	}
	return stats, nil
}

// purge removes what is out of date, some at a time and past what another companion is
// removing.
func (s *Store) purge(ctx context.Context) {
	for {
		done, err := s.pool.Exec(ctx, `
			DELETE FROM sluice_cache_1 WHERE key IN (
				SELECT key FROM sluice_cache_1 WHERE expires <= $1 ORDER BY expires LIMIT $2 FOR UPDATE SKIP LOCKED)`,
			time.Now().UnixNano(), remote.PurgeBatch)
		if err != nil || done.RowsAffected() < remote.PurgeBatch {
			return
		}
	}
}

// Close ends the store's work.
func (s *Store) Close() error {
	s.stop()
	s.pool.Close()
	return nil
}

func (s *Store) failed(ctx context.Context, what string, err error) error {
	return remote.Failed(ctx, s.address, what, err)
}
