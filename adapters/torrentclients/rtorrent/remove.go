package rtorrent

import (
	"context"
	"path"
	"slices"

	"github.com/clarion-app/download-manager/domain"
)

// deleteBatch bounds the files that are deleted in one request: each takes the
// daemon a program run of a millisecond or four, and it serves nobody else
// meanwhile.
const deleteBatch = 100

// Remove implements ports.TorrentClient. The daemon keeps the data of what is
// erased. So data is deleted first, and by the daemon: should that be interrupted,
// the transfer is still there to be removed again.
func (c *Client) Remove(ctx context.Context, hashes []domain.InfoHash, deleteData bool) error {
	for _, hash := range hashes {
		c.lost.forget(hash)
	}
	if deleteData {
		for _, hash := range slices.DeleteFunc(slices.Clone(hashes), domain.InfoHash.IsZero) {
			if err := c.deleteData(ctx, hash); err != nil {
				return err
			}
		}
	}
	return c.each(ctx, hashes, only("d.erase"))
}

// deleteData deletes the files of a transfer that are in its metainfo, each by its
// own name, and then of its own folder what is empty: never a folder with anything
// in it, and never one that it shares. What is not there is not missed.
//
// The daemon itself puts the paths into the commands, since not all of them
// survive being told; they are arguments of rm, and no shell reads them.
func (c *Client) deleteData(ctx context.Context, hash domain.InfoHash) error {
	h := target(hash)
	// Only a torrent that is open knows its paths. Opening makes no file.
	answers, err := c.rpc.calls(ctx,
		call{"d.stop", []any{h}}, call{"d.open", []any{h}}, call{"d.is_multi_file", []any{h}}, call{"d.name", []any{h}},
		call{"d.directory", []any{h}}, call{"f.multicall", []any{h, "", "f.frozen_path="}})
	switch {
	case err != nil:
		return err
	case isUnknownHash(answers[0].err):
		return nil
	}
	if err := all(answers); err != nil {
		return err
	}
	several, name, folder, files := answers[2].value, answers[3].value, answers[4].value, answers[5].value.list
	if err := c.deleteFiles(ctx, hash, files); err != nil {
		return err
	}
	if counted(several) == 0 || path.Base(string(folder.text)) != string(name.text) {
		return nil // it has no folder of its own
	}
	// What is not empty stays; find's opinion of that is not asked.
	_, err = c.rpc.call(ctx, evaluate(h, "execute.nothrow=find,$d.directory=,-depth,-type,d,-empty,-delete"))
	if isFault(err) {
		return nil
	}
	return err
}

// deleteFiles deletes the files of a transfer, whose paths these are.
func (c *Client) deleteFiles(ctx context.Context, hash domain.InfoHash, paths []value) error {
	for _, file := range paths {
		if len(file.list) != 1 || len(file.list[0].text) == 0 {
			return domain.Unavailable(nil, "rtorrent cannot open the files of %s, so that it cannot delete them either; removing it without its data is possible", hash)
		}
	}
	for begin := 0; begin < len(paths); begin += deleteBatch {
		var calls []call
		for i := begin; i < min(begin+deleteBatch, len(paths)); i++ {
			calls = append(calls, evaluate(fileTarget(hash, i), "execute.throw=rm,-f,--,$f.frozen_path="))
		}
		answers, err := c.rpc.calls(ctx, calls...)
		if err != nil {
			return err
		}
		for _, answer := range answers {
			if answer.err != nil && !isUnknownHash(answer.err) {
				return domain.Unavailable(answer.err, "rtorrent could not delete files of %s: %s", hash, answer.err)
			}
		}
	}
	return nil
}
