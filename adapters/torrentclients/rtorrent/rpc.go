package rtorrent

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

const (
	// maxList bounds a list of torrents, to some 100,000; maxAnswer any other answer:
	// the files of a torrent, to some 50,000.
	maxList   = 32 << 20
	maxAnswer = 16 << 20
	// atOnce bounds the requests under way: the daemon works them off one by one.
	atOnce = 4
)

// transport carries one request to the daemon and its answer back.
type transport interface {
	// exchange reads at most limit bytes of the answer. Errors are of KindUnavailable,
	// or the network's.
	exchange(ctx context.Context, body []byte, limit int64) ([]byte, error)
	close()
}

// rpc sends calls to one daemon.
type rpc struct {
	at        endpoint
	transport transport
	timeout   time.Duration
	closed    chan struct{}
	closing   sync.Once
	slots     chan struct{}
}

func newRPC(at endpoint, credentials domain.Credentials, o options) *rpc {
	r := &rpc{at: at, timeout: o.timeout, closed: make(chan struct{}), slots: make(chan struct{}, atOnce)}
	if at.url != nil {
		r.transport = newWeb(at.url, credentials, o)
	} else {
		r.transport = scgi{at}
	}
	return r
}

func (r *rpc) close() {
	r.closing.Do(func() { close(r.closed) })
	r.transport.close()
}

func (r *rpc) isClosed() bool {
	select {
	case <-r.closed:
		return true
	default:
		return false
	}
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

// call asks one thing. Errors are *fault, of KindUnavailable, or the context's.
func (r *rpc) call(ctx context.Context, c call) (value, error) {
	return r.ask(ctx, c, maxAnswer)
}

// calls asks several things in one request, or as few as hold them. What the daemon
// refuses of them is in the results, one for each.
func (r *rpc) calls(ctx context.Context, calls ...call) ([]result, error) {
	return r.askAll(ctx, calls, maxAnswer)
}

// list is calls of which one may be long.
func (r *rpc) list(ctx context.Context, calls ...call) ([]result, error) {
	return r.askAll(ctx, calls, maxList)
}

func (r *rpc) askAll(ctx context.Context, calls []call, limit int64) ([]result, error) {
	all := make([]result, 0, len(calls))
	for _, some := range fitting(calls) {
		answer, err := r.ask(ctx, together(some), limit)
		if err != nil {
			return nil, unavailable(err) // all of it was refused, which is no answer to any
		}
		answers, err := results(answer, len(some))
		if err != nil {
			return nil, nonsense(err)
		}
		all = append(all, answers...)
	}
	return all, nil
}

// fitting parts calls into requests that any daemon takes: one, unless there are
// some thousand of them.
func fitting(calls []call) [][]call {
	var parts [][]call
	begin, size := 0, 0
	for i, c := range calls {
		n := c.size()
		if size+n > smallRequest && i > begin {
			parts = append(parts, calls[begin:i])
			begin, size = i, 0
		}
		size += n
	}
	return append(parts, calls[begin:])
}

func (r *rpc) ask(ctx context.Context, c call, limit int64) (value, error) {
	if r.isClosed() {
		return value{}, errClosed()
	}
	bounded, cancel := r.bound(ctx)
	defer cancel()
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-bounded.Done():
		return value{}, r.explain(ctx, bounded, bounded.Err())
	}
	body, err := r.transport.exchange(bounded, c.encode(), limit)
	if err != nil {
		return value{}, r.explain(ctx, bounded, err)
	}
	answer, err := readAnswer(body)
	if errors.Is(err, errMalformed) {
		err = nonsense(err)
	}
	return answer, err
}

// all makes an error of what was refused of several calls: of the first, as one
// of KindUnavailable.
func all(results []result) error {
	for _, r := range results {
		if r.err != nil {
			return unavailable(r.err)
		}
	}
	return nil
}
