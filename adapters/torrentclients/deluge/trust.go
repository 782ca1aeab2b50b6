package deluge

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"sync"
)

// trust is the certificate that a daemon is known by. Deluge makes one for itself
// that nobody vouches for, so who it belongs to cannot be told; but whoever we have
// logged in at once must show the same one again before they hear the password.
type trust struct {
	mu sync.Mutex
	// fingerprint is of the certificate; "" while there is none.
	fingerprint string
	shown       string
}

// config is for one handshake at a time.
func (t *trust) config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		// Not skipped: done below, by the only thing that there is to hold it against.
		InsecureSkipVerify: true, //nolint:gosec // G402: see VerifyConnection
		VerifyConnection:   t.verify,
	}
}

func (t *trust) verify(state tls.ConnectionState) error {
	if len(state.PeerCertificates) == 0 {
		return nonsense(errors.New("it shows no certificate"))
	}
	sum := sha256.Sum256(state.PeerCertificates[0].Raw)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shown = hex.EncodeToString(sum[:])
	if t.fingerprint != "" && t.fingerprint != t.shown {
		return errTrust(t.fingerprint, t.shown)
	}
	return nil
}

// proven is told when the login was good.
func (t *trust) proven() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fingerprint = t.shown
}
