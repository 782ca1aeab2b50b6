package domain_test

import (
	"reflect"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

func TestTorrentCounts(t *testing.T) {
	t.Parallel()
	a, b, c := uuid.UUID{15: 1}, uuid.UUID{15: 2}, uuid.UUID{15: 3}
	got := domain.NewTorrentCounts(
		map[domain.Status]int{domain.StatusCompleted: 8, domain.StatusQueued: 3},
		map[uuid.UUID]int{c: 2, a: 7, b: 2},
		map[uuid.UUID]int{a: 3, uuid.Nil: 4, b: 4, c: 0},
	)
	want := domain.TorrentCounts{
		Total: 11,
		ByStatus: []domain.StatusCount{
			{Status: domain.StatusQueued, Count: 3}, {Status: domain.StatusDownloading}, {Status: domain.StatusCompleted, Count: 8},
		},
		ByServer: []domain.ServerCount{{ServerID: a, Count: 7}, {ServerID: b, Count: 2}, {ServerID: c, Count: 2}},
		ByUser:   []domain.UserCount{{Count: 4}, {UserID: &b, Count: 4}, {UserID: &a, Count: 3}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
