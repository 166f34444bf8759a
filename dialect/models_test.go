package dialect

import (
	"context"
	"net/http"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/policy"
)

func TestAsksForModels(t *testing.T) {
	for _, c := range []struct {
		method, path, model string
		asks                bool
	}{
		{"GET", "/v1/models", "", true},
		{"GET", "/v1/models?limit=1000", "", true},
		{"GET", "/v1/models/gpt-4o", "gpt-4o", true},
		{"GET", "/v1/models/gpt-4o?x", "gpt-4o", true},
		{"GET", "/v1/models/house/best", "house/best", true},
		{"GET", "/v1/models/house%2Fbest", "house/best", true},
		{"GET", "/v1/models/", "", false},
		{"GET", "/v1/models2", "", false},
		{"GET", "/v1/model", "", false},
		{"POST", "/v1/models", "", false},
		{"DELETE", "/v1/models/ft", "", false},
	} {
		model, asks := AsksForModels(c.method, c.path)
		require.Equal(t, c.asks, asks, c.path)
		require.Equal(t, c.model, model, c.path)
	}
}

// Both clients read the list, and one model of it.
func TestModelsInTheClients(t *testing.T) {
	names := []string{"house", "a\"b"}
	json := [][2]string{{"content-type", "application/json"}}
	openAI := openAIClient(serve(t, http.StatusOK, json, Models(policy.OpenAI, names, "")))
	page, err := openAI.Models.List(context.Background())
	require.NoError(t, err)
	require.Equal(t, "list", page.Object)
	require.Len(t, page.Data, 2)
	require.Equal(t, names[1], page.Data[1].ID)
	openAI = openAIClient(serve(t, http.StatusOK, json, Models(policy.OpenAI, names, "house")))
	one, err := openAI.Models.Get(context.Background(), "house")
	require.NoError(t, err)
	require.Equal(t, "house", one.ID)

	claude := anthropicClient(serve(t, http.StatusOK, json, Models(policy.Anthropic, names, "")))
	list, err := claude.Models.List(context.Background(), anthropic.ModelListParams{})
	require.NoError(t, err)
	require.Equal(t, names[1], list.Data[1].DisplayName)
	require.False(t, list.HasMore)
	require.Equal(t, names[0], list.FirstID)
	require.Equal(t, names[1], list.LastID)
	claude = anthropicClient(serve(t, http.StatusOK, json, Models(policy.Anthropic, names, "house")))
	model, err := claude.Models.Get(context.Background(), "house", anthropic.ModelGetParams{})
	require.NoError(t, err)
	require.EqualValues(t, 0, model.CreatedAt.Unix())
}
