package rest_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/adapters/rest"
	"github.com/clarion-app/download-manager/domain"
)

// password is Ann's, whom withAnn knows.
const password = " correct horse "

// withAnn is newWorld with a user who has a password.
func withAnn(t *testing.T) (*world, *domain.User) {
	t.Helper()
	w := newWorld(t)
	ann, err := w.users.Add(t.Context(), domain.System(), "Ann", domain.RoleMember, password)
	if err != nil {
		t.Fatal(err)
	}
	return w, ann
}

// logIn asks without any credential.
func (w *world) logIn(body string) answer {
	w.t.Helper()
	return w.do("POST", "/login", body, "Authorization", "")
}

// What the original has no route for: it leaves users to its host.
func TestLogin(t *testing.T) {
	t.Parallel()

	t.Run("answers 200 with a token, its end and its user", func(t *testing.T) {
		t.Parallel()
		w, ann := withAnn(t)
		for _, name := range []string{"Ann", " ann "} {
			a := w.logIn(fields("name", name, "password", password)).want(200)
			var got struct {
				Token     string
				ExpiresAt string `json:"expires_at"`
				User      map[string]any
			}
			a.decode(&got)
			wantColumns(t, a.row(), "token", "expires_at", "user")
			wantColumns(t, got.User, "id", "name", "role")
			if got.User["id"] != ann.ID.String() || got.User["name"] != "Ann" || got.User["role"] != "MEMBER" {
				t.Error(got.User)
			}
			if at := rest.Whole.AddDate(0, 0, 30).Format("2006-01-02"); !strings.HasPrefix(got.ExpiresAt, at) {
				t.Errorf("ends at %q, want some time on %s", got.ExpiresAt, at)
			}
			if actor, err := w.users.Authenticate(t.Context(), got.Token); err != nil || actor.UserID != ann.ID {
				t.Errorf("%+v, %v", actor, err)
			}
			if got := a.Header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("may be kept: %q", got)
			}
		}
	})

	t.Run("takes a form", func(t *testing.T) {
		t.Parallel()
		w, _ := withAnn(t)
		form := url.Values{"name": {"Ann"}, "password": {password}}.Encode()
		w.do("POST", "/login", form, "Authorization", "", "Content-Type", "application/x-www-form-urlencoded").want(200)
	})

	t.Run("does not mind a token that has ended", func(t *testing.T) {
		t.Parallel()
		w, _ := withAnn(t)
		w.do("POST", "/login", fields("name", "Ann", "password", password), "Authorization", "Bearer old").want(200)
	})

	t.Run("answers 401 to all that is wrong alike", func(t *testing.T) {
		t.Parallel()
		w, _ := withAnn(t)
		for _, wrong := range []string{
			fields("name", "Ann", "password", "wrong horse"),
			fields("name", "Ann", "password", strings.TrimSpace(password)),
			fields("name", "Ann", "password", "  "),
			fields("name", "Bob", "password", password),
		} {
			a := w.logIn(wrong).want(401)
			if string(a.body) != `{"message":"Wrong name or password."}` || a.Header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%s, %q", a.body, a.Header)
			}
		}
	})

	t.Run("name and password are required texts, in the body", func(t *testing.T) {
		t.Parallel()
		w, _ := withAnn(t)
		w.logIn("").wantErrors("name", "password")
		w.logIn(fields("name", " ", "password", "")).wantErrors("name", "password")
		w.logIn(fields("name", nil, "password", nil)).wantErrors("name", "password")
		w.logIn(fields("name", 5, "password", []any{password})).wantErrors("name", "password")
		w.logIn(fields("name", "Ann")).wantErrors("password")
		query := "?" + url.Values{"name": {"Ann"}, "password": {password}}.Encode()
		w.do("POST", "/login"+query, "{}", "Authorization", "").wantErrors("name", "password")
	})

	t.Run("tells nothing of what is our fault", func(t *testing.T) {
		t.Parallel()
		w, _ := withAnn(t)
		a := w.logIn(fields("name", "Ann", "password", "broken")).want(500)
		if strings.Contains(string(a.body), "SELECT") {
			t.Errorf("%s", a.body)
		}
		w.logIn(fields("name", "Ann", "password", "away")).want(503)
		r := httptest.NewRequestWithContext(cancelled(), "POST", "/api/login", strings.NewReader(fields("name", "Ann", "password", password)))
		w.send(r).want(503)
		if strings.Contains(w.log.String(), strings.TrimSpace(password)) {
			t.Errorf("the log has the password: %s", w.log.String())
		}
	})

	t.Run("is no route where nobody is known by name", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, func(c *rest.Config) { c.Users = nil })
		w.logIn(fields("name", "Ann", "password", password)).want(404)
	})
}

// hasher stands for a real one, where the hash itself does not matter.
type hasher struct{}

func (hasher) Hash(_ context.Context, password string) (string, error) { return "#" + password, nil }

func (hasher) Matches(ctx context.Context, password, hash string) (bool, error) {
	switch password {
	case "broken":
		return false, errors.New("SELECT secret FROM users: disk I/O error")
	case "away":
		return false, domain.Unavailable(nil, "too many log in at the same time")
	}
	return "#"+password == hash, ctx.Err()
}
