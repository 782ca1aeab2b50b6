package auth_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

// headers are what a request carries: names and values in turn.
func request(method, target string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func TestWhereTheCredentialIsLookedFor(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	for name, headers := range map[string][]string{
		"a bearer":                        {"Authorization", "Bearer " + b.secret},
		"a bearer in small letters":       {"Authorization", "bearer " + b.secret},
		"a bearer in capital letters":     {"Authorization", "BEARER  " + b.secret + " "},
		"an API key":                      {"X-API-Key", b.secret},
		"the cookie":                      {"Cookie", "clarion_token=" + b.secret},
		"a header before the cookie":      {"Authorization", "Bearer " + b.secret, "Cookie", "clarion_token=nonsense"},
		"an API key before the cookie":    {"X-API-Key", b.secret, "Cookie", "clarion_token=nonsense"},
		"an API key behind a proxy login": {"Authorization", "Basic YWRhOnB3", "X-API-Key", b.secret},
	} {
		t.Run(name+" is taken", func(t *testing.T) {
			t.Parallel()
			actor, err := b.Authenticate(request("GET", "/", headers...))
			if err != nil {
				t.Fatal(err)
			}
			if actor.UserID != b.user.ID || actor.Name != "ada" || actor.Role != domain.RoleMember {
				t.Fatalf("actor %+v", actor)
			}
		})
	}
	for name, headers := range map[string][]string{
		"nothing":                      {},
		"an empty bearer":              {"Authorization", "Bearer "},
		"a bare bearer":                {"Authorization", "Bearer"},
		"the bare token":               {"Authorization", b.secret},
		"another scheme":               {"Authorization", "Basic " + b.secret},
		"an altered token":             {"Authorization", "Bearer " + b.secret[:len(b.secret)-1] + "_"},
		"a longer token":               {"Authorization", "Bearer " + b.secret + "x"},
		"an empty API key":             {"X-API-Key", ""},
		"a wrong API key":              {"X-API-Key", "nonsense"},
		"an empty cookie":              {"Cookie", "clarion_token="},
		"another cookie":               {"Cookie", "token=" + b.secret},
		"a bad header and good cookie": {"Authorization", "Bearer nonsense", "Cookie", "clarion_token=" + b.secret},
		"an empty bearer and a cookie": {"Authorization", "Bearer ", "Cookie", "clarion_token=" + b.secret},
		"a scheme and a good cookie":   {"Authorization", "Basic x", "Cookie", "clarion_token=" + b.secret},
		"three parts, no JWTs known":   {"Authorization", "Bearer eyJhIjoxfQ.e30.x"},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			t.Parallel()
			_, err := b.Authenticate(request("GET", "/", headers...))
			wantKind(t, err, domain.KindUnauthenticated)
		})
	}
	t.Run("a token in the query is refused", func(t *testing.T) {
		t.Parallel()
		for _, name := range []string{"token", "access_token", "api_key"} {
			_, err := b.Authenticate(request("GET", "/?"+name+"="+b.secret))
			wantKind(t, err, domain.KindUnauthenticated)
		}
	})
}

func TestARevokedTokenIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	if _, err := b.users.RevokeToken(t.Context(), domain.System(), b.token.ID); err != nil {
		t.Fatal(err)
	}
	_, err := b.AuthenticateToken(t.Context(), b.secret)
	wantKind(t, err, domain.KindUnauthenticated)
}

func TestProtect(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, "https://ui.example.org", "*")
	door := b.Protect(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	const own, foreign = "http://example.com", "https://evil.example"
	for name, test := range map[string]struct {
		request *http.Request
		want    int
	}{
		"a page of ours changes things by cookie":         {request("POST", own, "Cookie", "clarion_token=x", "Sec-Fetch-Site", "same-origin"), 204},
		"another site changes things by cookie":           {request("POST", own, "Cookie", "clarion_token=x", "Sec-Fetch-Site", "cross-site"), 403},
		"another port of the host does":                   {request("POST", own, "Cookie", "clarion_token=x", "Sec-Fetch-Site", "same-site"), 403},
		"an old browser tells another origin":             {request("POST", own, "Cookie", "clarion_token=x", "Origin", foreign), 403},
		"an allowed site does":                            {request("POST", own, "Cookie", "clarion_token=x", "Sec-Fetch-Site", "cross-site", "Origin", "https://ui.example.org"), 204},
		"no browser at all":                               {request("POST", own, "Cookie", "clarion_token=x"), 204},
		"another site reads by cookie, which it sees not": {request("GET", own, "Cookie", "clarion_token=x", "Sec-Fetch-Site", "cross-site"), 204},
		"another site opens a websocket by cookie":        {request("GET", own, "Cookie", "clarion_token=x", "Upgrade", "websocket", "Origin", foreign), 403},
		"a page of ours opens a websocket by cookie":      {request("GET", own, "Cookie", "clarion_token=x", "Upgrade", "websocket", "Origin", own), 204},
		"another site with a token of its own":            {request("POST", own, "Authorization", "Bearer x", "Cookie", "clarion_token=x", "Sec-Fetch-Site", "cross-site"), 204},
		"another site with an API key":                    {request("POST", own, "X-API-Key", "x", "Cookie", "clarion_token=x", "Sec-Fetch-Site", "cross-site"), 204},
		"another site's form, with files and by cookie":   {request("POST", own, "Cookie", "clarion_token=x", "Content-Type", "multipart/form-data; boundary=x", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"), 403},
		"an old browser's form does, too":                 {request("POST", own, "Cookie", "clarion_token=x", "Content-Type", "multipart/form-data; boundary=x", "Origin", "null"), 403},
		"another site with nothing":                       {request("POST", own, "Sec-Fetch-Site", "cross-site"), 204},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			door.ServeHTTP(w, test.request)
			if w.Code != test.want {
				t.Fatalf("status %d; want %d", w.Code, test.want)
			}
		})
	}
}
