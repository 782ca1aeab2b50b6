package bench_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/clarion-app/download-manager/adapters/auth"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/graph"
)

// BenchmarkPage is one page of torrents without a network, for a look at where the
// time goes:
//
//	go test -tags $GOTAGS -run '^$' -bench Page/sqlite -benchtime 3s -cpuprofile cpu.out ./bench
func BenchmarkPage(b *testing.B) {
	for _, engine := range engines {
		b.Run(engine, func(b *testing.B) {
			db := openStore(b, bulkStore(b, engine, b.TempDir(), 2_000))
			users := &app.Users{Repository: db.Users(), Tokens: db.Tokens(), Now: time.Now}
			if err := users.EnsureAdministrator(b.Context(), adminToken); err != nil {
				b.Fatal(err)
			}
			authenticator, err := auth.New(b.Context(), auth.Config{Users: users})
			if err != nil {
				b.Fatal(err)
			}
			handler := graph.NewHandler(graph.Config{
				Torrents: &app.Torrents{Repository: db.Torrents(), Servers: db.Servers(), Now: time.Now},
				Servers:  &app.Servers{Repository: db.Servers(), Torrents: db.Torrents(), Now: time.Now},
				Users:    users, Authenticate: authenticator.Authenticate, Log: slog.New(slog.DiscardHandler),
			})
			body := `{"query":"` + serverList + `"}`
			for b.Loop() {
				request := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/graphql", strings.NewReader(body))
				request.Header.Set("Content-Type", "application/json")
				request.Header.Set("Authorization", "Bearer "+adminToken)
				answer := httptest.NewRecorder()
				if handler.ServeHTTP(answer, request); answer.Code != http.StatusOK || answer.Body.Len() < 10_000 {
					b.Fatalf("%d: %.300s", answer.Code, answer.Body)
				}
			}
		})
	}
}
