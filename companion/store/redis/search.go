package redisstore

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/remote"
)

// search finds entries by RediSearch. One index has all entries, for Delete; every space
// has another for its vectors, which takes the hashes that name it.
type search struct {
	client *redis.Client

	mu    sync.Mutex
	made  map[string]bool // indexes that are known to be there
	sizes map[string]size // how many entries a scope has, by index and scope
}

// size is a count that holds for a while: it only chooses between two ways to search.
type size struct {
	entries int
	at      time.Time
}

const (
	sizeHolds = time.Minute
	sizesKept = 10_000
	// page is how many entries Delete removes at a time.
	page = 1000
)

func newSearch(client *redis.Client) *search {
	return &search{client: client, made: map[string]bool{}, sizes: map[string]size{}}
}

const everything = prefix + "all"

func (s *search) ready(ctx context.Context) error {
	return s.create(ctx, everything, &redis.FTCreateOptions{OnHash: true, Prefix: []any{prefix + "e:"}, StopWords: []any{}},
		tag("scope"), tag("model"), tag("labels"),
		&redis.FieldSchema{FieldName: "created", FieldType: redis.SearchFieldTypeNumeric})
}

func tag(name string) *redis.FieldSchema {
	return &redis.FieldSchema{FieldName: name, FieldType: redis.SearchFieldTypeTag, CaseSensitive: true, Separator: ","}
}

// create makes an index. That it is there already, made by another companion, is as good.
func (s *search) create(ctx context.Context, name string, options *redis.FTCreateOptions, fields ...*redis.FieldSchema) error {
	err := s.client.FTCreate(ctx, name, options, fields...).Err()
	if err != nil && !strings.Contains(strings.ToLower(err.Error()), "index already exists") {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made[name] = true
	return nil
}

func (s *search) knows(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.made[name]
}

func indexOf(space string, dimension int) string { return prefix + "s:" + room(space, dimension) }

// put makes the index of the entry's space on first use. The server does the rest when
// the hash is written.
func (s *search) put(ctx context.Context, _ redis.Pipeliner, e *store.Entry) error {
	if e.Vector == nil {
		return nil
	}
	name := indexOf(e.Space, len(e.Vector))
	if s.knows(name) {
		return nil
	}
	options := &redis.FTCreateOptions{
		OnHash: true, Prefix: []any{prefix + "e:"}, StopWords: []any{},
		Filter: fmt.Sprintf("@room=='%s'", room(e.Space, len(e.Vector))),
	}
	return s.create(ctx, name, options, tag("scope"),
		&redis.FieldSchema{FieldName: "room", FieldType: redis.SearchFieldTypeTag, CaseSensitive: true},
		&redis.FieldSchema{FieldName: "expires", FieldType: redis.SearchFieldTypeNumeric},
		&redis.FieldSchema{FieldName: "v", FieldType: redis.SearchFieldTypeVector, VectorArgs: &redis.FTVectorArgs{
			HNSWOptions: &redis.FTHNSWOptions{Type: "FLOAT32", Dim: len(e.Vector), DistanceMetric: "COSINE"},
		}})
}

func (s *search) nearest(ctx context.Context, q store.Query, now time.Time) ([]*store.Entry, error) {
	name := indexOf(q.Space, len(q.Vector))
	entries, err := s.size(ctx, name, q.Scope)
	if err != nil || entries == 0 {
		return nil, err
	}
	// ADHOC_BF compares the query with every entry that the filter leaves. BATCHES asks
	// the graph for more until the filter has left enough.
	policy := "HYBRID_POLICY ADHOC_BF"
	if entries > remote.Exact {
		policy = "HYBRID_POLICY BATCHES EF_RUNTIME 400"
	}
	query := fmt.Sprintf("(@scope:{%s} @room:{%s} @expires:[(%d +inf])=>[KNN $k @v $q %s AS distance]",
		word(q.Scope.String()), room(q.Space, len(q.Vector)), now.UnixMicro(), policy)
	found, err := s.find(ctx, name, query, &redis.FTSearchOptions{
		Params: map[string]any{"k": q.K, "q": remote.AppendVector(nil, q.Vector)},
		SortBy: []redis.FTSearchSortBy{{FieldName: "distance", Asc: true}},
		Return: []redis.FTSearchReturn{{FieldName: "b"}, {FieldName: "v"}},
		Limit:  q.K,
	})
	if err != nil {
		return nil, err
	}
	var proposed []*store.Entry
	for _, document := range found.Docs {
		record, there := document.Fields["b"]
		if !there {
			continue // the server removed it between finding and reading it
		}
		e, err := entry([]any{record, document.Fields["v"]})
		if err != nil {
			return nil, err
		}
		proposed = append(proposed, e)
	}
	return proposed, nil
}

// size is how many entries a scope has in a space, a minute ago or less, and 0 only if
// there are none now.
func (s *search) size(ctx context.Context, name string, scope store.Key) (int, error) {
	id := name + scope.String()
	s.mu.Lock()
	known := s.sizes[id]
	s.mu.Unlock()
	if known.entries > 0 && time.Since(known.at) < sizeHolds {
		return known.entries, nil
	}
	found, err := s.find(ctx, name, fmt.Sprintf("@scope:{%s}", word(scope.String())), &redis.FTSearchOptions{CountOnly: true})
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.sizes) >= sizesKept {
		clear(s.sizes)
	}
	s.sizes[id] = size{found.Total, time.Now()}
	return found.Total, nil
}

// find runs a query. An index that is not there has nothing; it is made by the next Put.
func (s *search) find(ctx context.Context, name, query string, options *redis.FTSearchOptions) (redis.FTSearchResult, error) {
	options.DialectVersion = 2
	if deadline, ok := ctx.Deadline(); ok {
		options.Timeout = max(1, int(time.Until(deadline).Milliseconds()))
	}
	found, err := s.client.FTSearchWithArgs(ctx, name, query, options).Result()
	if err != nil && missing(err) {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.made, name)
		return redis.FTSearchResult{}, nil
	}
	if err == nil && len(found.Warnings) > 0 {
		return redis.FTSearchResult{}, fmt.Errorf("a partial answer: %s", strings.Join(found.Warnings, ", "))
	}
	return found, err
}

// missing tells whether an error says that there is no such index.
func missing(err error) bool {
	text := strings.ToLower(err.Error())
	return strings.Contains(text, "no such index") || strings.Contains(text, "unknown index name") || strings.Contains(text, "index not found")
}

func (s *search) remove(ctx context.Context, f store.Filter) (int, error) {
	if err := s.ready(ctx); err != nil {
		return 0, err
	}
	query := expression(f)
	for removed, skip := 0, 0; ; {
		found, err := s.find(ctx, everything, query, &redis.FTSearchOptions{NoContent: true, LimitOffset: skip, Limit: page})
		if err != nil || len(found.Docs) == 0 {
			return removed, err
		}
		names := make([]string, len(found.Docs))
		for i, document := range found.Docs {
			names[i] = document.ID
		}
		n, err := s.client.Unlink(ctx, names...).Result()
		removed += int(n)
		if err != nil {
			return removed, err
		}
		if n == 0 { // only what is gone already: look behind it
			skip += len(names)
		}
	}
}

// expression is a filter as a query.
func expression(f store.Filter) string {
	var parts []string
	if f.Scope != nil {
		parts = append(parts, fmt.Sprintf("@scope:{%s}", word(f.Scope.String())))
	}
	if f.Model != "" {
		parts = append(parts, fmt.Sprintf("@model:{%s}", word(remote.Word(f.Model))))
	}
	for _, label := range remote.LabelWords(f.Labels) {
		parts = append(parts, fmt.Sprintf("@labels:{%s}", word(label)))
	}
	if !f.Before.IsZero() {
		parts = append(parts, fmt.Sprintf("@created:[-inf (%d]", f.Before.UnixMicro()))
	}
	if len(parts) == 0 {
		return "*"
	}
	return strings.Join(parts, " ")
}

func (s *search) entries(ctx context.Context) (int64, error) {
	found, err := s.find(ctx, everything, "*", &redis.FTSearchOptions{CountOnly: true})
	return int64(found.Total), err
}

// purge has nothing to do: the hashes expire, and the indexes follow them.
func (s *search) purge(context.Context) {}
