package domain_test

import (
	"reflect"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

func TestCountTorrents(t *testing.T) {
	t.Parallel()
	a, b, c := uuid.UUID{15: 1}, uuid.UUID{15: 2}, uuid.UUID{15: 3}
	got := domain.CountTorrents([]domain.TorrentGroup{
		{Status: domain.StatusCompleted, ServerID: b, UserID: &a, Count: 2},
		{Status: domain.StatusQueued, ServerID: a, UserID: nil, Count: 3},
		{Status: domain.StatusCompleted, ServerID: c, UserID: nil, Count: 1},
		{Status: domain.StatusCompleted, ServerID: a, UserID: &b, Count: 4},
		{Status: domain.StatusCompleted, ServerID: c, UserID: &a, Count: 1},
	})
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
