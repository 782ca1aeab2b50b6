package graph

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/generated"
)

// Config is what the door is made of. All must be set but where a comment says
// otherwise.
type Config struct {
	Torrents *app.Torrents
	Servers  *app.Servers
	Checks   *app.Checks
	Events   *app.Events
	Users    *app.Users
	Progress *app.Progress
	// Consumers remembers how far named readers of Events have got.
	Consumers *app.Consumers
	// Insight, ProgressFeed and ServerFeed stand on Progress.
	Insight      *app.ServerInsight
	Details      *app.TorrentDetails
	ProgressFeed *app.ProgressFeed
	ServerFeed   *app.ServerFeed
	// Authenticate says who sent a request; KindUnauthenticated for nobody.
	Authenticate func(*http.Request) (domain.Actor, error)
	// AuthenticateToken says who is behind the token of a socket's connection_init.
	AuthenticateToken func(ctx context.Context, token string) (domain.Actor, error)
	Log               *slog.Logger
	// Outlive is told of a request whose websocket is to live on when it is done. The
	// socket ends with ctx, and done says that it has. Nil: it lives until its client goes.
	Outlive func(*http.Request) (ctx context.Context, done func())
	// Limits bound what clients may ask for; what is zero is as in DefaultLimits.
	Limits Limits
	// AllowedOrigins are the other sites whose pages may open a socket, such as
	// "https://example.org" or "https://*.example.org"; usually none.
	AllowedOrigins []string
	// Introspection lets every user read the schema; administrators always may.
	Introspection bool
	// Trusted are the only documents that may be run; nil for any.
	Trusted *TrustedDocuments
}

// handler is the door: one address for all transports.
type handler struct {
	Config
	presenter presenter
	exec      *executor.Executor
	lists     *listWriter
	renewals  *renewals
	pings     *rounds[*session]
}

// NewHandler makes the handler of the GraphQL address. It answers POST (JSON, or a
// multipart form), GET (queries only), Server-Sent Events (POST with Accept:
// text/event-stream) and websockets (graphql-transport-ws). Event streams end with the
// context of their request, sockets with that of Config.Outlive.
func NewHandler(config Config) http.Handler {
	config.Limits = config.Limits.orDefaults()
	h := &handler{Config: config, presenter: presenter{log: config.Log}}
	resolver := &Resolver{
		Torrents: config.Torrents, Servers: config.Servers, Checks: config.Checks,
		Events: config.Events, Consumers: config.Consumers, Users: config.Users, Progress: config.Progress,
		Insight: config.Insight, Details: config.Details, ProgressFeed: config.ProgressFeed, ServerFeed: config.ServerFeed,
		presenter: h.presenter,
	}
	schema := generated.NewExecutableSchema(generated.Config{Resolvers: resolver, Complexity: listCosts()})
	h.exec = executor.New(schema)
	h.exec.SetErrorPresenter(h.presenter.present)
	h.exec.SetRecoverFunc(h.presenter.recovered)
	cache := &queryCache{}
	h.exec.SetQueryCache(cache)
	h.exec.SetParserTokenLimit(config.Limits.Tokens)
	h.exec.SetDefaultRulesFn(quietRules)
	h.exec.SetDisableSuggestion(true)
	h.exec.Use(&rules{limits: config.Limits, introspection: config.Introspection})
	h.lists = newListWriter(resolver)
	h.exec.Use(h.lists)
	h.exec.Use(&persisted{trusted: config.Trusted})
	h.exec.Use(repetition{cache: cache, tokens: config.Limits.Tokens})
	h.exec.Use(deadlines{config.Limits.Timeout})
	h.exec.Use(&watchers{limit: config.Limits.SubscriptionsPerUser, counts: map[uuid.UUID]int{}})
	h.exec.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		response := next(withLoaders(ctx, resolver))
		if response != nil && len(response.Errors) > 0 {
			response.Errors = split(response.Errors)
			if response.Data == nil {
				response.Errors = response.Errors[:min(len(response.Errors), mostRefusals)]
			}
		}
		return response
	})
	h.renewals = h.newRenewals()
	h.pings = newRounds(config.Limits.PingInterval, (*session).ping)
	return h
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancelCause(graphql.StartOperationTrace(r.Context()))
	defer cancel(nil)
	c := &call{readOnly: r.Method == http.MethodGet}
	a := &answer{
		ResponseWriter: w, control: http.NewResponseController(w),
		timeout: h.Limits.WriteTimeout, giveUp: func() { cancel(nil) }, call: c,
	}
	defer a.end()
	defer h.recover(ctx, a)
	if r.ContentLength != 0 {
		a.limitBody(h.Limits.ReadTimeout)
	}
	if r.Header.Get("Upgrade") != "" {
		h.serveSocket(a, r)
		return
	}
	actor, err := h.Authenticate(r)
	if err == nil {
		err = checkRequest(a, r, c, h.Limits)
	}
	if err != nil {
		if r.ContentLength != 0 && !c.bodyRead {
			a.Header().Set("Connection", "close") // else net/http would wait for the rest before it answers
		}
		h.refuse(ctx, a, err)
		return
	}
	who := h.credentialOf(r)
	who.set(actor)
	ctx = withCall(withCredential(ctx, who), c)
	via := h.transport(r, c)
	if c.streaming {
		ctx = h.lasting(ctx, cancel, who)
	}
	via.Do(a, r.WithContext(ctx), gate{h.exec})
}

func (h *handler) transport(r *http.Request, c *call) graphql.Transport {
	switch {
	case r.Method == http.MethodGet:
		return transport.GET{}
	case strings.Contains(r.Header.Get("Accept"), "text/event-stream"):
		c.streaming = true
		return earlyRefusal{transport.SSE{KeepAlivePingInterval: h.Limits.PingInterval}}
	}
	return post{}
}

// refuse answers a request of which nothing is carried out.
func (h *handler) refuse(ctx context.Context, w http.ResponseWriter, err error) {
	kind := domain.KindOf(err)
	if kind == domain.KindUnauthenticated {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(statuses[kind])
	body, _ := json.Marshal(&graphql.Response{Errors: gqlerror.List{h.presenter.present(ctx, err)}}) // of texts only
	_, _ = w.Write(body)                                                                             // a client that has gone
}

// recover answers a request that made a transport panic.
func (h *handler) recover(ctx context.Context, w http.ResponseWriter) {
	cause := recover()
	if cause == http.ErrAbortHandler { //nolint:errorlint // net/http's own agreement
		panic(cause)
	}
	if cause != nil {
		h.refuse(ctx, w, h.presenter.recovered(ctx, cause))
	}
}
