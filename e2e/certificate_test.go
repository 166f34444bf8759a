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
// that gateways verify them with. The companion proves itself as providers do, and gateways
// prove themselves to it with that same certificate, which is its own root.
var (
	certificate, named, stranger tls.Certificate
	roots                        string
	trusted, untrusted           pemFiles // certificate, stranger
)

// pemFiles are a certificate and its key as programs read them.
type pemFiles struct{ certificate, key string }

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
	if trusted, err = writePEM(dir, "e2e-trusted", certificate); err != nil {
		return err
	}
	if untrusted, err = writePEM(dir, "e2e-untrusted", stranger); err != nil {
		return err
	}
	return os.WriteFile(roots, text, 0o600)
}

func writePEM(dir, name string, c tls.Certificate) (pemFiles, error) {
	files := pemFiles{filepath.Join(dir, name+".pem"), filepath.Join(dir, name+".key")}
	key, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		return files, err
	}
	if err := os.WriteFile(files.certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]}), 0o600); err != nil {
		return files, err
	}
	return files, os.WriteFile(files.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), 0o600)
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
