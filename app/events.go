package app

import (
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// Events tells what happened to torrents: what is past and what is to come. It must
// not be copied once it is used.
type Events struct {
	EventLog ports.EventLog
	Signal   ports.EventSignal
	Log      *slog.Logger
	// Poll is how often the log is read without a hint: the safety net.
	Poll time.Duration

	feed feed
}

// eventBatch is how many events are read at a time.
const eventBatch = 100

// reached refuses a cursor beyond the newest event, such as one from before a backup
// was restored: whoever waited behind it would miss what comes until then.
func reached(field string, cursor, newest domain.Cursor) error {
	if cursor > newest {
		return domain.Invalid(field, "must not be beyond the newest event, whose cursor is %s", newest)
	}
	return nil
}

// audible narrows a filter to what actor may hear of: everybody's torrents for an
// administrator, those that were a member's own at that moment for the member.
func audible(actor domain.Actor, filter domain.EventFilter) domain.EventFilter {
	if actor.IsAdministrator() {
		return filter
	}
	if own := filter.UserID == nil || *filter.UserID == actor.UserID; !own || actor.UserID == uuid.Nil {
		filter.TorrentIDs = []uuid.UUID{} // nothing
		return filter
	}
	filter.UserID = &actor.UserID
	return filter
}
