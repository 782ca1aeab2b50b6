package app

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// desk is where everybody asks for the progress of one server's torrents. It has
// at most one request under way, and what it was told is good for a window. All of
// it is used under the mu of its Progress.
type desk struct {
	*Progress
	// asking is the request under way; nil for none.
	asking *question
	// next gathers what asking does not ask for; nil for nothing.
	next *question
	// told is what the server answered lately.
	told map[domain.InfoHash]told
	// failedAt is when it last did not answer. That concerns all its torrents.
	failedAt time.Time
	// usedAt is when somebody last asked, or was told.
	usedAt time.Time
}

// told is what a server said of one torrent.
type told struct {
	transfer domain.Transfer
	held     bool
	at       time.Time
}

// question is one request to a server, for all who wait for it.
type question struct {
	server domain.Server
	hashes map[domain.InfoHash]struct{}
	// askers is how many wait; when all have left, it is not asked any further.
	askers int
	giveUp context.CancelFunc
	// answered is closed when the answer is there, which nobody changes then.
	answered chan struct{}
	answer   map[domain.InfoHash]domain.Transfer
}

// ask returns what the server's client reports of hashes, and maybe of others, to be
// read only: nothing when it does not answer, since its health tells of that. It ends
// early when ctx does.
func (a *Progress) ask(ctx context.Context, server domain.Server, hashes []domain.InfoHash) map[domain.InfoHash]domain.Transfer {
	a.mu.Lock()
	d := a.desk(server.ID)
	found, missing := d.recall(hashes)
	if len(missing) == 0 || d.lately(d.failedAt) || ctx.Err() != nil {
		a.mu.Unlock()
		return found
	}
	q := d.join(ctx, server, missing)
	a.mu.Unlock()
	select {
	case <-q.answered:
	case <-ctx.Done():
		d.leave(q)
		return found
	}
	if len(found) == 0 {
		return q.answer // as it is: there may be thousands
	}
	for _, hash := range missing {
		if transfer, held := q.answer[hash]; held {
			found[hash] = transfer
		}
	}
	return found
}

// desk returns the desk of a server, and closes those that nobody has come to for
// so long that they know nothing any more.
func (a *Progress) desk(serverID uuid.UUID) *desk {
	maps.DeleteFunc(a.desks, func(_ uuid.UUID, d *desk) bool { return d.asking == nil && !d.lately(d.usedAt) })
	d, found := a.desks[serverID]
	if !found {
		d = &desk{Progress: a, told: map[domain.InfoHash]told{}}
		if a.desks == nil {
			a.desks = map[uuid.UUID]*desk{}
		}
		a.desks[serverID] = d
	}
	d.usedAt = time.Now()
	return d
}

// lately reports whether at is within the window.
func (a *Progress) lately(at time.Time) bool { return time.Since(at) < a.Window }

// recall returns what is known of hashes, and those of which nothing is.
func (d *desk) recall(hashes []domain.InfoHash) (found map[domain.InfoHash]domain.Transfer, missing []domain.InfoHash) {
	found = map[domain.InfoHash]domain.Transfer{}
	if len(d.told) == 0 {
		return found, hashes
	}
	for _, hash := range hashes {
		switch t, known := d.told[hash]; {
		case !known || !d.lately(t.at):
			missing = append(missing, hash)
		case t.held:
			found[hash] = t.transfer
		}
	}
	return found, missing
}

// join returns the question to wait for: the one under way if it asks for all of
// hashes, else the next one, which begins at once when none is under way.
func (d *desk) join(ctx context.Context, server domain.Server, hashes []domain.InfoHash) *question {
	if q := d.asking; q != nil && q.askers > 0 && q.covers(hashes) {
		q.askers++
		return q
	}
	if d.next == nil {
		d.next = &question{hashes: make(map[domain.InfoHash]struct{}, len(hashes)), giveUp: func() {}, answered: make(chan struct{})}
	}
	q := d.next
	q.server = server // as it was read last
	q.askers++
	for _, hash := range hashes {
		q.hashes[hash] = struct{}{}
	}
	if d.asking == nil {
		d.begin(ctx)
	}
	return q
}

func (q *question) covers(hashes []domain.InfoHash) bool {
	return !slices.ContainsFunc(hashes, func(hash domain.InfoHash) bool {
		_, found := q.hashes[hash]
		return !found
	})
}

// begin asks what has gathered, if anything has. The request is everybody's, so it
// does not end with the ctx of the one who happens to begin it.
func (d *desk) begin(ctx context.Context) {
	q := d.next
	d.asking, d.next = q, nil
	if q == nil {
		return
	}
	ctx, q.giveUp = context.WithTimeout(context.WithoutCancel(ctx), d.Patience)
	go d.request(ctx, q)
}

// request asks the client, remembers what it says, tells it to who waits, and
// begins what has gathered meanwhile.
func (d *desk) request(ctx context.Context, q *question) {
	defer q.giveUp()
	transfers, err := d.transfers(ctx, q)
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	d.usedAt = now
	switch {
	case err == nil:
		q.answer = transfers
		d.remember(q, now)
		d.note(q.server.ID, nil, now)
	case q.askers > 0: // else it was given up, which says nothing of the server
		d.Log.DebugContext(ctx, "asking for progress", "server", q.server.ID, "error", err)
		d.failedAt = now
		d.note(q.server.ID, err, now)
		if d.next != nil { // who waits would only wait as long again
			close(d.next.answered)
			d.next = nil
		}
	}
	close(q.answered)
	d.begin(ctx)
}

func (d *desk) transfers(ctx context.Context, q *question) (map[domain.InfoHash]domain.Transfer, error) {
	client, err := d.Clients.Open(q.server)
	if err != nil {
		return nil, err
	}
	report, err := client.Transfers(ctx, slices.Collect(maps.Keys(q.hashes)))
	return report.Transfers, err
}

// remember keeps an answer for the window, and nothing that is older.
func (d *desk) remember(q *question, now time.Time) {
	maps.DeleteFunc(d.told, func(_ domain.InfoHash, t told) bool { return !d.lately(t.at) })
	if d.Window <= 0 {
		return
	}
	for hash := range q.hashes {
		transfer, held := q.answer[hash]
		d.told[hash] = told{transfer: transfer, held: held, at: now}
	}
}

// leave is for an asker who waits no longer. The last one gives the request up, and
// waits for its end, so that nothing is under way behind those who have asked.
func (d *desk) leave(q *question) {
	d.mu.Lock()
	q.askers--
	last, begun := q.askers == 0, q != d.next
	switch {
	case last && begun:
		q.giveUp()
	case last:
		d.next = nil
	}
	d.mu.Unlock()
	if last && begun {
		<-q.answered
	}
}
