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

// parsed reads a text that may have been left out.
func parsed[T any](text *string, parse func(string) (T, error)) (value *T, err error) {
	if text != nil {
		var v T
		v, err = parse(*text)
		value = &v
	}
	return value, err
}
