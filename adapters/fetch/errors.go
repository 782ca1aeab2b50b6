package fetch

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"

	"github.com/clarion-app/download-manager/domain"
)

// wrong is an error that trying again does not mend.
func wrong(format string, args ...any) *domain.Error { return domain.Invalid("url", format, args...) }

// away is an error that trying again may mend.
func away(cause error, format string, args ...any) *domain.Error {
	err := domain.Unavailable(cause, format, args...)
	err.Field = "url"
	return err
}

func tooBusy(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return away(nil, "too many addresses are being asked just now; try again")
}

// refusedWith is what an answer other than 200 means. It tells no more of it than its
// number.
func refusedWith(status int) error {
	if status >= http.StatusInternalServerError || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout {
		return away(nil, "the address answers with HTTP %d; try again later", status)
	}
	return wrong("the address answers with HTTP %d", status)
}

// explain says in our words why nothing came of an address.
func explain(err error) error {
	known, isOurs := errors.AsType[*domain.Error](err)
	_, notFound := errors.AsType[*net.DNSError](err)
	_, badCertificate := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case isOurs:
		return known
	case errors.Is(err, errTooLarge):
		return wrong("the file there is larger than %d bytes", domain.MaxMetainfoBytes)
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return wrong("the file there is packed, and damaged")
	case errors.Is(err, context.DeadlineExceeded):
		return away(err, "the address does not answer in time")
	case badCertificate:
		return wrong("cannot prove to be who it says: its certificate is not good")
	case notFound:
		return away(err, "the host of the address cannot be found")
	}
	return away(err, "the address cannot be reached, or breaks off")
}
