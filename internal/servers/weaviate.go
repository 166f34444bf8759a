package servers

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// Weaviate starts Weaviate 1.35, which wants the password as its API key.
func Weaviate(t testing.TB) *Server {
	t.Helper()
	binary, data := tool(t, "weaviate-server"), t.TempDir()
	address, port := freeAddress(t)
	// It listens for its own cluster and for gRPC too.
	var more []string
	for range 5 {
		_, p := freeAddress(t)
		more = append(more, p)
	}
	s := &Server{Address: address, t: t, stopBy: syscall.SIGTERM}
	s.ready = func(string) error {
		client := http.Client{Timeout: time.Second}
		response, err := client.Get("http://" + address + "/v1/.well-known/ready")
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("status %d", response.StatusCode)
		}
		return nil
	}
	s.command = func() *exec.Cmd {
		cmd := exec.Command(binary, "--host", "127.0.0.1", "--port", port, "--scheme", "http")
		cmd.Dir = data
		cmd.Env = append(os.Environ(),
			"PERSISTENCE_DATA_PATH="+data,
			"AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED=false", "AUTHENTICATION_APIKEY_ENABLED=true",
			"AUTHENTICATION_APIKEY_ALLOWED_KEYS="+Password, "AUTHENTICATION_APIKEY_USERS=sluice",
			"AUTHORIZATION_ADMINLIST_ENABLED=true", "AUTHORIZATION_ADMINLIST_USERS=sluice",
			"DEFAULT_VECTORIZER_MODULE=none", "DISABLE_TELEMETRY=true", "LOG_LEVEL=warning",
			"CLUSTER_HOSTNAME=node1", "CLUSTER_ADVERTISE_ADDR=127.0.0.1", "CLUSTER_BIND_ADDR=127.0.0.1", "CLUSTER_GOSSIP_BIND_PORT="+more[0], "CLUSTER_DATA_BIND_PORT="+more[1],
			"RAFT_PORT="+more[2], "RAFT_INTERNAL_RPC_PORT="+more[3], "RAFT_BOOTSTRAP_EXPECT=1",
			"GRPC_PORT="+more[4], "GO_PROFILING_DISABLE=true", "PROMETHEUS_MONITORING_ENABLED=false", "GOMAXPROCS=2",
		)
		return cmd
	}
	return s.start()
}
