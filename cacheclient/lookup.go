// Package cacheclient is the gateway's side of the companion's protocol: it builds the
// calls that look an answer up and that bring one, and reads what comes back. Its other
// side, and the protocol in full, is companion/openapi.yaml.
//
//	request ──▶ lookup ──▶ hit:   the answer, ready for the client
//	                   ├─▶ wait:  the same is being answered; ask again and wait
//	                   ├─▶ miss:  a ticket ──▶ … the provider answers … ──▶ store
//	                   └─▶ nothing in time: whoever waits for this request is told not to
//
// The package is pure. It decides nothing about requests: package gateway does.
package cacheclient

import (
	"strconv"

	"github.com/sluice-gateway/sluice/jsonscan"
)

// The paths of the companion that the gateway calls.
const (
	LookupPath  = "/v1/lookup"
	StorePath   = "/v1/store"
	RecordsPath = "/v1/records"
)

// API is which of the providers' APIs a request and its answer are written for.
type API string

// The APIs whose answers are cached.
const (
	ChatCompletions API = "chat_completions"
	Messages        API = "messages"
)

// Rules are what a policy says of its cache, as the companion is told with every look-up:
// it has no policy of its own.
type Rules struct {
	Version         string // of the part of the policy that answers depend on
	Exact, Semantic bool
	Threshold       float64 // cosine
	TTL             int64   // milliseconds
	MaxTemperature  float64
	MaxAnswer       int64  // bytes
	Within          int64  // milliseconds that a look-up may take
	JudgeModel      string // "" = no judge
	JudgeTimeout    int64  // milliseconds
}

// Client writes the calls of one policy.
type Client struct{ rules []byte }

// New prepares the part of a look-up that is the same for every request.
func New(r Rules) *Client {
	b := append([]byte(nil), `"policy":`...)
	b = jsonscan.AppendQuoted(b, r.Version)
	b = append(b, `,"exact":`...)
	b = strconv.AppendBool(b, r.Exact)
	b = append(b, `,"semantic":`...)
	b = strconv.AppendBool(b, r.Semantic)
	b = append(b, `,"threshold":`...)
	b = appendDecimal(b, r.Threshold)
	b = append(b, `,"ttl_ms":`...)
	b = strconv.AppendInt(b, r.TTL, 10)
	b = append(b, `,"max_temperature":`...)
	b = appendDecimal(b, r.MaxTemperature)
	b = append(b, `,"max_answer":`...)
	b = strconv.AppendInt(b, r.MaxAnswer, 10)
	b = append(b, `,"within_ms":`...)
	b = strconv.AppendInt(b, r.Within, 10)
	if r.JudgeModel != "" {
		b = append(b, `,"judge":{"model":`...)
		b = jsonscan.AppendQuoted(b, r.JudgeModel)
		b = append(b, `,"timeout_ms":`...)
		b = strconv.AppendInt(b, r.JudgeTimeout, 10)
		b = append(b, '}')
	}
	return &Client{rules: b}
}

// Request is what is looked up.
type Request struct {
	ID     string // what no other request is called: see AbandonLookup
	API    API
	Model  string      // as the client asked for it
	Tenant [][2]string // the parts of cache.scope, in the policy's order; an absent part is not in it
	Other  [][2]string // what else the answer depends on: headers, the query
	Body   []byte      // the client's, a JSON object
}

// Lookup is the body of a call to LookupPath.
func (c *Client) Lookup(r Request) []byte {
	b := make([]byte, 0, len(c.rules)+len(r.Body)+256)
	b = append(b, `{"id":`...)
	b = jsonscan.AppendQuoted(b, r.ID)
	b = append(b, `,"api":"`...)
	b = append(b, r.API...)
	b = append(b, `","model":`...)
	b = jsonscan.AppendQuoted(b, r.Model)
	b = append(b, `,"tenant":`...)
	b = appendPairs(b, r.Tenant)
	if len(r.Other) > 0 {
		b = append(b, `,"other":`...)
		b = appendPairs(b, r.Other)
	}
	b = append(b, ',')
	b = append(b, c.rules...)
	b = append(b, `,"request":`...)
	b = append(b, r.Body...)
	return append(b, '}')
}

func appendPairs(b []byte, pairs [][2]string) []byte {
	b = append(b, '[')
	for i := range pairs {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		b = jsonscan.AppendQuoted(b, pairs[i][0])
		b = append(b, ',')
		b = jsonscan.AppendQuoted(b, pairs[i][1])
		b = append(b, ']')
	}
	return append(b, ']')
}

// WaitPath is LookupPath for one that waits so many milliseconds for an answer that is
// being made.
func WaitPath(ms int64) string { return LookupPath + "?wait=" + strconv.FormatInt(ms, 10) }

// appendDecimal writes a number of a policy, which has at most six digits behind the
// point. (strconv.AppendFloat would be code that nothing else here needs.)
func appendDecimal(b []byte, v float64) []byte {
	millionths := int64(v*1e6 + 0.5)
	b = strconv.AppendInt(b, millionths/1e6, 10)
	b = append(b, '.')
	digits := strconv.AppendInt(nil, 1e6+millionths%1e6, 10)
	return append(b, digits[1:]...)
}
