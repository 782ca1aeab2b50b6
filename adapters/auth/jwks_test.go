package auth_test

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/clarion-app/download-manager/adapters/auth"
	"github.com/clarion-app/download-manager/domain"
)

// keyServer is a host that publishes keys, while it is up.
type keyServer struct {
	*httptest.Server
	mu      sync.Mutex
	up      bool
	keys    map[string]*rsa.PrivateKey
	fetches int
}

func newKeyServer(t *testing.T) *keyServer {
	t.Helper()
	s := &keyServer{keys: map[string]*rsa.PrivateKey{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *keyServer) publish(id string, key *rsa.PrivateKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.up, s.keys = true, map[string]*rsa.PrivateKey{id: key}
}

func (s *keyServer) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fetches++
	if !s.up {
		http.Error(w, "starting", http.StatusServiceUnavailable)
		return
	}
	keys := []map[string]string{}
	for id, key := range s.keys {
		keys = append(keys, map[string]string{
			"kty": "RSA", "use": "sig", "alg": "RS256", "kid": id,
			"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
			"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
		})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"keys": keys})
}

func TestKeysOfAURL(t *testing.T) {
	t.Parallel()
	ours, foreign := keys(t)
	host := newKeyServer(t)
	host.publish("one", ours)
	b := setup(t, &auth.JWT{JWKSURL: host.URL, Role: domain.RoleMember})
	authenticate(t, b, sign(t, jwt.SigningMethodRS256, ours, nil, "kid", "one"))
	authenticate(t, b, sign(t, jwt.SigningMethodRS256, ours, nil)) // Passport names no key
	for name, token := range map[string]string{
		"a foreign key under a known name": sign(t, jwt.SigningMethodRS256, foreign, nil, "kid", "one"),
		"a foreign key without a name":     sign(t, jwt.SigningMethodRS256, foreign, nil),
		"a foreign key under its own name": sign(t, jwt.SigningMethodRS256, foreign, nil, "kid", "two"),
		"alg none":                         sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil, "kid", "one"),
		"HS256 with the key as its secret": sign(t, jwt.SigningMethodHS256, publicPEM(t, ours), nil, "kid", "one"),
		"expired":                          sign(t, jwt.SigningMethodRS256, ours, func(c jwt.MapClaims) { c["exp"] = 1 }, "kid", "one"),
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			_, err := b.AuthenticateToken(t.Context(), token)
			wantKind(t, err, domain.KindUnauthenticated)
		})
	}
	t.Run("a new key is noticed by its name, and the old one forgotten", func(t *testing.T) {
		host.publish("two", foreign)
		authenticate(t, b, sign(t, jwt.SigningMethodRS256, foreign, nil, "kid", "two"))
		_, err := b.AuthenticateToken(t.Context(), sign(t, jwt.SigningMethodRS256, ours, nil, "kid", "one"))
		wantKind(t, err, domain.KindUnauthenticated)
	})
}

func TestAnUnreachableKeyHost(t *testing.T) {
	t.Parallel()
	ours, _ := keys(t)
	host := newKeyServer(t)
	warned := make(chan error, 100)
	b := setup(t, &auth.JWT{JWKSURL: host.URL, Role: domain.RoleMember, Warn: func(err error) {
		select {
		case warned <- err:
		default:
		}
	}})
	if err := <-warned; err == nil { // it is down, and New has returned all the same
		t.Error("warned of nothing")
	}

	// Our own tokens do not depend on it; a JWT is not called bad, only unproven.
	authenticate(t, b, b.secret)
	hurried, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	token := sign(t, jwt.SigningMethodRS256, ours, nil)
	_, err := b.AuthenticateToken(hurried, token)
	wantKind(t, err, domain.KindUnavailable)
	_, err = b.AuthenticateToken(t.Context(), sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil))
	wantKind(t, err, domain.KindUnauthenticated)

	// Once it is back, the request that waits is let in.
	host.publish("one", ours)
	authenticate(t, b, token)
}
