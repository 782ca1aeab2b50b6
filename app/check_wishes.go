package app

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// tell makes the client treat its torrents as is wished, as far as it has not been told
// yet: one request for all that are to be paused, and so on, and one for the settings of
// each torrent. Where several torrents are one transfer, the last wish holds.
//
// It stops after an interval, as handing over does. What is told twice, since a process
// died in between, does no harm.
func (r *round) tell(ctx context.Context, open []domain.OpenTorrent) error {
	now := r.Now()
	due := r.wishing
	r.wishing = nil
	for _, o := range open {
		if o.DueForTelling(r.report, now) {
			due = append(due, o.ID)
		}
	}
	if len(due) == 0 {
		return nil
	}
	t := &telling{
		round: r, control: r.client,
		what: map[uuid.UUID]domain.Settings{}, told: map[uuid.UUID]domain.Settings{}, refused: map[uuid.UUID]refusal{},
	}
	if err := t.load(ctx, once(due)); err != nil {
		return err
	}
	away := t.all(ctx, now.Add(r.Interval))
	if err := t.keep(ctx); err != nil {
		return err
	}
	return away
}

// telling is what a client is told in one check.
type telling struct {
	*round

	control ports.TransferControl
	// torrents are as they were when they were told, the last wish last.
	torrents []*domain.Torrent
	// what is to be told of each, told what was; of what was refused, why.
	what, told map[uuid.UUID]domain.Settings
	refused    map[uuid.UUID]refusal
}

type refusal struct {
	settings domain.Settings
	message  string
}

func (t *telling) load(ctx context.Context, ids []uuid.UUID) error {
	for batch := range batches(ids, observeBatch) {
		torrents, err := t.Torrents.Find(ctx, domain.TorrentFilter{IDs: batch}, domain.TorrentPage{})
		if err != nil {
			return err
		}
		for _, torrent := range torrents {
			if what := torrent.ToTell(t.report); what != 0 && torrent.ServerID == t.server.ID {
				t.torrents, t.what[torrent.ID] = append(t.torrents, torrent), what
			}
		}
	}
	slices.SortStableFunc(t.torrents, func(a, b *domain.Torrent) int {
		return cmp.Or(a.UpdatedAt.Compare(b.UpdatedAt), a.CreatedAt.Compare(b.CreatedAt))
	})
	return nil
}

// all tells everything. What the client is to stop, it stops first, and what is to go
// on does so with its new settings. The error is that the client is away.
func (t *telling) all(ctx context.Context, until time.Time) error {
	can := t.Clients.Capabilities(t.server.Type)
	for id, what := range t.what {
		t.told[id] = what &^ what.Within(can) // what it lacks is passed over
		t.what[id] = what.Within(can)
	}
	paused := func(torrent *domain.Torrent) bool { return torrent.Paused }
	running := func(torrent *domain.Torrent) bool { return !torrent.Paused }
	whatever := func(*domain.Torrent) bool { return true }
	if err := t.together(ctx, domain.SettingPaused, paused, t.control.Pause); err != nil {
		return err
	}
	if err := t.configure(ctx, until); err != nil {
		return err
	}
	if err := t.together(ctx, domain.SettingVerify, whatever, t.control.Verify); err != nil {
		return err
	}
	return t.together(ctx, domain.SettingPaused, running, t.control.Resume)
}

// together tells one setting of all torrents that it is to be told of.
func (t *telling) together(
	ctx context.Context, which domain.Settings, are func(*domain.Torrent) bool, do func(context.Context, []domain.InfoHash) error,
) error {
	last := map[domain.InfoHash]*domain.Torrent{}
	for _, torrent := range t.torrents {
		if t.what[torrent.ID].Has(which) {
			last[torrent.InfoHash()] = torrent
		}
	}
	var hashes []domain.InfoHash
	for _, torrent := range t.torrents {
		if hash := torrent.InfoHash(); last[hash] == torrent && are(torrent) {
			hashes = append(hashes, hash)
		}
	}
	answers, err := t.ask(ctx, hashes, do)
	for _, torrent := range t.torrents {
		if answer, asked := answers[torrent.InfoHash()]; asked && t.what[torrent.ID].Has(which) {
			t.note(torrent, which, answer)
		}
	}
	return err
}

// ask has something done to transfers at once and, should the client fail over that,
// one by one. It returns what came of each, and an error when the client is away.
func (t *telling) ask(
	ctx context.Context, hashes []domain.InfoHash, do func(context.Context, []domain.InfoHash) error,
) (map[domain.InfoHash]error, error) {
	answers := make(map[domain.InfoHash]error, len(hashes))
	if len(hashes) == 0 {
		return answers, nil
	}
	err := do(ctx, hashes)
	if err != nil && !refused(err) {
		if away := t.away(ctx, err); away != nil {
			return nil, away
		}
	}
	if err == nil || len(hashes) == 1 {
		for _, hash := range hashes {
			answers[hash] = err
		}
		return answers, nil
	}
	for i := range hashes {
		one, err := t.ask(ctx, hashes[i:i+1], do)
		if err != nil {
			return answers, err
		}
		answers[hashes[i]] = one[hashes[i]]
	}
	return answers, nil
}

// configure tells the settings of each torrent.
func (t *telling) configure(ctx context.Context, until time.Time) error {
	for _, torrent := range t.torrents {
		what := t.what[torrent.ID] &^ (domain.SettingPaused | domain.SettingVerify)
		if torrent.SettingsOf(what).IsZero() {
			t.told[torrent.ID] |= what
			continue
		}
		if t.Now().After(until) {
			t.result.More = true
			break
		}
		if away := t.configureOne(ctx, torrent, what); away != nil {
			return away
		}
	}
	return nil
}

// configureOne tells some settings of one torrent. Since nothing completes before its
// client knows which files are wanted, these are told alone where another setting may be
// what the client refuses.
func (t *telling) configureOne(ctx context.Context, torrent *domain.Torrent, what domain.Settings) error {
	err := t.control.Configure(ctx, torrent.InfoHash(), torrent.SettingsOf(what))
	switch domain.KindOf(err) { //nolint:exhaustive // the rest may be the client's being away
	case domain.KindNotFound:
		return nil // it has gone since the report, or is not quite there yet: the next check knows
	case domain.KindInvalid, domain.KindConflict:
		if others := what &^ domain.SettingUnwanted; others != 0 && others != what {
			if away := t.configureOne(ctx, torrent, domain.SettingUnwanted); away != nil {
				return away
			}
			return t.configureOne(ctx, torrent, others)
		}
	default:
		if err != nil {
			if away := t.away(ctx, err); away != nil {
				return away
			}
		}
	}
	t.note(torrent, what, err)
	return nil
}

func (t *telling) note(torrent *domain.Torrent, which domain.Settings, err error) {
	if err == nil {
		t.told[torrent.ID] |= which
		return
	}
	before := t.refused[torrent.ID]
	t.refused[torrent.ID] = refusal{before.settings | which, domain.MessageOf(err)}
}

// keep writes down what the client was told, and what it has refused.
func (t *telling) keep(ctx context.Context) error {
	asTold := make(map[uuid.UUID]*domain.Torrent, len(t.torrents))
	var ids []uuid.UUID
	for _, torrent := range t.torrents {
		if _, refused := t.refused[torrent.ID]; refused || t.told[torrent.ID] != 0 {
			asTold[torrent.ID], ids = torrent, append(ids, torrent.ID)
		}
	}
	now := t.Now()
	for batch := range batches(ids, observeBatch) {
		told, refusals := 0, 0
		_, err := t.Torrents.Update(ctx, batch, t.lease, func(torrent *domain.Torrent) error {
			if what := t.told[torrent.ID]; what != 0 {
				torrent.Told(t.server, asTold[torrent.ID], what, now)
				told++
			}
			if no, refused := t.refused[torrent.ID]; refused {
				torrent.RefuseSettings(t.server, asTold[torrent.ID], no.settings, no.message, now)
				refusals++
			}
			return nil
		})
		if err != nil {
			return err
		}
		t.result.Told += told
		t.result.Refused += refusals
	}
	return nil
}
