package rtorrent

import (
	"context"
	"maps"
	"sync"

	"github.com/clarion-app/download-manager/domain"
)

// selections remember how many bytes of a torrent are wanted where that is not all
// of them. The daemon counts chunks, and tells the files of one torrent at a time.
type selections struct {
	mu    sync.Mutex
	known wantedBytes
}

// wantedBytes are selections by torrent.
type wantedBytes map[domain.InfoHash]selection

// selection is good as long as the daemon leaves out as many chunks.
type selection struct{ leftOut, bytes int64 }

// of is how many bytes of a torrent are wanted; -1 for all.
func (w wantedBytes) of(r *row) int64 {
	if leftOut := r.leftOut(); leftOut > 0 {
		if s, found := w[r.hash]; found && s.leftOut == leftOut {
			return s.bytes
		}
	}
	return -1
}

func (s *selections) forget(hash domain.InfoHash) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.known, hash)
}

// wanted finds out what is wanted of torrents of which some files are left out. It
// asks only about those whose selection has changed.
func (c *Client) wanted(ctx context.Context, rows []row) (wantedBytes, error) {
	c.selections.mu.Lock()
	known := maps.Clone(c.selections.known)
	c.selections.mu.Unlock()
	now := make(wantedBytes)
	var unknown []*row
	var calls []call
	for i := range rows {
		r := &rows[i]
		if leftOut := r.leftOut(); leftOut == 0 {
			continue
		} else if s, found := known[r.hash]; found && s.leftOut == leftOut {
			now[r.hash] = s
			continue
		}
		unknown = append(unknown, r)
		calls = append(calls, call{"f.multicall", []any{target(r.hash), "", "f.size_bytes=", "f.priority="}})
	}
	if len(unknown) == 0 {
		return now, nil
	}
	answers, err := c.rpc.list(ctx, calls...)
	if err != nil {
		return nil, err
	}
	for i, r := range unknown {
		if isUnknownHash(answers[i].err) {
			continue // it was removed just now
		}
		bytes, err := sumWanted(answers[i])
		if err != nil {
			return nil, err
		}
		now[r.hash] = selection{leftOut: r.leftOut(), bytes: bytes}
	}
	c.selections.mu.Lock()
	defer c.selections.mu.Unlock()
	if c.selections.known == nil || len(c.selections.known) > 2*len(now)+1000 {
		c.selections.known = make(wantedBytes, len(now)) // those of torrents that are gone
	}
	maps.Copy(c.selections.known, now)
	return now, nil
}

// sumWanted adds up the files that have a priority.
func sumWanted(files result) (int64, error) {
	if files.err != nil {
		return 0, unavailable(files.err)
	}
	var sum int64
	for _, file := range files.value.list {
		if len(file.list) != 2 {
			return 0, nonsense(malformed("a file without its fields"))
		}
		size, ok := file.list[0].integer()
		priority, also := file.list[1].integer()
		if !ok || !also || size < 0 {
			return 0, nonsense(malformed("a file without size"))
		}
		if priority != 0 {
			sum += size
		}
	}
	return sum, nil
}
