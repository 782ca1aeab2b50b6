package portstest

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// aMetainfo returns a .torrent file of at least that many bytes, whose content nothing
// else in the suites names.
func aMetainfo(t *testing.T, size int) domain.Metainfo {
	t.Helper()
	// Bytes of every value, so that a store which takes it for text is found out.
	pieces := bytes.Repeat([]byte{0, 0xff, '\'', '\\', '\n'}, 4*max(size/20, 1))
	name, count := uuid.NewString(), len(pieces)/20
	text := fmt.Sprintf("d4:infod6:lengthi%de4:name%d:%s12:piece lengthi16384e6:pieces%d:%see", count*16384, len(name), name, len(pieces), pieces)
	metainfo, err := domain.ParseMetainfo([]byte(text))
	ok(t, err)
	return metainfo
}

// aTorrentFromFile returns a torrent, not stored yet, that carries a .torrent file.
func aTorrentFromFile(t *testing.T, server *domain.Server, metainfo domain.Metainfo) *domain.Torrent {
	t.Helper()
	torrent, err := domain.NewTorrent(metainfo.Magnet(), "", *server, nil, morning)
	ok(t, err)
	ok(t, torrent.CarryMetainfo(metainfo))
	return torrent
}

// keptFile returns the .torrent file of a torrent; nil if there is none.
func keptFile(t *testing.T, store Store, id uuid.UUID) []byte {
	t.Helper()
	ids := []uuid.UUID{uuid.New(), id}
	sizes, err := store.Metainfos.Sizes(t.Context(), ids)
	ok(t, err)
	contents, err := store.Metainfos.Contents(t.Context(), ids)
	ok(t, err)
	content, found := contents[id]
	if size, sized := sizes[id]; sized != found || size != int64(len(content)) || len(contents) > 1 || len(sizes) > 1 {
		t.Fatalf("%d bytes of %d files, and sizes %v", len(content), len(contents), sizes)
	}
	return content
}

// MetainfoRepository is the contract of ports.MetainfoRepository.
func MetainfoRepository(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	facts{
		"a file is kept byte for byte, whatever its size": func(t *testing.T, store Store) {
			server := addServer(t, store)
			for _, size := range []int{20, 100_000, 3 << 20} {
				metainfo := aMetainfo(t, size)
				torrent := aTorrentFromFile(t, server, metainfo)
				ok(t, store.Torrents.Add(t.Context(), torrent))
				if !bytes.Equal(keptFile(t, store, torrent.ID), metainfo.Content()) {
					t.Errorf("a file of %d bytes is another one now", size)
				}
				got, err := store.Torrents.Get(t.Context(), torrent.ID)
				ok(t, err)
				same(t, got, torrent)
			}
		},
		"many are stored at once, and read at once": func(t *testing.T, store Store) {
			server := addServer(t, store)
			var torrents []*domain.Torrent
			files := map[uuid.UUID]domain.Metainfo{}
			for i := range 40 {
				if i%2 == 0 {
					torrents = append(torrents, aTorrent(t, server, morning)) // from a magnet
					continue
				}
				metainfo := aMetainfo(t, i*10_000)
				torrents = append(torrents, aTorrentFromFile(t, server, metainfo))
				files[torrents[i].ID] = metainfo
			}
			ok(t, store.Torrents.Add(t.Context(), torrents...))
			contents, err := store.Metainfos.Contents(t.Context(), ids(torrents))
			ok(t, err)
			sizes, err := store.Metainfos.Sizes(t.Context(), ids(torrents))
			ok(t, err)
			if len(contents) != len(files) || len(sizes) != len(files) {
				t.Fatalf("%d contents and %d sizes of %d files", len(contents), len(sizes), len(files))
			}
			for id, metainfo := range files {
				if !bytes.Equal(contents[id], metainfo.Content()) || sizes[id] != int64(len(metainfo.Content())) {
					t.Errorf("%s: %d bytes, size %d", id, len(contents[id]), sizes[id])
				}
			}
		},
		"a torrent that is not stored leaves no file": func(t *testing.T, store Store) {
			torrent := aTorrentFromFile(t, aServer(t, morning), aMetainfo(t, 20))
			fails(t, store.Torrents.Add(t.Context(), torrent), domain.KindInvalid, "serverId")
			if keptFile(t, store, torrent.ID) != nil {
				t.Error("there is one")
			}
			server := addServer(t, store) // and it still carries it
			torrent.ServerID = server.ID
			ok(t, store.Torrents.Add(t.Context(), torrent))
			if keptFile(t, store, torrent.ID) == nil {
				t.Error("it was lost")
			}
		},
		"it stays while it may be handed over, and goes with its torrent": func(t *testing.T, store Store) {
			server, other := addServer(t, store), addServer(t, store)
			torrent, witness := aTorrentFromFile(t, server, aMetainfo(t, 20)), aTorrentFromFile(t, server, aMetainfo(t, 20))
			ok(t, store.Torrents.Add(t.Context(), torrent, witness))
			for what, change := range map[string]func(*domain.Torrent){
				"moving":             func(torrent *domain.Torrent) { torrent.AssignServer(*other, after(1)) },
				"completing":         func(torrent *domain.Torrent) { _ = torrent.Complete(after(1), after(1)) },
				"marking incomplete": func(torrent *domain.Torrent) { torrent.MarkIncomplete(after(1)) },
			} {
				update(t, store, torrent.ID, change)
				if keptFile(t, store, torrent.ID) == nil {
					t.Errorf("%s lost it", what)
				}
			}
			removeTorrent(t, store, torrent.ID)
			if keptFile(t, store, torrent.ID) != nil || keptFile(t, store, witness.ID) == nil {
				t.Error("the file of the removed one is there, or that of the other is not")
			}
		},
		"other content drops it": func(t *testing.T, store Store) {
			torrent := aTorrentFromFile(t, addServer(t, store), aMetainfo(t, 20))
			ok(t, store.Torrents.Add(t.Context(), torrent))
			update(t, store, torrent.ID, func(torrent *domain.Torrent) { torrent.ReplaceMagnet(aMagnet(t), after(1)) })
			if keptFile(t, store, torrent.ID) != nil {
				t.Error("it is there")
			}
		},
		"a change that is given up keeps it": func(t *testing.T, store Store) {
			torrent := aTorrentFromFile(t, addServer(t, store), aMetainfo(t, 20))
			ok(t, store.Torrents.Add(t.Context(), torrent))
			_, err := store.Torrents.Update(t.Context(), []uuid.UUID{torrent.ID}, nil, func(torrent *domain.Torrent) error {
				torrent.Remove(false, after(1))
				return errChange
			})
			givesUp(t, err)
			if keptFile(t, store, torrent.ID) == nil {
				t.Error("it is gone")
			}
		},
		"of no torrents there are none": func(t *testing.T, store Store) {
			for _, none := range [][]uuid.UUID{nil, {}, {uuid.New()}} {
				sizes, err := store.Metainfos.Sizes(t.Context(), none)
				ok(t, err)
				contents, err := store.Metainfos.Contents(t.Context(), none)
				ok(t, err)
				if len(sizes)+len(contents) > 0 {
					t.Errorf("found %v", sizes)
				}
			}
		},
		"an ended context ends reading": func(t *testing.T, store Store) {
			refuses(t, map[string]func(ctx context.Context) error{
				"Sizes": func(ctx context.Context) error {
					_, err := store.Metainfos.Sizes(ctx, []uuid.UUID{uuid.New()})
					return err
				},
				"Contents": func(ctx context.Context) error {
					_, err := store.Metainfos.Contents(ctx, []uuid.UUID{uuid.New()})
					return err
				},
			})
		},
	}.prove(t, open)
}
