package auth

import (
	"io"
	"net/http"
)

// Protect refuses, with 403, what a page of another site asks with our cookie: a
// browser sends cookies by itself, so the request proves nothing about its
// author. Requests with a credential in a header are not touched, since no
// foreign page can set one.
func (a *Authenticator) Protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if byCookie(r) && a.protection.Check(asStateChanging(r)) != nil {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"message":"cross-origin request refused"}`+"\n")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// byCookie reports whether the cookie is what r stands on.
func byCookie(r *http.Request) bool {
	if r.Header.Get("Authorization") != "" || r.Header.Get(apiKeyHeader) != "" {
		return false
	}
	_, err := r.Cookie(CookieName)
	return err == nil
}

// asStateChanging makes a websocket's opening GET count as what it can become: a
// conversation that changes things, and that another site could read, too.
func asStateChanging(r *http.Request) *http.Request {
	if r.Header.Get("Upgrade") == "" {
		return r
	}
	changing := *r
	changing.Method = http.MethodPost
	return &changing
}
