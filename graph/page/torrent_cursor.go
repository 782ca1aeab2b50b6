package page

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// A torrent's cursor is base64 of what no client must read: a mark, the order, when
// the torrent was added, its id, and what else it is ordered by.

const (
	torrentMark = 'T'
	// torrentHead is the length of what all orders have.
	torrentHead = 2 + 8 + len(uuid.Nil)
	// longestCursor bounds a text before it is decoded: a name has 255 characters of
	// four bytes.
	longestCursor = 2 * 4 * domain.MaxNameLength
)

var torrentOrders = []domain.TorrentOrderBy{
	domain.OrderByCreated, domain.OrderByCompleted, domain.OrderByName, domain.OrderByStatus,
}

// orderByte is what an order is in a cursor.
func orderByte(order domain.TorrentOrder) byte {
	code := byte(2 * max(0, slices.Index(torrentOrders, order.By)))
	if order.Ascending {
		code++
	}
	return code
}

// TorrentCursor writes places in lists of this order.
func TorrentCursor(order domain.TorrentOrder) func(*domain.Torrent) string {
	return func(torrent *domain.Torrent) string {
		raw := make([]byte, 0, torrentHead+8)
		raw = append(raw, torrentMark, orderByte(order))
		raw = binary.BigEndian.AppendUint64(raw, uint64(torrent.CreatedAt.UnixMicro()))
		raw = append(raw, torrent.ID[:]...)
		switch order.By {
		case domain.OrderByCompleted:
			if torrent.CompletedAt != nil {
				raw = binary.BigEndian.AppendUint64(raw, uint64(torrent.CompletedAt.UnixMicro()))
			}
		case domain.OrderByName:
			raw = append(raw, domain.Fold(torrent.Name)...)
		case domain.OrderByStatus:
			raw = append(raw, byte(torrent.Status().Rank()))
		case domain.OrderByCreated, "":
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
}

// TorrentPlace reads what TorrentCursor wrote; its error names the argument.
func TorrentPlace(argument, cursor string, order domain.TorrentOrder) (domain.TorrentPlace, error) {
	var none, place domain.TorrentPlace
	wrong := domain.Invalid(argument, "must be a cursor that this list gave out")
	if len(cursor) > longestCursor {
		return none, wrong
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(raw) < torrentHead || raw[0] != torrentMark {
		return none, wrong
	}
	if raw[1] != orderByte(order) {
		return none, domain.Invalid(argument, "must be a cursor of this order")
	}
	var sane bool
	place.ID = uuid.UUID(raw[10:torrentHead])
	if place.CreatedAt, sane = momentOf(raw[2:10]); !sane || !readRest(&place, raw[torrentHead:], order.By) {
		return none, wrong
	}
	return place, nil
}

// readRest reads what the order is by, and reports whether it can be that.
func readRest(place *domain.TorrentPlace, rest []byte, by domain.TorrentOrderBy) bool {
	switch by {
	case domain.OrderByCompleted:
		if len(rest) == 0 {
			return true
		}
		if len(rest) != 8 {
			return false
		}
		at, sane := momentOf(rest)
		place.CompletedAt = &at
		return sane
	case domain.OrderByName:
		place.NameFolded = string(rest)
		return domain.Fold(domain.CleanName(place.NameFolded)) == place.NameFolded
	case domain.OrderByStatus:
		if len(rest) != 1 || int(rest[0]) >= len(domain.Statuses()) {
			return false
		}
		place.Status = domain.Statuses()[rest[0]]
		return true
	case domain.OrderByCreated, "":
	}
	return len(rest) == 0
}

// momentOf reads a time, and reports whether databases have it.
func momentOf(raw []byte) (time.Time, bool) {
	at := time.UnixMicro(int64(binary.BigEndian.Uint64(raw))).UTC()
	return at, at.Year() >= 1 && at.Year() <= 9999
}
