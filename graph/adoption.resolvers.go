package graph

import (
	"context"

	"github.com/clarion-app/download-manager/graph/generated"
)

func (r *mutationResolver) AdoptTorrents(ctx context.Context, input generated.AdoptTorrentsInput) (generated.AdoptTorrentsPayload, error) {
	return r.adopt(ctx, input)
}
