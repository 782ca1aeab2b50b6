package domain_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

func TestEventFilter(t *testing.T) {
	t.Parallel()
	user, other := uuid.New(), uuid.New()
	event := domain.Event{Type: domain.EventAdded, TorrentID: uuid.New(), ServerID: uuid.New(), UserID: &user}
	nobodys := event
	nobodys.UserID = nil
	for name, one := range map[string]struct {
		filter               domain.EventFilter
		lets, letsNobodysToo bool
	}{
		"nothing":            {domain.EventFilter{}, true, true},
		"its type":           {domain.EventFilter{Types: []domain.EventType{domain.EventRemoved, domain.EventAdded}}, true, true},
		"another type":       {domain.EventFilter{Types: []domain.EventType{domain.EventRemoved}}, false, false},
		"its torrent":        {domain.EventFilter{TorrentIDs: []uuid.UUID{other, event.TorrentID}}, true, true},
		"another torrent":    {domain.EventFilter{TorrentIDs: []uuid.UUID{other}}, false, false},
		"no torrent at all":  {domain.EventFilter{TorrentIDs: []uuid.UUID{}}, false, false},
		"its server":         {domain.EventFilter{ServerID: &event.ServerID}, true, true},
		"another server":     {domain.EventFilter{ServerID: &other}, false, false},
		"its user":           {domain.EventFilter{UserID: &user}, true, false},
		"another user":       {domain.EventFilter{UserID: &other}, false, false},
		"all but one of all": {domain.EventFilter{Types: domain.EventTypes(), ServerID: &event.ServerID, UserID: &other}, false, false},
	} {
		t.Run("that asks for "+name, func(t *testing.T) {
			t.Parallel()
			if one.filter.Matches(&event) != one.lets || one.filter.Matches(&nobodys) != one.letsNobodysToo {
				t.Errorf("lets it through: %v, nobody's: %v", one.filter.Matches(&event), one.filter.Matches(&nobodys))
			}
		})
	}
	for name, one := range map[string]struct {
		filter domain.EventFilter
		field  string
	}{
		"everything":        {domain.EventFilter{}, ""},
		"all types":         {domain.EventFilter{Types: domain.EventTypes(), TorrentIDs: make([]uuid.UUID, domain.MostFilterIDs)}, ""},
		"no types":          {domain.EventFilter{Types: []domain.EventType{}}, "types"},
		"types twice":       {domain.EventFilter{Types: append(domain.EventTypes(), domain.EventAdded)}, "types"},
		"too many torrents": {domain.EventFilter{TorrentIDs: make([]uuid.UUID, domain.MostFilterIDs+1)}, "torrentIds"},
	} {
		t.Run("is valid or not: "+name, func(t *testing.T) {
			t.Parallel()
			err := one.filter.Validate()
			if one.field == "" && err != nil || one.field != "" && (err == nil || domain.Errors(err)[0].Field != one.field) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestParseEventType(t *testing.T) {
	t.Parallel()
	for _, kind := range domain.EventTypes() {
		if got, err := domain.ParseEventType(string(kind)); got != kind || err != nil {
			t.Errorf("%s: %s, %v", kind, got, err)
		}
	}
	for _, text := range []string{"", "added", " ADDED", "ADDED,REMOVED"} {
		if got, err := domain.ParseEventType(text); err == nil || domain.KindOf(err) != domain.KindInvalid {
			t.Errorf("%q: %s, %v", text, got, err)
		}
	}
}
