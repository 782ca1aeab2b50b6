package app

import (
	"context"
	"sync"

	"github.com/clarion-app/download-manager/domain"
)

// fetchBatch is how many URLs are asked side by side, and held in memory until their
// torrents are stored.
const fetchBatch = 8

// source is what a torrent is made of, once it was understood.
type source struct {
	magnet domain.Magnet
	// metainfo is zero when there is only the magnet.
	metainfo domain.Metainfo
	err      error
}

func (input AddTorrent) source() domain.TorrentSource {
	return domain.TorrentSource{MagnetURI: input.MagnetURI, File: input.File, URL: input.URL}
}

// batchOf returns how many of inputs, from the first on, are added together.
func batchOf(inputs []AddTorrent) int {
	urls := 0
	for i, input := range inputs {
		if input.URL != "" {
			urls++
		}
		if i == changeBatch || urls > fetchBatch {
			return i
		}
	}
	return len(inputs)
}

// findSources finds out what each of the inputs is made of. It asks URLs side by side, in no
// transaction, and none that is not needed since its key was used before: the address
// may be good only once.
func (b *additions) findSources(ctx context.Context) error {
	keyed := map[string]domain.KeyedTorrent{}
	for _, input := range b.inputs {
		if input.URL != "" && input.IdempotencyKey != nil {
			var err error
			if keyed, err = b.keyed(ctx); err != nil {
				return err
			}
			break
		}
	}
	var fetching sync.WaitGroup
	defer fetching.Wait()
	for i, input := range b.inputs {
		made := &b.inputs[i].made
		if made.err = input.source().Check(); made.err != nil {
			continue
		}
		switch {
		case input.File != nil:
			made.take(domain.ParseMetainfo(input.File))
		case input.URL == "":
			made.magnet, made.err = domain.ParseMagnet(input.MagnetURI)
		default:
			if _, used, _ := input.known(b.actor, keyed); !used {
				fetching.Go(func() { *made = b.fetch(ctx, input.URL) })
			}
		}
	}
	return nil
}

func (s *source) take(metainfo domain.Metainfo, err error) {
	s.metainfo, s.magnet, s.err = metainfo, metainfo.Magnet(), err
}

// fetch makes a source of what is at a URL. What is there is judged by reading it, not
// by what it calls itself.
func (a *Torrents) fetch(ctx context.Context, url string) (made source) {
	if a.Fetcher == nil {
		made.err = domain.Invalid("url", "is not taken here")
		return made
	}
	fetched, err := a.Fetcher.Fetch(ctx, url)
	switch {
	case err != nil:
		made.err = err
	case fetched.MagnetURI != "":
		if made.magnet, err = domain.ParseMagnet(fetched.MagnetURI); err != nil {
			made.err = domain.Invalid("url", "the magnet link there %s", domain.MessageOf(err))
		}
	default:
		if made.take(domain.ParseMetainfo(fetched.Content)); made.err != nil {
			made.err = domain.Invalid("url", "the file there %s", domain.MessageOf(made.err))
		}
	}
	return made
}
