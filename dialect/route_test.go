package dialect

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		method, path string
		op           Op
		reading      Reading
	}{
		{"POST", "/v1/chat/completions", ChatCompletions, Call},
		{"POST", "/v1/completions", Completions, Call},
		{"POST", "/v1/embeddings", Embeddings, Call},
		{"POST", "/v1/messages", Messages, Call},
		{"POST", "/v1/messages?beta=true", Messages, Call}, // anthropic's own beta clients
		{"POST", "/v1/chat/completions?", ChatCompletions, Call},
		{"POST", "/v1/chat/completions#top", ChatCompletions, Call},
		{"POST", "/v1/chat/completions?next=/v1/models", ChatCompletions, Call},

		{"POST", "/v1/responses", Responses, Call},
		{"POST", "/v1/responses?x", Responses, Call},
		{"POST", "/v1//responses", Responses, Disguised},
		{"POST", "/v1/responses/compact", NoOp, Unbuilt},
		{"POST", "/v1/responses/x/%2e%2e/compact", NoOp, Unbuilt},
		{"POST", "/v1/messages/batches", NoOp, Unbuilt},

		{"GET", "/v1/chat/completions", NoOp, Other}, // the list of stored ones
		{"GET", "/v1/models", NoOp, Other},
		{"DELETE", "/v1/responses", NoOp, Other},
		{"GET", "/v1/responses/resp_1?stream=true", NoOp, Other},
		{"POST", "/v1/responses/resp_1/cancel", NoOp, Other},
		{"POST", "/v1/responses/input_tokens", NoOp, Other},
		{"POST", "/v1/messages/count_tokens", NoOp, Other},
		{"POST", "/v1/files", NoOp, Other},
		{"POST", "/v1/chat/completions/chatcmpl-1", NoOp, Other},
		{"POST", "/v1/chat", NoOp, Other},
		{"POST", "/", NoOp, Other},
		{"POST", "", NoOp, Other},
		{"POST", "*", NoOp, Other},
		{"POST", "v1/chat/completions", NoOp, Other},
		{"POST", "/v1/x?p=/v1/chat/completions", NoOp, Other},
		{"POST", "/x/v1/chat/completions", NoOp, Other},
		{"POST", "/v1/messages/../models", NoOp, Other},
		{"POST", "/%zz/%2/%", NoOp, Other},

		{"POST", "//v1/chat/completions", ChatCompletions, Disguised},
		{"POST", "/v1//chat///completions", ChatCompletions, Disguised},
		{"POST", "/v1/chat/completions/", ChatCompletions, Disguised},
		{"POST", "/v1/./chat/completions", ChatCompletions, Disguised},
		{"POST", "/v1/chat/completions/.", ChatCompletions, Disguised},
		{"POST", "/v1/models/../chat/completions", ChatCompletions, Disguised},
		{"POST", "/../../v1/chat/completions", ChatCompletions, Disguised},
		{"POST", "/v1/x/..;y=1/chat/completions", ChatCompletions, Disguised},
		{"POST", "/v1/chat;a=b/completions;c", ChatCompletions, Disguised},
		{"POST", "/V1/Chat/COMPLETIONS", ChatCompletions, Disguised},
		{"POST", "/v1/chat%2fcompletions", ChatCompletions, Disguised},
		{"POST", "/v1/chat%2Fcompletions?x=1", ChatCompletions, Disguised},
		{"POST", "/v1/chat%252fcompletions", ChatCompletions, Disguised},
		{"POST", "/v1/%63hat/completions", ChatCompletions, Disguised},
		{"POST", "/v1/%2563hat/completions", ChatCompletions, Disguised},
		{"POST", "/v1/%252525252563hat/completions", ChatCompletions, Disguised},
		{"POST", "/v1/%%36%33hat/completions", ChatCompletions, Disguised},
		{"POST", "/v1/%2e%2e/v1/messages", Messages, Disguised},
		{"POST", "/v1/x/%252e%252e/messages", Messages, Disguised},
		{"POST", `/v1\chat\completions`, ChatCompletions, Disguised},
		{"POST", "/v1%5cchat/completions", ChatCompletions, Disguised},
		{"POST", "/v1/messages%3Fbeta=true", Messages, Disguised},
		{"POST", "/v1/messages%23x", Messages, Disguised},
		{"POST", "/v1/messages%00.json", Messages, Disguised},
		{"POST", "/v1/messages%20", Messages, Disguised},
		{"POST", "/v1/messages%0d%0a", Messages, Disguised},
		{"POST", "/v1/messages%7f", Messages, Disguised},
		{"POST", "/v1/embeddings;v=2", Embeddings, Disguised},
	} {
		op, reading := Classify(c.method, c.path)
		require.Equal(t, c.reading, reading, "%s %s", c.method, c.path)
		require.Equal(t, c.op, op, "%s %s", c.method, c.path)
	}
}

func TestPrompts(t *testing.T) {
	for path, want := range map[string]bool{
		"/v1/messages/count_tokens":                           true,
		"/v1/messages/count_tokens?beta=true":                 true,
		"/v1/messages/Count_Tokens/":                          true,
		"/v1/messages/count%5ftokens":                         true,
		"/v1/messages/count_tokens;x=1":                       true,
		"/v1/responses/input_tokens":                          true,
		"/v1/moderations":                                     true,
		"/openai/deployments/x/chat/completions":              true,
		"/openai/deployments/x/embeddings?api-version=1":      true,
		"/v1/threads/t/messages":                              true,
		"/api/chat":                                           true,
		"/v1/conversations":                                   true,
		"/v1/conversations/conv_1/items":                      true,
		"/v1/threads/runs":                                    true,
		"/v1/chat/completions.json":                           true,
		"/v1/rerank":                                          true,
		"/model/anthropic.claude-v2%3A1/converse":             true,
		"/v1beta/models/gemini:generateContent":               true,
		"/v1beta/models/gemini:streamGenerateContent?alt=sse": true,
		"/v1beta/models/gemini:countTokens":                   true,
		"/v1beta/models/embedding-1:batchEmbedContents":       true,
		"/v1/publishers/anthropic/models/c:streamRawPredict":  true,
		"/completion":                                         true,
		"/infill":                                             true,
		"/v1/threads":                                         true,
		"/v1/threads/t":                                       false,
		"/v1/realtime?model=gpt-realtime":                     true,
		"/v1/images/generations":                              false,
		"/v1/files":                                           false,
		"/v1/batches":                                         false,
		"/v1/models":                                          false,
		"/v1/chat/completions/chatcmpl-1":                     false,
		"/v1/responses/resp_1/cancel":                         false,
		"/v1/completions%20messages":                          true,
		"/v1/chat completions":                                true,
		"/":                                                   false,
		"":                                                    false,
		"/v1/audio/speech?x=/v1/messages":                     false,
		"/ ":                                                  false,
	} {
		require.Equal(t, want, Prompts(path), path)
	}
}

// However a path is encoded, and however often, it is never taken for another one
// and let by.
func TestClassifySeesThroughEveryEncoding(t *testing.T) {
	const plain = "/v1/chat/completions"
	encode := func(s string) string {
		var out strings.Builder
		for i := range len(s) {
			out.WriteByte('%')
			out.WriteByte("0123456789abcdef"[s[i]>>4])
			out.WriteByte("0123456789ABCDEF"[s[i]&15])
		}
		return out.String()
	}
	for from := 1; from < len(plain); from++ {
		for to := from + 1; to <= len(plain); to++ {
			path := plain
			for range 3 {
				path = path[:from] + encode(path[from:to]) + path[to:]
				op, reading := Classify("POST", path)
				require.Equal(t, Disguised, reading, path)
				require.Equal(t, ChatCompletions, op, path)
			}
		}
	}
}

func FuzzNormalise(f *testing.F) {
	for _, path := range []string{"/v1/chat/completions", "/a/../b/./c//d/", "/%2525", "%", "/a;b/..;c/", `\\x\..\`, "/..", "x", "/%%34%31"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		out := string(normalise(path))
		require.LessOrEqual(t, len(out), len(path))
		require.Equal(t, out, string(normalise(out)), "what is normal stays as it is")
		if out != "" {
			require.True(t, out[0] == '/' && out[len(out)-1] != '/', out)
		}
		require.NotContains(t, out, "//")
		// Go's own reading of the path, cleaned, is never another call than ours.
		if u, err := url.ParseRequestURI(path); err == nil {
			if _, found := lookUp(u.JoinPath().Path, Call); found == Call {
				_, reading := Classify("POST", path)
				require.NotEqual(t, Other, reading, path)
			}
		}
	})
}
