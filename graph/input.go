package graph

import (
	"cmp"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/app"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/generated"
)

func torrentChanges(input generated.UpdateTorrentInput) app.UpdateTorrent {
	return app.UpdateTorrent{
		MagnetURI:   given(input.MagnetURI),
		ServerID:    given(input.ServerID),
		UserID:      nullable(input.UserID),
		Name:        orZero(input.Name),
		CompletedAt: nullable(input.CompletedAt),
		Wishes: domain.Wishes{
			Label: orZero(input.Label), Folder: orZero(input.Folder), Priority: priorityOf(input.Priority),
			DownloadLimit: orZero(input.DownloadLimit), UploadLimit: orZero(input.UploadLimit), Unwanted: list(input.UnwantedFiles),
			OnComplete: nullable(input.OnComplete), SeedRatio: nullable(input.SeedRatio), SeedTime: nullable(input.SeedTime),
		},
	}
}

func newServerSettings(input generated.AddTorrentServerInput) app.ServerSettings {
	return app.ServerSettings{
		Address: app.Some(input.Address), Type: app.Some(input.Type),
		Username: given(input.Username), Password: given(input.Password),
		OnComplete: given(input.OnComplete), SeedRatio: app.Some(input.SeedRatio), SeedTime: app.Some(input.SeedTime),
		Folders: app.Some(input.Folders), Labels: givenList(input.Labels), MaxActive: given(input.MaxActive),
	}
}

func serverChanges(input generated.UpdateTorrentServerInput) app.ServerSettings {
	return app.ServerSettings{
		Address: given(input.Address), Type: given(input.Type),
		Username: given(input.Username), Password: given(input.Password),
		OnComplete: given(input.OnComplete), SeedRatio: nullable(input.SeedRatio), SeedTime: nullable(input.SeedTime),
		Folders: givenList(input.Folders), Labels: givenList(input.Labels), MaxActive: given(input.MaxActive),
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

// list takes null for the empty list.
func list[T any](value graphql.Omittable[[]T]) app.Optional[[]T] {
	v, set := value.ValueOK()
	return app.Optional[[]T]{Set: set, Value: v}
}

// priorityOf takes null for the usual one.
func priorityOf(value graphql.Omittable[*domain.Priority]) app.Optional[domain.Priority] {
	priority := orZero(value)
	priority.Value = cmp.Or(priority.Value, domain.PriorityNormal)
	return priority
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
