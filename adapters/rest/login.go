package rest

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/clarion-app/download-manager/domain"
)

// logIn makes a token for a name and a password: the one action of ours for which
// none is needed.
func (d *door) logIn(r *http.Request) (reply, error) {
	// A query ends up in logs and histories: no password is taken from it.
	unasked := *r
	unasked.URL = &url.URL{Path: r.URL.Path}
	in, err := d.read(&unasked)
	if err != nil {
		return reply{}, err
	}
	name, password := in.requiredText("name"), in.requiredSecret("password")
	if err := in.err(); err != nil {
		return reply{}, err
	}
	token, secret, err := d.Users.LogIn(r.Context(), name, password)
	if errors.Is(err, &domain.Error{Kind: domain.KindUnauthenticated}) {
		answer := d.failure(r, err)
		answer.body = message(answer.status, sentence("", domain.MessageOf(err))).body // what is wrong is no token
		return answer, nil
	}
	if err != nil {
		return reply{}, err
	}
	user, err := d.Users.Authenticate(r.Context(), secret) // as from now on
	if err != nil {
		return reply{}, err
	}
	answer := ok(appendLogin(nil, token, secret, user))
	answer.header = map[string]string{"Cache-Control": "no-store"}
	return answer, nil
}

// appendLogin appends a new token, its secret, and whom it lets in.
func appendLogin(b []byte, token *domain.Token, secret string, user domain.Actor) []byte {
	b = appendText(append(b, `{"token":`...), secret)
	b = appendTime(append(b, `,"expires_at":`...), token.ExpiresAt)
	b = appendUUID(append(b, `,"user":{"id":`...), &user.UserID)
	b = appendText(append(b, `,"name":`...), user.Name)
	b = appendText(append(b, `,"role":`...), string(user.Role))
	return append(b, "}}"...)
}
