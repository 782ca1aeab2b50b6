// Package rest is the door for the clients of clarion-app/download-manager-backend:
// the documented routes, with the bodies, codes and dates that those clients know.
package rest

import (
	"cmp"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

// The defaults of Config.
const (
	// DefaultMaxBody is the most bytes that a request body may have.
	DefaultMaxBody = 8 << 20
	// DefaultPrefix is where the README of the original has its routes.
	DefaultPrefix = "/api"
	// DefaultReadTimeout is how long a caller may take to send some more of its body.
	DefaultReadTimeout = 10 * time.Second
	// DefaultWriteTimeout is how long a caller may take to read some more of its answer.
	DefaultWriteTimeout = 10 * time.Second
	// DefaultKeepAlive is how often an event stream gives a sign of life.
	DefaultKeepAlive = 15 * time.Second
	// DefaultReauthenticate is how often the credential of an event stream is looked at
	// again.
	DefaultReauthenticate = 5 * time.Second
	// DefaultStreams is how many event streams a user may have, and waits for events.
	DefaultStreams = 100
	// ClarionPrefix is where a Clarion host mounts them.
	ClarionPrefix = "/api/clarion-app/download-manager"
)

// Config is what the door needs. Torrents, Servers and Authenticate must be set.
type Config struct {
	Torrents *app.Torrents
	Servers  *app.Servers
	// Users can log in; nil: there is no such route.
	Users *app.Users
	// Events and Consumers; Events nil: there are no such routes.
	Events    *app.Events
	Consumers *app.Consumers
	// Prefixes are where the routes are; none: DefaultPrefix and ClarionPrefix.
	Prefixes []string
	// Authenticate tells who asks. An error of KindUnauthenticated is a 401.
	Authenticate func(*http.Request) (domain.Actor, error)
	// Log gets what is our fault; nil: slog.Default.
	Log *slog.Logger
	// MaxBody is the most bytes that a request body may have; 0: DefaultMaxBody.
	MaxBody int64
	// ReadTimeout is how long to wait for more of a request body before it counts as
	// cut short; 0: DefaultReadTimeout.
	ReadTimeout time.Duration
	// WriteTimeout is how long a caller may read none of its answer before it is
	// dropped; 0: DefaultWriteTimeout.
	WriteTimeout time.Duration
	// KeepAlive is how often an event stream gives a sign of life; 0: DefaultKeepAlive.
	KeepAlive time.Duration
	// Reauthenticate is how often the credential of an event stream is looked at again;
	// 0: DefaultReauthenticate.
	Reauthenticate time.Duration
	// Streams is how many event streams, and waits for events, a user may have;
	// 0: DefaultStreams.
	Streams int
	// Version of the product, for the OpenAPI document.
	Version string
	// AllowedOrigins are the web origins ("https://host", or "*" for any) that
	// browsers may call from, with tokens and without cookies; none: only our own.
	AllowedOrigins []string
}

// New returns the door. It answers every path: those without a route with 404.
func New(config Config) http.Handler {
	d := &door{Config: config}
	if len(d.Prefixes) == 0 {
		d.Prefixes = []string{DefaultPrefix, ClarionPrefix}
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	if d.MaxBody <= 0 {
		d.MaxBody = DefaultMaxBody
	}
	d.ReadTimeout = cmp.Or(d.ReadTimeout, DefaultReadTimeout)
	d.WriteTimeout = cmp.Or(d.WriteTimeout, DefaultWriteTimeout)
	d.KeepAlive = cmp.Or(d.KeepAlive, DefaultKeepAlive)
	d.Reauthenticate = cmp.Or(d.Reauthenticate, DefaultReauthenticate)
	d.listeners.most = cmp.Or(d.Streams, DefaultStreams)
	d.prefixes = cleanPrefixes(d.Prefixes)
	d.document = openAPIDocument(d.Version)
	routes := d.routes()
	if d.Users != nil {
		routes["/login"] = route{http.MethodPost: d.logIn}
	}
	if d.Events != nil {
		routes["/events"] = route{http.MethodGet: d.authenticated(d.findEvents)}
		routes["/events/stream"] = route{http.MethodGet: d.authenticated(d.streamEvents)}
		routes["/events/consumers/{name}"] = route{http.MethodPut: d.authenticated(d.acknowledge)}
	}
	for path, route := range routes {
		d.mux.Handle(path, d.serve(route))
	}
	d.mux.Handle("/", d.serve(nil))
	return d
}

type door struct {
	Config
	prefixes []string // the longest first
	document []byte
	mux      http.ServeMux

	listeners listeners
}

// action answers one method of one path.
type action func(*http.Request) (reply, error)

// route is the methods of one path.
type route map[string]action

// routes is every path behind a prefix, but that to log in. Nothing is looked at
// before the caller is known, except by the document, which holds no secret.
func (d *door) routes() map[string]route {
	as := d.authenticated
	return map[string]route{
		"/torrents": {
			http.MethodGet:  as(d.findTorrents),
			http.MethodPost: as(d.addTorrent),
		},
		"/torrents/{id}": {
			http.MethodGet:    as(d.getTorrent),
			http.MethodPut:    as(d.updateTorrent),
			http.MethodPatch:  as(d.updateTorrent),
			http.MethodDelete: as(d.removeTorrent),
		},
		"/torrents/{id}/mark-incomplete": {
			http.MethodPatch: as(d.markTorrentIncomplete),
		},
		"/torrent-servers": {
			http.MethodGet:  as(d.findServers),
			http.MethodPost: as(d.registerServer),
		},
		"/torrent-servers/{id}": {
			http.MethodGet:    as(d.getServer),
			http.MethodPut:    as(d.updateServer),
			http.MethodPatch:  as(d.updateServer),
			http.MethodDelete: as(d.removeServer),
		},
		// Not an id; to what is done with ids it is one that nobody has.
		"/torrent-servers/client-types": {
			http.MethodGet:    as(d.clientTypes),
			http.MethodPut:    as(d.updateServer),
			http.MethodPatch:  as(d.updateServer),
			http.MethodDelete: as(d.removeServer),
		},
		"/openapi.json": {
			http.MethodGet: func(*http.Request) (reply, error) { return ok(d.document), nil },
		},
	}
}

// authenticated makes an action of one that must know who acts.
func (d *door) authenticated(act func(*http.Request, domain.Actor) (reply, error)) action {
	return func(r *http.Request) (reply, error) {
		actor, err := d.Authenticate(r)
		if err != nil {
			return reply{}, err
		}
		return act(r, actor)
	}
}

// ServeHTTP takes the prefix off, and what is doubled or trailing of the slashes.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.allowOrigin(w.Header(), r)
	behind := "/" // has no route
	clean := path.Clean("/" + r.URL.Path)
	for _, prefix := range d.prefixes {
		if rest, found := strings.CutPrefix(clean, prefix); found && strings.HasPrefix(rest, "/") {
			behind = rest
			break
		}
	}
	routed := new(http.Request)
	*routed = *r
	routed.URL = &url.URL{Path: behind, RawQuery: r.URL.RawQuery}
	patient, body := d.patiently(w, r)
	routed.Body = body
	d.mux.ServeHTTP(patient, routed)
	patient.extend() // what net/http still has to send
}

func cleanPrefixes(prefixes []string) []string {
	var all []string
	for _, prefix := range prefixes {
		all = append(all, strings.TrimRight(path.Clean("/"+strings.TrimSpace(prefix)), "/"))
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}
