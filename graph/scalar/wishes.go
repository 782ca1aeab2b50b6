package scalar

import (
	"cmp"

	"github.com/99designs/gqlgen/graphql"

	"github.com/clarion-app/download-manager/domain"
)

// MarshalPriority writes a priority.
func MarshalPriority(priority domain.Priority) graphql.Marshaler {
	return name(cmp.Or(priority, domain.PriorityNormal))
}

// UnmarshalPriority reads a priority.
func UnmarshalPriority(value any) (domain.Priority, error) { return read[domain.Priority](value) }

// MarshalTorrentSetting writes what a client is told.
func MarshalTorrentSetting(setting domain.TorrentSetting) graphql.Marshaler { return name(setting) }

// UnmarshalTorrentSetting reads what a client is told.
func UnmarshalTorrentSetting(value any) (domain.TorrentSetting, error) {
	return read[domain.TorrentSetting](value)
}

// MarshalCapability writes what a client can do.
func MarshalCapability(capability domain.Capability) graphql.Marshaler { return name(capability) }

// UnmarshalCapability reads what a client can do.
func UnmarshalCapability(value any) (domain.Capability, error) { return read[domain.Capability](value) }
