package rest

import (
	"mime"
	"net/http"
	"time"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
)

func (d *door) findTorrents(r *http.Request, actor domain.Actor) (reply, error) {
	torrents, err := d.Torrents.Find(r.Context(), actor, domain.TorrentFilter{}, domain.TorrentPage{})
	if err != nil {
		return reply{}, err
	}
	return list(torrents, appendTorrent), nil
}

func (d *door) addTorrent(r *http.Request, actor domain.Actor) (reply, error) {
	limit := d.MaxBody
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		limit += domain.MaxMetainfoBytes
	}
	in, err := d.readUpTo(r, limit)
	if err != nil {
		return reply{}, err
	}
	wish := app.AddTorrent{
		File:       in.file("torrent"),
		URL:        in.text("url"),
		ServerID:   in.uuid("server_id"),
		Name:       in.text("name"),
		HashString: in.text("hash_string"),
	}
	if wish.File == nil && wish.URL == "" {
		wish.MagnetURI = in.requiredText("magnetURI")
	} else {
		wish.MagnetURI = in.text("magnetURI")
	}
	if keys := r.Header.Values("Idempotency-Key"); len(keys) > 0 {
		wish.IdempotencyKey = &keys[0]
	}
	if err := in.err(); err != nil {
		return reply{}, err
	}
	torrent, err := d.Torrents.Add(r.Context(), actor, wish)
	if err != nil {
		return reply{}, err
	}
	return created(appendTorrent(nil, torrent)), nil
}

func (d *door) getTorrent(r *http.Request, actor domain.Actor) (reply, error) {
	torrent, err := d.torrent(r, actor)
	if err != nil {
		return reply{}, err
	}
	return ok(appendTorrent(nil, torrent)), nil
}

// torrent returns the one that the path names: before its input is looked at.
func (d *door) torrent(r *http.Request, actor domain.Actor) (*domain.Torrent, error) {
	id, err := pathID(r)
	if err != nil {
		return nil, err
	}
	return d.Torrents.Get(r.Context(), actor, id)
}

func (d *door) updateTorrent(r *http.Request, actor domain.Actor) (reply, error) {
	present, err := d.torrent(r, actor)
	if err != nil {
		return reply{}, err
	}
	in, err := d.read(r)
	if err != nil {
		return reply{}, err
	}
	changes := app.UpdateTorrent{
		MagnetURI:   app.Some(in.requiredText("magnetURI")),
		ServerID:    app.Some(in.requiredUUID("server_id")),
		UserID:      given(in, "user_id", in.uuid("user_id")),
		Name:        given(in, "name", in.text("name")),
		HashString:  given(in, "hash_string", in.text("hash_string")),
		CompletedAt: given(in, "completed_at", in.date("completed_at")),
	}
	if err := in.err(); err != nil {
		return reply{}, err
	}
	// Clients send back what they were shown, with every edit: no change.
	if shown(present.CompletedAt, changes.CompletedAt.Value) {
		changes.CompletedAt = app.Optional[*time.Time]{}
	}
	torrent, err := d.Torrents.Update(r.Context(), actor, present.ID, changes)
	if err != nil {
		return reply{}, err
	}
	return ok(appendTorrent(nil, torrent)), nil
}

// shown reports whether sent is what a row shows of stored, which is whole seconds.
func shown(stored, sent *time.Time) bool {
	return stored != nil && sent != nil && stored.Truncate(time.Second).Equal(*sent)
}

// markTorrentIncomplete looks at no body.
func (d *door) markTorrentIncomplete(r *http.Request, actor domain.Actor) (reply, error) {
	id, err := pathID(r)
	if err != nil {
		return reply{}, err
	}
	torrent, err := d.Torrents.MarkIncomplete(r.Context(), actor, id)
	if err != nil {
		return reply{}, err
	}
	return ok(appendTorrent(nil, torrent)), nil
}

// removeTorrent keeps the data unless delete_data, which is ours, is true.
func (d *door) removeTorrent(r *http.Request, actor domain.Actor) (reply, error) {
	torrent, err := d.torrent(r, actor)
	if err != nil {
		return reply{}, err
	}
	in, err := d.read(r)
	if err != nil {
		return reply{}, err
	}
	deleteData := in.boolean("delete_data")
	if err := in.err(); err != nil {
		return reply{}, err
	}
	if _, err := d.Torrents.Remove(r.Context(), actor, torrent.ID, deleteData); err != nil {
		return reply{}, err
	}
	return noContent(), nil
}
