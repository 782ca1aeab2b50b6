package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"github.com/clarion-app/download-manager/internal/testkit/postgres"
	"github.com/clarion-app/download-manager/internal/testkit/process"
	"github.com/clarion-app/download-manager/internal/testkit/wait"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestURL(t *testing.T) {
	t.Parallel()

	t.Run("every database is empty and one's own", func(t *testing.T) {
		t.Parallel()
		first, second := postgres.URL(t), postgres.URL(t)
		query(t, first, "CREATE TABLE things (id int)")
		query(t, second, "CREATE TABLE things (id int)")
	})

	t.Run("a database is gone after its test, in use or not", func(t *testing.T) {
		t.Parallel()
		var url string
		t.Run("the test", func(t *testing.T) {
			url = postgres.URL(t)
			conn := connect(t, url)
			t.Cleanup(func() { _ = conn.Close(context.Background()) })
		})
		if _, err := pgx.Connect(t.Context(), url); err == nil || !strings.Contains(err.Error(), "does not exist") {
			t.Fatalf("got %v", err)
		}
	})
}

func TestTemplate(t *testing.T) {
	t.Parallel()

	t.Run("a template is prepared once, and its copies are apart", func(t *testing.T) {
		t.Parallel()
		var prepared atomic.Int32
		name := fmt.Sprintf("things %p", t) // another one when the test runs again
		for range 4 {
			t.Run("copy", func(t *testing.T) {
				t.Parallel()
				url := postgres.Template(t, name, func(url string) error {
					prepared.Add(1)
					query(t, url, "CREATE TABLE things (id int PRIMARY KEY)")
					return nil
				})
				query(t, url, "INSERT INTO things VALUES (1)")
				if prepared.Load() != 1 {
					t.Fatalf("prepared %d times", prepared.Load())
				}
			})
		}
	})

	t.Run("a failed preparation is every test's failure", func(t *testing.T) {
		t.Parallel()
		for range 2 {
			spy := &recorder{TB: t}
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				postgres.Template(spy, "broken", func(string) error { return errors.New("the reason") })
			}()
			<-ended
			if !strings.Contains(spy.fatal, "the reason") {
				t.Fatalf("got %q", spy.fatal)
			}
		}
	})
}

// recorder is a test whose failure is looked at.
type recorder struct {
	testing.TB
	fatal string
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.fatal = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// alone names the variable by which the test binary knows that it was started by TestCluster, to be killed.
const alone = "TESTKIT_POSTGRES_ALONE"

func TestCluster(t *testing.T) {
	t.Parallel()
	if file := os.Getenv(alone); file != "" {
		url := postgres.URL(t)
		conn := connect(t, url)
		defer func() { _ = conn.Close(context.Background()) }()
		if err := os.WriteFile(file, []byte(url), 0o600); err != nil {
			t.Fatal(err)
		}
		<-t.Context().Done() // killed before
		return
	}

	t.Run("a server started for a test binary ends when that is killed", func(t *testing.T) {
		t.Parallel()
		file := t.TempDir() + "/url"
		binary := exec.Command(os.Args[0], "-test.run=^TestCluster$")
		binary.Env = append(os.Environ(), "TEST_DATABASE_URL=", alone+"="+file)
		lone := process.Start(t, binary)
		var url string
		wait.Until(t, time.Minute, "the server", func() bool {
			text, _ := os.ReadFile(file)
			url = string(text)
			return url != "" || !lone.Running()
		})
		query(t, url, "SELECT 1")
		lone.Kill()
		wait.Until(t, time.Minute, "the end of the server", func() bool {
			conn, err := pgx.Connect(t.Context(), url)
			if err == nil {
				_ = conn.Close(t.Context())
			}
			return err != nil && strings.Contains(err.Error(), "refused")
		})
	})
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func query(t *testing.T, url, statement string) {
	t.Helper()
	conn := connect(t, url)
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}
