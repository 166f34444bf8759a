package companion

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// contract is openapi.yaml, whose schemas are JSON Schema 2020-12 as they stand.
type contract struct {
	document map[string]any
	compiler *jsonschema.Compiler
}

func readContract(t testing.TB) *contract {
	var document map[string]any
	require.NoError(t, yaml.Unmarshal(openAPI, &document))
	asJSON, err := json.Marshal(document)
	require.NoError(t, err)
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	require.NoError(t, c.AddResource("openapi.json", parsed))
	return &contract{document, c}
}

// at follows a path of members, and references on the way, and returns the JSON pointer of
// what is there.
func (c *contract) at(pointer string, names ...string) (value any, where string) {
	value, where = c.resolve(pointer)
	for _, name := range names {
		m, ok := value.(map[string]any)
		if !ok || m[name] == nil {
			return nil, ""
		}
		value, where = c.resolve(where + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
	}
	return value, where
}

func (c *contract) resolve(pointer string) (any, string) {
	var value any = c.document
	for _, name := range strings.Split(strings.TrimPrefix(pointer, "#/"), "/") {
		value = value.(map[string]any)[strings.NewReplacer("~1", "/", "~0", "~").Replace(name)]
	}
	if m, ok := value.(map[string]any); ok && len(m) == 1 {
		if ref, ok := m["$ref"].(string); ok {
			return c.resolve(ref)
		}
	}
	return value, pointer
}

func (c *contract) valid(t testing.TB, where string, instance any) error {
	schema, err := c.compiler.Compile("openapi.json" + where)
	require.NoError(t, err, where)
	return schema.Validate(instance)
}

func (c *contract) text(t testing.TB, where string, body []byte) error {
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	require.NoError(t, err, "%s", body)
	return c.valid(t, where, instance)
}

// hold holds a call and its answer to the document. A call that was answered with 200 was
// as the document has it; the document has every answer and every header that is ours.
func (c *contract) hold(t testing.TB, method, path, contentType string, body []byte, got *answer) {
	t.Helper()
	operation, where := c.at("#/paths", path, strings.ToLower(method))
	if operation == nil {
		require.Contains(t, []int{http.StatusNotFound, http.StatusMethodNotAllowed}, got.status, "%s %s", method, path)
		_, where = c.at("#/components/responses/Error", "content", "application/json", "schema")
		require.NoError(t, c.text(t, where, got.body))
		return
	}
	if media, _, _ := mime.ParseMediaType(contentType); got.status < 300 && len(body) > 0 {
		schema, at := c.at(where, "requestBody", "content", media, "schema")
		require.NotNil(t, schema, "%s %s takes no %s", method, path, media)
		if media == "application/json" {
			require.NoError(t, c.text(t, at, body), "%s", body)
		}
	}
	response, at := c.at(where, "responses", strconv.Itoa(got.status))
	require.NotNil(t, response, "%s %s: %d is not in openapi.yaml: %s", method, path, got.status, got.body)
	headers, _ := response.(map[string]any)["headers"].(map[string]any)
	for name, values := range got.header {
		if name = strings.ToLower(name); !strings.HasPrefix(name, "x-sluice-") {
			continue
		}
		schema, header := c.at(at, "headers", name, "schema")
		require.NotNil(t, schema, "%s %s: header %s is not in openapi.yaml", method, path, name)
		require.NoError(t, c.valid(t, header, values[0]), name)
	}
	for name := range headers {
		if required, _ := c.at(at, "headers", name, "required"); required == true {
			require.NotEmpty(t, got.header.Get(name), name)
		}
	}
	media, _, _ := mime.ParseMediaType(got.header.Get("content-type"))
	if len(got.body) == 0 {
		return
	}
	content, _ := c.at(at, "content", media)
	require.NotNil(t, content, "%s %s: %s is not in openapi.yaml", method, path, media)
	if media == "application/json" {
		_, schema := c.at(at, "content", media, "schema")
		require.NoError(t, c.text(t, schema, got.body), "%s", got.body)
	}
}

// The document has the calls that there are, and no others, and says which are open.
func TestTheDocumentHasEveryCall(t *testing.T) {
	c := readContract(t)
	var documented []string
	paths := c.document["paths"].(map[string]any)
	for path, operations := range paths {
		for method, operation := range operations.(map[string]any) {
			open := ""
			if _, has := operation.(map[string]any)["security"]; has {
				open = " open"
			}
			documented = append(documented, strings.ToUpper(method)+" "+path+open)
		}
	}
	var served []string
	for _, r := range routes {
		open := ""
		if r.open {
			open = " open"
		}
		served = append(served, r.method+" "+r.path+open)
	}
	slices.Sort(documented)
	slices.Sort(served)
	require.Equal(t, documented, served)
}

// Every schema of the document compiles, and its limits are those of the code.
func TestTheDocumentsSchemas(t *testing.T) {
	c := readContract(t)
	for name := range c.document["components"].(map[string]any)["schemas"].(map[string]any) {
		_, err := c.compiler.Compile("openapi.json#/components/schemas/" + name)
		require.NoError(t, err, name)
	}
	s := serve(t)
	require.Equal(t, openAPI, s.call("GET", "/openapi.yaml", "").body)
}
