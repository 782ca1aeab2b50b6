package auth_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/auth"
	"github.com/clarion-app/download-manager/domain"
)

func TestAPassportTokenIsTaken(t *testing.T) {
	t.Parallel()
	ours, _ := keys(t)
	b := setup(t, &auth.JWT{PublicKeyPEM: publicPEM(t, ours), Role: domain.RoleAdministrator})
	actor := authenticate(t, b, sign(t, jwt.SigningMethodRS256, ours, nil))
	if actor.UserID != subject || actor.Role != domain.RoleAdministrator || actor.Name != "" {
		t.Fatalf("actor %+v", actor)
	}
	if actor.ExpiresAt == nil || time.Until(*actor.ExpiresAt) > time.Hour || time.Until(*actor.ExpiresAt) < 59*time.Minute {
		t.Fatalf("ends at %v; want in an hour", actor.ExpiresAt)
	}
	t.Run("beside our own tokens", func(t *testing.T) {
		t.Parallel()
		if actor := authenticate(t, b, b.secret); actor.UserID != b.user.ID {
			t.Fatalf("actor %+v", actor)
		}
	})
}

func TestABadJWTIsRefused(t *testing.T) {
	t.Parallel()
	ours, foreign := keys(t)
	b := setup(t, &auth.JWT{PublicKeyPEM: publicPEM(t, ours), Issuer: "https://clarion", Audience: "1", Role: domain.RoleMember})
	good := func(change func(jwt.MapClaims)) string {
		return sign(t, jwt.SigningMethodRS256, ours, func(c jwt.MapClaims) {
			c["iss"] = "https://clarion"
			if change != nil {
				change(c)
			}
		})
	}
	authenticate(t, b, good(nil))
	authenticate(t, b, good(func(c jwt.MapClaims) { c["aud"] = []string{"0", "1"} }))
	parts := strings.Split(good(nil), ".")
	other := strings.Split(good(func(c jwt.MapClaims) { c["sub"] = uuid.NewString() }), ".")
	for name, token := range map[string]string{
		"expired":            good(func(c jwt.MapClaims) { c["exp"] = time.Now().Add(-time.Minute).Unix() }),
		"without an expiry":  good(func(c jwt.MapClaims) { delete(c, "exp") }),
		"not good yet":       good(func(c jwt.MapClaims) { c["nbf"] = time.Now().Add(time.Hour).Unix() }),
		"of another issuer":  good(func(c jwt.MapClaims) { c["iss"] = "https://evil" }),
		"of no issuer":       good(func(c jwt.MapClaims) { delete(c, "iss") }),
		"for another client": good(func(c jwt.MapClaims) { c["aud"] = "2" }),
		"for no client":      good(func(c jwt.MapClaims) { delete(c, "aud") }),
		"without a subject":  good(func(c jwt.MapClaims) { delete(c, "sub") }),
		"with a blank one":   good(func(c jwt.MapClaims) { c["sub"] = " " }),
		"with the nil id":    good(func(c jwt.MapClaims) { c["sub"] = uuid.Nil.String() }),
		"of a foreign key":   sign(t, jwt.SigningMethodRS256, foreign, func(c jwt.MapClaims) { c["iss"] = "https://clarion" }),
		"of another RSA way": sign(t, jwt.SigningMethodRS512, ours, func(c jwt.MapClaims) { c["iss"] = "https://clarion" }),
		"with PSS":           sign(t, jwt.SigningMethodPS256, ours, func(c jwt.MapClaims) { c["iss"] = "https://clarion" }),
		"HS256 with the PEM as its secret": sign(t, jwt.SigningMethodHS256, publicPEM(t, ours),
			func(c jwt.MapClaims) { c["iss"] = "https://clarion" }),
		"alg none": sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType,
			func(c jwt.MapClaims) { c["iss"] = "https://clarion" }),
		"altered in its claims":    parts[0] + "." + other[1] + "." + parts[2],
		"altered in its signature": parts[0] + "." + parts[1] + "." + other[2],
		"without its signature":    parts[0] + "." + parts[1] + ".",
		"garbage behind a header":  parts[0] + ".!.!",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := b.AuthenticateToken(t.Context(), token)
			wantKind(t, err, domain.KindUnauthenticated)
		})
	}
}

func TestWhoATokenIs(t *testing.T) {
	t.Parallel()
	ours, _ := keys(t)
	b := setup(t, &auth.JWT{PublicKeyPEM: publicPEM(t, ours), Role: domain.RoleMember})
	who := func(issuer, subject string) uuid.UUID {
		return authenticate(t, b, sign(t, jwt.SigningMethodRS256, ours, func(c jwt.MapClaims) {
			c["iss"], c["sub"] = issuer, subject
		})).UserID
	}
	if got := who("", strings.ToUpper(subject.String())); got != subject {
		t.Errorf("a UUID became %s", got)
	}
	one := who("a", "42")
	if one != who("a", "42") {
		t.Error("the same user has two ids")
	}
	if one == who("a", "43") || one == who("b", "42") {
		t.Error("two users have one id")
	}
	if one.Version() != 5 {
		t.Errorf("version %d; want 5", one.Version())
	}
	if hex := strings.ReplaceAll(subject.String(), "-", ""); who("", hex) == subject {
		t.Error("another way to write a UUID is taken for it")
	}
}

func TestSeveralPublicKeys(t *testing.T) {
	t.Parallel()
	ours, foreign := keys(t)
	b := setup(t, &auth.JWT{PublicKeyPEM: append(publicPEM(t, foreign), publicPEM(t, ours)...), Role: domain.RoleMember})
	authenticate(t, b, sign(t, jwt.SigningMethodRS256, ours, nil))
	authenticate(t, b, sign(t, jwt.SigningMethodRS256, foreign, nil))
}

func TestWhatIsNoPublicKey(t *testing.T) {
	t.Parallel()
	ours, _ := keys(t)
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	curveDER, err := x509.MarshalPKIXPublicKey(&curve.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}) }
	for name, config := range map[string]auth.JWT{
		"nothing":           {},
		"no PEM":            {PublicKeyPEM: []byte("hello")},
		"a private key":     {PublicKeyPEM: block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(ours))},
		"no RSA key":        {PublicKeyPEM: block("PUBLIC KEY", curveDER)},
		"a short key":       {PublicKeyPEM: publicPEM(t, weak)},
		"a damaged key":     {PublicKeyPEM: block("PUBLIC KEY", bytes.Repeat([]byte{1}, 40))},
		"a JWKS path":       {JWKSURL: "/keys"},
		"a JWKS of a file":  {JWKSURL: "file:///keys"},
		"a good and a none": {PublicKeyPEM: publicPEM(t, ours), JWKSURL: "keys"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := auth.New(t.Context(), auth.Config{JWT: &config})
			wantKind(t, err, domain.KindInvalid)
		})
	}
	t.Run("a PKCS 1 public key is one", func(t *testing.T) {
		t.Parallel()
		pkcs1 := block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&ours.PublicKey))
		authenticate(t, setup(t, &auth.JWT{PublicKeyPEM: pkcs1}), sign(t, jwt.SigningMethodRS256, ours, nil))
	})
}
