package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/graph"
)

func TestGraphQLBoundsAreTheDoorsOwn(t *testing.T) {
	t.Parallel()
	if got, want := parsed(t, env(), "serve").Serve.limits(), graph.DefaultLimits(); got != want {
		t.Errorf("without settings %+v, want %+v", got, want)
	}
}

func TestGraphQLBoundsOfTheEnvironment(t *testing.T) {
	t.Parallel()
	got := parsed(t, env(
		"DM_GRAPHQL_COMPLEXITY", "1", "DM_GRAPHQL_DEPTH", "2", "DM_GRAPHQL_ALIASES", "3", "DM_GRAPHQL_ROOT_FIELDS", "4",
		"DM_GRAPHQL_TOKENS", "5", "DM_GRAPHQL_BODY", "6k", "DM_GRAPHQL_OPERATIONS_PER_SOCKET", "7",
		"DM_GRAPHQL_SUBSCRIPTIONS_PER_USER", "8", "DM_GRAPHQL_TIMEOUT", "9s",
	), "serve").Serve.limits()
	want := graph.DefaultLimits()
	want.Complexity, want.Depth, want.Aliases, want.RootFields, want.Tokens = 1, 2, 3, 4, 5
	want.BodyBytes, want.OperationsPerSocket, want.SubscriptionsPerUser, want.Timeout = 6<<10, 7, 8, 9*time.Second
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestBadTrustedDocumentsKeepTheProductFromStarting(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "documents.json")
	if err := os.WriteFile(path, []byte(`{"first": "{ vewer { id } }"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{path, "nowhere.json"} {
		err := run(t.Context(), []string{"serve"}, env("DM_GRAPHQL_TRUSTED_DOCUMENTS", path, "DM_DATA_DIR", t.TempDir()), nil, os.Stderr, os.Stderr)
		if err == nil || !strings.Contains(err.Error(), "DM_GRAPHQL_TRUSTED_DOCUMENTS") || !strings.Contains(err.Error(), path) {
			t.Errorf("got %v", err)
		}
	}
}
