package postgres

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// prefix begins the name of every database made here; what follows is the token of the process that made it.
const prefix = "testkit_"

// server is the PostgreSQL of this test process.
type server struct {
	url   *url.URL
	token string

	mu    sync.Mutex
	admin *pgx.Conn

	templates sync.Map // name to func() (database string, err error)

	stdin *os.File // of the cluster that was started for us: it lives until this is closed
}

// theServer is found or started by the first test that wants a database, and lives as long as the process.
var theServer = sync.OnceValues(func() (*server, error) {
	s := &server{token: strings.ToLower(random())}
	address := os.Getenv("TEST_DATABASE_URL")
	if address == "" {
		var err error
		if address, s.stdin, err = startCluster(); err != nil {
			return nil, err
		}
	}
	var err error
	if s.url, err = url.Parse(address); err != nil {
		return nil, fmt.Errorf("TEST_DATABASE_URL: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return s, s.connect(ctx)
})

// startCluster has scripts/with-postgres.sh start one around a program that ends when our end of its input is closed: by
// the kernel, at the latest, however this process ends. The script then stops the cluster and removes it.
func startCluster() (address string, stdin *os.File, err error) {
	script, err := findScript()
	if err != nil {
		return "", nil, err
	}
	theirInput, stdin, err := os.Pipe()
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = theirInput.Close() }()
	output, theirOutput, err := os.Pipe()
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = output.Close() }()
	var complaint strings.Builder
	cmd := exec.Command(script, "sh", "-c", `echo "$TEST_DATABASE_URL" && exec cat >/dev/null`)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirInput, theirOutput, theirOutput
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt at the terminal is not for the script
	err = cmd.Start()
	_ = theirOutput.Close()
	if err != nil {
		return "", nil, err
	}
	// Not waited for: it outlives this process, by a moment.
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "postgres://") {
			return lines.Text(), stdin, nil
		}
		complaint.WriteString(lines.Text() + "\n")
	}
	_ = stdin.Close()
	return "", nil, errors.New(complaint.String())
}

// findScript looks in the directories above the test's own, which is its package's.
func findScript() (string, error) {
	directory, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		script := filepath.Join(directory, "scripts", "with-postgres.sh")
		if _, err := os.Stat(script); err == nil {
			return script, nil
		}
		parent := filepath.Dir(directory)
		if parent == directory {
			return "", errors.New("scripts/with-postgres.sh is in no directory above this one")
		}
		directory = parent
	}
}

// connect opens the connection that makes and drops databases. It stays open, so that its name tells other processes that
// the databases of this one are in use.
func (s *server) connect(ctx context.Context) error {
	config, err := pgx.ParseConfig(s.url.String())
	if err != nil {
		return err
	}
	config.RuntimeParams["application_name"] = prefix + s.token
	if s.admin, err = pgx.ConnectConfig(ctx, config); err != nil {
		return err
	}
	return s.sweep(ctx)
}

// sweep drops databases whose process is gone: on a server that outlives the tests nobody else would.
func (s *server) sweep(ctx context.Context) error {
	rows, err := s.admin.Query(ctx, `
		SELECT datname FROM pg_database
		WHERE starts_with(datname, $1)
		AND split_part(datname, '_', 2) NOT IN (
			SELECT split_part(application_name, '_', 2) FROM pg_stat_activity WHERE starts_with(application_name, $1))`,
		prefix)
	if err != nil {
		return err
	}
	left, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, database := range left {
		if err := s.exec(ctx, "DROP DATABASE IF EXISTS "+quote(database)+" WITH (FORCE)"); err != nil {
			return err
		}
	}
	return nil
}

func (s *server) exec(ctx context.Context, statement string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.admin.Exec(ctx, statement)
	return err
}

// create makes a database as a copy of another. Copying files is several times faster than logging them.
func (s *server) create(ctx context.Context, template string) (database string, err error) {
	database = prefix + s.token + "_" + strings.ToLower(random())
	strategy := " STRATEGY file_copy"
	if major, _, _ := strings.Cut(s.admin.PgConn().ParameterStatus("server_version"), "."); len(major) == 2 && major < "15" {
		strategy = "" // which these versions do anyway
	}
	return database, s.exec(ctx, "CREATE DATABASE "+quote(database)+" TEMPLATE "+quote(template)+strategy)
}

func (s *server) drop(ctx context.Context, database string) error {
	return s.exec(ctx, "DROP DATABASE "+quote(database)+" WITH (FORCE)")
}

// address is the URL of one of the server's databases.
func (s *server) address(database string) string {
	u := *s.url
	u.Path = "/" + database
	return u.String()
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
