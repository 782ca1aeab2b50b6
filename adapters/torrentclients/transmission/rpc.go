package transmission

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

const (
	sessionHeader = "X-Transmission-Session-Id"
	versionHeader = "X-Transmission-Rpc-Version"

	// maxList bounds a list of all torrents, to some 300,000; maxNamed that of those
	// that were named, and what is inside of one; maxAnswer any other answer.
	maxList   = 64 << 20
	maxNamed  = 16 << 20
	maxAnswer = 1 << 20
)

// handshake is what the daemon's last 409 said.
type handshake struct {
	// session changes when the daemon restarts, and about once an hour; "" until
	// there was a 409.
	session string
	dialect *dialect
}

// rpc sends requests to one daemon. All calls share one session id.
type rpc struct {
	endpoint    *url.URL
	credentials domain.Credentials
	http        *http.Client
	timeout     time.Duration
	lockout     lockout
	closed      chan struct{}
	closing     sync.Once

	mu sync.Mutex
	at handshake
}

func newRPC(endpoint *url.URL, credentials domain.Credentials, o options) *rpc {
	transport := &http.Transport{
		// No proxy: a daemon's address means that daemon.
		DialContext:            (&net.Dialer{Timeout: o.timeout}).DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: o.roots, MinVersion: tls.VersionTLS12},
		DisableCompression:     true, // costs more than it saves on a near network
		MaxConnsPerHost:        2,    // a check, and somebody who looks at progress
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        90 * time.Second,
		ResponseHeaderTimeout:  o.timeout,
		MaxResponseHeaderBytes: 64 << 10,
	}
	return &rpc{
		endpoint: endpoint, credentials: credentials, timeout: o.timeout,
		closed:  make(chan struct{}),
		lockout: lockout{now: o.now},
		http: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		at: handshake{dialect: legacy},
	}
}

func (r *rpc) close() {
	r.closing.Do(func() { close(r.closed) })
	r.http.CloseIdleConnections()
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

// question writes a request for the handshake in effect. It is asked again when
// the daemon wants a new handshake, since all may then be different.
type question func(at handshake) (method string, params map[string]any)

// call asks and returns the arguments of the answer, with the handshake under
// which it was given. Errors are *refusal, of KindUnavailable, or the context's.
func (r *rpc) call(ctx context.Context, ask question) (arguments []byte, at handshake, err error) {
	if err := r.lockout.holdOff(); err != nil {
		return nil, at, err
	}
	return r.insist(ctx, ask)
}

// insist is call for somebody who has asked for just this.
func (r *rpc) insist(ctx context.Context, ask question) (arguments []byte, at handshake, err error) {
	if r.isClosed() {
		return nil, at, errClosed()
	}
	bounded, cancel := r.bound(ctx)
	defer cancel()
	for attempt := 0; ; attempt++ {
		at = r.handshake()
		method, params := ask(at)
		body, again, err := r.exchange(bounded, at, at.dialect.encode(method, params), limitOf(at.dialect, method, params))
		if err != nil {
			return nil, at, r.explain(ctx, bounded, err)
		}
		if !again {
			arguments, err = readAnswer(body)
			if errors.Is(err, errMalformed) {
				err = nonsense(err)
			}
			return arguments, at, err
		}
		if attempt == 1 {
			return nil, at, domain.Unavailable(nil, "transmission answers 409 to its own session id; is something in between changing the requests?")
		}
	}
}

// limitOf bounds the answer to a request.
func limitOf(d *dialect, method string, params map[string]any) int {
	if method != d.torrentGet {
		return maxAnswer
	}
	if _, named := params["ids"].([]domain.InfoHash); named {
		return maxNamed
	}
	return maxList
}

func (r *rpc) handshake() handshake {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at
}

// exchange sends one request; again says that the daemon wants a handshake,
// which has been noted.
func (r *rpc) exchange(ctx context.Context, at handshake, body []byte, limit int) (answer []byte, again bool, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.endpoint.String(), bytes.NewReader(body))
	if err != nil {
		return nil, false, err
	}
	request.Header.Set("Content-Type", "application/json")
	// Every request may be repeated. Saying so lets net/http try again when a
	// kept connection turns out to be dead; being empty, it is not sent.
	request.Header["Idempotency-Key"] = nil
	if at.session != "" {
		request.Header.Set(sessionHeader, at.session)
	}
	if !r.credentials.IsZero() {
		request.SetBasicAuth(r.credentials.Username, r.credentials.Password)
	}
	response, err := r.http.Do(request)
	if err != nil {
		return nil, false, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusUnauthorized {
		r.lockout.welcome()
	}
	switch response.StatusCode {
	case http.StatusOK:
		answer, err = readBody(response, limit)
		return answer, false, err
	case http.StatusConflict:
		// Read to the end so that the connection can be used again.
		_, _ = io.CopyN(io.Discard, response.Body, 64<<10)
		return nil, true, r.shakeHands(response.Header)
	case http.StatusUnauthorized:
		r.lockout.refused()
	}
	return nil, false, r.explainStatus(response)
}

func (r *rpc) shakeHands(header http.Header) error {
	session := header.Get(sessionHeader)
	if session == "" || len(session) > 1024 {
		return domain.Unavailable(nil, "the address answers 409 without a session id; is it Transmission's?")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at = handshake{session: session, dialect: dialectOf(header.Get(versionHeader))}
	return nil
}

// readBody reads a whole answer, in no more than twice the memory that it takes.
func readBody(response *http.Response, limit int) ([]byte, error) {
	size := 4 << 10
	if length := response.ContentLength; length > 0 && length <= int64(limit) {
		size = int(length) + 1 // so that its end is seen
	}
	body := make([]byte, 0, size)
	for {
		n, err := response.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case len(body) > limit:
			return nil, domain.Unavailable(nil, "transmission's answer is larger than %d MB", limit>>20)
		case errors.Is(err, io.EOF):
			return body, nil
		case err != nil:
			return nil, err
		case len(body) == cap(body):
			body = append(make([]byte, 0, min(2*cap(body), limit+1)), body...)
		}
	}
}
