package app

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// checkLeased runs one check under its lease and writes down how the server was.
func (c *Checks) checkLeased(ctx context.Context, server *domain.Server, lease *domain.Lease) ServerCheck {
	began := c.Now()
	leased, stop := c.keepLease(ctx, lease)
	result := c.checkServer(leased, server, lease)
	now := c.Now()
	_, clientFailed := errors.AsType[clientFailure](result.Err)
	switch {
	case ctx.Err() != nil:
		server.NextCheckAt = domain.Instant(now) // another process may go on at once
	case clientFailed:
		server.Failed(domain.MessageOf(result.Err), now)
		c.failOver(leased, server, lease, &result)
	case result.Err != nil, result.Skipped:
		// Not the server's fault: its health stays what it was.
		server.NextCheckAt = domain.Instant(now.Add(c.Interval))
	case result.More:
		server.Seen(now, now)
		server.Answered(result.Latency)
	default:
		server.Seen(now, began.Add(c.jittered()))
		server.Answered(result.Latency)
	}
	stop()
	result.Took = c.Now().Sub(began)
	c.release(ctx, lease, server)
	result.Server = *server
	c.report(ctx, result)
	return result
}

// release gives a lease back, even when this process is being stopped.
func (c *Checks) release(ctx context.Context, lease *domain.Lease, server *domain.Server) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	if err := c.Leases.Release(ctx, lease, server); err != nil && domain.KindOf(err) != domain.KindConflict {
		c.Log.ErrorContext(ctx, "releasing a server", "server", server.ID, "error", err)
	}
}

// releaseTimeout bounds giving back a lease while stopping.
const releaseTimeout = 5 * time.Second

// jittered is the interval less up to a tenth, so that servers and replicas do
// not march in step.
func (c *Checks) jittered() time.Duration {
	return c.Interval - rand.N(c.Interval/10+1)
}

// keepLease prolongs the lease until stop is called; the context it returns ends
// when the lease is lost.
func (c *Checks) keepLease(ctx context.Context, lease *domain.Lease) (context.Context, func()) {
	held, lose := context.WithCancel(ctx)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		renew := time.NewTicker(c.LeaseFor / 3)
		defer renew.Stop()
		for {
			select {
			case <-held.Done():
				return
			case <-renew.C:
				until := domain.Instant(c.Now()).Add(c.LeaseFor)
				if err := c.Leases.Renew(held, lease, until); domain.KindOf(err) == domain.KindConflict {
					lose()
				}
			}
		}
	}()
	return held, func() { lose(); <-stopped }
}
