package servers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// nobody is whom PostgreSQL runs as where the tests run as root, which it refuses.
const nobody = 65534

// Postgres starts PostgreSQL 16, with pgvector 0.6 to be had. Its user and its database
// are "sluice".
func Postgres(t testing.TB) *Server {
	t.Helper()
	install, libraries := tool(t, "pgserver/pginstall"), tool(t, "pgserver.libs")
	home, err := os.MkdirTemp("", "sluice-postgres-") // not of t: its directories are its user's alone
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(home) })
	as := &syscall.SysProcAttr{}
	if os.Getuid() == 0 {
		as.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
		require.NoError(t, os.Chown(home, nobody, nobody))
		// Nobody may be kept from where the tree is.
		to := filepath.Join(home, "pgserver", "pginstall")
		require.NoError(t, os.CopyFS(to, os.DirFS(install)))
		require.NoError(t, os.CopyFS(filepath.Join(home, "pgserver.libs"), os.DirFS(libraries)))
		install = to
	}
	data := filepath.Join(home, "data")
	run := func(name string, arguments ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(install, "bin", name), arguments...)
		cmd.Dir, cmd.SysProcAttr = home, as
		cmd.Env = []string{"LANG=C", "TZ=UTC", "PGPASSWORD=" + Password}
		return cmd
	}
	secret := filepath.Join(home, "password")
	require.NoError(t, os.WriteFile(secret, []byte(Password), 0o644))
	out, err := run("initdb", "-D", data, "-U", "sluice", "--pwfile="+secret, "--auth=scram-sha-256", "-E", "UTF8", "--no-sync", "--no-instructions").CombinedOutput()
	require.NoError(t, err, string(out))

	address, port := freeAddress(t)
	s := &Server{Address: address, t: t, stopBy: syscall.SIGINT} // at once, and in order
	s.ready = func(string) error {
		if out, err := run("pg_isready", "-h", "127.0.0.1", "-p", port, "-t", "1").CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	}
	s.command = func() *exec.Cmd {
		return run("postgres", "-D", data, "-h", "127.0.0.1", "-p", port, "-k", "", "-c", "fsync=off")
	}
	s.start()
	out, err = run("psql", "-h", "127.0.0.1", "-p", port, "-U", "sluice", "-d", "postgres", "-c", "CREATE DATABASE sluice").CombinedOutput()
	require.NoError(t, err, string(out))
	return s
}
