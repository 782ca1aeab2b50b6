package graph

import (
	"context"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/generated"
)

func (r *Resolver) adopt(ctx context.Context, input generated.AdoptTorrentsInput) (generated.AdoptTorrentsPayload, error) {
	actor := actorOf(ctx)
	if len(input.InfoHashes) > app.MostMatched {
		return generated.AdoptTorrentsPayload{}, domain.Invalid("infoHashes", "must be at most %d", app.MostMatched)
	}
	owner := actor.Owner()
	if given := nullable(input.UserID); given.Set {
		owner = given.Value
	}
	adoption, err := r.Checks.Adopt(ctx, actor, app.AdoptTorrents{
		ServerID: input.ServerID, Hashes: input.InfoHashes, Owner: owner, Tell: input.TellCompleted, DryRun: input.DryRun,
	})
	if err != nil {
		return generated.AdoptTorrentsPayload{}, err
	}
	payload := generated.AdoptTorrentsPayload{
		Adopted: adoption.Adopted, Completed: adoption.Completed, Known: adoption.Known,
		Refused: make([]*generated.RefusedAdoption, len(adoption.Refused)),
	}
	faults := itemErrors{present: r.presenter.present}
	for i, refused := range adoption.Refused {
		payload.Refused[i] = &generated.RefusedAdoption{
			HashString: refused.InfoHash.String(), Name: shown(refused.Name), Error: faults.of(ctx, refused.Err),
		}
	}
	return payload, nil
}
