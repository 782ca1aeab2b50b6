package graph

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/coder/websocket"

	"github.com/clarion-app/download-manager/domain"
)

func (h *handler) newSocketTransport() transport.Websocket {
	limit := h.Limits.BodyBytes
	return transport.Websocket{
		Implementation:   acceptor{origins: h.AllowedOrigins, timeout: h.Limits.WriteTimeout},
		InitFunc:         h.initialise,
		InitTimeout:      h.Limits.InitTimeout,
		PingPongInterval: h.Limits.PingInterval,
		PayloadReadLimit: &limit,
	}
}

// serveSocket serves a websocket to its end. It may be opened without a credential,
// since browsers cannot send one: the first message brings it then.
func (h *handler) serveSocket(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	switch {
	case !isHandshake(r):
		h.refuse(ctx, w, domain.Invalid("", "the request is no websocket handshake"))
		return
	case !sameOrigin(r, h.AllowedOrigins):
		h.refuse(ctx, w, domain.Forbidden("this page's origin may not open a socket"))
		return
	}
	s := &session{operations: map[string]bool{}, handshake: h.authenticateAgain(r)}
	ctx = withCall(withSession(ctx, s), &call{streaming: true})
	h.socket.Do(w, r.WithContext(ctx), h.exec)
	if s.socket != nil {
		_ = s.socket.Close() // where the transport has left it open
	}
}

// initialise answers connection_init. Its token goes before the handshake's.
func (h *handler) initialise(ctx context.Context, payload transport.InitPayload) (context.Context, *transport.InitPayload, error) {
	s := sessionOf(ctx)
	who := &credential{authenticate: s.handshake}
	if token := payloadToken(payload); token != "" {
		who.authenticate = func(ctx context.Context) (domain.Actor, error) { return h.AuthenticateToken(ctx, token) }
	}
	var err error
	who.actor, err = who.authenticate(ctx)
	if err != nil {
		code, reason := h.refusal(ctx, err)
		return transport.WithWebsocketCloseCode(transport.AppendCloseReason(ctx, reason), int(code)), nil, err
	}
	ctx = h.lasting(ctx, who)
	s.standsOn(ctx)
	return ctx, nil, nil
}

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
func payloadToken(payload transport.InitPayload) string {
	if scheme, token, _ := strings.Cut(payload.Authorization(), " "); strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return payload.GetString("token")
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
