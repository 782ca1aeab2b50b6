package domain

import (
	"slices"
	"time"
	"unicode/utf8"
)

// The years that a filter may speak of: those that every database knows.
const firstFilterYear, lastFilterYear = 1, 9999

// Check refuses a filter that makes no sense, or that no database could be asked.
// Fields are named as the API names them.
func (f TorrentFilter) Check() error {
	if f.Status != "" && !slices.Contains(Statuses(), f.Status) {
		return Invalid("status", "must be one of %v", Statuses())
	}
	if err := checkSearch("nameContains", f.NameContains); err != nil {
		return err
	}
	if f.Label != nil {
		if err := checkSearch("label", *f.Label); err != nil {
			return err
		}
	}
	if err := checkSearch("clientType", string(f.ClientType)); err != nil {
		return err
	}
	if err := f.Created.check("createdFrom", "createdBefore"); err != nil {
		return err
	}
	return f.Completed.check("completedFrom", "completedBefore")
}

func checkSearch(field, text string) error {
	if !utf8.ValidString(text) || CleanText("."+text+".") != "."+text+"." {
		return Invalid(field, "must be a text without control characters")
	}
	return checkLength(field, text)
}

func (r TimeRange) check(from, before string) error {
	if r.From != nil && r.Before != nil && !r.From.Before(*r.Before) {
		return Invalid(from, "must be earlier than %s", before)
	}
	if err := checkYear(from, r.From); err != nil {
		return err
	}
	return checkYear(before, r.Before)
}

func checkYear(field string, at *time.Time) error {
	if at != nil && (at.UTC().Year() < firstFilterYear || at.UTC().Year() > lastFilterYear) {
		return Invalid(field, "must be between the years %d and %d", firstFilterYear, lastFilterYear)
	}
	return nil
}

// Check refuses an order that there is none of.
func (o TorrentOrder) Check() error {
	switch o.By {
	case "", OrderByCreated, OrderByCompleted, OrderByName, OrderByStatus:
		return nil
	}
	return Invalid("orderBy", "there is no order by %q", string(o.By))
}
