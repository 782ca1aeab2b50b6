package aria2

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
		return fmt.Errorf("asking aria2: %w", ctx.Err())
	case r.isClosed():
		return errClosed()
	case bounded.Err() != nil, errors.As(err, &netError) && netError.Timeout():
		return domain.Unavailable(context.DeadlineExceeded, "aria2 does not answer in time")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return domain.Unavailable(err, "aria2 broke off its answer")
	}
	// The text of a url.Error repeats the method and the address.
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return domain.Unavailable(err, "cannot reach aria2 at %s: %s", r.endpoint.Host, shorten(err.Error()))
}

func (r *rpc) explainStatus(response *http.Response) error {
	code := response.StatusCode
	why := "that is not how aria2 answers; is the address right?"
	switch {
	case code == http.StatusUnauthorized:
		why = "it asks for a username and a password, or has others"
	case code == http.StatusForbidden:
		why = "it forbids this"
	case code == http.StatusNotFound:
		why = "there is no RPC at this path; aria2's own is /jsonrpc"
	case code == http.StatusRequestEntityTooLarge:
		why = "the request is larger than it allows"
	case code >= 300 && code < 400:
		why = fmt.Sprintf("it redirects to %q; give the address that is meant", shorten(response.Header.Get("Location")))
	case code >= 500:
		why = "it has a fault of its own"
	}
	return domain.Unavailable(nil, "aria2 answered %d: %s", code, why)
}

func nonsense(err error) error {
	return domain.Unavailable(err, "the address answers, but not as aria2 does: %s", err)
}

func errClosed() error { return domain.Unavailable(nil, "this client is closed") }

// errUnauthorized is how wrong credentials are told: like a daemon that cannot be
// reached, which is what it comes to.
func (r *rpc) errUnauthorized() error {
	if r.credentials.Password == "" {
		return domain.Unavailable(nil, "aria2 asks for a secret: give its rpc-secret as the password")
	}
	return domain.Unavailable(nil, "aria2 does not take this password: it must be the daemon's rpc-secret")
}

// unavailable turns a refusal that is nobody's input at fault into an error of
// KindUnavailable.
func unavailable(err error) error {
	if no, ok := errors.AsType[*refusal](err); ok {
		return domain.Unavailable(err, "aria2 says: %s", no.message)
	}
	return err
}

// errNoFiles: aria2 would take a choice of files blindly, and nobody can have made one.
func errNoFiles() error {
	return domain.Conflict("the files of this torrent are not known yet, so that none can be left out")
}

func notHeld(hash domain.InfoHash) error {
	return domain.NotFound("aria2 does not hold %s", hash)
}
