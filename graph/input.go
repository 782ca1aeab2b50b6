package graph

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/graph/generated"
)

func torrentChanges(input generated.UpdateTorrentInput) app.UpdateTorrent {
	return app.UpdateTorrent{
		MagnetURI:   given(input.MagnetURI),
		ServerID:    given(input.ServerID),
		UserID:      nullable(input.UserID),
		Name:        orZero(input.Name),
		CompletedAt: nullable(input.CompletedAt),
	}
}

func newServerSettings(input generated.AddTorrentServerInput) app.ServerSettings {
	return app.ServerSettings{
		Address: app.Some(input.Address), Type: app.Some(input.Type),
		Username: given(input.Username), Password: given(input.Password),
		OnComplete: given(input.OnComplete), Labels: givenList(input.Labels), MaxActive: given(input.MaxActive),
	}
}

func serverChanges(input generated.UpdateTorrentServerInput) app.ServerSettings {
	return app.ServerSettings{
		Address: given(input.Address), Type: given(input.Type),
		Username: given(input.Username), Password: given(input.Password),
		OnComplete: given(input.OnComplete), Labels: givenList(input.Labels), MaxActive: given(input.MaxActive),
	}
}

func trialSettings(input generated.TestTorrentServerInput) app.ServerSettings {
	return app.ServerSettings{
		Address: given(input.Address), Type: given(input.Type),
		Username: given(input.Username), Password: given(input.Password),
	}
}

func checkedServers(input *generated.CheckTorrentsInput) []uuid.UUID {
	if input == nil {
		return nil
	}
	return input.ServerIds
}

// given takes null for "left out".
func given[T any](value *T) app.Optional[T] {
	if value == nil {
		return app.Optional[T]{}
	}
	return app.Some(*value)
}

// givenList takes null for "left out".
func givenList[T any](list []T) app.Optional[[]T] {
	return app.Optional[[]T]{Set: list != nil, Value: list}
}

// nullable tells null and "left out" apart.
func nullable[T any](value graphql.Omittable[*T]) app.Optional[*T] {
	v, set := value.ValueOK()
	return app.Optional[*T]{Set: set, Value: v}
}

// orZeroValue takes null for the zero value.
func orZeroValue[T any](value *T) (v T) {
	if value != nil {
		v = *value
	}
	return v
}

// orZero takes null for the zero value.
func orZero[T any](value graphql.Omittable[*T]) app.Optional[T] {
	v, set := value.ValueOK()
	if v == nil {
		return app.Optional[T]{Set: set}
	}
	return app.Some(*v)
}
