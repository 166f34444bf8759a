package companion

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"
)

// Listening is where and how a server listens.
type Listening struct {
	Address                   string // host and port
	CertFile, KeyFile, CAFile string // "" = no TLS; no certificates of clients
	Token                     bool   // callers have to show one
}

// Listen opens the listener. One that others than this machine can reach needs a token or
// certificates of clients.
func Listen(l Listening) (net.Listener, error) {
	host, _, err := net.SplitHostPort(l.Address)
	if err != nil {
		return nil, fmt.Errorf("companion: listen on %q: %w", l.Address, err)
	}
	if l.CAFile != "" && l.CertFile == "" {
		return nil, errors.New("companion: certificates of clients need --tls-cert and --tls-key")
	}
	if (l.CertFile == "") != (l.KeyFile == "") {
		return nil, errors.New("companion: --tls-cert and --tls-key go together")
	}
	if !l.Token && l.CAFile == "" && !loopback(host) {
		return nil, fmt.Errorf("companion: listen on %q: without a token or --client-ca only 127.0.0.1, [::1] and localhost are served: anybody who can reach it could read and write answers", l.Address)
	}
	var secure *tls.Config
	if l.CertFile != "" {
		if secure, err = tlsConfig(l); err != nil {
			return nil, err
		}
	}
	listener, err := net.Listen("tcp", l.Address)
	if err != nil {
		return nil, fmt.Errorf("companion: %w", err)
	}
	if secure != nil {
		listener = tls.NewListener(listener, secure)
	}
	return listener, nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// tlsConfig verifies the certificates of clients that show one. Whether a call needs one is
// asked for each call, so that probes and scrapers come without.
func tlsConfig(l Listening) (*tls.Config, error) {
	cert, err := tls.LoadX509KeyPair(l.CertFile, l.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("companion: certificate: %w", err)
	}
	c := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
	if l.CAFile == "" {
		return c, nil
	}
	pem, err := os.ReadFile(l.CAFile)
	if err != nil {
		return nil, fmt.Errorf("companion: client CA: %w", err)
	}
	c.ClientCAs, c.ClientAuth = x509.NewCertPool(), tls.VerifyClientCertIfGiven
	if !c.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("companion: %s has no certificate", l.CAFile)
	}
	return c, nil
}

// The times of a connection. A look-up may wait for a minute, and is not cut before; what
// takes longer than these is no gateway.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 2 * time.Minute
	idleTimeout   = 5 * time.Minute
	maxHeader     = 16 << 10
	// stopWithin is how long calls under way may take when the service stops. Those that
	// wait for an answer are let go at once.
	stopWithin = 10 * time.Second
	// pruneEvery is how often the ledger forgets what is too old.
	pruneEvery = time.Hour
)

// streamsAtOnce is how many calls one connection may have under way: those that wait are
// bounded by Limits, and not by the protocol.
const streamsAtOnce = 10_000

// protocols are HTTP/1.1 and HTTP/2, the latter without TLS as well (RFC 9113, section 3.3),
// which is how a gateway on the same machine calls.
func protocols() *http.Protocols {
	var p http.Protocols
	p.SetHTTP1(true)
	p.SetHTTP2(true)
	p.SetUnencryptedHTTP2(true)
	return &p
}

// Serve serves until the context is over, and then lets calls under way come to their end.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{Handler: s, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		Protocols: protocols(), HTTP2: &http.HTTP2Config{MaxConcurrentStreams: streamsAtOnce},
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelWarn)}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	prune := time.NewTicker(pruneEvery)
	defer prune.Stop()
	s.prune(ctx)
	for {
		select {
		case err := <-ended:
			return fmt.Errorf("companion: %w", err)
		case <-prune.C:
			s.prune(ctx)
		case <-ctx.Done():
			s.Stopping()
			s.engine.Release()
			within, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
			defer cancel()
			if err := server.Shutdown(within); err != nil {
				s.log.Warn("calls under way were cut", "after", stopWithin)
				server.Close()
			}
			return nil
		}
	}
}

func (s *Server) prune(ctx context.Context) {
	if s.ledger == nil {
		return
	}
	if _, err := s.ledger.Prune(ctx, s.c.Now()); err != nil && ctx.Err() == nil {
		s.metrics.Failed("ledger", "prune", err)
	}
}
