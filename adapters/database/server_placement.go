package database

import (
	"encoding/json"
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// probedColumns are what a server's client last said about itself; without a time it
// was never asked.
type probedColumns struct {
	ProbedAt      time.Time `bun:"probed_at,nullzero"`
	ClientVersion string    `bun:"client_version,nullzero"`
	FreeSpace     *int64    `bun:"free_space"`
	Outstanding   int64     `bun:"outstanding"`
}

func fromProbed(p *domain.Probed) probedColumns {
	if p == nil {
		return probedColumns{}
	}
	return probedColumns{ProbedAt: p.At.UTC(), ClientVersion: p.Version, FreeSpace: p.FreeSpace, Outstanding: p.Outstanding}
}

func (c probedColumns) toProbed() *domain.Probed {
	if c.ProbedAt.IsZero() {
		return nil
	}
	return &domain.Probed{At: c.ProbedAt.UTC(), Version: c.ClientVersion, FreeSpace: c.FreeSpace, Outstanding: c.Outstanding}
}

func fromLabels(labels []string) string {
	if len(labels) == 0 {
		return "[]"
	}
	text, _ := json.Marshal(labels) // texts never fail
	return string(text)
}

// toLabels reads what fromLabels wrote; what is no list is none.
func toLabels(text string) (labels []string) {
	if json.Unmarshal([]byte(text), &labels) != nil || len(labels) == 0 {
		return nil
	}
	return labels
}
