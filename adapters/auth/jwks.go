package auth

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/time/rate"

	"github.com/clarion-app/download-manager/domain"
)

const (
	// jwksTimeout bounds one fetch, and how long a request waits for one.
	jwksTimeout = 5 * time.Second
	// jwksRefresh is how often the keys are fetched anyway. It is short since
	// Passport's tokens carry no key id by which a new key would be noticed.
	jwksRefresh = time.Minute
	// jwksUnknownKey is how often an unknown key id may cause a fetch, so that
	// forged tokens cannot make us hammer the host.
	jwksUnknownKey = 2 * time.Second
	// jwksUnknownKeyBurst is how many such fetches may follow at once.
	jwksUnknownKeyBurst = 5
	// jwksRetryFirst and jwksRetryMost bound the back-off of the first fetch.
	jwksRetryFirst = 250 * time.Millisecond
	jwksRetryMost  = 15 * time.Second
)

// openJWKS returns a source of keys that are fetched in the background until ctx
// ends: the product starts, and serves its own tokens, although the host that
// has the keys does not answer yet.
func openJWKS(ctx context.Context, address string, warn func(error)) (keySource, error) {
	if u, err := url.Parse(address); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, domain.Invalid("jwksUrl", "must be an http or https URL")
	}
	if warn == nil {
		warn = func(error) {}
	}
	var fetched keyfunc.Keyfunc
	ready := make(chan struct{})
	go func() {
		if fetched = fetchJWKS(ctx, address, warn); fetched != nil {
			close(ready)
		}
	}()
	return func(ctx context.Context, token *jwt.Token) (any, error) {
		ctx, cancel := context.WithTimeout(ctx, jwksTimeout)
		defer cancel()
		select {
		case <-ready:
			return fetched.KeyfuncCtx(ctx)(token)
		case <-ctx.Done():
			return nil, domain.Unavailable(ctx.Err(), "the keys to check this token with cannot be fetched right now")
		}
	}, nil
}

// fetchJWKS tries until it has the keys, or ctx ends (nil).
func fetchJWKS(ctx context.Context, address string, warn func(error)) keyfunc.Keyfunc {
	failFirst := false
	for delay := jwksRetryFirst; ; delay = min(2*delay, jwksRetryMost) {
		// The library's refreshing starts with the first attempt, whatever becomes
		// of that, and ends with this context.
		attempt, cancel := context.WithCancel(ctx)
		keys, err := keyfunc.NewDefaultOverrideCtx(attempt, []string{address}, keyfunc.Override{
			Client:                    &http.Client{Timeout: jwksTimeout},
			HTTPTimeout:               jwksTimeout,
			NoErrorReturnFirstHTTPReq: &failFirst,
			RateLimitWaitMax:          jwksTimeout,
			RefreshInterval:           jwksRefresh,
			RefreshUnknownKID:         rate.NewLimiter(rate.Every(jwksUnknownKey), jwksUnknownKeyBurst),
			RefreshErrorHandlerFunc: func(string) func(context.Context, error) {
				return func(_ context.Context, err error) { warn(err) }
			},
		})
		if err == nil {
			context.AfterFunc(ctx, cancel)
			return keys
		}
		cancel()
		if ctx.Err() != nil {
			return nil
		}
		warn(err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(delay):
		}
	}
}
