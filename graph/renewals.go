package graph

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"
	"sync"

	"github.com/clarion-app/download-manager/domain"
)

// renewals looks again and again at the credentials behind sockets and event streams:
// at each once per interval, on however many connections it came.
type renewals struct {
	rounds *rounds[*credential]

	mu     sync.Mutex
	shared map[string]*credential
}

func (h *handler) newRenewals() *renewals {
	look := func(c *credential) {
		ctx, cancel := context.WithTimeout(context.Background(), h.Limits.Reauthenticate)
		defer cancel()
		if err := h.renewals.renew(ctx, c); err != nil {
			h.Log.DebugContext(ctx, "graphql: authenticating again", "error", err)
		}
	}
	return &renewals{rounds: newRounds(h.Limits.Reauthenticate, look), shared: map[string]*credential{}}
}

// renew looks at a credential. One that is refused ends all that stands on it; that it
// cannot be told right now ends nothing.
func (r *renewals) renew(ctx context.Context, c *credential) error {
	actor, err := c.authenticate(ctx)
	if err == nil {
		c.set(actor)
		return nil
	}
	if domain.KindOf(err) == domain.KindUnauthenticated {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, end := range c.ends {
			end(errRevoked)
		}
	}
	return err
}

// join lets a connection stand on a credential, with others that came with the same.
// It returns the one that they share; end is called when that is refused.
func (r *renewals) join(connection context.Context, c *credential, end context.CancelCauseFunc) *credential {
	key := c.key()
	r.mu.Lock()
	defer r.mu.Unlock()
	if other := r.shared[key]; other != nil {
		other.set(c.current()) // which was looked at a moment ago
		c = other
	} else {
		r.shared[key] = c
		c.ends = map[context.Context]context.CancelCauseFunc{}
		r.rounds.enter(c)
	}
	c.ends[connection] = end
	return c
}

func (r *renewals) leave(connection context.Context, c *credential) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(c.ends, connection)
	if len(c.ends) == 0 {
		delete(r.shared, c.key())
		r.rounds.leave(c)
	}
}

// keyOf tells credentials of a request apart: by all of its header, since what of it
// counts is not our business. Only that of the handshake differs every time.
func keyOf(header http.Header) string {
	var text strings.Builder
	_ = header.WriteSubset(&text, map[string]bool{"Sec-Websocket-Key": true}) // sorts the names
	sum := sha256.Sum256([]byte(text.String()))
	return "header " + string(sum[:])
}
