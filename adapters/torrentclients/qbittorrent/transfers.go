package qbittorrent

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

const (
	// few torrents are simply asked for by name, at a tenth of a millisecond each.
	few = 5
	// some are, too, where finding out what has changed costs the daemon more than
	// that, and they are no more than a tenth of what it holds: 4.x takes a quarter of
	// a second among 5,000, and answers nobody else meanwhile. 5.x knows it at any time.
	some      = 100
	slowDelta = 50 * time.Millisecond
)

// Transfers implements ports.TorrentClient: one request, and a second one when
// one that was asked for by name is absent: then it may be held under another
// hash, that of version 2, and only a look at everything tells.
func (c *Client) Transfers(ctx context.Context, hashes []domain.InfoHash) (domain.Report, error) {
	if len(hashes) <= max(few, int(c.byName.Load())) {
		report, all, err := c.ask(ctx, hashes)
		if err != nil || all {
			return report, unavailable(err)
		}
	}
	report, err := c.lookUp(ctx, hashes)
	if err != nil {
		return domain.Report{}, unavailable(err)
	}
	return report, nil
}

// ask asks for torrents by name, and tells whether all are there.
func (c *Client) ask(ctx context.Context, hashes []domain.InfoHash) (report domain.Report, all bool, err error) {
	report = domain.Report{Transfers: make(map[domain.InfoHash]domain.Transfer, len(hashes))}
	wanted := make(map[domain.InfoHash]bool, len(hashes))
	for _, hash := range hashes {
		wanted[hash] = true
	}
	torrents, err := c.named(ctx, hashes, "includeTrackers", "true") // 5.x
	if err != nil {
		return domain.Report{}, false, err
	}
	for i := range torrents {
		if hash, err := torrents[i].infoHash(); err == nil && wanted[hash] {
			transfer := torrents[i].transfer()
			transfer.InfoHash = hash
			report.Transfers[hash] = transfer
		}
	}
	return report, len(report.Transfers) == len(wanted), nil
}

// named asks for torrents by name, with further names and values of the request.
// To ask for none of them it asks for one that there is not, since no name is all.
func (c *Client) named(ctx context.Context, hashes []domain.InfoHash, more ...string) ([]torrent, error) {
	ids := make([]string, 0, len(hashes))
	for _, hash := range hashes {
		if !hash.IsZero() {
			ids = append(ids, c.idOf(hash))
		}
	}
	if len(ids) == 0 {
		ids = []string{"none"}
	}
	question := get("torrents/info", url.Values{"hashes": {strings.Join(ids, "|")}})
	for i := 0; i+1 < len(more); i += 2 {
		question.form.Set(more[i], more[i+1])
	}
	question.post = len(ids) > 50 // longer than what fits into every URL
	question.list = question.post
	got, err := c.api.do(ctx, question)
	if err != nil {
		return nil, err
	}
	torrents, err := readTorrents(got.body, false)
	if err != nil {
		return nil, nonsense(err)
	}
	return torrents, nil
}

// idOf is what the daemon calls a torrent, as far as is known without asking.
func (c *Client) idOf(hash domain.InfoHash) string {
	if others := c.others.Load(); others != nil {
		if id, other := (*others)[hash]; other {
			return id
		}
	}
	return hash.String()
}

// lookUp brings the picture up to date and reads torrents off it.
func (c *Client) lookUp(ctx context.Context, hashes []domain.InfoHash) (domain.Report, error) {
	report := domain.Report{Transfers: make(map[domain.InfoHash]domain.Transfer, len(hashes))}
	err := c.withPicture(ctx, look{}, func(p *picture) {
		for _, hash := range hashes {
			if t := p.of(hash); t != nil {
				transfer := t.transfer()
				transfer.InfoHash = hash
				report.Transfers[hash] = transfer
			}
		}
	})
	return report, err
}

// look is how the picture is wanted.
type look struct {
	// age is how old it may be; 0 is that it shows what was the case at the call.
	age time.Duration
	// insist: somebody has asked for just this.
	insist bool
}

// withPicture lets use look at a picture that was brought up to date. Who had to
// wait while another one did that shares what they got.
func (c *Client) withPicture(ctx context.Context, want look, use func(p *picture)) error {
	came := c.begun.Load()
	patience, cancel := context.WithTimeout(ctx, c.api.patience(true))
	defer cancel()
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-c.api.closed:
		return errClosed()
	case <-patience.Done():
		return c.api.explain(ctx, patience, patience.Err())
	}
	fresh := c.upTo > came || (c.picture.session != "" && within(c.picture.polledAt, c.now(), want.age))
	if !fresh || c.api.isClosed() {
		this := c.begun.Add(1)
		if err := c.refresh(ctx, want.insist); err != nil {
			return err
		}
		c.upTo = this
	}
	use(&c.picture)
	return nil
}

// refresh brings the picture up to date, by what has changed where that is
// certain to be all. It is called by who has the turn.
func (c *Client) refresh(ctx context.Context, insist bool) error {
	err := c.sync(ctx, insist)
	if errors.Is(err, errNotTold) || errors.Is(err, errIncomplete) {
		err = c.sync(ctx, insist) // of everything, now that there is no picture
	}
	if errors.Is(err, errMalformed) || errors.Is(err, errNotTold) || errors.Is(err, errIncomplete) {
		err = nonsense(err)
	}
	return err
}

// sync asks once for what has changed, or for everything.
func (c *Client) sync(ctx context.Context, insist bool) error {
	asked := c.now()
	rid := int64(0)
	if c.picture.follows(c.api.session(), asked) {
		rid = c.picture.rid
	}
	question := get("sync/maindata", url.Values{"rid": {strconv.FormatInt(rid, 10)}})
	question.list, question.insist = true, insist
	got, err := c.api.do(ctx, question)
	if err == nil {
		err = c.picture.update(got, asked)
		if rid != 0 && c.picture.takenAt.Before(asked) {
			c.weigh(c.now().Sub(asked))
		}
	} else if !c.api.byKey() {
		return err // what a session is told next follows what it was told last
	}
	if err != nil {
		// All who use an API key share a session, and it does not end with the
		// daemon: so it may have been told something else meanwhile.
		c.picture = picture{}
		return err
	}
	ids := c.picture.ids
	c.others.Store(&ids)
	return nil
}

// weigh decides how many are better asked for by name, by what finding out what
// has changed has just taken.
func (c *Client) weigh(took time.Duration) {
	byName := 0
	if took > slowDelta {
		byName = min(some, len(c.picture.torrents)/10)
	}
	c.byName.Store(int64(byName))
}
