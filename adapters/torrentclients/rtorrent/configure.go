package rtorrent

import (
	"context"
	"path"
	"slices"

	"github.com/clarion-app/download-manager/domain"
)

// held is a torrent as Configure finds it.
type held struct {
	hash                                          domain.InfoHash
	meta, started, active, hashing, several, data bool
	name, folder, label, throttle, added          string
	// elsewhere are folders in which magnets lie that were put nowhere.
	elsewhere       []string
	priority, files int64
}

// Configure implements ports.TransferControl.
func (c *Client) Configure(ctx context.Context, hash domain.InfoHash, s domain.TransferSettings) error {
	if err := check(s); err != nil {
		return err
	}
	if err := c.restore(ctx); err != nil {
		return err
	}
	t, err := c.find(ctx, hash)
	if err != nil {
		return err
	}
	if err := t.accepts(s); err != nil || s.IsZero() {
		return err
	}
	if t.meta {
		return c.reload(ctx, t, s)
	}
	if s.Folder != nil { // first, as the only thing that may fail
		if err := c.move(ctx, t, path.Clean(*s.Folder)); err != nil {
			return err
		}
	}
	if s.Unwanted != nil {
		if err := c.selectFiles(ctx, hash, *s.Unwanted); err != nil {
			return err
		}
	}
	calls, err := c.changes(ctx, t, s)
	if err != nil {
		return err
	}
	// Else it is written down within 20 minutes, or when the daemon stops in order.
	answers, err := c.rpc.calls(ctx, append(calls, call{"d.save_full_session", []any{target(hash)}})...)
	if err == nil {
		err = all(answers)
	}
	return err
}

// changes are the calls that change what is a value of the torrent alone.
func (c *Client) changes(ctx context.Context, t held, s domain.TransferSettings) (calls []call, err error) {
	h := target(t.hash)
	if s.Label != nil {
		calls = append(calls, call{"d.custom1.set", []any{h, encodeLabel(*s.Label)}})
	}
	if s.Priority != nil {
		calls = append(calls, call{"d.priority.set", []any{h, priorities[*s.Priority]}})
	}
	if s.DownloadLimit == nil && s.UploadLimit == nil {
		return calls, nil
	}
	before, _ := readLimits(t.throttle)
	after := before.with(s)
	if after == before {
		return calls, nil
	}
	name := after.name(t.hash)
	if name != "" {
		if err := c.limited(ctx); err != nil {
			return nil, err
		}
		calls = append(calls, after.define(name)...)
	}
	return append(calls, assign(t.hash, name, t.active)...), nil
}

// find reads what Configure needs to know.
func (c *Client) find(ctx context.Context, hash domain.InfoHash) (held, error) {
	h := target(hash)
	var calls []call
	for _, method := range []string{
		"d.is_meta", "d.state", "d.is_active", "d.hashing", "d.is_multi_file", "d.completed_chunks", "d.name", "d.directory",
		"d.custom1", "d.throttle_name", "d.priority", "d.size_files",
	} {
		calls = append(calls, call{method, []any{h}})
	}
	answers, err := c.rpc.calls(ctx, append(append(calls, call{"d.custom", []any{h, addedTime}}), magnetFolders()...)...)
	if err != nil {
		return held{}, err
	}
	elsewhere := readMagnetFolders(answers[len(answers)-2:])
	answers = answers[:len(answers)-2]
	if isUnknownHash(answers[0].err) {
		return held{}, notHeld(hash)
	}
	if err := all(answers); err != nil {
		return held{}, err
	}
	flag := func(i int) bool { return counted(answers[i].value) != 0 }
	text := func(i int) string { return string(answers[i].value.text) }
	t := held{
		hash: hash, meta: flag(0), started: flag(1), active: flag(2), hashing: flag(3), several: flag(4), data: flag(5),
		name: text(6), folder: text(7), label: text(8), throttle: text(9), priority: counted(answers[10].value),
		files: counted(answers[11].value), added: text(12), elsewhere: elsewhere,
	}
	return t, nil
}

// accepts refuses what cannot be done with a torrent, before anything is.
func (t *held) accepts(s domain.TransferSettings) error {
	if s.Unwanted != nil {
		if t.meta {
			return unknownFiles(t.hash)
		}
		for _, index := range *s.Unwanted {
			if index < 0 || int64(index) >= t.files {
				return domain.Invalid("unwantedFiles", "has the index %d; the torrent has %d files, counted from 0", index, t.files)
			}
		}
	}
	return nil
}

func unknownFiles(hash domain.InfoHash) error {
	return domain.Conflict("the files of %s cannot be chosen before its metadata is there", hash)
}

// selectFiles takes the priority of files away, and gives one to those that have
// none and are wanted. What somebody has put before others stays there.
func (c *Client) selectFiles(ctx context.Context, hash domain.InfoHash, unwanted []int) error {
	rows, of, err := c.table(ctx, hash, call{"f.multicall", []any{target(hash), "", "f.priority="}}, "d.is_active")
	if err != nil {
		return err
	}
	out := make(map[int]bool, len(unwanted))
	for _, index := range unwanted {
		out[index] = true
	}
	var calls []call
	for i, row := range rows {
		switch now := counted(row[0]); {
		case out[i] && now != 0:
			calls = append(calls, call{"f.priority.set", []any{fileTarget(hash, i), int64(0)}})
		case !out[i] && now == 0:
			calls = append(calls, call{"f.priority.set", []any{fileTarget(hash, i), int64(1)}})
		}
	}
	defer c.selections.forget(hash)
	calls = append(calls, call{"d.update_priorities", []any{target(hash)}})
	if counted(of[0]) != 0 {
		// 0.9 does not tell peers that it wants something again.
		calls = append(calls, call{"d.pause", []any{target(hash)}}, call{"d.resume", []any{target(hash)}})
	}
	for some := range slices.Chunk(calls, batch) {
		answers, err := c.rpc.calls(ctx, some...)
		if err == nil {
			err = all(answers)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
