package layout

import (
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"
)

// SBOM says in SPDX 2.3 (https://spdx.github.io/spdx-spec/v2.3/) what a module with this
// SHA-256 is made of. Its time is the epoch, so that the same module has the same SBOM.
func SBOM(module string, parts []Part) any {
	const self = "SPDXRef-sluice.wasm"
	packages := []any{map[string]any{
		"SPDXID": self, "name": "sluice.wasm", "packageFileName": "sluice.wasm",
		"checksums":        []any{map[string]string{"algorithm": "SHA256", "checksumValue": module}},
		"downloadLocation": nothing, "filesAnalyzed": false,
		"licenseConcluded": nothing, "licenseDeclared": "Apache-2.0", "copyrightText": nothing,
		"primaryPackagePurpose": "APPLICATION",
	}}
	relations := []any{map[string]string{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": self}}
	for _, p := range parts {
		id := "SPDXRef-" + notInID.ReplaceAllString(p.Path, "-")
		about := map[string]any{
			"SPDXID": id, "name": p.Path, "downloadLocation": nothing, "filesAnalyzed": false,
			"licenseConcluded": nothing, "licenseDeclared": nothing, "copyrightText": nothing,
		}
		if p.Licence != "" {
			about["licenseDeclared"] = p.Licence
		}
		locator := "pkg:golang/" + p.Path
		if p.Version != "" {
			about["versionInfo"] = p.Version
			locator += "@" + p.Version
		}
		about["externalRefs"] = []any{map[string]string{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": locator}}
		if p.Checksum != "" {
			// https://go.dev/ref/mod#go-sum-files: a SHA-256 of the files' own, which is not
			// that of the zip.
			about["comment"] = "go.sum: " + p.Checksum + " (" + hexadecimal(p.Checksum) + ")"
		}
		packages = append(packages, about)
		relations = append(relations, map[string]string{"spdxElementId": self, "relationshipType": "GENERATED_FROM", "relatedSpdxElement": id})
	}
	return map[string]any{
		"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "sluice.wasm",
		"documentNamespace": "https://github.com/sluice-gateway/sluice/sbom/" + module,
		"creationInfo":      map[string]any{"created": "1970-01-01T00:00:00Z", "creators": []string{"Tool: sluice-internal-oci"}},
		"packages":          packages,
		"relationships":     relations,
	}
}

const nothing = "NOASSERTION"

var notInID = regexp.MustCompile(`[^a-zA-Z0-9.]+`)

func hexadecimal(h1 string) string {
	bytes, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(h1, "h1:"))
	if err != nil {
		return "not base64"
	}
	return hex.EncodeToString(bytes)
}
