package graph

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/coder/websocket"

	"github.com/clarion-app/download-manager/domain"
)

// serveSocket opens a websocket, which lives on when the request is done: so it keeps
// nothing of that, neither buffers nor a stack. It may be opened without a credential,
// since browsers cannot send one: the first message brings it then.
func (h *handler) serveSocket(w http.ResponseWriter, r *http.Request) { //nolint:contextcheck // it outlives the request
	switch {
	case !isHandshake(r):
		h.refuse(r.Context(), w, domain.Invalid("", "the request is no websocket handshake"))
		return
	case !sameOrigin(r, h.AllowedOrigins):
		h.refuse(r.Context(), w, domain.Forbidden("this page's origin may not open a socket"))
		return
	}
	socket, err := h.upgrade(w, r)
	if err != nil {
		return
	}
	ctx, done := context.Background(), func() {}
	if h.Outlive != nil {
		ctx, done = h.Outlive(r)
	}
	s := &session{door: h, socket: socket, handshake: h.credentialOf(kept(r)), operations: map[string]context.CancelFunc{}}
	go func() {
		defer done()
		s.serve(ctx)
	}()
}

// kept is what of a request may be asked when it is over.
func kept(r *http.Request) *http.Request {
	return &http.Request{
		Method: r.Method, URL: r.URL, Proto: r.Proto, ProtoMajor: r.ProtoMajor, ProtoMinor: r.ProtoMinor,
		Header: r.Header, Host: r.Host, RemoteAddr: r.RemoteAddr, RequestURI: r.RequestURI, TLS: r.TLS,
	}
}

// credentialOf is the credential that a request brings. It can be authenticated at
// any later time.
func (h *handler) credentialOf(r *http.Request) *credential {
	return &credential{key: func() string { return keyOf(r.Header) }, authenticate: func(ctx context.Context) (domain.Actor, error) {
		return h.Authenticate(r.WithContext(ctx))
	}}
}

// credentialOfToken is the credential that connection_init brings.
func (h *handler) credentialOfToken(token string) *credential {
	return &credential{key: func() string { return "token " + token }, authenticate: func(ctx context.Context) (domain.Actor, error) {
		return h.AuthenticateToken(ctx, token)
	}}
}

// refusal is how a socket is closed that nobody may use.
func (h *handler) refusal(ctx context.Context, err error) (websocket.StatusCode, string) {
	switch domain.KindOf(err) {
	case domain.KindUnauthenticated:
		return closeUnauthorized, reasonUnauthorized
	case domain.KindForbidden:
		return closeForbidden, "forbidden"
	}
	return closeInternal, h.presenter.present(ctx, err).Message
}

// payloadToken reads {"Authorization": "Bearer …"} or {"token": "…"}.
func payloadToken(payload map[string]any) string {
	for _, name := range []string{"Authorization", "authorization"} {
		text, _ := payload[name].(string)
		if scheme, token, _ := strings.Cut(text, " "); strings.EqualFold(scheme, "Bearer") {
			return strings.TrimSpace(token)
		}
	}
	token, _ := payload["token"].(string)
	return token
}

// isHandshake reports whether the upgrade can succeed: the transport answers one that
// cannot twice, and logs it.
func isHandshake(r *http.Request) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(r.Header.Get("Sec-WebSocket-Key")))
	return r.Method == http.MethodGet && r.ProtoMajor == 1 && r.ProtoAtLeast(1, 1) &&
		strings.EqualFold(r.Header.Get("Upgrade"), "websocket") &&
		strings.Contains(strings.ToLower(r.Header.Get("Connection")), "upgrade") &&
		r.Header.Get("Sec-WebSocket-Version") == "13" &&
		err == nil && len(key) == 16 && len(r.Header.Values("Sec-WebSocket-Key")) == 1
}

// sameOrigin reports whether a browser's page may open a socket: no rule of the
// browser keeps one site from opening a socket to another, with its cookies.
func sameOrigin(r *http.Request, patterns []string) bool {
	header := r.Header.Get("Origin")
	if header == "" {
		return true // not a browser
	}
	origin, err := url.Parse(header)
	if err != nil || origin.Host == "" {
		return false
	}
	if strings.EqualFold(origin.Host, r.Host) {
		return true
	}
	for _, pattern := range patterns {
		target := origin.Host
		if strings.Contains(pattern, "://") {
			target = origin.Scheme + "://" + origin.Host
		}
		if ok, err := path.Match(strings.ToLower(pattern), strings.ToLower(target)); err == nil && ok {
			return true
		}
	}
	return false
}
