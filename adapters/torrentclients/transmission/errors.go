package transmission

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/jsonscan"
)

// errMalformed is an answer that is no JSON, or not what we expect: it is the same whether the scanner says so or we do.
var errMalformed = jsonscan.ErrMalformed

// explain turns a failure to exchange into words. ctx is the caller's context,
// bounded the one that was used.
func (r *rpc) explain(ctx, bounded context.Context, err error) error {
	var known *domain.Error
	var netError net.Error
	switch {
	case errors.As(err, &known):
		return err
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("asking transmission: %w", ctx.Err())
	case r.isClosed():
		return errClosed()
	case bounded.Err() != nil, errors.As(err, &netError) && netError.Timeout():
		return domain.Unavailable(context.DeadlineExceeded, "transmission does not answer in time")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return domain.Unavailable(err, "transmission broke off its answer")
	}
	// The text of a url.Error repeats the method and the address.
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return domain.Unavailable(err, "cannot reach transmission at %s: %s", r.endpoint.Host, shorten(err.Error()))
}

func (r *rpc) explainStatus(response *http.Response) error {
	code := response.StatusCode
	why := "that is not how transmission answers; is the address right?"
	switch {
	case code == http.StatusUnauthorized && r.credentials.IsZero():
		why = "it asks for a username and a password"
	case code == http.StatusUnauthorized:
		why = "wrong username or password"
	case code == http.StatusForbidden:
		why = "this machine is not on its whitelist, or there were too many wrong passwords"
	case code == http.StatusMisdirectedRequest:
		why = "the host name of the address is not on its whitelist"
	case code >= 300 && code < 400:
		why = fmt.Sprintf("it redirects to %q; give the address that is meant", shorten(response.Header.Get("Location")))
	case code >= 500:
		why = "it has a fault of its own"
	}
	return domain.Unavailable(nil, "transmission answered %d: %s", code, why)
}

func nonsense(err error) error {
	return domain.Unavailable(err, "the address answers, but not as transmission does: %s", err)
}

func errClosed() error { return domain.Unavailable(nil, "this client is closed") }

// unavailable turns a refusal that is nobody's input at fault into an error of
// KindUnavailable.
func unavailable(err error) error {
	if no, ok := errors.AsType[*refusal](err); ok {
		return domain.Unavailable(err, "transmission says: %s", no.message)
	}
	return err
}
