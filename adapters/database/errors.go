package database

import (
	"context"
	"database/sql"
	"errors"

	"github.com/clarion-app/download-manager/domain"
)

// translate turns what a driver says into what the ports promise. Errors of the
// domain pass through.
func translate(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*domain.Error](err); ok {
		return err
	}
	// A statement that is called off ends in the driver's own words.
	if ctx.Err() != nil && (wasCanceled(err) || errors.Is(err, sql.ErrTxDone)) {
		return ctx.Err()
	}
	switch {
	case isTextTooLong(err):
		return &domain.Error{Kind: domain.KindInvalid, Message: "a text is longer than can be stored", Err: err}
	case isUnavailable(err):
		return domain.Unavailable(err, "the database is not available; try again later")
	}
	return err
}

// orNotFound is translate for queries of one row: no row is the domain's
// KindNotFound.
func orNotFound(ctx context.Context, err error, format string, args ...any) error {
	if errors.Is(err, sql.ErrNoRows) {
		return domain.NotFound(format, args...)
	}
	return translate(ctx, err)
}
