package domain_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

func TestAdoptTorrent(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	long, lately := now.Add(-48*time.Hour), now.Add(-time.Hour)
	server := domain.Server{ID: uuid.New(), LocalNode: "node", OnComplete: domain.OnCompleteRemove}
	link, err := domain.ParseMagnet("magnet:?xt=urn:btih:0123456789012345678901234567890123456789&dn=old+name")
	if err != nil {
		t.Fatal(err)
	}
	held := func(change func(*domain.HeldTransfer)) domain.HeldTransfer {
		h := domain.HeldTransfer{Magnet: link, AddedAt: &long, Transfer: domain.Transfer{
			InfoHash: link.InfoHash(), Name: "new name", MetadataKnown: true, BytesWanted: 5, BytesLeft: 5, Phase: domain.PhaseDownloading,
		}}
		change(&h)
		return h
	}
	finished := func(h *domain.HeldTransfer) { h.BytesLeft, h.Phase, h.FinishedAt = 0, domain.PhaseSeeding, &lately }
	for fact, c := range map[string]struct {
		change    func(*domain.HeldTransfer)
		tell      bool
		name      string
		created   time.Time
		completed *time.Time
		events    int
	}{
		"what goes on goes on":                     {func(*domain.HeldTransfer) {}, true, "new name", long, nil, 1},
		"what is finished is complete":             {finished, false, "new name", long, &lately, 1},
		"and that is told when it is to be":        {finished, true, "new name", long, &lately, 2},
		"a placeholder does not hide a known name": {func(h *domain.HeldTransfer) { h.MetadataKnown, h.Name = false, "x.meta" }, true, "old name", long, nil, 1},
		"times that cannot be are not believed": {func(h *domain.HeldTransfer) {
			finished(h)
			later := now.Add(time.Hour)
			h.AddedAt, h.FinishedAt = &later, &later
		}, true, "new name", now, &now, 2},
		"without a name the infohash is shown": {func(h *domain.HeldTransfer) {
			h.Name = " "
			h.Magnet, _ = domain.ParseMagnet("magnet:?xt=urn:btih:0123456789012345678901234567890123456789")
		}, true, link.InfoHash().String(), long, nil, 1},
	} {
		t.Run(fact, func(t *testing.T) {
			t.Parallel()
			got, err := domain.AdoptTorrent(held(c.change), server, nil, c.tell, now)
			if err != nil {
				t.Fatal(err)
			}
			if got.Name != c.name || !got.CreatedAt.Equal(c.created) || got.AcceptedAt == nil || got.HashString != link.InfoHash().String() {
				t.Errorf("got %+v", got)
			}
			if (got.CompletedAt == nil) != (c.completed == nil) || got.CompletedAt != nil && !got.CompletedAt.Equal(*c.completed) {
				t.Errorf("completed at %v", got.CompletedAt)
			}
			events := got.TakeEvents()
			if len(events) != c.events || events[0].Name != c.name || events[0].HashString == "" {
				t.Errorf("told %+v", events)
			}
			if removals := got.TakeRemovals(); len(removals) != 0 {
				t.Errorf("removes %+v", removals)
			}
		})
	}
	paused, err := domain.AdoptTorrent(held(func(h *domain.HeldTransfer) { h.Phase, h.Label = domain.PhaseStopped, "films" }), server, nil, false, now)
	if err != nil || !paused.Paused || paused.Label != "films" || paused.Unapplied != 0 {
		t.Errorf("got %+v, %v", paused, err)
	}
	if _, err := domain.AdoptTorrent(domain.HeldTransfer{}, server, nil, false, now); domain.KindOf(err) != domain.KindInvalid {
		t.Errorf("got %v", err)
	}
}
