package mesh

import (
	"bufio"
	"bytes"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

func startKube(t *testing.T) *Kube {
	t.Helper()
	k, err := StartKube()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, k.Close()) })
	return k
}

// ask makes a request of the API, and reads all of its answer.
func ask(t *testing.T, method, url, body, accept string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Accept", accept)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	var b bytes.Buffer
	_, err = b.ReadFrom(res.Body)
	require.NoError(t, err)
	return res.StatusCode, b.String()
}

const gateway = `
apiVersion: networking.istio.io/v1beta1
kind: Gateway
metadata: {name: llm, namespace: one}
spec: {selector: {istio: x}}
---
# nothing
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: llm, namespace: two}
`

func TestObjectsAreListed(t *testing.T) {
	k := startKube(t)
	require.NoError(t, k.Apply([]byte(gateway)))
	for path, want := range map[string]string{
		"/apis/networking.istio.io/v1/gateways":                                              "one two",
		"/apis/networking.istio.io/v1/namespaces/two/gateways":                               "two",
		"/apis/networking.istio.io/v1/namespaces/two/gateways?fieldSelector=metadata.name=x": "",
		"/apis/networking.istio.io/v1/sidecars":                                              "",
		"/apis/nobody.example/v1/things":                                                     "",
	} {
		status, body := ask(t, "GET", k.URL+path, "", "application/json")
		require.Equal(t, 200, status, path)
		var names []string
		for _, item := range gjson.Get(body, "items").Array() {
			require.Equal(t, "networking.istio.io/v1", item.Get("apiVersion").Str, "in the version that was asked for")
			names = append(names, item.Get("metadata.namespace").Str)
		}
		require.Equal(t, want, strings.Join(names, " "), path)
		require.NotEmpty(t, gjson.Get(body, "metadata.resourceVersion").Str)
	}
	_, body := ask(t, "GET", k.URL+"/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")
	require.Equal(t, "PartialObjectMetadataList", gjson.Get(body, "kind").Str)
	require.Contains(t, body, `"name":"wasmplugins.extensions.istio.io"`)
}

func TestOneObject(t *testing.T) {
	k := startKube(t)
	const path = "/api/v1/namespaces/one/configmaps"
	status, _ := ask(t, "GET", k.URL+path+"/a", "", "")
	require.Equal(t, 404, status)
	for i, row := range []struct{ method, path, body string }{
		{"POST", path, `{"metadata":{"name":"a"},"data":{"x":"1"}}`},
		{"PUT", path + "/a", `{"metadata":{"name":"a","generation":7},"data":{"x":"2"}}`},
	} {
		status, body := ask(t, row.method, k.URL+row.path, row.body, "")
		require.Equal(t, 201, status)
		require.EqualValues(t, i+1, gjson.Get(body, "metadata.generation").Int())
	}
	_, body := ask(t, "GET", k.URL+path+"/a", "", "")
	require.Equal(t, "2", gjson.Get(body, "data.x").Str)
	require.Equal(t, "ConfigMap", gjson.Get(body, "kind").Str)
	status, _ = ask(t, "DELETE", k.URL+path+"/a", "", "")
	require.Equal(t, 200, status)
	for _, bad := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/api", "", 404},
		{"GET", "/api/v1/namespaces/one/pods/a/log", "", 404},
		{"PATCH", path + "/a", "", 405},
		{"POST", path, "{", 400},
		{"POST", path, "{}", 422},
		{"GET", path + "?watch=true&sendInitialEvents=true", "", 422},
	} {
		status, body := ask(t, bad.method, k.URL+bad.path, bad.body, "")
		require.Equal(t, bad.status, status, bad)
		require.Equal(t, "Failure", gjson.Get(body, "status").Str)
	}
}

// A watch has what happened after the version that a list had, and what comes.
func TestWatch(t *testing.T) {
	k := startKube(t)
	const path = "/apis/networking.istio.io/v1/gateways"
	_, list := ask(t, "GET", k.URL+path, "", "")
	require.NoError(t, k.Apply([]byte(gateway)))
	res, err := http.Get(k.URL + path + "?watch=true&resourceVersion=" + gjson.Get(list, "metadata.resourceVersion").Str)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	lines := bufio.NewScanner(res.Body)
	next := func() string {
		require.True(t, lines.Scan(), lines.Err())
		e := gjson.Parse(lines.Text())
		return e.Get("type").Str + " " + e.Get("object.metadata.namespace").Str
	}
	require.ElementsMatch(t, []string{"ADDED one", "ADDED two"}, []string{next(), next()})
	one, _, _ := strings.Cut(gateway, "---")
	require.NoError(t, k.Apply([]byte(one)))
	require.Equal(t, "MODIFIED one", next())
	require.NoError(t, k.Delete([]byte(one)))
	require.Equal(t, "DELETED one", next())

	_, past := ask(t, "GET", k.URL+path+"?watch=true&timeoutSeconds=0&resourceVersion=0", "", "")
	require.Equal(t, 4, strings.Count(past, "\n"), "a watch of the past, until its time is over")
}

func TestWhatIsNoObject(t *testing.T) {
	k := startKube(t)
	for _, bad := range []string{
		"a: [", "apiVersion: v1\nkind: Surprise\nmetadata: {name: a}", "apiVersion: v1\nkind: Pod", strings.ReplaceAll(gateway, "two", "one"),
	} {
		require.Error(t, k.Apply([]byte(bad)), bad)
	}
	require.ErrorContains(t, k.Delete([]byte("apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}")), "there is no pods b/a")
}

// The cluster has all kinds that the examples have.
func TestTheExamplesCanBeApplied(t *testing.T) {
	for _, file := range []string{"istio.yaml", "plugin/istio.yaml"} {
		text, err := os.ReadFile("../../examples/istio/" + file)
		require.NoError(t, err)
		require.NoError(t, startKube(t).Apply(text))
	}
}

// A namespace goes with all that is in it, and with nothing else.
func TestANamespaceIsDeleted(t *testing.T) {
	k := startKube(t)
	namespaces := "{apiVersion: v1, kind: Namespace, metadata: {name: one}}\n---\n{apiVersion: v1, kind: Namespace, metadata: {name: two}}\n---"
	require.NoError(t, k.Apply([]byte(namespaces+gateway)))
	require.NoError(t, k.DeleteNamespace("one"))
	for path, want := range map[string]int64{"/apis/networking.istio.io/v1/gateways": 1, "/api/v1/namespaces": 1} {
		status, body := ask(t, "GET", k.URL+path, "", "application/json")
		require.Equal(t, 200, status)
		require.Equal(t, want, gjson.Get(body, "items.#").Int(), path)
		require.NotContains(t, body, `"one"`)
	}
	require.ErrorContains(t, k.DeleteNamespace("one"), "there is no")
}
