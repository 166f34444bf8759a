// Package qdrant keeps the cache in a Qdrant server. Entries are in one collection for
// each length of vectors, sluice_cache_1_384 and so on, and those without a vector in
// sluice_cache_1_none. The 1 is the format's version.
//
// Every search asks for exact results within its scope, which Qdrant finds by the index
// over the scopes. So no graph is built, and none can miss anything.
package qdrant

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/metadata"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/remote"
)

const (
	prefix = "sluice_cache_" + remote.Version + "_"
	// port is where Qdrant serves gRPC unless it is told otherwise.
	port = 6334
	// largest is how large a message may be: k answers, in base64.
	largest = 64 << 20
	// listHolds is how long a list of collections is believed to be all there are.
	listHolds = time.Minute
	// comeBack is the longest pause before a lost connection is tried again; gRPC's own
	// grows to two minutes.
	comeBack = 2 * time.Second
)

// Store is the cache in a Qdrant server. It implements store.Store.
type Store struct {
	client  *qdrant.Client
	address string
	stop    func()

	mu          sync.Mutex
	collections map[string]bool // what is there; true = and has its indexes
	listed      time.Time
}

// Open connects to the server of a URL, qdrant://host:port or qdrants:// for TLS, with the
// API key as the URL's password or as key.
func Open(ctx context.Context, u *url.URL, key string) (*Store, error) {
	s := &Store{address: remote.Address(u), collections: map[string]bool{}}
	at := port
	var err error
	if u.Port() != "" {
		at, err = strconv.Atoi(u.Port())
	}
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("%s: no address of a Qdrant server: qdrants://:key@host:port is", s.address)
	}
	if password, there := u.User.Password(); there && key == "" {
		key = password
	}
	s.client, err = qdrant.NewClient(&qdrant.Config{
		Host: u.Hostname(), Port: at, PoolSize: 4, SkipCompatibilityCheck: true,
		UseTLS: u.Scheme == "qdrants", TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		GrpcOptions: []grpc.DialOption{
			grpc.WithChainUnaryInterceptor(withKey(key)),
			grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(largest), grpc.MaxCallSendMsgSize(largest)),
			grpc.WithConnectParams(grpc.ConnectParams{
				Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: comeBack},
				MinConnectTimeout: remote.CallLimit,
			}),
		},
	})
	if err != nil {
		return nil, fmt.Errorf("%s: open: %w", s.address, err)
	}
	ctx, cancel := remote.Limit(ctx, remote.CallLimit)
	defer cancel()
	if err := s.list(ctx); err != nil {
		s.client.Close()
		return nil, s.failed(ctx, "open", err)
	}
	s.stop = remote.Every(remote.PurgeEvery, s.purge)
	return s, nil
}

// withKey puts the API key on every call. The client's own way of doing so writes a
// warning to the log for each of its connections where there is no TLS.
func withKey(key string) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, request, reply any, c *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		if key != "" {
			ctx = metadata.AppendToOutgoingContext(ctx, "api-key", key)
		}
		return invoke(ctx, method, request, reply, c, options...)
	}
}

// list asks which collections of the cache there are. Companions with another embedder
// make others.
func (s *Store) list(ctx context.Context) error {
	names, err := s.client.ListCollections(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ready := s.collections
	s.collections = map[string]bool{}
	for _, name := range names {
		if strings.HasPrefix(name, prefix) {
			s.collections[name] = ready[name]
		}
	}
	s.listed = time.Now()
	return nil
}

// known are the collections, by a list that is not old.
func (s *Store) known(ctx context.Context) ([]string, error) {
	s.mu.Lock()
	old := time.Since(s.listed) > listHolds
	s.mu.Unlock()
	if old {
		if err := s.list(ctx); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	names := make([]string, 0, len(s.collections))
	for name := range s.collections {
		names = append(names, name)
	}
	return names, nil
}

func (s *Store) state(name string) (there, ready bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ready, there = s.collections[name]
	return there, ready
}

// collection is where an entry is.
func collection(dimension int) string {
	if dimension == 0 {
		return prefix + "none"
	}
	return prefix + strconv.Itoa(dimension)
}

// make makes a collection with its indexes. Several companions may do so at once: a
// collection is made once, and an index that is there is not made again.
func (s *Store) make(ctx context.Context, dimension int) error {
	name := collection(dimension)
	if _, ready := s.state(name); ready {
		return nil
	}
	// Points need a vector: those without one of theirs have the vector (1). The product of
	// vectors of unit length is their cosine, and they are kept as they are; Qdrant's own
	// cosine would make their length 1 once more.
	none := uint64(0)
	err := s.client.CreateCollection(ctx, &qdrant.CreateCollection{
		CollectionName: name,
		VectorsConfig:  qdrant.NewVectorsConfig(&qdrant.VectorParams{Size: uint64(max(1, dimension)), Distance: qdrant.Distance_Dot}),
		HnswConfig:     &qdrant.HnswConfigDiff{M: &none},
	})
	if err != nil {
		if there, asked := s.client.CollectionExists(ctx, name); asked != nil || !there {
			return err
		}
	}
	for _, field := range fields {
		_, err := s.client.CreateFieldIndex(ctx, &qdrant.CreateFieldIndexCollection{
			CollectionName: name, Wait: qdrant.PtrOf(true), FieldName: field.name,
			FieldType: field.kind.Enum(), FieldIndexParams: field.params,
		})
		if err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.collections[name] = true
	return nil
}

// fields are what entries are found by. A tenant's points are kept together.
var fields = []struct {
	name   string
	kind   qdrant.FieldType
	params *qdrant.PayloadIndexParams
}{
	{"scope", qdrant.FieldType_FieldTypeKeyword, qdrant.NewPayloadIndexParamsKeyword(&qdrant.KeywordIndexParams{IsTenant: qdrant.PtrOf(true)})},
	{"room", qdrant.FieldType_FieldTypeKeyword, nil},
	{"model", qdrant.FieldType_FieldTypeKeyword, nil},
	{"labels", qdrant.FieldType_FieldTypeKeyword, nil},
	{"created", qdrant.FieldType_FieldTypeInteger, nil},
	{"expires", qdrant.FieldType_FieldTypeInteger, nil},
}

// Get returns the entry of a key. See store.Store.
func (s *Store) Get(ctx context.Context, key store.Key, now time.Time) (*store.Entry, error) {
	ctx, cancel := remote.Limit(ctx, remote.CallLimit)
	defer cancel()
	e, err := s.get(ctx, key, now)
	if err != nil {
		return nil, s.failed(ctx, "get "+key.String(), err)
	}
	if e == nil {
		return nil, store.ErrNotFound
	}
	return e, nil
}

func (s *Store) get(ctx context.Context, key store.Key, now time.Time) (*store.Entry, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	names, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		points, err := s.client.Get(ctx, &qdrant.GetPoints{
			CollectionName: name, Ids: []*qdrant.PointId{id(key)},
			WithPayload: qdrant.NewWithPayload(true), WithVectors: qdrant.NewWithVectors(true),
		})
		if err != nil {
			return nil, err
		}
		for _, point := range points {
			e, err := entry(point.GetPayload(), point.GetVectors())
			if err != nil {
				return nil, err
			}
			if e.Key == key && remote.Fresh(e, now) {
				return e, nil
			}
		}
	}
	return nil, nil
}

// id is the first half of a key as Qdrant names points.
func id(key store.Key) *qdrant.PointId { return qdrant.NewIDUUID(uuid.UUID(key[:16]).String()) }

// entry reads a point.
func entry(payload map[string]*qdrant.Value, vectors *qdrant.VectorsOutput) (*store.Entry, error) {
	record, err := base64.StdEncoding.DecodeString(payload["record"].GetStringValue())
	if err != nil {
		return nil, fmt.Errorf("the record of a point: %w", err)
	}
	e, err := remote.Decode(record)
	if err != nil || payload["room"].GetStringValue() == "" {
		return e, err
	}
	vector := vectors.GetVector()
	e.Vector = vector.GetDense().GetData()
	if e.Vector == nil {
		//lint:ignore SA1019 older servers fill no other
		e.Vector = vector.GetData()
	}
	return e, nil
}

// Nearest returns exactly the nearest entries of a scope and a space. It takes time in
// proportion to how many there are. See store.Store.
func (s *Store) Nearest(ctx context.Context, q store.Query, now time.Time) ([]store.Match, error) {
	ctx, cancel := remote.Limit(ctx, remote.CallLimit)
	defer cancel()
	if q.K < 1 || len(q.Vector) == 0 {
		return nil, nil
	}
	proposed, err := s.search(ctx, q, now)
	if err != nil {
		return nil, s.failed(ctx, fmt.Sprintf("search for %d nearest", q.K), err)
	}
	return remote.Nearest(q, now, proposed), nil
}

func (s *Store) search(ctx context.Context, q store.Query, now time.Time) ([]*store.Entry, error) {
	name := collection(len(q.Vector))
	if there, _ := s.state(name); !there {
		if err := s.list(ctx); err != nil {
			return nil, err
		}
		if there, _ := s.state(name); !there {
			return nil, nil
		}
	}
	points, err := s.client.Query(ctx, &qdrant.QueryPoints{
		CollectionName: name,
		Query:          qdrant.NewQueryDense(q.Vector),
		Filter: &qdrant.Filter{Must: []*qdrant.Condition{
			qdrant.NewMatchKeyword("scope", q.Scope.String()),
			qdrant.NewMatchKeyword("room", room(q.Space, len(q.Vector))),
			qdrant.NewRange("expires", &qdrant.Range{Gt: micros(now)}),
		}},
		Params:      &qdrant.SearchParams{Exact: qdrant.PtrOf(true)},
		Limit:       qdrant.PtrOf(uint64(q.K)),
		WithPayload: qdrant.NewWithPayload(true),
		WithVectors: qdrant.NewWithVectors(true),
	})
	if err != nil {
		return nil, err
	}
	var proposed []*store.Entry
	for _, point := range points {
		e, err := entry(point.GetPayload(), point.GetVectors())
		if err != nil {
			return nil, err
		}
		proposed = append(proposed, e)
	}
	return proposed, nil
}

// room is a space's vectors of one length: only they can be compared.
func room(space string, dimension int) string {
	return remote.Word(fmt.Sprintf("%d:%s", dimension, space))
}

// micros is a time as Qdrant compares it: as a float64, which holds microseconds exactly.
func micros(t time.Time) *float64 { return qdrant.PtrOf(float64(t.UnixMicro())) }

// Put keeps an entry. See store.Store.
func (s *Store) Put(ctx context.Context, e *store.Entry) error {
	ctx, cancel := remote.Limit(ctx, remote.CallLimit)
	defer cancel()
	record := remote.Encode(e)
	if err := s.put(ctx, e, record); err != nil {
		return s.failed(ctx, fmt.Sprintf("put %d bytes", len(record)), err)
	}
	return nil
}

func (s *Store) put(ctx context.Context, e *store.Entry, record []byte) error {
	names, err := s.known(ctx)
	if err != nil {
		return err
	}
	if err := s.make(ctx, len(e.Vector)); err != nil {
		return err
	}
	labels := make([]any, len(e.Labels))
	for i, word := range remote.LabelWords(e.Labels) {
		labels[i] = word
	}
	payload := map[string]any{
		"scope": e.Scope.String(), "model": remote.Word(e.Model), "labels": labels,
		"created": e.Created.UnixMicro(), "expires": e.Expires.UnixMicro(), "record": base64.StdEncoding.EncodeToString(record),
	}
	vector := e.Vector
	if vector == nil {
		vector = []float32{1}
	} else {
		payload["room"] = room(e.Space, len(vector))
	}
	home := collection(len(e.Vector))
	_, err = s.client.Upsert(ctx, &qdrant.UpsertPoints{
		CollectionName: home, Wait: qdrant.PtrOf(true),
		Points: []*qdrant.PointStruct{{Id: id(e.Key), Vectors: qdrant.NewVectorsDense(vector), Payload: qdrant.NewValueMap(payload)}},
	})
	// What was there under this key may have been in another collection.
	for _, name := range names {
		if name != home && err == nil {
			err = s.remove(ctx, name, qdrant.NewPointsSelectorIDs([]*qdrant.PointId{id(e.Key)}))
		}
	}
	return err
}

func (s *Store) remove(ctx context.Context, name string, points *qdrant.PointsSelector) error {
	_, err := s.client.Delete(ctx, &qdrant.DeletePoints{CollectionName: name, Wait: qdrant.PtrOf(true), Points: points})
	return err
}

// Used does nothing: the server evicts nothing.
func (s *Store) Used(context.Context, store.Key, time.Time) error { return nil }

// Delete removes what a filter selects. Times count to the microsecond, and what is put
// meanwhile may be removed uncounted. See store.Store.
func (s *Store) Delete(ctx context.Context, f store.Filter) (int, error) {
	ctx, cancel := remote.Limit(ctx, remote.DeleteLimit)
	defer cancel()
	n, err := s.delete(ctx, selection(f))
	if err != nil {
		return n, s.failed(ctx, fmt.Sprintf("delete, %d done", n), err)
	}
	return n, nil
}

func (s *Store) delete(ctx context.Context, filter *qdrant.Filter) (int, error) {
	if err := s.list(ctx); err != nil { // what another companion has made must not be left
		return 0, err
	}
	names, err := s.known(ctx)
	if err != nil {
		return 0, err
	}
	removed := 0
	for _, name := range names {
		n, err := s.client.Count(ctx, &qdrant.CountPoints{CollectionName: name, Filter: filter, Exact: qdrant.PtrOf(true)})
		if err != nil {
			return removed, err
		}
		if err := s.remove(ctx, name, qdrant.NewPointsSelectorFilter(filter)); err != nil {
			return removed, err
		}
		removed += int(n)
	}
	return removed, nil
}

// selection is a filter in Qdrant's terms. Where it selects everything, it says so.
func selection(f store.Filter) *qdrant.Filter {
	var must []*qdrant.Condition
	if f.Key != nil {
		must = append(must, qdrant.NewHasID(id(*f.Key)))
	}
	if f.Scope != nil {
		must = append(must, qdrant.NewMatchKeyword("scope", f.Scope.String()))
	}
	if f.Model != "" {
		must = append(must, qdrant.NewMatchKeyword("model", remote.Word(f.Model)))
	}
	for _, word := range remote.LabelWords(f.Labels) {
		must = append(must, qdrant.NewMatchKeyword("labels", word))
	}
	if !f.Before.IsZero() {
		must = append(must, qdrant.NewRange("created", &qdrant.Range{Lt: micros(f.Before)}))
	}
	if len(must) == 0 {
		must = append(must, qdrant.NewRange("expires", &qdrant.Range{Gte: qdrant.PtrOf(float64(-1 << 53))}))
	}
	return &qdrant.Filter{Must: must}
}

// Ready asks the server.
func (s *Store) Ready(ctx context.Context) error {
	ctx, cancel := remote.Limit(ctx, remote.CallLimit)
	defer cancel()
	if err := s.list(ctx); err != nil {
		return s.failed(ctx, "ready", err)
	}
	return nil
}

// Stats counts the points.
func (s *Store) Stats(ctx context.Context) (store.Stats, error) {
	ctx, cancel := remote.Limit(ctx, remote.CallLimit)
	defer cancel()
	names, err := s.known(ctx)
	if err != nil {
		return store.Stats{}, s.failed(ctx, "stats", err)
	}
	stats := store.Stats{Bytes: -1}
	for _, name := range names {
		n, err := s.client.Count(ctx, &qdrant.CountPoints{CollectionName: name, Exact: qdrant.PtrOf(true)})
		if err != nil {
			return store.Stats{}, s.failed(ctx, "stats", err)
		}
		stats.Entries += int64(n)
	}
	return stats, nil
}

// purge removes what is out of date.
func (s *Store) purge(ctx context.Context) {
	names, err := s.known(ctx)
	if err != nil {
		return // once more in a minute
	}
	for _, name := range names {
		due := &qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewRange("expires", &qdrant.Range{Lte: micros(time.Now())})}}
		_ = s.remove(ctx, name, qdrant.NewPointsSelectorFilter(due))
	}
}

// Close ends the store's work.
func (s *Store) Close() error {
	s.stop()
	return s.client.Close()
}

func (s *Store) failed(ctx context.Context, what string, err error) error {
	return remote.Failed(ctx, s.address, what, err)
}
