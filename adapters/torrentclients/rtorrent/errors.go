package rtorrent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"

	"github.com/clarion-app/download-manager/domain"
)

// explain turns a failure to exchange into words. ctx is the caller's context,
// bounded the one that was used.
func (r *rpc) explain(ctx, bounded context.Context, err error) error {
	var known *domain.Error
	var netError net.Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("asking rtorrent: %w", ctx.Err())
	case r.isClosed():
		return errClosed()
	case errors.As(err, &known):
		return err
	case bounded.Err() != nil, errors.As(err, &netError) && netError.Timeout():
		return domain.Unavailable(context.DeadlineExceeded, "rtorrent does not answer in time")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return domain.Unavailable(err, "rtorrent broke off its answer")
	}
	// The text of a url.Error repeats the method and the address.
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return domain.Unavailable(err, "cannot reach rtorrent at %s: %s", r.at, shorten(err.Error()))
}

func explainStatus(response *http.Response, withCredentials bool) error {
	code := response.StatusCode
	why := "that is not how rtorrent answers; is the address right?"
	switch {
	case code == http.StatusUnauthorized && !withCredentials:
		why = "it asks for a username and a password"
	case code == http.StatusUnauthorized:
		why = "wrong username or password"
	case code == http.StatusForbidden:
		why = "this machine, or this user, is not let in"
	case code >= 300 && code < 400:
		why = fmt.Sprintf("it redirects to %q; give the address that is meant", shorten(response.Header.Get("Location")))
	case code == http.StatusRequestEntityTooLarge:
		why = "the web server in front of it takes no request of this size"
	case code >= 500:
		why = "the web server in front of it cannot reach it, or has a fault of its own"
	}
	return domain.Unavailable(nil, "rtorrent answered %d: %s", code, why)
}

func nonsense(err error) error {
	return domain.Unavailable(err, "the address answers, but not as rtorrent does: %s", err)
}

func tooLarge(limit int64) error {
	return domain.Unavailable(nil, "rtorrent's answer is larger than %d MB", limit>>20)
}

func errClosed() error { return domain.Unavailable(nil, "this client is closed") }

func isFault(err error) bool {
	_, ok := errors.AsType[*fault](err)
	return ok
}

// isUnknownHash reports whether a call failed since its torrent is not there.
func isUnknownHash(err error) bool {
	no, ok := errors.AsType[*fault](err)
	return ok && no.unknownHash()
}

// unavailable turns a fault that is nobody's input at fault into an error of
// KindUnavailable.
func unavailable(err error) error {
	if no, ok := errors.AsType[*fault](err); ok {
		return domain.Unavailable(err, "rtorrent says: %s", no.message)
	}
	return err
}

// notHeld is the error of asking about a torrent that is not there.
func notHeld(hash domain.InfoHash) error {
	return domain.NotFound("rtorrent does not hold %s", hash)
}
