package graph

import (
	"cmp"
	"slices"

	"github.com/clarion-app/download-manager/domain"
)

// firstOf is the beginning of a list; nil stays nil.
func firstOf[T any](list []T, first int, err error) ([]*T, error) {
	if err := cmp.Or(err, checkFirst(first)); err != nil || list == nil {
		return nil, err
	}
	return pointers(list[:min(first, len(list))]), nil
}

// behind leaves out the files up to an index; nil stays nil.
func behind(files []domain.TransferFile, index int) []domain.TransferFile {
	return slices.DeleteFunc(files, func(f domain.TransferFile) bool { return f.Index <= index })
}
