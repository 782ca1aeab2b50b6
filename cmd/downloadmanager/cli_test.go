package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

// shell runs commands on one data directory.
type shell struct{ dataDir string }

func (s shell) run(t *testing.T, stdin string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	err = run(t.Context(), args, env("DM_DATA_DIR", s.dataDir, "DM_EMBEDDED_DHT", "off"), strings.NewReader(stdin), &out, &errs)
	return out.String(), errs.String(), err
}

func (s shell) ok(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	out, errs, err := s.run(t, stdin, args...)
	if err != nil {
		t.Fatalf("%q: %v\n%s", args, err, errs)
	}
	return out
}

func (s shell) fails(t *testing.T, kind domain.Kind, args ...string) {
	t.Helper()
	_, _, err := s.run(t, "", args...)
	if err == nil {
		t.Fatalf("%q: no error", args)
	}
	if got := domain.KindOf(err); got != kind {
		t.Fatalf("%q: kind %s (%v); want %s", args, got, err, kind)
	}
}

// steady replaces what differs from run to run: ids, times and lengths of time.
func steady(text string) string {
	for pattern, with := range map[string]string{
		`[0-9a-f]{8}-[0-9a-f-]{27}`:               "ID",
		`20\d\d-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?`: "TIME",
		`dm_[A-Za-z0-9_-]{43}`:                    "SECRET",
		`[0-9.]+(µs|ms|s)( |\n)`:                  "TOOK ",
		`  +`:                                     "  ",
	} {
		text = regexp.MustCompile(pattern).ReplaceAllString(text, with)
	}
	return text
}

func want(t *testing.T, got, want string) {
	t.Helper()
	if got = steady(got); got != want {
		t.Errorf("printed\n%s\nwant\n%s", got, want)
	}
}

func TestUsersAndTokens(t *testing.T) {
	t.Parallel()
	s := shell{filepath.Join(t.TempDir(), "not", "there", "yet")}
	want(t, s.ok(t, "", "user", "list"), "NAME  ROLE  PASSWORD  CREATED  ID\n")
	want(t, s.ok(t, "", "user", "add", "admin", "--role", "administrator"), "added administrator \"admin\"\n")
	want(t, s.ok(t, "", "user", "add", "Ada"), "added member \"Ada\"\n")
	s.fails(t, domain.KindConflict, "user", "add", "ada")
	want(t, s.ok(t, "correct horse\nmore", "user", "password", "ada"), "changed the password of \"Ada\"\n")
	s.fails(t, domain.KindNotFound, "user", "password", "eve")
	want(t, s.ok(t, "", "user", "list"), "NAME  ROLE  PASSWORD  CREATED  ID\n"+
		"Ada  member  yes  TIME  ID\n"+
		"admin  administrator  no  TIME  ID\n")

	want(t, s.ok(t, "", "token", "add", "laptop", "--user", "ada", "--expires", "90d"), "SECRET\n")
	want(t, s.ok(t, "", "token", "add", "phone", "--user", "admin"), "SECRET\n")
	s.fails(t, domain.KindNotFound, "token", "add", "laptop", "--user", "eve")
	want(t, s.ok(t, "", "token", "list"), "NAME  USER  CREATED  EXPIRES  REVOKED  ID\n"+
		"laptop  Ada  TIME  TIME  -  ID\n"+
		"phone  admin  TIME  -  -  ID\n")
	list := s.ok(t, "", "token", "list", "--user", "ADA")
	id := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`).FindString(list)
	want(t, s.ok(t, "", "token", "revoke", id), "revoked \"laptop\"\n")
	want(t, s.ok(t, "", "token", "list", "--user", "ada"), "NAME  USER  CREATED  EXPIRES  REVOKED  ID\n"+
		"laptop  Ada  TIME  TIME  TIME  ID\n")
	s.fails(t, domain.KindInvalid, "token", "revoke", "laptop")
	s.fails(t, domain.KindNotFound, "token", "revoke", "11111111-1111-4111-8111-111111111111")
}

func TestPasswordsThatAreNone(t *testing.T) {
	t.Parallel()
	s := shell{t.TempDir()}
	s.ok(t, "", "user", "add", "ada")
	for _, password := range []string{"", "\n", "\r\n", "short\n"} {
		if _, _, err := s.run(t, password, "user", "password", "ada"); err == nil {
			t.Errorf("%q was taken", password)
		}
	}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	s := shell{t.TempDir()}
	before := s.ok(t, "", "migrate", "status")
	if !strings.Contains(before, "0001_") || !strings.Contains(steady(before), "_users  -\n") || strings.Contains(steady(before), "TIME") {
		t.Errorf("before: %s", before)
	}
	if up := s.ok(t, "", "migrate", "up"); !strings.HasPrefix(up, "applied 0001_") {
		t.Errorf("up: %s", up)
	}
	want(t, s.ok(t, "", "migrate", "up"), "nothing to do\n")
	if after := s.ok(t, "", "migrate", "status"); !strings.Contains(steady(after), "_users  TIME\n") {
		t.Errorf("after: %s", after)
	}
	if down := s.ok(t, "", "migrate", "down"); !strings.HasPrefix(down, "took back 0001_") {
		t.Errorf("down: %s", down)
	}
	want(t, s.ok(t, "", "migrate", "down"), "nothing to do\n")
}

func TestCheckWithoutServers(t *testing.T) {
	t.Parallel()
	want(t, shell{t.TempDir()}.ok(t, "", "check"), "no torrent servers to check\n")
}

func TestVersion(t *testing.T) {
	t.Parallel()
	if out := (shell{t.TempDir()}).ok(t, "", "version"); !strings.HasPrefix(out, "downloadmanager ") || !strings.Contains(out, " go1.") {
		t.Errorf("printed %s", out)
	}
}

func TestTheSecretKeyIsMadeOnce(t *testing.T) {
	t.Parallel()
	settings := storageSettings{DataDir: t.TempDir()}
	keys := make(chan [32]byte)
	for range 8 {
		go func() {
			key, err := settings.secretKey()
			if err != nil {
				t.Error(err)
			}
			keys <- key
		}()
	}
	first := <-keys
	for range 7 {
		if <-keys != first {
			t.Error("two keys were made")
		}
	}
	info, err := os.Stat(filepath.Join(settings.DataDir, secretKeyFile))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if entries, _ := os.ReadDir(settings.DataDir); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	given := storageSettings{DataDir: settings.DataDir, SecretKey: strings.Repeat("x", 32)}
	if key, err := given.secretKey(); err != nil || key == first {
		t.Errorf("the key that was given is not used (%v)", err)
	}
	short := storageSettings{DataDir: settings.DataDir, SecretKey: "short"}
	if _, err := short.secretKey(); err == nil {
		t.Error("a short key is taken")
	}
}

func TestNoCommand(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"bogus"}, {"serve", "extra"}, {"serve", "--bogus"}, {"user"}} {
		_, _, err := (shell{t.TempDir()}).run(t, "", args...)
		if _, usage := errors.AsType[usageError](err); !usage {
			t.Errorf("%q: %v is no usage error", args, err)
		}
	}
}
