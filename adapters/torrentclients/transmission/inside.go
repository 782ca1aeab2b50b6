package transmission

import (
	"context"
	"encoding/json"

	"github.com/clarion-app/download-manager/domain"
)

// object is part of an answer, in the daemon's dialect.
type object struct {
	fields  map[string]json.RawMessage
	dialect *dialect
}

// targets are where to put fields, by their names in legacy.
type targets map[string]any

// read reads fields. What the daemon does not tell stays as it is.
func (o object) read(into targets) error {
	for name, target := range into {
		raw, told := o.fields[o.dialect.spell(name)]
		if told && json.Unmarshal(raw, target) != nil {
			return nonsense(errMalformed)
		}
	}
	return nil
}

// list reads a field that is a list of objects.
func (o object) list(name string) ([]object, error) {
	var all []map[string]json.RawMessage
	if err := o.read(targets{name: &all}); err != nil {
		return nil, err
	}
	list := make([]object, len(all))
	for i := range all {
		list[i] = object{all[i], o.dialect}
	}
	return list, nil
}

// inside asks for some fields of one torrent, by their names in legacy.
func (c *Client) inside(ctx context.Context, hash domain.InfoHash, fields ...string) (object, error) {
	asked := c.now()
	answer, at, err := c.rpc.call(ctx, func(at handshake) (string, map[string]any) {
		spelled := make([]string, len(fields))
		for i, name := range fields {
			spelled[i] = at.dialect.spell(name)
		}
		return at.dialect.torrentGet, map[string]any{"ids": []domain.InfoHash{hash}, "fields": spelled}
	})
	if err != nil {
		return object{}, unavailable(err)
	}
	var found struct{ Torrents []map[string]json.RawMessage }
	if err := decode(answer, &found); err != nil {
		return object{}, err
	}
	if len(found.Torrents) == 1 {
		return object{found.Torrents[0], at.dialect}, nil
	}
	absent := []domain.InfoHash{hash}
	c.memory.saw(at.session, asked, nil)
	switch settling, err := c.settling(ctx, at.session, asked, absent); {
	case err != nil:
		return object{}, unavailable(err)
	case settling:
		return object{}, domain.Unavailable(nil, "transmission has just started and may not have loaded this torrent yet")
	}
	return object{}, domain.NotFound("transmission does not hold %s", hash)
}
