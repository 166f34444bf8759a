package qdrant

import (
	"cmp"
	"context"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/qdrant/go-client/qdrant"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/sluice-gateway/sluice/internal/servers"
)

// fake is a server that answers as Qdrant documents its gRPC interface, for the part that
// the store uses, by comparing everything with everything. It implements the interfaces
// that the official client's own protocol buffers generate. What the store does not use
// it refuses, as it does what a Qdrant in strict mode would: a filter on a field without
// an index, and a search that is not exact.
type fake struct {
	qdrant.UnimplementedQdrantServer
	Address string

	mu          sync.Mutex
	collections map[string]*points
	grpc        *grpc.Server
}

// points is one collection.
type points struct {
	size   int
	fields map[string]qdrant.FieldType
	tenant bool // scope was declared one
	byID   map[string]*point
}

type point struct {
	payload map[string]*qdrant.Value
	vector  []float32
}

func startFake(t testing.TB) *fake {
	t.Helper()
	f := &fake{collections: map[string]*points{}}
	f.Start(t, "127.0.0.1:0")
	t.Cleanup(f.Stop)
	return f
}

// Start serves, with what there was before.
func (f *fake) Start(t testing.TB, address string) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	require.NoError(t, err)
	f.Address = l.Addr().String()
	f.grpc = grpc.NewServer(grpc.UnaryInterceptor(authorised), grpc.MaxRecvMsgSize(largest))
	qdrant.RegisterQdrantServer(f.grpc, f)
	qdrant.RegisterCollectionsServer(f.grpc, fakeCollections{fake: f})
	qdrant.RegisterPointsServer(f.grpc, fakePoints{fake: f})
	go func() { _ = f.grpc.Serve(l) }()
}

func (f *fake) Stop() { f.grpc.Stop() }

func authorised(ctx context.Context, request any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if md, _ := metadata.FromIncomingContext(ctx); !slices.Equal(md.Get("api-key"), []string{servers.Password}) {
		return nil, status.Error(codes.PermissionDenied, "Forbidden: Invalid API key or JWT")
	}
	return next(ctx, request)
}

func (f *fake) collection(name string) (*points, error) {
	c := f.collections[name]
	if c == nil {
		return nil, status.Errorf(codes.NotFound, "Not found: Collection `%s` doesn't exist!", name)
	}
	return c, nil
}

type fakeCollections struct {
	qdrant.UnimplementedCollectionsServer
	*fake
}

func (f fakeCollections) Create(_ context.Context, r *qdrant.CreateCollection) (*qdrant.CollectionOperationResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.collections[r.GetCollectionName()] != nil {
		return nil, status.Errorf(codes.AlreadyExists, "Wrong input: Collection `%s` already exists!", r.GetCollectionName())
	}
	params := r.GetVectorsConfig().GetParams()
	if params.GetSize() == 0 || params.GetDistance() != qdrant.Distance_Dot {
		return nil, status.Errorf(codes.InvalidArgument, "vectors of size %d, distance %s", params.GetSize(), params.GetDistance())
	}
	f.collections[r.GetCollectionName()] = &points{size: int(params.GetSize()), fields: map[string]qdrant.FieldType{}, byID: map[string]*point{}}
	return &qdrant.CollectionOperationResponse{Result: true}, nil
}

func (f fakeCollections) List(context.Context, *qdrant.ListCollectionsRequest) (*qdrant.ListCollectionsResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	response := &qdrant.ListCollectionsResponse{}
	for name := range f.collections {
		response.Collections = append(response.Collections, &qdrant.CollectionDescription{Name: name})
	}
	return response, nil
}

func (f fakeCollections) CollectionExists(_ context.Context, r *qdrant.CollectionExistsRequest) (*qdrant.CollectionExistsResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &qdrant.CollectionExistsResponse{Result: &qdrant.CollectionExists{Exists: f.collections[r.GetCollectionName()] != nil}}, nil
}

type fakePoints struct {
	qdrant.UnimplementedPointsServer
	*fake
}

func done() (*qdrant.PointsOperationResponse, error) {
	return &qdrant.PointsOperationResponse{Result: &qdrant.UpdateResult{Status: qdrant.UpdateStatus_Completed}}, nil
}

func (f fakePoints) CreateFieldIndex(_ context.Context, r *qdrant.CreateFieldIndexCollection) (*qdrant.PointsOperationResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, err := f.collection(r.GetCollectionName())
	if err != nil {
		return nil, err
	}
	c.fields[r.GetFieldName()] = r.GetFieldType()
	if r.GetFieldName() == "scope" {
		c.tenant = r.GetFieldIndexParams().GetKeywordIndexParams().GetIsTenant()
	}
	return done()
}

func (f fakePoints) Upsert(_ context.Context, r *qdrant.UpsertPoints) (*qdrant.PointsOperationResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, err := f.collection(r.GetCollectionName())
	if err != nil {
		return nil, err
	}
	for _, p := range r.GetPoints() {
		vector := p.GetVectors().GetVector().GetDense().GetData()
		if len(vector) != c.size {
			return nil, status.Errorf(codes.InvalidArgument, "Wrong input: Vector dimension error: expected dim: %d, got %d", c.size, len(vector))
		}
		c.byID[p.GetId().GetUuid()] = &point{payload: p.GetPayload(), vector: vector}
	}
	return done()
}

func (f fakePoints) Delete(_ context.Context, r *qdrant.DeletePoints) (*qdrant.PointsOperationResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, err := f.collection(r.GetCollectionName())
	if err != nil {
		return nil, err
	}
	if filter := r.GetPoints().GetFilter(); filter != nil {
		ids, err := c.matching(filter)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			delete(c.byID, id)
		}
	}
	for _, id := range r.GetPoints().GetPoints().GetIds() {
		delete(c.byID, id.GetUuid())
	}
	return done()
}

func (f fakePoints) Get(_ context.Context, r *qdrant.GetPoints) (*qdrant.GetResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, err := f.collection(r.GetCollectionName())
	if err != nil {
		return nil, err
	}
	response := &qdrant.GetResponse{}
	for _, id := range r.GetIds() {
		if p := c.byID[id.GetUuid()]; p != nil {
			response.Result = append(response.Result, &qdrant.RetrievedPoint{Id: id, Payload: p.payload, Vectors: p.out(r.GetWithVectors())})
		}
	}
	return response, nil
}

func (p *point) out(with *qdrant.WithVectorsSelector) *qdrant.VectorsOutput {
	if !with.GetEnable() {
		return nil
	}
	return &qdrant.VectorsOutput{VectorsOptions: &qdrant.VectorsOutput_Vector{Vector: &qdrant.VectorOutput{
		Vector: &qdrant.VectorOutput_Dense{Dense: &qdrant.DenseVector{Data: slices.Clone(p.vector)}},
	}}}
}

func (f fakePoints) Count(_ context.Context, r *qdrant.CountPoints) (*qdrant.CountResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, err := f.collection(r.GetCollectionName())
	if err != nil {
		return nil, err
	}
	ids, err := c.matching(r.GetFilter())
	return &qdrant.CountResponse{Result: &qdrant.CountResult{Count: uint64(len(ids))}}, err
}

func (f fakePoints) Query(_ context.Context, r *qdrant.QueryPoints) (*qdrant.QueryResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, err := f.collection(r.GetCollectionName())
	if err != nil {
		return nil, err
	}
	query := r.GetQuery().GetNearest().GetDense().GetData()
	if !r.GetParams().GetExact() || !c.tenant || len(query) != c.size {
		return nil, status.Errorf(codes.InvalidArgument, "exact %v, tenant %v, %d of %d dimensions", r.GetParams().GetExact(), c.tenant, len(query), c.size)
	}
	ids, err := c.matching(r.GetFilter())
	if err != nil {
		return nil, err
	}
	response := &qdrant.QueryResponse{}
	for _, id := range ids {
		p := c.byID[id]
		var score float32
		for i, x := range query {
			score += x * p.vector[i]
		}
		response.Result = append(response.Result, &qdrant.ScoredPoint{Id: qdrant.NewIDUUID(id), Payload: p.payload, Score: score, Vectors: p.out(r.GetWithVectors())})
	}
	slices.SortFunc(response.Result, func(a, b *qdrant.ScoredPoint) int { return cmp.Compare(b.GetScore(), a.GetScore()) })
	response.Result = response.Result[:min(len(response.Result), int(r.GetLimit()))]
	return response, nil
}

// matching are the points that satisfy a filter; no filter is satisfied by all.
func (c *points) matching(filter *qdrant.Filter) ([]string, error) {
	if filter != nil && !proto.Equal(filter, &qdrant.Filter{Must: filter.GetMust()}) {
		return nil, status.Error(codes.Unimplemented, "the fake knows `must` alone")
	}
	var ids []string
	for id, p := range c.byID {
		all := true
		for _, condition := range filter.GetMust() {
			ok, err := c.satisfies(id, p, condition)
			if err != nil {
				return nil, err
			}
			all = all && ok
		}
		if all {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (c *points) satisfies(id string, p *point, condition *qdrant.Condition) (bool, error) {
	if has := condition.GetHasId(); has != nil {
		return slices.ContainsFunc(has.GetHasId(), func(i *qdrant.PointId) bool { return i.GetUuid() == id }), nil
	}
	field := condition.GetField()
	kind, indexed := c.fields[field.GetKey()]
	value := p.payload[field.GetKey()]
	switch match, within := field.GetMatch(), field.GetRange(); {
	case !indexed:
		return false, status.Errorf(codes.InvalidArgument, "Index required but not found for %q", field.GetKey())
	case match != nil && within == nil && kind == qdrant.FieldType_FieldTypeKeyword:
		// A list satisfies what one of its values does.
		return value.GetStringValue() == match.GetKeyword() && match.GetKeyword() != "" ||
			slices.ContainsFunc(value.GetListValue().GetValues(), func(v *qdrant.Value) bool { return v.GetStringValue() == match.GetKeyword() }), nil
	case within != nil && match == nil && kind == qdrant.FieldType_FieldTypeInteger:
		x := float64(value.GetIntegerValue())
		return value != nil &&
			(within.Gt == nil || x > *within.Gt) && (within.Gte == nil || x >= *within.Gte) &&
			(within.Lt == nil || x < *within.Lt) && (within.Lte == nil || x <= *within.Lte), nil
	}
	return false, status.Errorf(codes.Unimplemented, "the fake does not know the condition %v", condition)
}
