package app

import (
	"context"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// The token that a log-in makes.
const (
	loginToken = "login"
	loginFor   = 30 * 24 * time.Hour
)

// LogIn makes a token for the user of this name and password, and returns it and
// its secret. KindUnauthenticated when there is no such user, when they have no
// password, and when it is another one: which of these is not told, neither by the
// words nor by the time that they take.
func (a *Users) LogIn(ctx context.Context, name, password string) (token *domain.Token, secret string, err error) {
	user, err := a.Repository.GetByName(ctx, domain.CleanText(name))
	if domain.KindOf(err) == domain.KindNotFound {
		user = &domain.User{} // whose empty hash takes as long and matches nothing
	} else if err != nil {
		return nil, "", err
	}
	if len(password) > maxPasswordLength {
		password = "" // nobody's, too
	}
	right, err := a.Passwords.Matches(ctx, password, user.PasswordHash)
	if err != nil {
		return nil, "", err
	}
	if !right {
		return nil, "", domain.Unauthenticated("wrong name or password")
	}
	expiresAt := a.Now().Add(loginFor)
	return a.AddToken(ctx, user.Actor(), user.ID, loginToken, &expiresAt)
}
