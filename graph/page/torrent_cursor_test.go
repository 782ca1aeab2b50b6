package page_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/page"
)

func orders() []domain.TorrentOrder {
	var all []domain.TorrentOrder
	for _, by := range []domain.TorrentOrderBy{
		"", domain.OrderByCreated, domain.OrderByCompleted, domain.OrderByName, domain.OrderByStatus,
	} {
		all = append(all, domain.TorrentOrder{By: by}, domain.TorrentOrder{By: by, Ascending: true})
	}
	return all
}

func TestTorrentCursor(t *testing.T) {
	t.Parallel()
	at := domain.Instant(time.Now())
	for _, torrent := range []*domain.Torrent{
		{ID: uuid.New(), CreatedAt: at},
		{ID: uuid.New(), CreatedAt: at, Name: "straße", AcceptedAt: &at},
		{ID: uuid.New(), CreatedAt: time.Unix(0, 0).UTC(), Name: strings.Repeat("🎬", domain.MaxNameLength), CompletedAt: &at},
	} {
		for _, order := range orders() {
			place, err := page.TorrentPlace("after", page.TorrentCursor(order)(torrent), order)
			if err != nil || order.Compare(place, torrent.Place()) != 0 {
				t.Errorf("%+v: the place of %+v is %+v, %v", order, torrent, place, err)
			}
		}
	}
}

func FuzzTorrentPlace(f *testing.F) {
	at := domain.Instant(time.Now())
	torrent := &domain.Torrent{ID: uuid.New(), CreatedAt: at, Name: "straße", CompletedAt: &at}
	for i, order := range orders() {
		f.Add(page.TorrentCursor(order)(torrent), i)
	}
	f.Fuzz(func(t *testing.T, cursor string, i int) {
		order := orders()[uint(i)%uint(len(orders()))]
		place, err := page.TorrentPlace("after", cursor, order)
		if err != nil {
			if domain.KindOf(err) != domain.KindInvalid {
				t.Error(err)
			}
			return
		}
		// What is let through leads to a place that the same torrent would have.
		torrent := &domain.Torrent{
			ID: place.ID, CreatedAt: place.CreatedAt, CompletedAt: place.CompletedAt, Name: place.NameFolded,
		}
		switch place.Status {
		case domain.StatusCompleted:
			torrent.CompletedAt = &place.CreatedAt
		case domain.StatusDownloading:
			torrent.AcceptedAt = &place.CreatedAt
		case domain.StatusQueued:
		}
		if again := page.TorrentCursor(order)(torrent); again != cursor {
			t.Errorf("%q became %q", cursor, again)
		}
	})
}
