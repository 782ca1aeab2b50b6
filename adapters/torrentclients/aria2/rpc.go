package aria2

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/jsonscan"
)

const (
	// maxList bounds an answer that tells of all downloads, to some 80,000; maxInside
	// one that tells of the inside of some; maxAnswer any other.
	maxList   = 32 << 20
	maxInside = 16 << 20
	maxAnswer = 1 << 20
)

// request is one call of a method, without the secret in front of its parameters.
type request struct {
	method string
	params []any
}

// rpc sends requests to one daemon.
type rpc struct {
	endpoint    *url.URL
	credentials domain.Credentials
	http        *http.Client
	timeout     time.Duration
	closed      chan struct{}
	closing     sync.Once
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
		closed: make(chan struct{}),
		http: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
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

// call makes one call and returns its result. Errors are *refusal, of
// KindUnavailable, or the context's.
func (r *rpc) call(ctx context.Context, call request) (result []byte, err error) {
	err = r.ask(ctx, r.encode(call.method, r.params(call)), maxAnswer, func(s *jsonscan.Scanner) (err error) {
		result, err = s.Skip()
		return err
	})
	return result, err
}

// reply is what came of one call of several: a result, or a refusal.
type reply struct {
	result  []byte
	refusal *refusal
}

// all makes several calls in one request: the daemon carries them out in one go,
// so that what they tell is of one moment. Each has a reply, in their order.
func (r *rpc) all(ctx context.Context, calls []request, limit int64) ([]reply, error) {
	replies := make([]reply, len(calls))
	told := 0
	err := r.askAll(ctx, calls, limit, func(s *jsonscan.Scanner, i int) (err error) {
		if i >= len(replies) {
			return errMalformed
		}
		told++
		replies[i].result, err = s.Skip()
		return err
	}, func(i int, no *refusal) {
		told++
		if i < len(replies) {
			replies[i].refusal = no
		}
	})
	if err == nil && told != len(calls) {
		err = nonsense(errMalformed)
	}
	return replies, err
}

// askAll is all for who reads the results themselves.
func (r *rpc) askAll(
	ctx context.Context, calls []request, limit int64, result func(s *jsonscan.Scanner, i int) error, refused func(i int, no *refusal),
) error {
	unauthorized := false
	err := r.ask(ctx, r.encodeAll(calls), limit, func(s *jsonscan.Scanner) error {
		return readReplies(s, func(i int) error { return result(s, i) }, func(i int, no *refusal) {
			unauthorized = unauthorized || no.unauthorized()
			refused(i, no)
		})
	})
	if err == nil && unauthorized {
		return r.errUnauthorized()
	}
	return err
}

func (r *rpc) encodeAll(calls []request) []byte {
	type nested struct {
		Method string `json:"methodName"`
		Params []any  `json:"params"`
	}
	list := make([]nested, len(calls))
	for i, call := range calls {
		list[i] = nested{call.method, r.params(call)}
	}
	return r.encode("system.multicall", []any{list})
}

// params puts the secret in front, where aria2 wants it. A daemon without one does
// not mind.
func (r *rpc) params(call request) []any {
	if r.credentials.Password == "" {
		return append([]any{}, call.params...)
	}
	return append([]any{"token:" + r.credentials.Password}, call.params...)
}

func (r *rpc) encode(method string, params []any) []byte {
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": "1", "method": method, "params": params})
	if err != nil {
		panic(err) // texts, numbers and lists of them: always possible
	}
	return body
}

// ask sends a request and lets result read the result in its answer.
func (r *rpc) ask(ctx context.Context, body []byte, limit int64, result func(*jsonscan.Scanner) error) error {
	if r.isClosed() {
		return errClosed()
	}
	bounded, cancel := r.bound(ctx)
	defer cancel()
	answer, err := r.exchange(bounded, body, limit)
	if err != nil {
		return r.explain(ctx, bounded, err)
	}
	no, err := readAnswer(answer, result)
	switch {
	case err != nil:
		return nonsense(err)
	case no != nil && no.unauthorized():
		return r.errUnauthorized()
	case no != nil:
		return no
	}
	return nil
}

func (r *rpc) exchange(ctx context.Context, body []byte, limit int64) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.endpoint.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	// Every request may be repeated: what is added has its own gid. Saying so lets
	// net/http try again when a kept connection turns out to be dead; being empty, it
	// is not sent.
	request.Header["Idempotency-Key"] = nil
	if r.credentials.Username != "" {
		request.SetBasicAuth(r.credentials.Username, r.credentials.Password)
	}
	response, err := r.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
		return readBody(response, limit)
	case http.StatusBadRequest, http.StatusInternalServerError:
		// How aria2 sends its errors: an answer like any other.
		answer, err := readBody(response, maxAnswer)
		if err != nil {
			return nil, err
		}
		if no, err := readAnswer(answer, pass); err == nil && no != nil {
			return answer, nil
		}
	}
	return nil, r.explainStatus(response)
}
