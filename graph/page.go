package graph

import (
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/graph/page"
)

// maxPage is the most items of one page.
const maxPage = page.Most

func checkFirst(first int) error {
	if first < 1 || first > maxPage {
		return domain.Invalid("first", "must be from 1 to %d", maxPage)
	}
	return nil
}

// newPageInfo describes a page whose i-th item has the cursor cursor(i).
func newPageInfo(size int, cursor func(i int) string, more, continued bool) *page.Info {
	info := &page.Info{HasNextPage: more, HasPreviousPage: continued}
	if size > 0 {
		first, last := cursor(0), cursor(size-1)
		info.StartCursor, info.EndCursor = &first, &last
	}
	return info
}

// parsed reads a text that may have been left out.
func parsed[T any](text *string, parse func(string) (T, error)) (value *T, err error) {
	if text != nil {
		var v T
		v, err = parse(*text)
		value = &v
	}
	return value, err
}
