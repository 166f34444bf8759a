// Package layout writes an OCI image layout with the module in the two forms that Istio reads
// (istio.io/istio/pkg/wasm/imagefetcher.go, of v0.0.0-20260827124520-eed52ebb66ad):
//
//	image     one layer, a tar+gzip with plugin.wasm: the "compat" variant of solo.io's
//	          Wasm Artifact Image Specification, which Envoy Gateway and Kuma read too
//	artifact  two layers, one of them the module as it is: the "oci" variant. Istio wants
//	          exactly two; the other is the SBOM
//
// The same module and the same parts make the same bytes: no time, user or path is in them.
package layout

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Media types: https://github.com/opencontainers/image-spec/blob/v1.1.1/media-types.md, and
// https://github.com/solo-io/wasm/blob/master/spec/spec.md for the last two but one.
const (
	indexType       = "application/vnd.oci.image.index.v1+json"
	manifestType    = "application/vnd.oci.image.manifest.v1+json"
	imageConfigType = "application/vnd.oci.image.config.v1+json"
	imageLayerType  = "application/vnd.oci.image.layer.v1.tar+gzip"
	wasmConfigType  = "application/vnd.module.wasm.config.v1+json"
	wasmLayerType   = "application/vnd.module.wasm.content.layer.v1+wasm"
	spdxType        = "application/spdx+json"
)

// The names of the manifests in the index.
const (
	ImageName    = "image"
	ArtifactName = "artifact"
)

// Digests are SHA-256, in hexadecimal digits.
type Digests struct {
	Module          string // of the module itself
	Image, Artifact string // of the manifests: what a registry calls them by
}

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

type manifest struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType"`
	Config        descriptor        `json:"config"`
	Layers        []descriptor      `json:"layers"`
	Annotations   map[string]string `json:"annotations,omitempty"`
}

// Write writes the layout, the module, its SBOM and SHA256SUMS into a directory, which it
// replaces.
func Write(dir string, module []byte, parts []Part) (Digests, error) {
	if !bytes.HasPrefix(module, []byte("\x00asm\x01\x00\x00\x00")) {
		return Digests{}, errors.New("this is no WebAssembly module")
	}
	if err := clear(dir); err != nil {
		return Digests{}, err
	}
	w := &writer{dir: dir}
	d := Digests{Module: sum(module)}
	sbom, err := encode(SBOM(d.Module, parts))
	if err != nil {
		return d, err
	}
	image, err := w.image(module)
	if err != nil {
		return d, err
	}
	artifact, err := w.artifact(module, sbom)
	if err != nil {
		return d, err
	}
	d.Image, d.Artifact = strings.TrimPrefix(image.Digest, "sha256:"), strings.TrimPrefix(artifact.Digest, "sha256:")
	index, err := encode(map[string]any{"schemaVersion": 2, "mediaType": indexType, "manifests": []descriptor{image, artifact}})
	if err != nil {
		return d, err
	}
	for name, content := range map[string][]byte{
		"oci-layout": []byte(`{"imageLayoutVersion":"1.0.0"}`), "index.json": index, "sluice.wasm": module, "sluice.spdx.json": sbom,
	} {
		if err := w.file(name, content); err != nil {
			return d, err
		}
	}
	return d, os.WriteFile(filepath.Join(dir, "SHA256SUMS"), w.sums(), 0o644)
}

// clear makes room for a layout, and takes away nothing that is none.
func clear(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, "oci-layout")); err != nil {
		return fmt.Errorf("%s has something in it that is no OCI layout: name another directory, or remove it", dir)
	}
	return os.RemoveAll(dir)
}

// image is the module as a container image of one file.
func (w *writer) image(module []byte) (descriptor, error) {
	var plain bytes.Buffer
	archive := tar.NewWriter(&plain)
	if err := archive.WriteHeader(&tar.Header{Name: "plugin.wasm", Mode: 0o644, Size: int64(len(module)), Format: tar.FormatUSTAR}); err != nil {
		return descriptor{}, err
	}
	if _, err := archive.Write(module); err != nil {
		return descriptor{}, err
	}
	if err := archive.Close(); err != nil {
		return descriptor{}, err
	}
	var packed bytes.Buffer
	compressor, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return descriptor{}, err
	}
	if _, err := compressor.Write(plain.Bytes()); err != nil {
		return descriptor{}, err
	}
	if err := compressor.Close(); err != nil {
		return descriptor{}, err
	}
	config, err := encode(map[string]any{
		"architecture": "wasm", "os": "wasip1",
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + sum(plain.Bytes())}},
	})
	if err != nil {
		return descriptor{}, err
	}
	return w.manifest(ImageName, blob{imageConfigType, config, ""}, blob{imageLayerType, packed.Bytes(), ""})
}

// artifact is the module as it is, with its SBOM.
func (w *writer) artifact(module, sbom []byte) (descriptor, error) {
	config, err := encode(map[string]any{"type": "envoy_proxy", "abiVersions": []string{"v0-2-0"}})
	if err != nil {
		return descriptor{}, err
	}
	return w.manifest(ArtifactName, blob{wasmConfigType, config, ""}, blob{wasmLayerType, module, "plugin.wasm"}, blob{spdxType, sbom, "sluice.spdx.json"})
}

// writer writes files and remembers their checksums.
type writer struct {
	dir   string
	lines []string
}

type blob struct {
	mediaType string
	content   []byte
	title     string
}

func (w *writer) blob(b blob) (descriptor, error) {
	d := descriptor{MediaType: b.mediaType, Digest: "sha256:" + sum(b.content), Size: len(b.content)}
	if b.title != "" {
		d.Annotations = map[string]string{"org.opencontainers.image.title": b.title}
	}
	return d, w.file(filepath.Join("blobs", "sha256", sum(b.content)), b.content)
}

func (w *writer) manifest(name string, config blob, layers ...blob) (descriptor, error) {
	m := manifest{SchemaVersion: 2, MediaType: manifestType, Annotations: map[string]string{
		"org.opencontainers.image.title":    "sluice",
		"org.opencontainers.image.licenses": "Apache-2.0",
	}}
	var err error
	if m.Config, err = w.blob(config); err != nil {
		return descriptor{}, err
	}
	for _, l := range layers {
		d, err := w.blob(l)
		if err != nil {
			return descriptor{}, err
		}
		m.Layers = append(m.Layers, d)
	}
	text, err := encode(m)
	if err != nil {
		return descriptor{}, err
	}
	d, err := w.blob(blob{manifestType, text, ""})
	d.Annotations = map[string]string{"org.opencontainers.image.ref.name": name}
	return d, err
}

func (w *writer) file(name string, content []byte) error {
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	line := sum(content) + "  " + filepath.ToSlash(name) + "\n"
	if !slices.Contains(w.lines, line) {
		w.lines = append(w.lines, line)
	}
	return os.WriteFile(path, content, 0o644)
}

// sums is what `sha256sum -c` reads, by name.
func (w *writer) sums() []byte {
	slices.SortFunc(w.lines, func(a, b string) int { return strings.Compare(a[64:], b[64:]) })
	return []byte(strings.Join(w.lines, ""))
}

func sum(content []byte) string {
	s := sha256.Sum256(content)
	return hex.EncodeToString(s[:])
}

// encode writes JSON with the members of maps in the order of their names.
func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimRight(out.Bytes(), "\n"), err
}
