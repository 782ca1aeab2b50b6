package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"github.com/clarion-app/download-manager/domain"
)

// env is a getenv of exactly these variables.
func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func parsed(t *testing.T, getenv func(string) string, args ...string) *commandLine {
	t.Helper()
	command, err := parse(args, getenv, io.Discard, io.Discard)
	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
	return command.Model.Target.Addr().Interface().(*commandLine)
}

func refused(t *testing.T, getenv func(string) string, args ...string) string {
	t.Helper()
	_, err := parse(args, getenv, io.Discard, io.Discard)
	if err == nil {
		t.Fatal("no error")
	}
	if _, usage := errors.AsType[usageError](err); !usage {
		t.Fatalf("%v is not a usage error", err)
	}
	return err.Error()
}

func TestWithoutAnySettings(t *testing.T) {
	t.Parallel()
	serve := parsed(t, env(), "serve").Serve
	if serve.Addr != "127.0.0.1:9480" || serve.DataDir != "data" || serve.dsn() != "sqlite:data/downloadmanager.db" || serve.postgres() {
		t.Errorf("address %q, data %q, database %q", serve.Addr, serve.DataDir, serve.dsn())
	}
	if !slices.Equal(serve.RoutePrefix, []string{"/api", "/api/clarion-app/download-manager"}) {
		t.Errorf("prefixes %q", serve.RoutePrefix)
	}
	if serve.LocalNode != "local" || serve.CheckInterval.time() != 10*time.Second || serve.Lease.time() != 4*time.Second {
		t.Errorf("node %q, interval %v, lease %v", serve.LocalNode, serve.CheckInterval.time(), serve.Lease.time())
	}
	if serve.placement() != (domain.Placement{Policy: domain.PlacementDefault, Margin: 10 << 30}) || serve.Failover != 0 {
		t.Errorf("placement %+v, failover %v", serve.placement(), serve.Failover.time())
	}
	if serve.KeepEvents.time() != 90*24*time.Hour || !serve.Embedded.On || domain.Role(serve.JWTRole) != domain.RoleAdministrator {
		t.Errorf("events %v, embedded %v, role %v", serve.KeepEvents.time(), serve.Embedded.On, serve.JWTRole)
	}
	if serve.AdminToken != "" || serve.SecretKey != "" || len(serve.AllowedOrigins) != 0 {
		t.Error("secrets or origins out of nothing")
	}
}

func TestSettingsOfTheEnvironment(t *testing.T) {
	t.Parallel()
	serve := parsed(t, env(
		"DM_ADDR", "[::]:80", "DM_DATA_DIR", "/srv", "DM_DATABASE_URL", "postgres://u:p@db/dm", "DM_ROUTE_PREFIX", "/a,/b",
		"DM_EMBEDDED", "off", "DM_EMBEDDED_PEER_PORT", "6881", "DM_EMBEDDED_DOWNLOAD_RATE", "2M", "DM_EMBEDDED_UPLOAD_RATE", "500k",
		"DM_KEEP_EVENTS", "0", "DM_ADMIN_TOKEN", "of-the-environment", "DM_JWT_ROLE", "member", "DM_LOG_LEVEL", "WARN",
		"DM_GRAPHQL_INTROSPECTION", "No", "DM_CHECK_INTERVAL", "", "DM_ALLOWED_ORIGINS", "https://a.example,https://b.example",
		"DM_PLACEMENT", "Most-Free-Space", "DM_PLACEMENT_MARGIN", "2TiB", "DM_FAILOVER", "10m",
	), "serve").Serve
	if serve.Addr != "[::]:80" || serve.DataDir != "/srv" || serve.dsn() != "postgres://u:p@db/dm" || !serve.postgres() {
		t.Errorf("address %q, data %q, database %q", serve.Addr, serve.DataDir, serve.dsn())
	}
	if serve.Embedded.On || serve.EmbeddedPeerPort != 6881 || serve.EmbeddedDownloadRate != 2<<20 || serve.EmbeddedUploadRate != 500<<10 {
		t.Errorf("embedded %+v", serve.checkSettings)
	}
	if serve.placement() != (domain.Placement{Policy: domain.PlacementMostFreeSpace, Margin: 2 << 40}) || serve.Failover.time() != 10*time.Minute {
		t.Errorf("placement %+v, failover %v", serve.placement(), serve.Failover.time())
	}
	if serve.KeepEvents != 0 || serve.AdminToken != "of-the-environment" || domain.Role(serve.JWTRole) != domain.RoleMember ||
		serve.GraphQLIntrospection.On || len(serve.AllowedOrigins) != 2 || serve.LogLevel.String() != "WARN" {
		t.Errorf("doors %+v", serve.doorSettings)
	}
	if serve.CheckInterval.time() != 10*time.Second {
		t.Error("an empty variable is taken for a value")
	}
}

func TestAFlagGoesBeforeTheEnvironment(t *testing.T) {
	t.Parallel()
	getenv := env("DM_ADDR", "127.0.0.1:1", "DM_EMBEDDED", "on")
	for _, args := range [][]string{
		{"serve", "--addr=127.0.0.1:2", "--embedded=off"},
		{"serve", "--addr", "127.0.0.1:2", "--embedded", "off"},
	} {
		if serve := parsed(t, getenv, args...).Serve; serve.Addr != "127.0.0.1:2" || serve.Embedded.On {
			t.Errorf("%q: address %q, embedded %v", args, serve.Addr, serve.Embedded.On)
		}
	}
}

func TestSecretsInFiles(t *testing.T) {
	t.Parallel()
	file := func(content string) string {
		path := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Run("a file stands in for each of them", func(t *testing.T) {
		serve := parsed(t, env(
			"DM_ADMIN_TOKEN_FILE", file("in-a-file\n"), "DM_SECRET_KEY_FILE", file(" of blanks \r\n"),
			"DM_DATABASE_URL_FILE", file("sqlite:x"),
		), "serve").Serve
		if serve.AdminToken != "in-a-file" || serve.SecretKey != " of blanks " || serve.dsn() != "sqlite:x" {
			t.Errorf("%q %q %q", serve.AdminToken, serve.SecretKey, serve.dsn())
		}
	})
	for name, test := range map[string]struct {
		getenv func(string) string
		want   string
	}{
		"a value and a file at once": {env("DM_ADMIN_TOKEN", "a", "DM_ADMIN_TOKEN_FILE", file("b")), "DM_ADMIN_TOKEN_FILE"},
		"a file that is not there":   {env("DM_SECRET_KEY_FILE", "nowhere"), "DM_SECRET_KEY_FILE"},
		"an empty file":              {env("DM_DATABASE_URL_FILE", file("\n")), "DM_DATABASE_URL_FILE"},
	} {
		t.Run(name+" is an error", func(t *testing.T) {
			if got := refused(t, test.getenv, "serve"); !strings.Contains(got, test.want) {
				t.Errorf("%q does not name %s", got, test.want)
			}
		})
	}
	t.Run("on the command line they are an error that does not repeat them", func(t *testing.T) {
		for flag, variable := range map[string]string{"--admin-token": "DM_ADMIN_TOKEN", "--secret-key": "DM_SECRET_KEY"} {
			got := refused(t, env(), "serve", flag+"=s3cr3t")
			if !strings.Contains(got, variable+"_FILE") || strings.Contains(got, "s3cr3t") {
				t.Errorf("%q", got)
			}
		}
	})
}

func TestABadValueNamesItsVariable(t *testing.T) {
	t.Parallel()
	for variable, values := range map[string][]string{
		"DM_ADDR":                   {"localhost", ":x", "127.0.0.1:99999", "1.2.3.4"},
		"DM_ROUTE_PREFIX":           {"api", "/a,b", "/{id}"},
		"DM_CHECK_INTERVAL":         {"soon", "-1s", "10", "1ms", "0"},
		"DM_LEASE":                  {"x", "10ms"},
		"DM_PLACEMENT":              {"random", "most_free_space"},
		"DM_PLACEMENT_MARGIN":       {"-1", "lots", "10GB", "1.5G", "2000T", "iB"},
		"DM_FAILOVER":               {"5s", "-1m", "later"},
		"DM_KEEP_EVENTS":            {"-1d", "d", "1.5d", "99999d"},
		"DM_EMBEDDED":               {"maybe", "2"},
		"DM_EMBEDDED_DHT":           {"maybe"},
		"DM_EMBEDDED_PEER_PORT":     {"-1", "65536", "x"},
		"DM_EMBEDDED_DOWNLOAD_RATE": {"-1", "1.5M", "fast", "1T", "99999999999"},
		"DM_LOG_LEVEL":              {"loud"},
		"DM_LOG_FORMAT":             {"xml"},
		"DM_JWT_ROLE":               {"king"},
		"DM_STOP_TIMEOUT":           {"0"},
		"DM_GRAPHQL_INTROSPECTION":  {"perhaps"},

		"DM_GRAPHQL_COMPLEXITY":             {"0", "-1", "1000001", "many"},
		"DM_GRAPHQL_DEPTH":                  {"0", "x"},
		"DM_GRAPHQL_ALIASES":                {"0", "1.5"},
		"DM_GRAPHQL_ROOT_FIELDS":            {"0", "-5"},
		"DM_GRAPHQL_TOKENS":                 {"0", "99999999999999999999"},
		"DM_GRAPHQL_BODY":                   {"0", "1023", "2G", "-1", "1.5M", "long"},
		"DM_GRAPHQL_OPERATIONS_PER_SOCKET":  {"0"},
		"DM_GRAPHQL_SUBSCRIPTIONS_PER_USER": {"0", "1000001"},
		"DM_GRAPHQL_TIMEOUT":                {"0", "50ms", "2h", "5"},
	} {
		for _, value := range values {
			t.Run(variable+"="+value, func(t *testing.T) {
				t.Parallel()
				if got := refused(t, env(variable, value), "serve"); !strings.Contains(got, variable) {
					t.Errorf("%q does not name it", got)
				}
			})
		}
	}
}

func TestArgumentsOfACommandAreNoSettings(t *testing.T) {
	t.Parallel()
	command := parsed(t, env("DM_ROLE", "administrator", "DM_USER", "eve", "DM_EXPIRES", "1d"), "user", "add", "ada")
	if domain.Role(command.User.Add.Role) != domain.RoleMember {
		t.Error("DM_ROLE was read")
	}
	refused(t, env("DM_USER", "eve"), "token", "add", "laptop")
}

// flags lists the settings of the whole program, each once.
func flags(t *testing.T) map[string]*kong.Flag {
	t.Helper()
	parser, err := kong.New(&commandLine{})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*kong.Flag{}
	for _, leaf := range parser.Model.Leaves(true) {
		for _, group := range leaf.AllFlags(false) {
			for _, flag := range group {
				if hasVariable(flag) {
					all[variableOf(flag)] = flag
				}
			}
		}
	}
	return all
}

func TestHelpNamesEverySetting(t *testing.T) {
	t.Parallel()
	var help bytes.Buffer
	for _, command := range []string{"serve", "import clarion", "torrent list"} {
		if err := run(t.Context(), append(strings.Fields(command), "--help"), env(), nil, &help, &help); err != nil {
			t.Fatal(err)
		}
	}
	var start bytes.Buffer
	if err := run(t.Context(), []string{"--help"}, env(), nil, &start, &start); err != nil {
		t.Fatal(err)
	}
	for variable, flag := range flags(t) {
		text := help.String()
		if flag.Hidden {
			text = start.String()
		}
		if !strings.Contains(text, variable) {
			t.Errorf("%s is not in it", variable)
		}
	}
}

// TestTheReadmeTellsEverySetting holds the configuration table to the code: each
// row is what it says here.
func TestTheReadmeTellsEverySetting(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(content)
	var missing []string
	for variable, flag := range flags(t) {
		row := tableRow(variable, flag)
		if !strings.Contains(readme, row+"\n") {
			missing = append(missing, row)
		}
	}
	slices.Sort(missing)
	if len(missing) > 0 {
		t.Errorf("README.md lacks these rows:\n%s", strings.Join(missing, "\n"))
	}
	known := flags(t)
	for line := range strings.Lines(readme) {
		name, found := strings.CutPrefix(line, "| `DM_")
		name, _, _ = strings.Cut(name, "`")
		if found && known["DM_"+name] == nil {
			t.Errorf("README.md tells of DM_%s, which is no setting", name)
		}
	}
}

func tableRow(variable string, flag *kong.Flag) string {
	name := "`" + variable + "`"
	if flag.Tag.Has("secret") {
		name += ", `…_FILE`"
	}
	value := " "
	if flag.Default != "" {
		value = " `" + flag.Default + "` "
	}
	return "| " + name + " |" + value + "| " + flag.Help + " |"
}
