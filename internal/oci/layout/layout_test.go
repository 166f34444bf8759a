package layout_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/internal/istiotest"
	"github.com/sluice-gateway/sluice/internal/oci/layout"
)

// someModule is one that no compressor makes small.
func someModule() []byte {
	source := rand.NewChaCha8([32]byte{1})
	module := append([]byte("\x00asm\x01\x00\x00\x00"), make([]byte, 1<<20)...)
	_, _ = source.Read(module[8:])
	return module
}

var someParts = []layout.Part{
	{Path: "example.com/A/b", Version: "v1.2.3", Checksum: "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", Licence: "MIT"},
	{Path: "stdlib", Version: "1.26.8"},
}

func written(t *testing.T) (string, layout.Digests) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "oci")
	d, err := layout.Write(dir, someModule(), someParts)
	require.NoError(t, err)
	return dir, d
}

func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			var text []byte
			text, err = os.ReadFile(path)
			name, _ := filepath.Rel(dir, path)
			all[filepath.ToSlash(name)] = string(text)
		}
		return err
	}))
	return all
}

// The same module makes the same bytes, wherever and however often it is packed.
func TestReproducible(t *testing.T) {
	one, first := written(t)
	two, second := written(t)
	require.Equal(t, first, second)
	require.Equal(t, files(t, one), files(t, two))
	again, err := layout.Write(one, someModule(), someParts)
	require.NoError(t, err)
	require.Equal(t, first, again)
	require.Equal(t, files(t, two), files(t, one))

	other := someModule()
	other[len(other)-1]++
	changed, err := layout.Write(two, other, someParts)
	require.NoError(t, err)
	require.NotEqual(t, first.Image, changed.Image)
	require.NotEqual(t, first.Artifact, changed.Artifact)
	require.NotContains(t, files(t, two), "blobs/sha256/"+first.Image, "nothing of the one before is left")
}

// Everything that is there has its checksum in SHA256SUMS, and its name where it is a blob.
func TestChecksums(t *testing.T) {
	dir, d := written(t)
	all := files(t, dir)
	var lines []string
	for name, text := range all {
		hash := sha256.Sum256([]byte(text))
		hexadecimal := hex.EncodeToString(hash[:])
		if blob, ok := strings.CutPrefix(name, "blobs/sha256/"); ok {
			require.Equal(t, blob, hexadecimal)
		}
		if name != "SHA256SUMS" {
			lines = append(lines, hexadecimal+"  "+name)
		}
	}
	require.ElementsMatch(t, lines, strings.Split(strings.TrimSpace(all["SHA256SUMS"]), "\n"))
	require.Equal(t, string(someModule()), all["sluice.wasm"])
	require.Contains(t, all["SHA256SUMS"], d.Module+"  sluice.wasm\n")
}

// The image's layer is a tar+gzip with plugin.wasm and nothing of the machine that made it.
func TestTheLayer(t *testing.T) {
	dir, d := written(t)
	all := files(t, dir)
	var manifest struct {
		Config, Layers json.RawMessage
	}
	require.NoError(t, json.Unmarshal([]byte(all["blobs/sha256/"+d.Image]), &manifest))
	var layers []struct{ MediaType, Digest string }
	require.NoError(t, json.Unmarshal(manifest.Layers, &layers))
	require.Len(t, layers, 1)
	packed, err := gzip.NewReader(strings.NewReader(all["blobs/sha256/"+strings.TrimPrefix(layers[0].Digest, "sha256:")]))
	require.NoError(t, err)
	require.True(t, packed.ModTime.IsZero())
	require.Empty(t, packed.Name)
	plain, err := io.ReadAll(packed)
	require.NoError(t, err)
	hash := sha256.Sum256(plain)
	require.Contains(t, all["blobs/sha256/"+configOf(t, manifest.Config)], `"diff_ids":["sha256:`+hex.EncodeToString(hash[:])+`"]`)
	archive := tar.NewReader(bytes.NewReader(plain))
	header, err := archive.Next()
	require.NoError(t, err)
	require.Equal(t, "plugin.wasm", header.Name)
	require.Zero(t, header.Uid+header.Gid)
	require.Zero(t, header.ModTime.Unix())
	content, err := io.ReadAll(archive)
	require.NoError(t, err)
	require.Equal(t, someModule(), content)
	_, err = archive.Next()
	require.ErrorIs(t, err, io.EOF)
}

func configOf(t *testing.T, text json.RawMessage) string {
	var d struct{ Digest string }
	require.NoError(t, json.Unmarshal(text, &d))
	return strings.TrimPrefix(d.Digest, "sha256:")
}

// registry serves a layout as one repository, "sluice": GET and HEAD of
// https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md.
// password, unless it is "", is that of somebody whom alone it serves.
func registry(t *testing.T, dir, password string) string {
	all := files(t, dir)
	var index struct {
		Manifests []struct {
			MediaType, Digest string
			Annotations       map[string]string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(all["index.json"]), &index))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v2/sluice/"), "/")
		_, shown, _ := r.BasicAuth()
		switch {
		case shown != password:
			// Istio's agent goes no further with a realm that is no URL, or one of a private address
			// (imagefetcher.go, validateRealmURL).
			w.Header().Set("WWW-Authenticate", `Basic realm="http://registry.example"`)
			http.Error(w, "who is it?", http.StatusUnauthorized)
			return
		case r.URL.Path == "/v2/":
			return
		case kind == "manifests":
			for _, m := range index.Manifests {
				if name == m.Digest || name == m.Annotations["org.opencontainers.image.ref.name"] {
					w.Header().Set("Content-Type", m.MediaType)
					w.Header().Set("Docker-Content-Digest", m.Digest)
					_, _ = io.WriteString(w, all["blobs/sha256/"+strings.TrimPrefix(m.Digest, "sha256:")])
					return
				}
			}
		case kind == "blobs":
			if text, ok := all["blobs/sha256/"+strings.TrimPrefix(name, "sha256:")]; ok {
				_, _ = io.WriteString(w, text)
				return
			}
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://") + "/sluice"
}

// Istio's own fetcher, of its agent, gets the module out of both forms, by name and by digest.
func TestIstioFetches(t *testing.T) {
	dir, d := written(t)
	repository := registry(t, dir, "")
	for _, reference := range []string{":image", ":artifact", "@sha256:" + d.Image, "@sha256:" + d.Artifact} {
		got, ok := istiotest.Validate(t, "", "fetch", repository+reference)
		require.True(t, ok, "%s: %s", reference, got)
		require.True(t, got == string(someModule()), "%s: another module than the one that was packed", reference)
	}
	got, ok := istiotest.Validate(t, "", "fetch", repository+":nothing")
	require.False(t, ok, "%s", got)
}

// A registry that wants credentials gives the module to an agent that finds them in the file
// config.json of the directory DOCKER_CONFIG, as docs/istio.md has it mounted.
func TestIstioFetchesWithCredentials(t *testing.T) {
	dir, _ := written(t)
	repository := registry(t, dir, "of the registry")
	t.Setenv("HOME", t.TempDir())
	_, ok := istiotest.Validate(t, "", "fetch", repository+":image")
	require.False(t, ok, "there are none")
	mounted := t.TempDir()
	host, _, _ := strings.Cut(repository, "/")
	secret, err := json.Marshal(map[string]any{"auths": map[string]any{host: map[string]string{"username": "gateway", "password": "of the registry"}}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(mounted, "config.json"), secret, 0o600))
	t.Setenv("DOCKER_CONFIG", mounted)
	got, ok := istiotest.Validate(t, "", "fetch", repository+":image")
	require.True(t, ok, "%.200s", got)
	require.True(t, got == string(someModule()))
}

// The SBOM has what a reader of SPDX 2.3 wants, and each part once.
func TestSBOM(t *testing.T) {
	dir, d := written(t)
	var doc struct {
		SPDXVersion, DataLicense, DocumentNamespace string
		Packages                                    []struct {
			SPDXID, Name, VersionInfo, LicenseDeclared, DownloadLocation, Comment string
			Checksums                                                             []struct{ Algorithm, ChecksumValue string }
			ExternalRefs                                                          []struct{ ReferenceLocator string }
		}
		Relationships []struct{ SPDXElementID, RelationshipType, RelatedSPDXElement string }
	}
	require.NoError(t, json.Unmarshal([]byte(files(t, dir)["sluice.spdx.json"]), &doc))
	require.Equal(t, "SPDX-2.3", doc.SPDXVersion)
	require.Equal(t, "CC0-1.0", doc.DataLicense)
	require.True(t, strings.HasSuffix(doc.DocumentNamespace, d.Module))
	require.Len(t, doc.Packages, 3)
	require.Equal(t, d.Module, doc.Packages[0].Checksums[0].ChecksumValue)
	b := doc.Packages[1]
	require.Equal(t, []string{"SPDXRef-example.com-A-b", "example.com/A/b", "v1.2.3", "MIT", "NOASSERTION", "pkg:golang/example.com/A/b@v1.2.3"},
		[]string{b.SPDXID, b.Name, b.VersionInfo, b.LicenseDeclared, b.DownloadLocation, b.ExternalRefs[0].ReferenceLocator})
	require.Contains(t, b.Comment, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
	require.Equal(t, "NOASSERTION", doc.Packages[2].LicenseDeclared, "a licence that is not known is not guessed")
	require.Len(t, doc.Relationships, 3)
}

// The module's parts are those that it imports, with what is known of each.
func TestParts(t *testing.T) {
	parts, err := layout.Parts(t.Context(), "github.com/sluice-gateway/sluice/filter")
	require.NoError(t, err)
	names := map[string]layout.Part{}
	for _, p := range parts {
		require.NotContains(t, names, p.Path)
		names[p.Path] = p
		require.NotEmpty(t, p.Licence, p.Path)
	}
	require.Contains(t, names, "github.com/sluice-gateway/sluice")
	require.Regexp(t, `^1\.[0-9]+`, names["stdlib"].Version)
	sdk := names["github.com/tetratelabs/proxy-wasm-go-sdk"]
	require.NotEmpty(t, sdk.Version)
	require.Regexp(t, `^h1:`, sdk.Checksum)
	require.NotContains(t, names, "github.com/stretchr/testify", "what the tests alone import is not in it")
}

func TestBadInput(t *testing.T) {
	_, err := layout.Write(t.TempDir(), []byte("no module"), nil)
	require.EqualError(t, err, "this is no WebAssembly module")
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "thesis.txt"), []byte("x"), 0o644))
	_, err = layout.Write(dir, someModule(), nil)
	require.ErrorContains(t, err, "has something in it that is no OCI layout")
	require.FileExists(t, filepath.Join(dir, "thesis.txt"))
}
