package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// certificate is what providers over TLS prove themselves with, by their address, named
// what one does whose endpoint has a name, stranger what nobody trusts, and roots the file
// that gateways verify them with.
var (
	certificate, named, stranger tls.Certificate
	roots                        string
)

// makeCertificates makes certificates that are their own roots.
func makeCertificates(dir string) (err error) {
	if certificate, err = makeCertificate(x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}); err != nil {
		return err
	}
	if named, err = makeCertificate(x509.Certificate{DNSNames: []string{"localhost"}}); err != nil {
		return err
	}
	if stranger, err = makeCertificate(x509.Certificate{DNSNames: []string{"localhost"}}); err != nil {
		return err
	}
	roots = filepath.Join(dir, "e2e-roots.pem")
	var text []byte
	for _, c := range []tls.Certificate{certificate, named} {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]})...)
	}
	return os.WriteFile(roots, text, 0o600)
}

func makeCertificate(template x509.Certificate) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	// OpenSSL and its kin find an issuer by its name: one that others do not have.
	template.Subject = pkix.Name{CommonName: template.SerialNumber.String()}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	made, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{made}, PrivateKey: key}, err
}
