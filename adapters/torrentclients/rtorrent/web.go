package rtorrent

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// web speaks with a web server that has rtorrent behind it.
type web struct {
	url         *url.URL
	credentials domain.Credentials
	http        *http.Client
}

func newWeb(at *url.URL, credentials domain.Credentials, o options) *web {
	return &web{url: at, credentials: credentials, http: &http.Client{
		Transport: &http.Transport{
			// No proxy: a daemon's address means that daemon.
			DialContext:            (&net.Dialer{Timeout: o.timeout}).DialContext,
			TLSClientConfig:        &tls.Config{RootCAs: o.roots, MinVersion: tls.VersionTLS12},
			DisableCompression:     true, // costs more than it saves on a near network
			MaxConnsPerHost:        atOnce,
			MaxIdleConnsPerHost:    2,
			IdleConnTimeout:        90 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (w *web) close() { w.http.CloseIdleConnections() }

func (w *web) exchange(ctx context.Context, body []byte, limit int64) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "text/xml")
	// Every request may be repeated. Saying so lets net/http try again when a
	// kept connection turns out to be dead; being empty, it is not sent.
	request.Header["Idempotency-Key"] = nil
	if !w.credentials.IsZero() {
		request.SetBasicAuth(w.credentials.Username, w.credentials.Password)
	}
	response, err := w.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, explainStatus(response, !w.credentials.IsZero())
	}
	if response.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	return readBody(response.Body, response.ContentLength, limit)
}
