//go:build linux

// Package mariadb gives tests a MariaDB of their own, on a Unix socket.
package mariadb

import (
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/internal/testkit/process"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

// Server is a running MariaDB.
type Server struct {
	socket string
	admin  string
}

// Start starts an empty one, which ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "mariadb") // a path of t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	data := filepath.Join(dir, "data")
	output, err := exec.Command(find(t, "mariadb-install-db"), "--no-defaults", "--datadir="+data, "--user="+me.Username,
		"--auth-root-authentication-method=normal", "--skip-test-db").CombinedOutput()
	if err != nil {
		t.Fatalf("mariadb-install-db: %v\n%s", err, output)
	}
	s := &Server{socket: filepath.Join(dir, "socket"), admin: find(t, "mariadb")}
	process.Start(t, exec.Command(find(t, "mariadbd"), "--no-defaults", "--datadir="+data, "--user="+me.Username, "--socket="+s.socket,
		"--skip-networking", "--pid-file="+filepath.Join(dir, "pid"), "--innodb-flush-log-at-trx-commit=0"))
	wait.Until(t, time.Minute, "MariaDB to answer", func() bool { return s.exec("SELECT 1") == nil })
	return s
}

// URL makes an empty database of that name and returns its address.
func (s *Server) URL(t testing.TB, name string) string {
	t.Helper()
	if err := s.exec("CREATE DATABASE " + name + " CHARACTER SET utf8mb4"); err != nil {
		t.Fatal(err)
	}
	return "mariadb://root@/" + name + "?socket=" + url.QueryEscape(s.socket)
}

func (s *Server) exec(statement string) error {
	return exec.Command(s.admin, "--no-defaults", "--socket="+s.socket, "--user=root", "--execute="+statement).Run()
}

// find looks where Debian puts servers, too, which a user's PATH may lack.
func find(t testing.TB, program string) string {
	t.Helper()
	if path, err := exec.LookPath(program); err == nil {
		return path
	}
	for _, dir := range strings.Fields("/usr/sbin /usr/local/sbin") {
		if path, err := exec.LookPath(filepath.Join(dir, program)); err == nil {
			return path
		}
	}
	t.Fatalf("no %s: run make test-deps", program)
	return ""
}
