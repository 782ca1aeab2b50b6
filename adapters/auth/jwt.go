package auth

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// clockSkew is how far the clock of a token's issuer may be ahead of ours, or
// behind it.
const clockSkew = 10 * time.Second

// JWT says which JSON Web Tokens are good. Only RS256 is, and only with an expiry.
// Keys come from a PEM text, from a JWKS URL, or from both.
type JWT struct {
	// PublicKeyPEM holds one or more RSA public keys or certificates; a token may
	// be signed with any of them, so that keys can be rotated.
	PublicKeyPEM []byte
	// JWKSURL is where the keys are fetched; a new key is noticed by its id.
	JWKSURL string
	// Issuer and Audience must match the token's unless they are empty.
	Issuer, Audience string
	// Role is what the users behind these tokens may do.
	Role domain.Role
	// Warn is told, now and then, that the keys cannot be fetched; may be nil.
	Warn func(error)
}

// errNotJWT marks a token that is no JWT at all, and so may be one of ours.
var errNotJWT = errors.New("not a JSON Web Token")

type jwtVerifier struct {
	parser *jwt.Parser
	keys   []keySource
	role   domain.Role
}

// keySource gives the key or keys to check a token with.
type keySource func(ctx context.Context, token *jwt.Token) (any, error)

func newJWTVerifier(ctx context.Context, config JWT, now func() time.Time) (*jwtVerifier, error) {
	options := []jwt.ParserOption{
		jwt.WithValidMethods([]string{jwt.SigningMethodRS256.Alg()}),
		jwt.WithExpirationRequired(),
		jwt.WithLeeway(clockSkew),
		jwt.WithTimeFunc(now),
	}
	if config.Issuer != "" {
		options = append(options, jwt.WithIssuer(config.Issuer))
	}
	if config.Audience != "" {
		options = append(options, jwt.WithAudience(config.Audience))
	}
	v := &jwtVerifier{parser: jwt.NewParser(options...), role: config.Role}
	if len(config.PublicKeyPEM) > 0 {
		keys, err := parsePublicKeys(config.PublicKeyPEM)
		if err != nil {
			return nil, err
		}
		v.keys = append(v.keys, func(context.Context, *jwt.Token) (any, error) { return keys, nil })
	}
	if config.JWKSURL != "" {
		source, err := openJWKS(ctx, config.JWKSURL, config.Warn)
		if err != nil {
			return nil, err
		}
		v.keys = append(v.keys, source)
	}
	if len(v.keys) == 0 {
		return nil, domain.Invalid("jwt", "needs a public key or a JWKS URL")
	}
	return v, nil
}

// verify says who is behind token, by the first key source that vouches for it.
func (v *jwtVerifier) verify(ctx context.Context, token string) (domain.Actor, error) {
	var failure error
	for _, keys := range v.keys {
		claims := jwt.RegisteredClaims{}
		_, err := v.parser.ParseWithClaims(token, &claims, func(t *jwt.Token) (any, error) { return keys(ctx, t) })
		if err == nil {
			return v.actor(claims)
		}
		if errors.Is(err, jwt.ErrTokenMalformed) {
			return domain.Actor{}, errNotJWT
		}
		failure = errors.Join(failure, err)
	}
	if unavailable, ok := errors.AsType[*domain.Error](failure); ok {
		return domain.Actor{}, unavailable // perhaps good: the keys could not be had
	}
	if errors.Is(failure, jwt.ErrTokenExpired) {
		return domain.Actor{}, domain.Unauthenticated("the token has expired")
	}
	return domain.Actor{}, &domain.Error{Kind: domain.KindUnauthenticated, Message: "the token is not valid here", Err: failure}
}

func (v *jwtVerifier) actor(claims jwt.RegisteredClaims) (domain.Actor, error) {
	user := subjectID(claims.Issuer, claims.Subject)
	if user == uuid.Nil {
		return domain.Actor{}, domain.Unauthenticated("the token names no user")
	}
	expires := domain.Instant(claims.ExpiresAt.Time)
	return domain.Actor{UserID: user, Role: v.role, ExpiresAt: &expires}, nil
}

// subjects is the namespace of the ids that subjectID makes.
var subjects = uuid.MustParse("6e0bd1f6-3c0d-5d0a-9a55-0d6f3fb9c1a4")

// subjectID is the id of the user whom a token calls subject. A UUID is that id;
// any other text becomes a name-based UUID (RFC 9562, version 5) of the token's
// issuer and the text, so the same user always has the same id. A token without
// a subject has uuid.Nil.
func subjectID(issuer, subject string) uuid.UUID {
	const canonical = len("00000000-0000-0000-0000-000000000000")
	if len(subject) == canonical {
		if id, err := uuid.Parse(subject); err == nil {
			return id
		}
	}
	if strings.TrimSpace(subject) == "" {
		return uuid.Nil
	}
	return uuid.NewSHA1(subjects, []byte(issuer+"\x00"+subject))
}

// looksLikeJWT reports whether token has the three parts of one and a header in
// front, so that a secret of our own that happens to hold dots is not taken for
// one.
func looksLikeJWT(token string) bool {
	header, rest, _ := strings.Cut(token, ".")
	if strings.Count(rest, ".") != 1 {
		return false
	}
	raw, err := base64.RawURLEncoding.DecodeString(header)
	return err == nil && strings.HasPrefix(strings.TrimSpace(string(raw)), "{")
}
