package deluge

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

const (
	// maxList bounds a list of torrents, to some 150,000; maxAnswer any other answer.
	maxList   = 64 << 20
	maxAnswer = 4 << 20
)

// rpc keeps one connection to a daemon, made when it is needed.
type rpc struct {
	endpoint    endpoint
	credentials domain.Credentials
	timeout     time.Duration
	now         func() time.Time
	trust       trust
	closed      chan struct{}
	closing     sync.Once
	// dialling is held by who makes a connection.
	dialling chan struct{}

	mu   sync.Mutex
	kept *connection
}

func newRPC(e endpoint, credentials domain.Credentials, o options) *rpc {
	return &rpc{
		endpoint: e, credentials: credentials, timeout: o.timeout, now: o.now,
		trust:  trust{fingerprint: e.fingerprint},
		closed: make(chan struct{}), dialling: make(chan struct{}, 1),
	}
}

// close also ends what is under way.
func (r *rpc) close() {
	r.closing.Do(func() { close(r.closed) })
	if kept := r.present(); kept != nil {
		kept.close(errClosed())
	}
}

func (r *rpc) isClosed() bool {
	select {
	case <-r.closed:
		return true
	default:
		return false
	}
}

// present returns the connection that is kept; nil if it has ended.
func (r *rpc) present() *connection {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept != nil && !r.kept.alive() {
		r.kept = nil
	}
	return r.kept
}

// bound gives a call its time, which ends with the client, too.
func (r *rpc) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	go func() {
		select {
		case <-r.closed:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// question is asked on the connection that is given. It may be asked again on
// another one: all that we ask for may be repeated.
type question func(ctx context.Context, on *connection) error

// call returns the answers in the order of the calls.
func (r *rpc) call(ctx context.Context, calls ...call) (answers []answer, err error) {
	err = r.converse(ctx, func(ctx context.Context, on *connection) error {
		answers, err = on.ask(ctx, maxAnswer, calls...)
		return err
	})
	return answers, err
}

// one makes one call whose answer may be as large as a list, and reads it.
func (r *rpc) one(ctx context.Context, c call, value func(*reader) error) error {
	return r.converse(ctx, func(ctx context.Context, on *connection) error {
		answers, err := on.ask(ctx, maxList, c)
		if err != nil {
			return err
		}
		return answers[0].read(value)
	})
}

// converse asks a question, and once more when the connection turns out to have been
// dead. Its errors are *refusal, of KindUnavailable, the question's own, or the
// context's.
func (r *rpc) converse(ctx context.Context, ask question) error {
	bounded, cancel := r.bound(ctx)
	defer cancel()
	for attempt := 0; ; attempt++ {
		on, fresh, err := r.connect(bounded)
		if err == nil {
			err = ask(bounded, on)
		}
		switch {
		case err == nil:
			return nil
		case on != nil && errors.Is(bounded.Err(), context.DeadlineExceeded):
			// Perhaps it answers nobody any more. If not, a new connection costs little.
			on.close(errors.Join(errLost, bounded.Err()))
		case on != nil && !on.alive() && !fresh && attempt == 0 && bounded.Err() == nil && errors.Is(err, errLost):
			continue
		}
		return r.explain(ctx, bounded, err)
	}
}

// connect returns the connection that is kept, or a new one.
func (r *rpc) connect(ctx context.Context) (on *connection, fresh bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	if kept := r.present(); kept != nil {
		return kept, false, nil
	}
	select {
	case r.dialling <- struct{}{}:
		defer func() { <-r.dialling }()
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
	if kept := r.present(); kept != nil {
		return kept, true, nil // somebody has just made it
	}
	on, err = r.dial(ctx)
	if err != nil {
		return nil, true, err
	}
	r.mu.Lock()
	r.kept = on
	r.mu.Unlock()
	if r.isClosed() {
		on.close(errClosed())
	}
	return on, true, nil
}
