// Package testca makes the certificates that tests prove servers and clients with. They are
// valid from an hour ago for a day, and each is usable on both sides of a connection.
package testca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/url"
	"os"
	"strings"
	"time"
)

// Authority signs certificates.
type Authority struct {
	root *x509.Certificate
	key  crypto.Signer
}

// New makes an authority, which is its own root.
func New() *Authority {
	made := Own()
	return &Authority{made.Leaf, made.PrivateKey.(crypto.Signer)}
}

// Own makes a certificate that is its own root, for names as Issue takes them.
func Own(names ...string) tls.Certificate {
	template := template(names)
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage |= x509.KeyUsageCertSign
	return sign(template, template, nil)
}

// Issue makes a certificate for these names: of hosts, addresses, or URIs such as a
// workload's spiffe://….
func (a *Authority) Issue(names ...string) tls.Certificate {
	return sign(template(names), a.root, a.key)
}

// Pool is what trusts the authority alone.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.root)
	return pool
}

// PEM is the authority's own certificate.
func (a *Authority) PEM() []byte { return block("CERTIFICATE", a.root.Raw) }

// PEM is a certificate and its key as programs read them.
func PEM(c tls.Certificate) (certificate, key []byte) {
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	must(err)
	return block("CERTIFICATE", c.Certificate[0]), block("PRIVATE KEY", der)
}

// Write writes PEM's two parts into files at path, with .pem and .key after it.
func Write(path string, c tls.Certificate) (certificate, key string, err error) {
	text, secret := PEM(c)
	certificate, key = path+".pem", path+".key"
	if err = os.WriteFile(certificate, text, 0o600); err == nil {
		err = os.WriteFile(key, secret, 0o600)
	}
	return certificate, key, err
}

func template(names []string) *x509.Certificate {
	serial := big.NewInt(time.Now().UnixNano())
	made := &x509.Certificate{
		SerialNumber: serial,
		// OpenSSL and its kin find an issuer by its name: one that others do not have.
		Subject:     pkix.Name{CommonName: serial.String()},
		NotBefore:   time.Now().Add(-time.Hour),
		NotAfter:    time.Now().Add(24 * time.Hour),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, name := range names {
		switch ip := net.ParseIP(name); {
		case ip != nil:
			made.IPAddresses = append(made.IPAddresses, ip)
		case strings.Contains(name, "://"):
			uri, err := url.Parse(name)
			must(err)
			made.URIs = append(made.URIs, uri)
		default:
			made.DNSNames = append(made.DNSNames, name)
		}
	}
	return made
}

// sign has a certificate signed by its parent's key; none is its own.
func sign(template, parent *x509.Certificate, by crypto.Signer) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	if by == nil {
		by = key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by)
	must(err)
	leaf, err := x509.ParseCertificate(der)
	must(err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// must ends a run whose certificates cannot be made: the templates are this package's own.
func must(err error) {
	if err != nil {
		panic("testca: " + err.Error())
	}
}
