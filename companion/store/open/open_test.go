package open

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sluice-gateway/sluice/companion/store"
	"github.com/sluice-gateway/sluice/internal/servers"
)

var errDisk = errors.New("the disk was asked")

func disk(context.Context) (store.Store, error) { return nil, errDisk }

func TestDiskIsTheDefault(t *testing.T) {
	for _, address := range []string{"", "disk"} {
		_, err := Store(context.Background(), address, disk)
		require.ErrorIs(t, err, errDisk)
	}
}

// Every mistake is told with what would be right, and without the password.
func TestMistakes(t *testing.T) {
	t.Setenv("SLUICE_TEST_EMPTY", "")
	for address, says := range map[string]string{
		"mysql://root:hunter2@db/sluice":                          `"mysql"`,
		"localhost:6379":                                          `"localhost"`,
		"redis://:hunter2@":                                       "names no host",
		"redis://:hunter/2@host:6379":                             "%2F",
		"redis://:hunter#2@host:6379":                             "%2F",
		"redis://:hunter2%zz@host":                                "%2F",
		"redis://:hunter2@127.0.0.1:1/x":                          "no address of a Redis server",
		"redis://:hunter2@127.0.0.1:1/0?hunter2=1":                "no address of a Redis server",
		"postgres://u:hunter2@127.0.0.1:1/d?sslmode=hunter2":      "no address of a database",
		"weaviate+http://:hunter2@127.0.0.1:1/v1":                 "no address of a Weaviate server",
		"qdrant://:hunter2@127.0.0.1:1/collections":               "no address of a Qdrant server",
		"redis://:hunter2@127.0.0.1:1/0?key_env=SLUICE_TEST_NONE": "SLUICE_TEST_NONE",
		"qdrant://:hunter2@127.0.0.1:1?key_env=SLUICE_TEST_EMPTY": "SLUICE_TEST_EMPTY",
		"redis://u:hunter2@127.0.0.1:1/0":                         "redis://127.0.0.1:1/0: open: ",
		"rediss://u:hunter2@127.0.0.1:1/0":                        "rediss://127.0.0.1:1/0: open: ",
		"postgres://u:hunter2@127.0.0.1:1/d":                      "postgres://127.0.0.1:1/d: open: ",
		"postgresql://u:hunter2@127.0.0.1:1/d?connect_timeout=1":  "postgresql://127.0.0.1:1/d: open: ",
		"weaviate+http://:hunter2@127.0.0.1:1":                    "weaviate+http://127.0.0.1:1: open: ",
		"weaviate+https://:hunter2@127.0.0.1:1":                   "weaviate+https://127.0.0.1:1: open: ",
		"qdrant://:hunter2@127.0.0.1:1":                           "qdrant://127.0.0.1:1: open: ",
		"qdrants://:hunter2@127.0.0.1:1":                          "qdrants://127.0.0.1:1: open: ",
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		opened, err := Store(ctx, address, disk)
		cancel()
		require.ErrorContains(t, err, says, address)
		require.NotContains(t, err.Error(), "hunter", address)
		require.Nil(t, opened)
	}
}

// A server whose certificate no authority of the system has signed is not talked to.
func TestCertificatesAreChecked(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the handshakes that fail
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	for _, scheme := range []string{"rediss", "weaviate+https", "qdrants"} {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		_, err := Store(ctx, scheme+"://:hunter2@"+server.Listener.Addr().String(), disk)
		cancel()
		require.ErrorContains(t, err, "x509: certificate signed by unknown authority", scheme)
		require.NotContains(t, err.Error(), "hunter", scheme)
	}
}

// A key in the environment is used, and its parameter does not reach the client.
func TestKeyOfTheEnvironment(t *testing.T) {
	server := servers.Redis8(t)
	t.Setenv("SLUICE_TEST_KEY", servers.Password)
	opened, err := Store(context.Background(), "redis://"+server.Address+"/0?key_env=SLUICE_TEST_KEY&read_timeout=3s", disk)
	require.NoError(t, err)
	require.NoError(t, opened.Ready(context.Background()))
	require.NoError(t, opened.Close())
}
