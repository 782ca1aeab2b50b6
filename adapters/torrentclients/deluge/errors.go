package deluge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"

	"github.com/clarion-app/download-manager/domain"
)

// explain turns a failure to converse into words. ctx is the caller's context,
// bounded the one that was used.
func (r *rpc) explain(ctx, bounded context.Context, err error) error {
	var known *domain.Error
	var no *refusal
	var netError net.Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("asking deluge: %w", ctx.Err())
	case r.isClosed():
		return errClosed()
	case errors.As(err, &known), errors.As(err, &no):
		return err
	case bounded.Err() != nil, errors.As(err, &netError) && netError.Timeout():
		return domain.Unavailable(context.DeadlineExceeded, "deluge does not answer in time")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, net.ErrClosed):
		return domain.Unavailable(err, "deluge broke off the connection")
	}
	return domain.Unavailable(err, "cannot reach deluge at %s: %s", r.endpoint.address, shorten(err.Error()))
}

func nonsense(err error) error {
	return domain.Unavailable(err, "the address answers, but not as deluge 2 does: %s", err)
}

func errClosed() error { return domain.Unavailable(nil, "this client is closed") }

// unavailable turns a refusal that is nobody's input at fault into an error of
// KindUnavailable.
func unavailable(err error) error {
	if _, known := errors.AsType[*domain.Error](err); known {
		return err
	}
	if no, ok := errors.AsType[*refusal](err); ok {
		return domain.Unavailable(err, "deluge says: %s", no.message)
	}
	return err
}

// notHeld is the error of asking about a transfer that is not there.
func notHeld(hash domain.InfoHash) error {
	return domain.NotFound("deluge does not hold %s", hash)
}
