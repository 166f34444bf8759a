package gateway

import (
	"strconv"
	"strings"

	"github.com/sluice-gateway/sluice/cacheclient"
	"github.com/sluice-gateway/sluice/policy"
)

// CompanionCluster is the name of the host's cluster for the companion.
const CompanionCluster = "sluice_companion"

// companion is how the companion is called.
type companion struct {
	headers [][2]string // of every call, but for its path and length
	circuit cacheclient.Circuit
	outbox  *cacheclient.Outbox // nil = records are not sent there
	queue   *queue              // where workers share what they send; what it has no room for is in the outbox
}

func (g *Gateway) newCompanion() companion {
	p := g.policy.Companion
	c := companion{circuit: cacheclient.Circuit{After: p.Circuit.After, For: p.Circuit.For.Milliseconds()}}
	scheme := "http"
	if p.Endpoint.TLS {
		scheme = "https"
	}
	c.headers = [][2]string{{":method", "POST"}, {":scheme", scheme}, {":authority", p.Endpoint.Authority()}, {"accept-encoding", "identity"}}
	if g.policy.UsesCompanion() {
		g.noToken = p.CredentialEnv
	}
	if g.policy.Records.Companion {
		c.outbox = &cacheclient.Outbox{}
	}
	return c
}

// ShareRecords has decision records wait in the store in place of this machine's memory, so that
// any worker can send them. It is for before the first request.
func (g *Gateway) ShareRecords() {
	p := &g.policy.Companion
	g.companion.queue = newQueue(&g.notes, p.Endpoint.Authority()+p.Endpoint.BasePath+p.CredentialEnv)
}

// toCompanion is a call to the companion.
func (g *Gateway) toCompanion(path string, body []byte, timeout int64) *Call {
	headers := make([][2]string, 0, len(g.companion.headers)+3)
	headers = append(headers, g.companion.headers...)
	contentType := "application/json"
	if path == cacheclient.RecordsPath {
		contentType = "application/x-ndjson"
	}
	headers = append(headers, [2]string{":path", g.policy.Companion.Endpoint.BasePath + path}, [2]string{"content-type", contentType}, contentLength(int64(len(body))))
	return &Call{Cluster: CompanionCluster, Target: hostAndPort(g.policy.Companion.Endpoint), Headers: headers, Body: body, Timeout: timeout, companion: path}
}

// companionFailed notes that a call failed, and returns a line for the operator when it
// is the one after which the companion is left alone.
func (g *Gateway) companionFailed(now int64, why string) string {
	was := g.companion.circuit.Open()
	g.companion.circuit.Failed(now)
	if was || !g.companion.circuit.Open() {
		return ""
	}
	c := g.policy.Companion.Circuit
	return "the companion has failed " + strconv.Itoa(c.After) + " times in a row (" + why + "): requests go on without the cache, and it is tried again in " + policy.Written(c.For)
}

// Told brings the companion's answer to a call that no request waits for: a report's, or
// one of Records, and returns what it adds to the metrics. Its headers are none where there
// is no answer. Whatever it is, look-ups
// are made or not by how look-ups fare: another part of the companion answers them.
func (g *Gateway) Told(now int64, c *Call, h Headers) []Sample {
	status, _ := h.Get(":status")
	ok := status == "200"
	if c.untold > 0 {
		g.cache.untold -= c.untold
	}
	if c.companion == cacheclient.RecordsPath {
		if c.queued {
			g.companion.queue.sent(now, ok)
		} else {
			g.companion.outbox.Sent(now, ok)
		}
	}
	result := "ok"
	switch {
	case ok:
	case status == "":
		result = "unanswered"
	default:
		result = "refused"
	}
	action := strings.TrimPrefix(c.companion, "/v1/")
	return []Sample{{g.metric("sluice_companion_calls_total", "action", action, "result", result), 1}}
}

// Tells tells whether there may be calls that no request waits for: answers that may be kept,
// and records.
func (g *Gateway) Tells() bool { return g.cache != nil || g.companion.outbox != nil }

// HasRecords tells whether there are decision records that wait to be sent.
func (g *Gateway) HasRecords() bool { return g.companion.outbox != nil && g.companion.outbox.Waits() }

// Records is a call that brings decision records to the companion; nil where none is due.
func (g *Gateway) Records(now int64) *Call {
	if g.companion.outbox == nil {
		return nil
	}
	batch := g.companion.outbox.Batch(now)
	queued := batch == nil
	if queued {
		batch = g.companion.queue.batch(now)
	}
	if batch == nil {
		return nil
	}
	c := g.toCompanion(cacheclient.RecordsPath, batch, storeTimeout)
	c.queued = queued
	return c
}
