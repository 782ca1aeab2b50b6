package rest

import (
	"net/http"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

func (d *door) clientTypes(*http.Request, domain.Actor) (reply, error) {
	types := d.Servers.ClientTypes()
	return list(types, func(b []byte, t domain.ClientType) []byte { return appendText(b, string(t)) }), nil
}

func (d *door) findServers(r *http.Request, actor domain.Actor) (reply, error) {
	servers, err := d.Servers.Find(r.Context(), actor)
	if err != nil {
		return reply{}, err
	}
	return list(servers, appendServer), nil
}

func (d *door) registerServer(r *http.Request, actor domain.Actor) (reply, error) {
	settings, err := d.serverSettings(r)
	if err != nil {
		return reply{}, err
	}
	server, err := d.Servers.Register(r.Context(), actor, settings)
	if err != nil {
		return reply{}, err
	}
	return created(appendNewServer(nil, server)), nil
}

// serverSettings reads what is documented, which is required, and what is ours:
// the credentials, which are never shown, and what to do on completion.
func (d *door) serverSettings(r *http.Request) (app.ServerSettings, error) {
	in, err := d.read(r)
	if err != nil {
		return app.ServerSettings{}, err
	}
	settings := app.ServerSettings{
		Address:    app.Some(in.requiredText("address")),
		Type:       app.Some(domain.ClientType(in.requiredText("type"))),
		Username:   given(in, "username", in.text("username")),
		Password:   given(in, "password", in.secret("password")),
		OnComplete: in.onComplete("on_complete"),
	}
	return settings, in.err()
}

// onComplete reads null, which changes nothing, or a policy.
func (in *input) onComplete(name string) (policy app.Optional[domain.OnComplete]) {
	text := in.text(name)
	if text == "" {
		return policy
	}
	value, err := domain.ParseOnComplete(text)
	if err != nil {
		in.errs = append(in.errs, err)
		return policy
	}
	return app.Some(value)
}

func (d *door) getServer(r *http.Request, actor domain.Actor) (reply, error) {
	server, err := d.server(r, actor)
	if err != nil {
		return reply{}, err
	}
	return ok(appendServer(nil, server)), nil
}

// server returns the one that the path names: before its input is looked at.
func (d *door) server(r *http.Request, actor domain.Actor) (*domain.Server, error) {
	id, err := pathID(r)
	if err != nil {
		return nil, err
	}
	return d.Servers.Get(r.Context(), actor, id)
}

func (d *door) updateServer(r *http.Request, actor domain.Actor) (reply, error) {
	present, err := d.server(r, actor)
	if err != nil {
		return reply{}, err
	}
	settings, err := d.serverSettings(r)
	if err != nil {
		return reply{}, err
	}
	server, err := d.Servers.Update(r.Context(), actor, present.ID, settings)
	if err != nil {
		return reply{}, err
	}
	return ok(appendServer(nil, server)), nil
}

// removeServer refuses while open torrents are on the server, unless move_to, which
// is ours, names another one for them.
func (d *door) removeServer(r *http.Request, actor domain.Actor) (reply, error) {
	server, err := d.server(r, actor)
	if err != nil {
		return reply{}, err
	}
	in, err := d.read(r)
	if err != nil {
		return reply{}, err
	}
	moveTo := in.uuid("move_to")
	if err := in.err(); err != nil {
		return reply{}, err
	}
	if _, err := d.Servers.Remove(r.Context(), actor, server.ID, moveTo); err != nil {
		return reply{}, err
	}
	return noContent(), nil
}
