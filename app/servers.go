package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// Servers is what users do with torrent servers. Everybody may look; only
// administrators may change.
type Servers struct {
	Repository ports.ServerRepository
	Torrents   ports.TorrentRepository
	Clients    ports.TorrentClients
	// Node is this process's node; new servers are its own.
	Node string
	// Nudge asks for a check of a server soon, and does not wait for it.
	Nudge func(serverID uuid.UUID)
	Now   func() time.Time
}

const manageServers = "manage torrent servers"

// ClientTypes lists the client types on offer.
func (a *Servers) ClientTypes() []domain.ClientType { return a.Clients.Types() }

// Get returns one live server; KindNotFound.
func (a *Servers) Get(ctx context.Context, _ domain.Actor, id uuid.UUID) (*domain.Server, error) {
	return a.Repository.Get(ctx, id)
}

// Find lists the live servers of all nodes, oldest first; with ids, only those
// of them that exist, removed ones included, since torrents outlive servers.
func (a *Servers) Find(ctx context.Context, _ domain.Actor, ids ...uuid.UUID) ([]*domain.Server, error) {
	return a.Repository.Find(ctx, domain.ServerFilter{IDs: ids, WithRemoved: len(ids) > 0})
}

// ServerSettings are the parts of a server that its administrator decides.
type ServerSettings struct {
	Address Optional[string]
	Type    Optional[domain.ClientType]
	// Username and Password replace the credentials; empty ones take them away.
	Username, Password Optional[string]
	OnComplete         Optional[domain.OnComplete]
	// Labels are those of the torrents that the server is for; none is any.
	Labels Optional[[]string]
	// MaxActive is how many torrents that are not complete its client is given at a
	// time; 0 is no limit.
	MaxActive Optional[int]
	// SeedRatio and SeedTime are the goals before OnComplete is done; nil for none.
	SeedRatio Optional[*float64]
	SeedTime  Optional[*time.Duration]
	// Folders are all that torrents may be put into.
	Folders Optional[[]string]
}

// apply makes the changes; a whole check of the outcome is the caller's.
func (input ServerSettings) apply(s *domain.Server, now time.Time) error {
	address, kind := s.Address, s.Type
	if input.Address.Set {
		address = input.Address.Value
	}
	if input.Type.Set {
		kind = input.Type.Value
	}
	if address != s.Address || kind != s.Type {
		if err := s.Readdress(address, kind, now); err != nil {
			return err
		}
	}
	if input.Username.Set || input.Password.Set {
		credentials := s.Credentials
		if input.Username.Set {
			credentials.Username = input.Username.Value
		}
		if input.Password.Set {
			credentials.Password = input.Password.Value
		}
		s.Authenticate(credentials, now)
	}
	if input.OnComplete.Set {
		s.SetOnComplete(input.OnComplete.Value, now)
	}
	if err := input.applyGoals(s, now); err != nil {
		return err
	}
	if input.Folders.Set {
		if err := s.SetFolders(input.Folders.Value, now); err != nil {
			return err
		}
	}
	if input.Labels.Set {
		if err := s.SetLabels(input.Labels.Value, now); err != nil {
			return err
		}
	}
	if input.MaxActive.Set {
		return s.SetMaxActive(input.MaxActive.Value, now)
	}
	return nil
}

func (input ServerSettings) applyGoals(s *domain.Server, now time.Time) error {
	if !input.SeedRatio.Set && !input.SeedTime.Set {
		return nil
	}
	ratio, seedTime := s.SeedRatio, s.SeedTime
	if input.SeedRatio.Set {
		ratio = input.SeedRatio.Value
	}
	if input.SeedTime.Set {
		seedTime = input.SeedTime.Value
	}
	return s.SetSeedingGoals(ratio, seedTime, now)
}

// usable refuses a server that its client type can make nothing of.
func (a *Servers) usable(s *domain.Server) error {
	if _, err := a.Clients.Open(*s); err != nil {
		return err
	}
	return s.CheckCapabilities(a.Clients.Capabilities(s.Type))
}

// Capabilities lists what the client of each server can do.
func (a *Servers) Capabilities(s *domain.Server) domain.Capabilities {
	return a.Clients.Capabilities(s.Type)
}
