package e2e

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"slices"

	"github.com/sluice-gateway/sluice/internal/testca"
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
	certificate, named, stranger = testca.Own("127.0.0.1"), testca.Own("localhost"), testca.Own("localhost")
	if trusted, err = writePEM(dir, "e2e-trusted", certificate); err != nil {
		return err
	}
	if untrusted, err = writePEM(dir, "e2e-untrusted", stranger); err != nil {
		return err
	}
	first, _ := testca.PEM(certificate)
	second, _ := testca.PEM(named)
	roots = filepath.Join(dir, "e2e-roots.pem")
	return os.WriteFile(roots, slices.Concat(first, second), 0o600)
}

func writePEM(dir, name string, c tls.Certificate) (files pemFiles, err error) {
	files.certificate, files.key, err = testca.Write(filepath.Join(dir, name), c)
	return files, err
}
