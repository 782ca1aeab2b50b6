package aria2

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// lastFile is the highest number of a file that aria2 takes.
const lastFile = 1 << 20

// changes are the options of aria2 that stand for settings, for those that it has.
func changes(settings domain.TransferSettings) map[string]string {
	changed := map[string]string{}
	if settings.DownloadLimit != nil {
		changed["max-download-limit"] = rate(*settings.DownloadLimit)
	}
	if settings.UploadLimit != nil {
		changed["max-upload-limit"] = rate(*settings.UploadLimit)
	}
	if settings.Unwanted != nil {
		changed["select-file"] = selection(*settings.Unwanted)
	}
	return changed
}

// rate writes a limit, within what aria2 can count.
func rate(limit int64) string {
	return strconv.FormatInt(min(max(limit, 0), math.MaxInt32), 10)
}

// selection names all files but the unwanted ones, as ranges that begin at 1. How
// many there are need not be known: what is beyond the last one does not count.
func selection(unwanted []int) string {
	unwanted = slices.Clone(unwanted)
	slices.SortFunc(unwanted, cmp.Compare[int])
	var ranges []string
	from := 1
	for _, index := range slices.Compact(unwanted) {
		number := index + 1
		if number < 1 || number > lastFile {
			continue
		}
		ranges = appendRange(ranges, from, number-1)
		from = number + 1
	}
	return strings.Join(appendRange(ranges, from, lastFile), ",")
}

func appendRange(ranges []string, from, to int) []string {
	switch {
	case from > to:
		return ranges
	case from == to:
		return append(ranges, strconv.Itoa(from))
	}
	return append(ranges, strconv.Itoa(from)+"-"+strconv.Itoa(to))
}
