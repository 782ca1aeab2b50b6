package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// metainfosAtOnce is how many bytes of .torrent files are held in memory for handing
// over, unless one file has more.
const metainfosAtOnce = 16 << 20

// handOverFiles are the .torrent files of a batch, in the order in which they are
// handed over. They are read a few at a time, which are all of them if they are of the
// usual size.
type handOverFiles struct {
	round *round
	// ids are those that have a file and that is not read yet, with its size.
	ids   []uuid.UUID
	sizes map[uuid.UUID]int64
	read  map[uuid.UUID][]byte
}

// filesOf finds out which of torrents were made from a .torrent file. Clients that take
// none are given the magnet.
func (r *round) filesOf(ctx context.Context, torrents []*domain.Torrent) (*handOverFiles, error) {
	files := &handOverFiles{round: r}
	if !r.Clients.Capabilities(r.server.Type).Has(domain.CapabilityTorrentFiles) {
		return files, nil
	}
	ids := make([]uuid.UUID, len(torrents))
	for i, t := range torrents {
		ids[i] = t.ID
	}
	var err error
	files.sizes, err = r.Metainfos.Sizes(ctx, ids)
	for _, id := range ids {
		if files.sizes[id] > 0 {
			files.ids = append(files.ids, id)
		}
	}
	return files, err
}

// of returns the file of a torrent, nil when it has none, and forgets it. Torrents are
// asked for in their order; some may be passed over.
func (f *handOverFiles) of(ctx context.Context, id uuid.UUID) ([]byte, error) {
	if f.sizes[id] == 0 {
		return nil, nil
	}
	if _, read := f.read[id]; !read {
		for len(f.ids) > 0 && f.ids[0] != id { // passed over
			f.ids = f.ids[1:]
		}
		n, bytes := 0, int64(0)
		for n < len(f.ids) && (n == 0 || bytes+f.sizes[f.ids[n]] <= metainfosAtOnce) {
			bytes += f.sizes[f.ids[n]]
			n++
		}
		var err error
		if f.read, err = f.round.Metainfos.Contents(ctx, f.ids[:n]); err != nil {
			return nil, err
		}
		for _, one := range f.ids[:n] {
			if f.read[one] == nil {
				f.read[one] = nil // it was dropped meanwhile: not to be looked for again
			}
		}
		f.ids = f.ids[n:]
	}
	content := f.read[id]
	delete(f.read, id)
	return content, nil
}
