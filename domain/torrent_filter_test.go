package domain_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

func TestTorrentFilterCheck(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, time.March, 4, 0, 0, 0, 0, time.UTC)
	next, ancient, remote := day.AddDate(0, 0, 1), day.AddDate(-2026, 0, 0), day.AddDate(8000, 0, 0)
	for name, test := range map[string]struct {
		filter domain.TorrentFilter
		field  string
	}{
		"nothing":                   {domain.TorrentFilter{}, ""},
		"a text":                    {domain.TorrentFilter{NameContains: " ß% ", ClientType: "any thing"}, ""},
		"the longest text":          {domain.TorrentFilter{NameContains: strings.Repeat("ß", domain.MaxNameLength)}, ""},
		"a longer text":             {domain.TorrentFilter{NameContains: strings.Repeat("ß", domain.MaxNameLength+1)}, "nameContains"},
		"a control character":       {domain.TorrentFilter{NameContains: "a\x00"}, "nameContains"},
		"no UTF-8":                  {domain.TorrentFilter{NameContains: "\xff"}, "nameContains"},
		"a client type of controls": {domain.TorrentFilter{ClientType: "\n"}, "clientType"},
		"an unknown status":         {domain.TorrentFilter{Status: "LOST"}, "status"},
		"a day":                     {domain.TorrentFilter{Created: domain.TimeRange{From: &day, Before: &next}}, ""},
		"a day backwards":           {domain.TorrentFilter{Completed: domain.TimeRange{From: &next, Before: &day}}, "completedFrom"},
		"no time at all":            {domain.TorrentFilter{Created: domain.TimeRange{From: &day, Before: &day}}, "createdFrom"},
		"the year 0":                {domain.TorrentFilter{Created: domain.TimeRange{From: &ancient}}, "createdFrom"},
		"the year 10026":            {domain.TorrentFilter{Completed: domain.TimeRange{Before: &remote}}, "completedBefore"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := test.filter.Check()
			if test.field == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if wrong, ok := errors.AsType[*domain.Error](err); !ok || wrong.Kind != domain.KindInvalid || wrong.Field != test.field {
				t.Errorf("got %v, want it to be about %s", err, test.field)
			}
		})
	}
	if err := (domain.TorrentOrder{By: "SIZE"}).Check(); domain.KindOf(err) != domain.KindInvalid {
		t.Errorf("an unknown order: %v", err)
	}
}

func TestTorrentOrder(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 4, 0, 0, 0, 0, time.UTC)
	later := now.Add(time.Hour)
	first := domain.TorrentPlace{CreatedAt: now, ID: uuid.UUID{1}, NameFolded: "B", Status: domain.StatusDownloading, CompletedAt: &now}
	for name, test := range map[string]struct {
		by     domain.TorrentOrderBy
		second domain.TorrentPlace
	}{
		"by creation":           {domain.OrderByCreated, domain.TorrentPlace{CreatedAt: later}},
		"by creation, unsaid":   {"", domain.TorrentPlace{CreatedAt: later, NameFolded: "A"}},
		"by id where all equal": {domain.OrderByCreated, domain.TorrentPlace{CreatedAt: now, ID: uuid.UUID{2}}},
		"by name":               {domain.OrderByName, domain.TorrentPlace{NameFolded: "C"}},
		"by name, then age":     {domain.OrderByName, domain.TorrentPlace{NameFolded: "B", CreatedAt: later}},
		"by status":             {domain.OrderByStatus, domain.TorrentPlace{Status: domain.StatusCompleted}},
		"by completion":         {domain.OrderByCompleted, domain.TorrentPlace{CompletedAt: &later}},
		"by completion, open":   {domain.OrderByCompleted, domain.TorrentPlace{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			up, down := domain.TorrentOrder{By: test.by, Ascending: true}, domain.TorrentOrder{By: test.by}
			if up.Compare(first, test.second) >= 0 || up.Compare(test.second, first) <= 0 {
				t.Error("ascending, it is not behind")
			}
			if down.Compare(first, test.second) <= 0 || down.Compare(test.second, first) >= 0 {
				t.Error("descending, it is not before")
			}
			if up.Compare(first, first) != 0 || down.Compare(test.second, test.second) != 0 {
				t.Error("a place is not equal to itself")
			}
		})
	}
}
