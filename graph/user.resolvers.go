package graph

import (
	"context"

	"github.com/clarion-app/download-manager/domain"
)

func (r *queryResolver) Viewer(ctx context.Context) (domain.User, error) {
	return viewer(actorOf(ctx)), nil
}
