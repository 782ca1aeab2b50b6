package qbittorrent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/jsonscan"
)

// errMalformed is an answer that is no JSON, or not what we expect: it is the same whether the scanner says so or we do.
var errMalformed = jsonscan.ErrMalformed

// refusal is the daemon saying no to what was asked for.
type refusal struct {
	status int
	// message is the daemon's own; "" where it gave none.
	message string
}

func (r *refusal) Error() string {
	return fmt.Sprintf("qbittorrent answered %d: %s", r.status, r.says())
}

func (r *refusal) says() string {
	switch {
	case r.message != "":
		return r.message
	case r.status == http.StatusNotFound:
		return "that is not how qbittorrent answers; is the address right?"
	}
	return http.StatusText(r.status)
}

// refused returns the refusal in err, if it is one with that status.
func refused(err error, statuses ...int) (*refusal, bool) {
	no, ok := errors.AsType[*refusal](err)
	if !ok {
		return nil, false
	}
	for _, status := range statuses {
		if no.status == status {
			return no, true
		}
	}
	return nil, false
}

// explain turns a failure to exchange into words. ctx is the caller's context,
// bounded the one that was used.
func (a *api) explain(ctx, bounded context.Context, err error) error {
	var known *domain.Error
	var no *refusal
	var netError net.Error
	switch {
	case errors.As(err, &known), errors.As(err, &no):
		return err
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("asking qbittorrent: %w", ctx.Err())
	case a.isClosed():
		return errClosed()
	case bounded.Err() != nil, errors.As(err, &netError) && netError.Timeout():
		return domain.Unavailable(context.DeadlineExceeded, "qbittorrent does not answer in time")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return domain.Unavailable(err, "qbittorrent broke off its answer")
	}
	// The text of a url.Error repeats the method and the address.
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return domain.Unavailable(err, "cannot reach qbittorrent at %s: %s", a.base.Host, shorten(err.Error()))
}

// explainStatus is the error of an answer that is no success: a *refusal when
// the daemon may mean what was asked for, else of KindUnavailable.
func (a *api) explainStatus(response *http.Response) error {
	code := response.StatusCode
	why := "that is not how qbittorrent answers; is the address right?"
	switch {
	case code == http.StatusBadRequest, code == http.StatusNotFound, code == http.StatusConflict, code == http.StatusUnsupportedMediaType:
		return &refusal{status: code, message: plainText(response)}
	case code == http.StatusUnauthorized:
		why = "its host header validation does not accept the host name or port of the address, or something in front of it asks for a password"
	case code >= 300 && code < 400:
		why = fmt.Sprintf("it redirects to %q; give the address that is meant", shorten(response.Header.Get("Location")))
	case code >= 500:
		why = "it has a fault of its own"
	}
	return domain.Unavailable(nil, "qbittorrent answered %d: %s", code, why)
}

// plainText reads the words of a refusal. Pages are not the daemon's.
func plainText(response *http.Response) string {
	text, _ := io.ReadAll(io.LimitReader(response.Body, 64<<10)) // what there is of it
	if !strings.HasPrefix(response.Header.Get("Content-Type"), "text/plain") || strings.Contains(string(text), "<") {
		return ""
	}
	return strings.TrimSuffix(shorten(string(text)), ".")
}

func unauthorized(why string) error {
	return domain.Unavailable(nil, "qbittorrent answered 403: %s", why)
}

func nonsense(err error) error {
	return domain.Unavailable(err, "the address answers, but not as qbittorrent does: %s", err)
}

func errClosed() error { return domain.Unavailable(nil, "this client is closed") }

// unavailable turns a refusal that is nobody's input at fault into an error of
// KindUnavailable.
func unavailable(err error) error {
	if no, ok := errors.AsType[*refusal](err); ok {
		return domain.Unavailable(err, "qbittorrent answered %d: %s", no.status, no.says())
	}
	return err
}

// shorten makes a daemon's text fit to show.
func shorten(text string) string {
	text = domain.CleanText(text)
	if len(text) > 300 {
		text = domain.CleanText(text[:300]) + "…"
	}
	return text
}
