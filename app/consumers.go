package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// Consumers remembers how far readers of the event log have got, so that they need no
// memory of their own. Everybody has their own ones.
type Consumers struct {
	Repository ports.ConsumerRepository
	EventLog   ports.EventLog
	Now        func() time.Time
}

// Begin returns where a reader begins: at after, or where its consumer goes on; nil
// when it gives neither. A consumer that is new begins with what comes next, and is
// remembered at once, so that it misses nothing from then on. KindInvalid when both
// are given, KindConflict when the user has too many consumers.
func (a *Consumers) Begin(ctx context.Context, actor domain.Actor, after *domain.Cursor, consumer *string) (*domain.Cursor, error) {
	if consumer == nil {
		return after, nil
	}
	if after != nil {
		return nil, domain.Invalid("consumer", "must not be given together with after")
	}
	name, err := own(actor, *consumer)
	if err != nil {
		return nil, err
	}
	known, err := a.Repository.Get(ctx, actor.UserID, name)
	if domain.KindOf(err) == domain.KindNotFound {
		known, err = a.begin(ctx, actor.UserID, name)
	}
	if err != nil {
		return nil, err
	}
	return &known.Cursor, nil
}

func (a *Consumers) begin(ctx context.Context, userID uuid.UUID, name string) (*domain.Consumer, error) {
	newest, err := a.EventLog.Newest(ctx)
	if err != nil {
		return nil, err
	}
	return a.Repository.Save(ctx, userID, name, func(known *domain.Consumer, already int) (*domain.Consumer, error) {
		if known != nil {
			return known, nil
		}
		return domain.NewConsumer(userID, name, newest, already, a.Now())
	})
}

// Acknowledge notes that a consumer is done with everything up to cursor, so that it
// goes on behind that; one that is new is made. It only moves forward: repeating it,
// or an older cursor, changes nothing. KindInvalid when there is no such cursor yet.
func (a *Consumers) Acknowledge(ctx context.Context, actor domain.Actor, consumer string, cursor domain.Cursor) (*domain.Consumer, error) {
	name, err := own(actor, consumer)
	if err != nil {
		return nil, err
	}
	newest, err := a.EventLog.Newest(ctx)
	if err != nil {
		return nil, err
	}
	if err := reached("cursor", cursor, newest); err != nil {
		return nil, err
	}
	return a.Repository.Save(ctx, actor.UserID, name, func(known *domain.Consumer, already int) (*domain.Consumer, error) {
		if known == nil {
			return domain.NewConsumer(actor.UserID, name, cursor, already, a.Now())
		}
		known.Acknowledge(cursor, a.Now())
		return known, nil
	})
}

// Find returns the actor's consumers, oldest first.
func (a *Consumers) Find(ctx context.Context, actor domain.Actor) ([]*domain.Consumer, error) {
	return a.Repository.Find(ctx, actor.UserID)
}

// Remove forgets one of the actor's consumers, and returns its name; KindNotFound.
func (a *Consumers) Remove(ctx context.Context, actor domain.Actor, consumer string) (string, error) {
	name, err := own(actor, consumer)
	if err != nil {
		return "", err
	}
	return name, a.Repository.Remove(ctx, actor.UserID, name)
}

// own reads the name of one of the actor's consumers.
func own(actor domain.Actor, consumer string) (string, error) {
	if actor.UserID == uuid.Nil {
		return "", domain.Forbidden("only a user can have consumers")
	}
	return domain.ConsumerName(consumer)
}
