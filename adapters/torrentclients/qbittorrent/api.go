package qbittorrent

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

const (
	// maxList bounds a list of torrents, to some 40,000; maxAnswer any other answer,
	// such as the files of one torrent.
	maxList   = 64 << 20
	maxAnswer = 16 << 20

	formType = "application/x-www-form-urlencoded"

	// setLocation answers 403 in some versions when the daemon may not write there.
	setLocation = "torrents/setLocation"
)

// api sends requests to one daemon. All calls share one session.
type api struct {
	base        *url.URL
	credentials domain.Credentials
	http        *http.Client
	timeout     time.Duration
	lockout     lockout
	closed      chan struct{}
	closing     sync.Once
	// login is held by who logs in.
	login chan struct{}

	mu sync.Mutex
	// cookie is the session as it is sent, "name=value"; "" for none.
	cookie string
}

// call is one thing to ask.
type call struct {
	path string
	// form is what is asked with: in the URL of a GET, else in the body, which is
	// then a POST.
	form url.Values
	post bool
	// body of another kind.
	body        []byte
	contentType string
	// list: all torrents are asked for, which takes time and space.
	list bool
	// insist: somebody has asked for just this.
	insist bool
}

// get asks for something.
func get(path string, form url.Values) call { return call{path: path, form: form} }

// post has something done. All of it may be repeated.
func post(path string, form url.Values) call { return call{path: path, form: form, post: true} }

// answer is what came back, and the session it belongs to.
type answer struct {
	body    []byte
	session string
}

func newAPI(base *url.URL, credentials domain.Credentials, o options) *api {
	transport := &http.Transport{
		// No proxy: a daemon's address means that daemon.
		DialContext:            (&net.Dialer{Timeout: o.timeout}).DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: o.roots, MinVersion: tls.VersionTLS12},
		DisableCompression:     true, // the daemon has one thread for all of its API
		MaxConnsPerHost:        2,    // a check, and somebody who looks at progress
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
	return &api{
		base: base, credentials: credentials, timeout: o.timeout,
		closed:  make(chan struct{}),
		login:   make(chan struct{}, 1),
		lockout: lockout{now: o.now},
		http: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

func (a *api) close() {
	a.closing.Do(func() { close(a.closed) })
	a.http.CloseIdleConnections()
}

func (a *api) isClosed() bool {
	select {
	case <-a.closed:
		return true
	default:
		return false
	}
}

// patience is how long a call may take.
func (a *api) patience(list bool) time.Duration {
	if list {
		return 3 * a.timeout
	}
	return a.timeout
}

// bound gives a call its time, which ends with the client, too.
func (a *api) bound(ctx context.Context, patience time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	go func() {
		select {
		case <-a.closed:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// do asks, and once more after a login where the daemon wants one. Errors are
// *refusal, of KindUnavailable, or the context's.
func (a *api) do(ctx context.Context, c call) (answer, error) {
	if a.isClosed() {
		return answer{}, errClosed()
	}
	bounded, cancel := a.bound(ctx, a.patience(c.list))
	defer cancel()
	session := a.session()
	got, status, err := a.exchange(bounded, c, session)
	if err == nil && status == http.StatusForbidden {
		if err = a.logIn(bounded, session, c.insist); err == nil {
			got, status, err = a.exchange(bounded, c, a.session())
		}
		if err == nil && status == http.StatusForbidden {
			err = domain.Unavailable(nil, "qbittorrent answers 403 in spite of a login; is something in between changing the requests?")
		}
	}
	if err != nil {
		return answer{}, a.explain(ctx, bounded, err)
	}
	return got, nil
}

// exchange sends one request. Of the statuses that are no success, only 403 is
// returned as such.
func (a *api) exchange(ctx context.Context, c call, session string) (got answer, status int, err error) {
	request, err := a.request(ctx, c)
	if err != nil {
		return answer{}, 0, err
	}
	a.identify(request, session)
	response, err := a.http.Do(request)
	if err != nil {
		return answer{}, 0, err
	}
	defer response.Body.Close()
	if cookie := sessionCookie(response); cookie != "" && !a.byKey() {
		session = cookie
		a.enter(cookie)
	}
	switch response.StatusCode {
	case http.StatusOK, http.StatusNoContent:
		limit := maxAnswer
		if c.list {
			limit = maxList
		}
		body, err := readBody(response, limit)
		return answer{body: body, session: session}, response.StatusCode, err
	case http.StatusForbidden:
		// It is read to the end so that the connection can be used again.
		if why := plainText(response); c.path == setLocation && why != "" && why != "Forbidden" {
			return answer{}, 0, &refusal{status: response.StatusCode, message: why}
		}
		return answer{}, response.StatusCode, nil
	}
	return answer{}, 0, a.explainStatus(response)
}

func (a *api) request(ctx context.Context, c call) (*http.Request, error) {
	method, target := http.MethodGet, *a.base
	target.Path += c.path
	body, contentType := c.body, c.contentType
	switch {
	case c.post && body == nil:
		method, body, contentType = http.MethodPost, []byte(c.form.Encode()), formType
	case c.post:
		method = http.MethodPost
	default:
		target.RawQuery = strings.ReplaceAll(c.form.Encode(), "%7C", "|")
	}
	request, err := http.NewRequestWithContext(ctx, method, target.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	// Every request may be repeated. Saying so lets net/http try again when a
	// kept connection turns out to be dead, as they are after 7 seconds without a
	// request; being empty, it is not sent.
	request.Header["Idempotency-Key"] = nil
	return request, nil
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
			return nil, domain.Unavailable(nil, "qbittorrent's answer is larger than %d MB", limit>>20)
		case errors.Is(err, io.EOF):
			return body, nil
		case err != nil:
			return nil, err
		case len(body) == cap(body):
			body = append(make([]byte, 0, min(2*cap(body), limit+1)), body...)
		}
	}
}
