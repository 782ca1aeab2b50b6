package deluge

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	"github.com/clarion-app/download-manager/domain"
)

const (
	// clientVersion is what we call ourselves: Deluge 2 wants to hear some version.
	clientVersion = "2.0.3"
	// mayWrite is the level of accounts that may do more than look ("NORMAL").
	mayWrite = 5
)

// dial makes a connection and logs in.
func (r *rpc) dial(ctx context.Context) (*connection, error) {
	plain, err := (&net.Dialer{}).DialContext(ctx, "tcp", r.endpoint.address)
	if err != nil {
		return nil, err
	}
	conn := tls.Client(plain, r.trust.config())
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = plain.Close()
		return nil, shakingHands(err)
	}
	on := newConnection(conn, r.now())
	if err := r.logIn(ctx, on); err != nil {
		on.close(err)
		return nil, err
	}
	r.trust.proven()
	return on, nil
}

// shakingHands tells what is no TLS at all, or somebody else's, from a broken
// connection.
func shakingHands(err error) error {
	var known *domain.Error
	var header tls.RecordHeaderError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &header):
		return nonsense(errors.New("it does not speak TLS"))
	}
	return err
}

func (r *rpc) logIn(ctx context.Context, on *connection) error {
	answers, err := on.ask(ctx, maxAnswer, call{
		method:    "daemon.login",
		arguments: []any{r.credentials.Username, r.credentials.Password},
		keywords:  map[string]any{"client_version": clientVersion},
	})
	if err != nil {
		return err
	}
	var level int64
	err = answers[0].read(func(r *reader) (err error) {
		level, _, err = r.number()
		return err
	})
	switch {
	case refused(err, "AuthenticationRequired") && r.credentials.Username == "":
		return domain.Unavailable(err, "deluge asks for a username and a password")
	case refused(err, "BadLoginError", "AuthenticationRequired"):
		return domain.Unavailable(err, "deluge refuses to log in: wrong username or password")
	case err != nil:
		return err
	case level < mayWrite:
		return domain.Unavailable(nil, "deluge lets the account %q only look (level %d); it needs level %d, or 10 to see what others have added",
			shorten(r.credentials.Username), level, mayWrite)
	}
	return nil
}

// errTrust is what is wrong with a certificate.
func errTrust(known, shown string) error {
	return domain.Unavailable(fmt.Errorf("known is %s", known), "deluge shows another certificate than before, so the password was not sent. "+
		"If it was renewed, write #sha256=%s behind the address", shown)
}
