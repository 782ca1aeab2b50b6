package rtorrent

import (
	"context"
	"path"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// inFolder is the folder that a torrent was put into: without its own, which the
// daemon adds for several files. own is false where those lie in a folder that is
// not named after it.
func (t *held) inFolder() (folder string, own bool) {
	if !t.several {
		return path.Clean(t.folder), true
	}
	return path.Dir(path.Clean(t.folder)), path.Base(t.folder) == t.name
}

// move puts a torrent into another folder, its data too. The daemon cannot do
// that, but runs mv, and does nothing else until that has ended. So data is moved
// within a file system only, where it takes no time.
func (c *Client) move(ctx context.Context, t held, folder string) error {
	from, own := t.inFolder()
	switch {
	case from == folder:
		return nil
	case !own:
		return domain.Conflict("the files of %s do not lie in a folder of their own, so that they cannot be moved", t.hash)
	}
	h := target(t.hash)
	// Only a torrent that has been open knows its paths. Closing it ends a check.
	answers, err := c.rpc.calls(ctx, call{"d.stop", []any{h}}, call{"d.open", []any{h}}, call{"d.close", []any{h}})
	if err == nil {
		err = all(answers)
	}
	if err == nil {
		err = c.moveData(ctx, t, folder)
	}
	if err == nil {
		_, err = c.rpc.call(ctx, call{"d.directory.set", []any{h, folder}})
	}
	if t.started {
		if resumed := c.Resume(ctx, []domain.InfoHash{t.hash}); err == nil {
			err = resumed
		}
	}
	if t.hashing && err == nil {
		_, err = c.rpc.call(ctx, call{"d.check_hash", []any{h}})
	}
	return unavailable(err)
}

// moveData has the daemon move what is there of a torrent. It finds what it was at
// when it was interrupted.
func (c *Client) moveData(ctx context.Context, t held, folder string) error {
	h := target(t.hash)
	there := quote(strings.TrimSuffix(folder, "/") + "/")
	inTheWay := `execute.nothrow=test,-e,"$cat=` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(there) + `,$d.base_filename="`
	answers, err := c.rpc.calls(ctx,
		command("execute.throw", "mkdir", "-p", "--", folder),
		evaluate(h, "execute.nothrow=test,-e,$d.base_path="), evaluate(h, inTheWay),
		evaluate(h, "execute.capture=stat,-c,%d,--,$d.directory="), command("execute.capture", "stat", "-c", "%d", "--", folder))
	if err != nil {
		return err
	}
	if answers[0].err != nil {
		return domain.Conflict("rtorrent cannot make the folder %s", folder)
	}
	if err := all(answers[1:3]); err != nil {
		return err
	}
	here, taken := counted(answers[1].value) == 0, counted(answers[2].value) == 0
	switch {
	case !here && !taken && t.data:
		return domain.Conflict("the data of %s is not where rtorrent says", t.hash)
	case !here:
		return nil // there is none, or it was moved already
	case taken:
		return domain.Conflict("there is a %q in %s already", shorten(t.name), folder)
	}
	if err := all(answers[3:]); err != nil {
		return err
	}
	if answers[3].value.String() != answers[4].value.String() {
		return domain.Conflict("rtorrent moves data within one file system only, and %s is on another", folder)
	}
	_, err = c.rpc.call(ctx, evaluate(h, "execute.throw=mv,-n,--,$d.base_path=,"+there))
	if isFault(err) {
		return domain.Conflict("rtorrent cannot move the data of %s to %s", t.hash, folder)
	}
	return err
}
