package rest

import (
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
)

// reply is an answer before it is sent.
type reply struct {
	status int
	header map[string]string
	body   []byte
	// stream writes a body too large to be put together first.
	stream func(io.Writer)
	// lasting writes an answer that goes on, and says in header what it is.
	lasting func(http.ResponseWriter)
}

func ok(body []byte) reply      { return reply{status: http.StatusOK, body: body} }
func created(body []byte) reply { return reply{status: http.StatusCreated, body: body} }
func noContent() reply          { return reply{status: http.StatusNoContent} }

func (a reply) send(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-cache, private")
	for name, value := range a.header {
		header.Set(name, value)
	}
	if a.body != nil || a.stream != nil {
		header.Set("Content-Type", "application/json")
		header.Set("X-Content-Type-Options", "nosniff")
	}
	if a.body != nil {
		header.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	switch {
	case r.Method == http.MethodHead:
	case a.lasting != nil:
		a.lasting(w)
	case a.stream != nil:
		a.stream(w)
	default:
		_, _ = w.Write(a.body) // a caller who has gone needs no answer
	}
}

// serve answers the requests of one path; without a route there is none.
func (d *door) serve(methods route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		d.answer(methods, r).send(w, r) //nolint:contextcheck // it has the request
	}
}

func (d *door) answer(methods route, r *http.Request) (answer reply) {
	defer func() {
		switch panicked := recover(); panicked {
		case nil:
		case http.ErrAbortHandler:
			panic(panicked)
		default:
			d.Log.ErrorContext(r.Context(), "panic in a request", "method", r.Method, "path", r.URL.Path,
				"panic", panicked, "stack", string(debug.Stack()))
			answer = internalError()
		}
	}()
	if methods == nil {
		return message(http.StatusNotFound, "There is no such route.")
	}
	method := r.Method
	switch method {
	case http.MethodHead:
		method = http.MethodGet
	case http.MethodOptions:
		return d.options(methods, r)
	}
	act, found := methods[method]
	if !found {
		return methods.notAllowed(r.Method)
	}
	answer, err := act(r)
	if err != nil {
		return d.failure(r, err)
	}
	return answer
}

// allow lists the methods of a path, as the Allow header has them.
func (methods route) allow() string {
	var names []string
	for _, name := range []string{
		http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
	} {
		if methods[name] != nil {
			names = append(names, name)
		}
	}
	if methods[http.MethodGet] != nil {
		names = slices.Insert(names, 1, http.MethodHead)
	}
	return strings.Join(names, ", ")
}

func (methods route) notAllowed(method string) reply {
	allow := methods.allow()
	answer := message(http.StatusMethodNotAllowed,
		fmt.Sprintf("The %s method is not supported for this route. Supported methods: %s.", method, allow))
	answer.header = map[string]string{"Allow": allow}
	return answer
}

// options says what a path can do, to anybody, and lets a browser of an allowed
// origin do it.
func (d *door) options(methods route, r *http.Request) reply {
	header := map[string]string{"Allow": methods.allow()}
	if r.Header.Get("Access-Control-Request-Method") == "" {
		return reply{status: http.StatusOK, header: header}
	}
	if d.allows(r.Header.Get("Origin")) {
		header["Access-Control-Allow-Methods"] = methods.allow()
		header["Access-Control-Allow-Headers"] = r.Header.Get("Access-Control-Request-Headers")
		header["Access-Control-Max-Age"] = "600"
	}
	return reply{status: http.StatusNoContent, header: header}
}

func (d *door) allows(origin string) bool {
	return origin != "" && (slices.Contains(d.AllowedOrigins, origin) || slices.Contains(d.AllowedOrigins, "*"))
}

func (d *door) allowOrigin(header http.Header, r *http.Request) {
	if len(d.AllowedOrigins) == 0 {
		return
	}
	header.Add("Vary", "Origin")
	if origin := r.Header.Get("Origin"); d.allows(origin) {
		header.Set("Access-Control-Allow-Origin", origin)
	}
}
