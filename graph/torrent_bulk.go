package graph

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/generated"
)

func selectTorrents(ids []uuid.UUID, filter *domain.TorrentFilter, all bool, atMost int) app.SelectTorrents {
	return app.SelectTorrents{IDs: ids, Filter: filter, All: all, AtMost: atMost}
}

func changesOfMany(input generated.UpdateTorrentsInput) app.UpdateTorrents {
	return app.UpdateTorrents{
		ServerID: given(input.ServerID), UserID: nullable(input.UserID), CompletedAt: nullable(input.CompletedAt),
		Wishes: domain.Wishes{
			Label: orZero(input.Label), Folder: orZero(input.Folder), Priority: priorityOf(input.Priority),
			DownloadLimit: orZero(input.DownloadLimit), UploadLimit: orZero(input.UploadLimit),
			OnComplete: nullable(input.OnComplete), SeedRatio: nullable(input.SeedRatio), SeedTime: nullable(input.SeedTime),
		},
	}
}

func (r *Resolver) addResults(ctx context.Context, added []app.AddedTorrent) (results []*generated.AddTorrentResult, failed int) {
	results = make([]*generated.AddTorrentResult, len(added))
	faults := itemErrors{present: r.presenter.present}
	for i, item := range added {
		results[i] = &generated.AddTorrentResult{
			Index: i, Torrent: item.Torrent, Repeated: item.Repeated, Error: faults.of(ctx, item.Err),
		}
	}
	return results, faults.count
}

func (r *Resolver) torrentResults(ctx context.Context, changed []app.ChangedTorrent) (results []*generated.TorrentResult, failed int) {
	results = make([]*generated.TorrentResult, len(changed))
	faults := itemErrors{present: r.presenter.present}
	for i, item := range changed {
		results[i] = &generated.TorrentResult{
			TorrentID: item.ID.String(), Torrent: item.Torrent, Error: faults.of(ctx, item.Err),
		}
	}
	return results, faults.count
}
