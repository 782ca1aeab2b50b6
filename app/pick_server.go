package app

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

func errNoServer(id uuid.UUID) error { return domain.Invalid("serverId", "no torrent server %s", id) }

// serverPicker finds the servers of inputs. What it needs to know is read before, in
// one query each: the servers that are named, those of this node with their loads, and
// where the contents are already.
type serverPicker struct {
	*Torrents
	named      map[uuid.UUID]*domain.Server
	candidates []domain.Candidate
	holders    map[domain.InfoHash][]uuid.UUID
}

// serverPicker reads what the inputs need that are not had under a key.
func (b *additions) serverPicker(ctx context.Context, keyed map[string]domain.KeyedTorrent) (*serverPicker, error) {
	p := &serverPicker{Torrents: b.Torrents, named: map[uuid.UUID]*domain.Server{}}
	place := false
	var contents []domain.InfoHash
	for _, input := range b.inputs {
		if _, used := keyed[*cmp.Or(input.IdempotencyKey, new(string))]; used {
			continue
		}
		if input.ServerID != nil {
			p.named[*input.ServerID] = nil
		}
		place = place || input.ServerID == nil || input.IfHeldElsewhere == domain.HeldJoin
		if content, err := input.content(); err == nil && input.mindsHolders() {
			contents = append(contents, content.InfoHash())
		}
	}
	if len(p.named) > 0 {
		servers, err := b.Servers.Find(ctx, domain.ServerFilter{IDs: slices.Collect(maps.Keys(p.named))})
		if err != nil {
			return nil, err
		}
		for _, s := range servers {
			p.named[s.ID] = s
		}
	}
	var err error
	if place {
		if p.candidates, err = b.candidates(ctx); err != nil {
			return nil, err
		}
	}
	p.holders = map[domain.InfoHash][]uuid.UUID{}
	if len(contents) > 0 {
		p.holders, err = b.Loads.Holders(ctx, b.Node, contents)
	}
	return p, err
}

// check is KindInvalid when there is no server of the id that an input names, or none at
// all.
func (p *serverPicker) check(input AddTorrent) error {
	switch {
	case input.ServerID != nil && p.named[*input.ServerID] == nil:
		return errNoServer(*input.ServerID)
	case input.ServerID == nil && len(p.candidates) == 0:
		_, err := p.Placement.Place(nil, domain.PlacementWish{})
		return err
	}
	return nil
}

// pick returns the server for an input that check has let through, and counts one more
// torrent to it from here on, so that others who add now see it; forget takes that
// back. Errors are those of domain.Placement.
func (p *serverPicker) pick(input AddTorrent, content domain.Magnet, now time.Time) (*domain.Server, error) {
	wish := domain.PlacementWish{Label: input.Label, Size: content.ExactLength(), IfHeld: input.IfHeldElsewhere}
	if input.ServerID != nil {
		wish.Named = p.named[*input.ServerID]
	}
	hash := content.InfoHash()
	if input.mindsHolders() {
		wish.Holders = p.holders[hash]
	}
	p.loads.mu.Lock()
	defer p.loads.mu.Unlock()
	if id, found := p.loads.holder(hash, now); found && len(wish.Holders) == 0 && input.joins() {
		wish.Holders = []uuid.UUID{id}
	}
	if err := p.readCandidates(input.wishes()); err != nil && wish.Named == nil {
		return nil, err
	}
	server, err := p.Placement.Place(p.candidates, wish)
	if err != nil {
		return nil, err
	}
	size := wish.Size
	if slices.Contains(wish.Holders, server.ID) {
		size = 0 // it is there
	}
	p.loads.placed(server.ID, hash, size, now)
	if !slices.Contains(p.holders[hash], server.ID) {
		p.holders[hash] = append(slices.Clip(p.holders[hash]), server.ID) // for the next of this call
	}
	return server, nil
}

// readCandidates brings the loads up to date, and closes the servers to a torrent that
// cannot be treated there as it wishes. When that is all of them, it says why. It is
// called under the mutex of the loads.
func (p *serverPicker) readCandidates(wishes domain.Wishes) (why error) {
	suited := false
	for i := range p.candidates {
		c := &p.candidates[i]
		c.ServerLoad = p.loads.loads[c.ID]
		err := wishes.CheckOn(*c.Server, p.Capabilities)
		c.Closed = err != nil
		suited, why = suited || err == nil, cmp.Or(why, err)
	}
	if suited {
		return nil
	}
	return why
}

// joins reports whether the torrent goes to where its content is.
func (input AddTorrent) joins() bool {
	return input.IfHeldElsewhere == domain.HeldJoin || input.IfHeldElsewhere == "" && input.ServerID == nil
}

// mindsHolders reports whether it matters where the content is already.
func (input AddTorrent) mindsHolders() bool {
	return input.joins() || input.IfHeldElsewhere == domain.HeldRefuse
}

// candidates returns the servers of this node in one query: with their loads, or
// without while those that are kept will do. Those who need loads at the same time
// share one counting.
func (a *Torrents) candidates(ctx context.Context) ([]domain.Candidate, error) {
	for {
		good, counts := a.loads.good(a.Now)
		if good {
			servers, err := a.Servers.Find(ctx, domain.ServerFilter{LocalNode: a.Node})
			if err != nil {
				return nil, err
			}
			if a.loads.suffice(servers) {
				return candidatesOf(servers), nil
			}
		}
		candidates, counted, err := a.count(ctx, counts)
		if counted || err != nil {
			return candidates, err
		}
	}
}

// count counts anew, unless somebody has since.
func (a *Torrents) count(ctx context.Context, since int) (candidates []domain.Candidate, counted bool, err error) {
	a.loads.mu.Lock()
	defer a.loads.mu.Unlock()
	if a.loads.counts != since {
		return nil, false, nil
	}
	candidates, err = a.Loads.Candidates(ctx, a.Node, a.Placement.Policy == domain.PlacementLeastActive)
	if err == nil {
		a.loads.count(candidates, a.Placement.Policy, a.Now)
	}
	return candidates, true, err
}

func candidatesOf(servers []*domain.Server) []domain.Candidate {
	candidates := make([]domain.Candidate, len(servers))
	for i, s := range servers {
		candidates[i].Server = s
	}
	return candidates
}
