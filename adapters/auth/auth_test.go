package auth_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/auth"
	"github.com/clarion-app/download-manager/adapters/memory"
	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports/portstest"
)

func TestPasswordHasher(t *testing.T) {
	t.Parallel()
	portstest.PasswordHasher(t, auth.NewPasswordHasher())
}

// Keys are made once: making one takes long under the race detector.
var (
	keyOnce            sync.Once
	ourKey, foreignKey *rsa.PrivateKey
)

func keys(t *testing.T) (ours, foreign *rsa.PrivateKey) {
	t.Helper()
	keyOnce.Do(func() {
		ourKey, _ = rsa.GenerateKey(rand.Reader, 2048)
		foreignKey, _ = rsa.GenerateKey(rand.Reader, 2048)
	})
	return ourKey, foreignKey
}

func publicPEM(t *testing.T, key *rsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// sign makes a token as Passport does: no issuer, the client as audience.
func sign(t *testing.T, method jwt.SigningMethod, key any, change func(jwt.MapClaims), header ...string) string {
	t.Helper()
	claims := jwt.MapClaims{
		"aud": "1", "jti": uuid.NewString(), "sub": subject.String(), "scopes": []string{},
		"iat": float64(time.Now().UnixMicro()) / 1e6,
		"nbf": float64(time.Now().UnixMicro()) / 1e6,
		"exp": time.Now().Add(time.Hour).Unix(),
	}
	if change != nil {
		change(claims)
	}
	token := jwt.NewWithClaims(method, claims)
	for i := 0; i+1 < len(header); i += 2 {
		token.Header[header[i]] = header[i+1]
	}
	text, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

var subject = uuid.MustParse("3f0c6a52-90e5-4e58-9a51-7f1e3f8f2c11")

// bundle is an Authenticator and a user with a token of our own.
type bundle struct {
	*auth.Authenticator
	users  *app.Users
	user   *domain.User
	token  *domain.Token
	secret string
}

func setup(t *testing.T, config *auth.JWT, origins ...string) bundle {
	t.Helper()
	store := memory.New()
	users := &app.Users{Repository: store.Users(), Tokens: store.Tokens(), Passwords: auth.NewPasswordHasher(), Now: time.Now}
	ctx := t.Context()
	user, err := users.Add(ctx, domain.System(), "ada", domain.RoleMember, "")
	if err != nil {
		t.Fatal(err)
	}
	token, secret, err := users.AddToken(ctx, domain.System(), user.ID, "laptop", nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := auth.New(ctx, auth.Config{Users: users, JWT: config, AllowedOrigins: origins})
	if err != nil {
		t.Fatal(err)
	}
	return bundle{Authenticator: a, users: users, user: user, token: token, secret: secret}
}

func wantKind(t *testing.T, err error, kind domain.Kind) {
	t.Helper()
	if err == nil {
		t.Fatalf("let in; want %s", kind)
	}
	if got := domain.KindOf(err); got != kind {
		t.Fatalf("kind %s (%v); want %s", got, err, kind)
	}
}

func authenticate(t *testing.T, b bundle, token string) domain.Actor {
	t.Helper()
	actor, err := b.AuthenticateToken(context.WithoutCancel(t.Context()), token)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	return actor
}
