// Package auth turns the credentials of a request into the domain.Actor that
// acts, at the edge of every door: API tokens of our own and the Passport tokens
// of a Clarion host. It also guards cookies against other sites and hashes
// passwords.
package auth

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

// CookieName is the cookie in which a Clarion front end keeps its bearer token.
const CookieName = "clarion_token"

// apiKeyHeader is the header for clients that cannot send Authorization.
const apiKeyHeader = "X-API-Key"

// Config is what an Authenticator is made of.
type Config struct {
	// Users knows our own tokens.
	Users *app.Users
	// JWT says which JSON Web Tokens are good; nil for none.
	JWT *JWT
	// AllowedOrigins are the other sites ("https://example.org") whose pages may
	// use our cookie; usually none. "*" allows none here: what is open to all
	// sites is open to those that send a token of their own.
	AllowedOrigins []string
	// Now is the clock; nil for the real one.
	Now func() time.Time
}

// Authenticator says who is asking.
type Authenticator struct {
	users      *app.Users
	jwt        *jwtVerifier // nil: no JWTs
	protection *http.CrossOriginProtection
}

// New makes an Authenticator. ctx bounds the fetching of keys in the background,
// which goes on after New has returned. Errors say which setting is wrong.
func New(ctx context.Context, config Config) (*Authenticator, error) {
	a := &Authenticator{users: config.Users, protection: http.NewCrossOriginProtection()}
	for _, origin := range config.AllowedOrigins {
		if origin == "*" {
			continue
		}
		if err := a.protection.AddTrustedOrigin(origin); err != nil {
			return nil, domain.Invalid("allowedOrigins", "%v", err)
		}
	}
	if config.JWT == nil {
		return a, nil
	}
	now := config.Now
	if now == nil {
		now = time.Now
	}
	var err error
	a.jwt, err = newJWTVerifier(ctx, *config.JWT, now)
	return a, err
}

// Authenticate says who sent r: by `Authorization: Bearer`, else X-API-Key, else
// the clarion_token cookie. KindUnauthenticated when that is nobody;
// KindUnavailable when it cannot be told right now.
func (a *Authenticator) Authenticate(r *http.Request) (domain.Actor, error) {
	token, err := credential(r)
	if err != nil {
		return domain.Actor{}, err
	}
	return a.AuthenticateToken(r.Context(), token)
}

// AuthenticateToken says who is behind a token, for credentials that do not come
// in a header (a websocket's first message). Errors as Authenticate.
func (a *Authenticator) AuthenticateToken(ctx context.Context, token string) (domain.Actor, error) {
	if token == "" {
		return domain.Actor{}, domain.Unauthenticated("no token was given")
	}
	if a.jwt != nil && looksLikeJWT(token) {
		actor, err := a.jwt.verify(ctx, token)
		if !errors.Is(err, errNotJWT) {
			return actor, err
		}
	}
	return a.users.Authenticate(ctx, token)
}

// credential reads the token of r. Nothing in the query counts: queries end up in
// logs, histories and Referer headers.
func credential(r *http.Request) (string, error) {
	header := r.Header.Get("Authorization")
	scheme, token, _ := strings.Cut(header, " ")
	if strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token), nil
	}
	if key := r.Header.Get(apiKeyHeader); key != "" {
		return strings.TrimSpace(key), nil
	}
	if header != "" {
		return "", domain.Unauthenticated("the Authorization header must be of the form: Bearer TOKEN")
	}
	if cookie, err := r.Cookie(CookieName); err == nil {
		return cookie.Value, nil
	}
	return "", domain.Unauthenticated("authentication is required")
}
