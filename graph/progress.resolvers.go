package graph

import (
	"context"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/generated"
)

func (r *subscriptionResolver) Progress(ctx context.Context, ids []string, filter *domain.TorrentFilter, every float64) (<-chan []*app.ProgressChange, error) {
	query, err := progressQuery(ids, filter, every)
	if err != nil {
		return nil, err
	}
	return r.ProgressFeed.Watch(ctx, func() domain.Actor { return actorOf(ctx) }, query)
}

func (r *torrentProgressResolver) Ratio(ctx context.Context, obj *domain.Transfer) (*float64, error) {
	return knownRatio(obj.Ratio), nil
}

func (r *Resolver) TorrentProgress() generated.TorrentProgressResolver {
	return &torrentProgressResolver{r}
}

type torrentProgressResolver struct{ *Resolver }
