package app

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// MostAtOnce is how many torrents one call may name.
const MostAtOnce = 1_000

// changeBatch is how many torrents are changed in one transaction.
const changeBatch = 500

// AddedTorrent is what came of one of many torrents that were to be added.
type AddedTorrent struct {
	// Torrent is nil with an Err.
	Torrent *domain.Torrent
	// Repeated: it is there already, under the same idempotency key.
	Repeated bool
	Err      error
}

// AddAll is Add for many, and returns what came of each, in their order: one that is
// at fault does not keep the others out. A dry run finds the same and stores nothing;
// the ids of its torrents are made up. KindInvalid for more than MostAtOnce.
func (a *Torrents) AddAll(ctx context.Context, actor domain.Actor, inputs []AddTorrent, dryRun bool) ([]AddedTorrent, error) {
	if len(inputs) > MostAtOnce {
		return nil, domain.Invalid("torrents", "must not be more than %d at once", MostAtOnce)
	}
	return a.addAll(ctx, actor, inputs, dryRun), nil
}

func (a *Torrents) addAll(ctx context.Context, actor domain.Actor, inputs []AddTorrent, dryRun bool) []AddedTorrent {
	results := make([]AddedTorrent, len(inputs))
	rehearsed := map[string]domain.KeyedTorrent{}
	for from := 0; from < len(inputs); {
		to := from + batchOf(inputs[from:])
		batch := &additions{
			Torrents: a, actor: actor, inputs: slices.Clone(inputs[from:to]), results: results[from:to],
			dryRun: dryRun, rehearsed: rehearsed,
		}
		batch.add(ctx)
		from = to
	}
	if dryRun {
		for _, r := range results {
			if r.Torrent != nil && !r.Repeated { // it was counted for nothing
				a.loads.forget(r.Torrent.ServerID, r.Torrent.InfoHash())
			}
		}
	}
	return results
}

// additions are torrents that are stored in one transaction.
type additions struct {
	*Torrents

	actor  domain.Actor
	inputs []AddTorrent
	// results has one for each of inputs.
	results []AddedTorrent
	dryRun  bool
	// rehearsed are torrents that a dry run would have stored by now, by their keys.
	rehearsed map[string]domain.KeyedTorrent
}

// add plans anew whenever others were faster. Each time one more key is seen to be
// taken, or one more server to be gone, so that it ends after so many tries.
func (b *additions) add(ctx context.Context) {
	if err := b.findSources(ctx); err != nil {
		b.fail(nil, err)
		return
	}
	for tries := 2 * len(b.inputs); ; tries-- {
		fresh, err := b.plan(ctx)
		if err == nil && len(fresh) > 0 && !b.dryRun {
			err = b.Repository.Add(ctx, fresh...)
		}
		if err == nil {
			if !b.dryRun {
				b.nudge(fresh)
			}
			return
		}
		for _, t := range fresh { // they were counted too early
			b.loads.forget(t.ServerID, t.InfoHash())
		}
		if tries == 0 || !overtaken(err) {
			b.fail(fresh, err)
			return
		}
	}
}

// overtaken reports whether an error of the repository says that meanwhile a key was
// taken or a server removed, so that planning again tells whose.
func overtaken(err error) bool {
	all := domain.Errors(err)
	return len(all) == 1 && (all[0].Kind == domain.KindConflict && all[0].Field == "idempotencyKey" ||
		all[0].Kind == domain.KindInvalid && all[0].Field == "serverId")
}

// plan finds a result for each, and returns the torrents that are to be stored.
func (b *additions) plan(ctx context.Context) ([]*domain.Torrent, error) {
	clear(b.results)
	keyed, err := b.keyed(ctx)
	if err != nil {
		return nil, err
	}
	picker, err := b.serverPicker(ctx, keyed)
	if err != nil {
		return nil, err
	}
	var fresh []*domain.Torrent
	for i, input := range b.inputs {
		known, used, err := input.known(b.actor, keyed)
		if used {
			b.results[i] = AddedTorrent{Torrent: known, Repeated: known != nil, Err: err}
			continue
		}
		torrent, err := b.build(b.actor, input, picker)
		b.results[i] = AddedTorrent{Torrent: torrent, Err: err}
		if err != nil {
			continue
		}
		if b.dryRun {
			torrent.TakeMetainfo() // nobody saves it, and there may be many
		}
		fresh = append(fresh, torrent)
		if key := torrent.Key(); key != nil {
			keyed[key.Text] = domain.KeyedTorrent{IdempotencyKey: *key, Torrent: torrent}
			if b.dryRun {
				b.rehearsed[key.Text] = keyed[key.Text]
			}
		}
	}
	return fresh, nil
}

// keyed returns the torrents that are had under the inputs' keys, asked for in one
// query if there are keys.
func (b *additions) keyed(ctx context.Context) (map[string]domain.KeyedTorrent, error) {
	keyed := maps.Clone(b.rehearsed)
	var texts []string
	for _, input := range b.inputs {
		if key := input.IdempotencyKey; key != nil && domain.CheckIdempotencyKey(*key) == nil {
			texts = append(texts, *key)
		}
	}
	if len(texts) == 0 {
		return keyed, nil
	}
	var owner uuid.UUID
	if id := b.actor.Owner(); id != nil {
		owner = *id
	}
	found, err := b.Keys.Torrents(ctx, owner, texts)
	maps.Copy(keyed, found)
	return keyed, err
}

// fail makes err the result of all that have none yet or that were to be stored.
func (b *additions) fail(fresh []*domain.Torrent, err error) {
	for i, result := range b.results {
		if result.Err == nil && (result.Torrent == nil || slices.Contains(fresh, result.Torrent)) {
			b.results[i] = AddedTorrent{Err: err}
		}
	}
}

// nudge nudges the servers of torrents, once each.
func (a *Torrents) nudge(torrents []*domain.Torrent) {
	servers := map[uuid.UUID]bool{}
	for _, t := range torrents {
		servers[t.ServerID] = true
	}
	for id := range servers {
		a.Nudge(id)
	}
}
