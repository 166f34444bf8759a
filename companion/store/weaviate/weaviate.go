// Package weaviate keeps the cache in a Weaviate server, in one class, SluiceCache1. The 1
// is the format's version. Every space is a named vector of that class, added when its
// first entry is put, which needs Weaviate 1.31.
//
// Requests are REST and GraphQL. The client's gRPC does not check the server's certificate
// (connection/grpc.go of 5.5.0 sets InsecureSkipVerify), and the key is in every request.
package weaviate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/weaviate/weaviate-go-client/v5/weaviate"
	"github.com/weaviate/weaviate-go-client/v5/weaviate/fault"
	"github.com/weaviate/weaviate-go-client/v5/weaviate/filters"
	"github.com/weaviate/weaviate-go-client/v5/weaviate/graphql"
	"github.com/weaviate/weaviate/entities/models"

	"github.com/go-openapi/strfmt"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/companion/store/remote"
)

const class = "SluiceCache" + remote.Version

// Store is the cache in a Weaviate server. It implements store.Store.
type Store struct {
	client  *weaviate.Client
	idle    func() // closes connections that nobody uses
	address string
	stop    func()

	mu    sync.Mutex
	rooms map[string]bool // the named vectors that are known to be there
}

// Open connects to the server of a URL, weaviate+http://host:port or weaviate+https://,
// with the API key as the URL's password or as key, and makes the class if it is not there.
func Open(ctx context.Context, u *url.URL, key string) (*Store, error) {
	s := &Store{address: remote.Address(u), rooms: map[string]bool{}}
	scheme, ok := strings.CutPrefix(u.Scheme, "weaviate+")
	if !ok || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("%s: no address of a Weaviate server: weaviate+https://:key@host:port is", s.address)
	}
	if password, there := u.User.Password(); there && key == "" {
		key = password
	}
	headers := map[string]string{}
	if key != "" {
		headers["Authorization"] = "Bearer " + key
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxConnsPerHost, transport.MaxIdleConnsPerHost = remote.Connections, remote.Connections
	s.idle = transport.CloseIdleConnections
	over := &http.Client{
		Transport: transport, Timeout: remote.DeleteLimit,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the key is for nobody else
	}
	ctx, cancel := remote.Limit(ctx, remote.CallLimit)
	defer cancel()
	if err := reachable(ctx, over, scheme+"://"+u.Host); err != nil {
		return nil, s.failed(ctx, "open", err)
	}
	var err error
	s.client, err = weaviate.NewClient(weaviate.Config{Scheme: scheme, Host: u.Host, ConnectionClient: over, Headers: headers})
	if err == nil {
		err = s.prepare(ctx)
	}
	if err != nil {
		s.idle()
		return nil, s.failed(ctx, "open", err)
	}
	s.stop = remote.Every(remote.PurgeEvery, s.purge)
	return s, nil
}

// reachable asks the server whether it serves, before the client does so without limit.
func reachable(ctx context.Context, over *http.Client, base string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/v1/.well-known/ready", nil)
	if err != nil {
		return err
	}
	response, err := over.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the server is not ready: status %d", response.StatusCode)
	}
	return nil
}

// prepare makes the class, and learns which named vectors it has.
func (s *Store) prepare(ctx context.Context) error {
	there, err := s.client.Schema().ClassExistenceChecker().WithClassName(class).Do(ctx)
	if err != nil {
		return err
	}
	if !there {
		err := s.client.Schema().ClassCreator().WithClass(definition()).Do(ctx)
		if err != nil && !strings.Contains(err.Error(), "already exists") { // made by another companion
			return err
		}
	}
	return s.learn(ctx)
}

// definition is the class. Its texts are words of hexadecimal digits, compared as a whole.
func definition() *models.Class {
	yes, no := true, false
	text := func(name, kind string) *models.Property {
		return &models.Property{Name: name, DataType: []string{kind}, Tokenization: models.PropertyTokenizationField, IndexFilterable: &yes, IndexSearchable: &no}
	}
	number := func(name string) *models.Property {
		return &models.Property{Name: name, DataType: []string{"number"}, IndexFilterable: &yes, IndexRangeFilters: &yes}
	}
	blob := func(name string) *models.Property {
		return &models.Property{Name: name, DataType: []string{"blob"}}
	}
	return &models.Class{
		Class:       class,
		Description: "Answers that Sluice has cached. It makes and removes them itself.",
		Properties: []*models.Property{
			text("scope", "text"), text("room", "text"), text("model", "text"), text("labels", "text[]"),
			number("created"), number("expires"), // microseconds since 1970
			blob("record"), blob("vector"),
		},
		// A class has a vector from the start or can have none. This one stays empty.
		VectorConfig: map[string]models.VectorConfig{"none": vectors()},
	}
}

// vectors is the configuration of one space's vectors. A search under a filter that leaves
// fewer entries than flatSearchCutoff compares the query with each of them.
func vectors() models.VectorConfig {
	return models.VectorConfig{
		Vectorizer:      map[string]any{"none": map[string]any{}},
		VectorIndexType: "hnsw",
		VectorIndexConfig: map[string]any{
			"distance": "cosine", "flatSearchCutoff": 2 * remote.Exact, "skipDefaultQuantization": true,
		},
	}
}

// learn asks which named vectors the class has.
func (s *Store) learn(ctx context.Context) error {
	got, err := s.client.Schema().ClassGetter().WithClassName(class).Do(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.rooms)
	for name := range got.VectorConfig {
		s.rooms[name] = true
	}
	return nil
}

// has tells whether the class has a space's vectors, as far as the server knows.
func (s *Store) has(ctx context.Context, room string) (bool, error) {
	known := func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.rooms[room]
	}
	if known() {
		return true, nil
	}
	err := s.learn(ctx)
	return known(), err
}

// add adds a space's vectors to the class. It reads and writes the whole definition, so
// one that another companion adds meanwhile makes it fail, and it is tried again.
func (s *Store) add(ctx context.Context, room string) error {
	for attempt := 0; ; attempt++ {
		there, err := s.has(ctx, room)
		if there || err != nil {
			return err
		}
		err = s.client.Schema().VectorAdder().WithClassName(class).WithVectors(map[string]models.VectorConfig{room: vectors()}).Do(ctx)
		if err != nil && attempt == 3 {
			return err
		}
	}
}

// Get returns the entry of a key. See store.Store.
func (s *Store) Get(ctx context.Context, key store.Key, now time.Time) (*store.Entry, error) {
	ctx, cancel := remote.Limit(ctx, remote.CallLimit)
	defer cancel()
	objects, err := s.client.Data().ObjectsGetter().WithClassName(class).WithID(id(key)).Do(ctx)
	var status *fault.WeaviateClientError
	if errors.As(err, &status) && status.StatusCode == http.StatusNotFound {
		return nil, store.ErrNotFound
	}
	if err != nil {
		return nil, s.failed(ctx, "get "+key.String(), err)
	}
	for _, object := range objects {
		properties, _ := object.Properties.(map[string]any)
		e, err := entry(properties)
		if err != nil {
			return nil, s.failed(ctx, "get "+key.String(), err)
		}
		if e.Key == key && remote.Fresh(e, now) {
			return e, nil
		}
	}
	return nil, store.ErrNotFound
}

// id is the first half of a key as Weaviate names objects.
func id(key store.Key) string { return uuid.UUID(key[:16]).String() }

// entry reads the properties record and vector.
func entry(properties map[string]any) (*store.Entry, error) {
	var fields struct{ Record, Vector []byte }
	text, err := json.Marshal(map[string]any{"Record": properties["record"], "Vector": properties["vector"]})
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, err
	}
	e, err := remote.Decode(fields.Record)
	if err != nil {
		return nil, err
	}
	e.Vector, err = remote.Vector(fields.Vector)
	return e, err
}

// Nearest returns the nearest entries of a scope and a space: exactly those while there
// are fewer than twice remote.Exact, nearly always those above. See store.Store.
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
	room := room(q.Space, len(q.Vector))
	if there, err := s.has(ctx, room); !there || err != nil {
		return nil, err
	}
	near := s.client.GraphQL().NearVectorArgBuilder().WithVector(q.Vector).WithTargetVectors(room)
	where := all(
		equal("scope", q.Scope.String()), equal("room", room),
		filters.Where().WithPath([]string{"expires"}).WithOperator(filters.GreaterThan).WithValueNumber(micros(now)))
	answer, err := s.client.GraphQL().Get().WithClassName(class).WithNearVector(near).WithWhere(where).
		WithLimit(q.K).WithFields(graphql.Field{Name: "record"}, graphql.Field{Name: "vector"}).Do(ctx)
	if err != nil {
		return nil, err
	}
	if len(answer.Errors) > 0 {
		return nil, refused(answer)
	}
	get, _ := answer.Data["Get"].(map[string]any)
	objects, _ := get[class].([]any)
	var proposed []*store.Entry
	for _, object := range objects {
		properties, _ := object.(map[string]any)
		e, err := entry(properties)
		if err != nil {
			return nil, err
		}
		proposed = append(proposed, e)
	}
	return proposed, nil
}

// refused is what GraphQL says in place of an answer.
func refused(answer *models.GraphQLResponse) error {
	var messages []string
	for _, e := range answer.Errors {
		messages = append(messages, e.Message)
	}
	return errors.New(strings.Join(messages, "; "))
}

// room is a space's vectors of one length: only they can be compared.
func room(space string, dimension int) string {
	return "s" + remote.Word(fmt.Sprintf("%d:%s", dimension, space))
}

func micros(t time.Time) float64 { return float64(t.UnixMicro()) }

func equal(property, word string) *filters.WhereBuilder {
	return filters.Where().WithPath([]string{property}).WithOperator(filters.Equal).WithValueText(word)
}

func all(conditions ...*filters.WhereBuilder) *filters.WhereBuilder {
	if len(conditions) == 1 {
		return conditions[0]
	}
	return filters.Where().WithOperator(filters.And).WithOperands(conditions)
}

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
	properties := map[string]any{
		"scope": e.Scope.String(), "model": remote.Word(e.Model), "labels": remote.LabelWords(e.Labels),
		"created": micros(e.Created), "expires": micros(e.Expires), "record": record,
	}
	object := &models.Object{Class: class, ID: strfmt.UUID(id(e.Key)), Properties: properties}
	if e.Vector != nil {
		room := room(e.Space, len(e.Vector))
		if err := s.add(ctx, room); err != nil {
			return err
		}
		properties["room"], properties["vector"] = room, remote.AppendVector(nil, e.Vector)
		object.Vectors = models.Vectors{room: e.Vector}
	}
	for waited := 0; ; waited++ {
		err := s.write(ctx, object)
		if err == nil || waited == changes || !strings.Contains(err.Error(), changing) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(changePause):
		}
	}
}

// While a named vector is added, by this companion or another, the class takes no entries
// and says so with these words. That is over in a moment, and waited for.
const (
	changing    = "read-only due to: UpdateVectorIndexConfig"
	changePause = 50 * time.Millisecond
	changes     = 40
)

// write writes one object, in place of the one with its name.
func (s *Store) write(ctx context.Context, object *models.Object) error {
	results, err := s.client.Batch().ObjectsBatcher().WithObjects(object).Do(ctx)
	if err != nil {
		return err
	}
	for _, r := range results {
		if r.Result != nil && r.Result.Errors != nil && len(r.Result.Errors.Error) > 0 {
			return errors.New(r.Result.Errors.Error[0].Message)
		}
	}
	return nil
}

// Used does nothing: the server evicts nothing.
func (s *Store) Used(context.Context, store.Key, time.Time) error { return nil }

// Delete removes what a filter selects. Times count to the microsecond. See store.Store.
func (s *Store) Delete(ctx context.Context, f store.Filter) (int, error) {
	ctx, cancel := remote.Limit(ctx, remote.DeleteLimit)
	defer cancel()
	var conditions []*filters.WhereBuilder
	if f.Key != nil {
		conditions = append(conditions, equal("id", id(*f.Key)))
	}
	if f.Scope != nil {
		conditions = append(conditions, equal("scope", f.Scope.String()))
	}
	if f.Model != "" {
		conditions = append(conditions, equal("model", remote.Word(f.Model)))
	}
	for _, word := range remote.LabelWords(f.Labels) {
		conditions = append(conditions, equal("labels", word))
	}
	if !f.Before.IsZero() {
		conditions = append(conditions, before("created", f.Before))
	}
	if len(conditions) == 0 { // the server wants one
		conditions = append(conditions, filters.Where().WithPath([]string{"id"}).WithOperator(filters.Like).WithValueText("*"))
	}
	n, err := s.remove(ctx, all(conditions...))
	if err != nil {
		return n, s.failed(ctx, fmt.Sprintf("delete, %d done", n), err)
	}
	return n, nil
}

func before(property string, t time.Time) *filters.WhereBuilder {
	return filters.Where().WithPath([]string{property}).WithOperator(filters.LessThan).WithValueNumber(micros(t))
}

// remove deletes until nothing is left to delete: one call has the server's limit.
func (s *Store) remove(ctx context.Context, where *filters.WhereBuilder) (int, error) {
	for removed := 0; ; {
		done, err := s.client.Batch().ObjectsBatchDeleter().WithClassName(class).WithWhere(where).Do(ctx)
		if err != nil {
			return removed, err
		}
		removed += int(done.Results.Successful)
		if done.Results.Failed > 0 {
			return removed, fmt.Errorf("%d entries could not be deleted", done.Results.Failed)
		}
		if done.Results.Successful == 0 || done.Results.Matches <= done.Results.Successful && done.Results.Matches < done.Results.Limit {
			return removed, nil
		}
	}
}

// Ready asks the server, and makes the class again where somebody has removed it.
func (s *Store) Ready(ctx context.Context) error {
	ctx, cancel := remote.Limit(ctx, remote.CallLimit)
	defer cancel()
	if err := s.prepare(ctx); err != nil {
		return s.failed(ctx, "ready", err)
	}
	return nil
}

// Stats counts the objects.
func (s *Store) Stats(ctx context.Context) (store.Stats, error) {
	ctx, cancel := remote.Limit(ctx, remote.CallLimit)
	defer cancel()
	answer, err := s.client.GraphQL().Aggregate().WithClassName(class).
		WithFields(graphql.Field{Name: "meta", Fields: []graphql.Field{{Name: "count"}}}).Do(ctx)
	if err == nil && len(answer.Errors) > 0 {
		err = refused(answer)
	}
	if err != nil {
		return store.Stats{}, s.failed(ctx, "stats", err)
	}
	stats := store.Stats{Entries: -1, Bytes: -1}
	aggregate, _ := answer.Data["Aggregate"].(map[string]any)
	if groups, _ := aggregate[class].([]any); len(groups) == 1 {
		group, _ := groups[0].(map[string]any)
		meta, _ := group["meta"].(map[string]any)
		if count, ok := meta["count"].(float64); ok {
			stats.Entries = int64(count)
		}
	}
	return stats, nil
}

// purge removes what is out of date.
func (s *Store) purge(ctx context.Context) {
	_, _ = s.remove(ctx, before("expires", time.Now())) // once more in a minute
}

// Close ends the store's work.
func (s *Store) Close() error {
	s.stop()
	s.idle()
	return nil
}

// failed says what was done where, and why not. The client hides why.
func (s *Store) failed(ctx context.Context, what string, err error) error {
	var hidden *fault.WeaviateClientError
	if errors.As(err, &hidden) && hidden.DerivedFromError != nil {
		err = hidden.DerivedFromError
	}
	return remote.Failed(ctx, s.address, what, err)
}
