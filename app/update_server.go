package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// Update changes a server and has it checked anew. KindInvalid names the field at
// fault; KindNotFound.
func (a *Servers) Update(ctx context.Context, actor domain.Actor, id uuid.UUID, input ServerSettings) (*domain.Server, error) {
	if err := actor.RequireAdministrator(manageServers); err != nil {
		return nil, err
	}
	server, err := a.Repository.Update(ctx, id, func(s *domain.Server) error {
		if err := input.apply(s, a.Now()); err != nil {
			return err
		}
		return a.usable(s)
	})
	if err != nil {
		return nil, err
	}
	a.Nudge(server.ID)
	return server, nil
}
