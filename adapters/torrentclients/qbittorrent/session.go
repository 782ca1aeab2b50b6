package qbittorrent

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// keySession stands for the one session that all who use an API key share.
const keySession = "API key"

// byKey reports whether an API key stands in the place of a login.
func (a *api) byKey() bool { return a.credentials.Username == "" && a.credentials.Password != "" }

// session is what the next request goes under; "" for none yet.
func (a *api) session() string {
	if a.byKey() {
		return keySession
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cookie
}

// enter makes a session that the daemon has begun the present one. It begins one
// for every request without a cookie that it does not ask a login of.
func (a *api) enter(cookie string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.cookie = cookie
}

// identify says in a request who asks.
func (a *api) identify(request *http.Request, session string) {
	switch {
	case a.byKey():
		request.Header.Set("Authorization", "Bearer "+a.credentials.Password)
	case session != "":
		request.Header.Set("Cookie", session)
	}
}

// sessionCookie finds the session in an answer: SID, or from 5.2 on QBT_SID_ and
// the port. "" when the answer begins none.
func sessionCookie(response *http.Response) string {
	for _, cookie := range response.Cookies() {
		if cookie.Value != "" && len(cookie.Value) < 1024 && (cookie.Name == "SID" || strings.HasPrefix(cookie.Name, "QBT_SID")) {
			return cookie.Name + "=" + cookie.Value
		}
	}
	return ""
}

// logIn gets a session in the place of the one that was refused, unless somebody
// else has done so meanwhile.
func (a *api) logIn(ctx context.Context, refused string, insist bool) error {
	switch {
	case a.byKey():
		// No key is ever banned, so this needs no holding off.
		return unauthorized("the API key is wrong, or this qbittorrent knows none (they came with 5.2)")
	case a.credentials.IsZero():
		return unauthorized("it asks for a username and a password, or an API key")
	}
	select {
	case a.login <- struct{}{}:
		defer func() { <-a.login }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if a.session() != refused {
		return nil
	}
	if err := a.lockout.holdOff(insist); err != nil {
		return err
	}
	request, err := a.request(ctx, post("auth/login", url.Values{
		"username": {a.credentials.Username}, "password": {a.credentials.Password},
	}))
	if err != nil {
		return err
	}
	response, err := a.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	if err != nil {
		return err
	}
	return a.readLogin(response, string(text))
}

// readLogin reads the answer to a login: "Ok." or 204, "Fails." or 401, and 403
// for who has tried too often.
func (a *api) readLogin(response *http.Response, text string) error {
	code, text := response.StatusCode, strings.TrimSpace(text)
	cookie := sessionCookie(response)
	switch {
	case cookie != "" && (code == http.StatusNoContent || (code == http.StatusOK && text == "Ok.")):
		a.lockout.welcome()
		a.enter(cookie)
		return nil
	case code == http.StatusUnauthorized, code == http.StatusOK && text == "Fails.":
		return a.lockout.refused("qbittorrent refuses the login: wrong username or password")
	case code == http.StatusForbidden:
		return a.lockout.refused("qbittorrent refuses the login: it has banned this machine for too many wrong passwords, usually for an hour")
	case code == http.StatusOK, code == http.StatusNoContent:
		return nonsense(fmt.Errorf("its answer to a login begins no session"))
	}
	return a.explainStatus(response)
}
