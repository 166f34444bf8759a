package guard

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/sluice-gateway/sluice/policy"
)

// endpoint is where a service is called.
type endpoint struct {
	url        string
	credential string // "" = none
	client     *http.Client
	places     places
}

func newEndpoint(s *policy.Service, credential, path string) *endpoint {
	scheme := "http://"
	if s.Endpoint.TLS {
		scheme = "https://"
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxConnsPerHost, transport.MaxIdleConnsPerHost = requestsAtOnce, requestsAtOnce
	transport.MaxResponseHeaderBytes = 64 << 10
	transport.IdleConnTimeout = 30 * time.Second
	return &endpoint{url: scheme + s.Endpoint.Authority() + s.Endpoint.BasePath + path, credential: credential, places: newPlaces(),
		client: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // the texts and the credential go nowhere else
		}}}
}

// post sends a value as JSON and reads the one that comes back. Members that to does not
// have are passed over: services add to their answers.
func (e *endpoint) post(ctx context.Context, value, to any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if err := e.places.enter(ctx); err != nil {
		return err
	}
	defer e.places.leave()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("content-type", "application/json")
	request.Header.Set("accept", "application/json")
	// A value of no length is not sent, but tells net/http that asking twice does no harm: a
	// kept connection that the service has closed meanwhile is then replaced by a new one.
	request.Header["Idempotency-Key"] = []string{}
	if e.credential != "" {
		request.Header.Set("authorization", "Bearer "+e.credential)
	}
	response, err := e.client.Do(request)
	if err != nil {
		return &Failure{Cause: Failed, Reason: "no answer came", err: ofTheNetwork(err), away: true}
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		// What it says of an error is not read: it may quote the texts.
		return &Failure{Cause: Failed, Reason: fmt.Sprintf("status %d", response.StatusCode), away: slices.Contains(away, response.StatusCode)}
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return &Failure{Cause: Failed, Reason: fmt.Sprintf("the answer broke off after %d bytes", len(answer)), err: ofTheNetwork(err), away: true}
	case len(answer) > maxAnswer:
		return fmt.Errorf("more than %d bytes", maxAnswer)
	}
	if err := json.Unmarshal(answer, to); err != nil {
		return fmt.Errorf("%d bytes: %s", len(answer), unquoted(err))
	}
	return nil
}

// away are the statuses of a service that has no time, or of what stands in front of one that
// is not there.
var away = []int{http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}

// ofTheNetwork is the part of an error that is of connections and certificates. The others
// of net/http quote what a service has sent.
func ofTheNetwork(err error) error {
	var connection *net.OpError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &connection):
		return connection
	case errors.As(err, &certificate):
		return certificate
	}
	return nil
}

// unquoted says what is wrong with a JSON text without a word of it, which the errors of
// encoding/json may have.
func unquoted(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("no JSON from byte %d on", syntax.Offset)
	case errors.As(err, &kind):
		return fmt.Sprintf("a value of another type at byte %d", kind.Offset)
	}
	return "no JSON that is understood"
}
