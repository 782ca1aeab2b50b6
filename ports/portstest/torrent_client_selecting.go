package portstest

import (
	"bytes"
	"slices"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// fileSizes are of whole pieces, so that what is wanted of the content is exactly what
// the wanted files hold; but for the last one.
var fileSizes = []int{4 << 16, 2 << 16, 1<<16 + 1}

// several is a download of three files, of which first some are wanted and then all.
type several struct {
	*clientTrial
	client   ports.OpenClient
	seed     TorrentSeed
	hash     domain.InfoHash
	contents [][]byte
	wanted   []int
	unwanted []int
	torrent  *followed
	handover domain.Handover
}

// severalFiles leads a download of several files through what can be done with them:
// it is added, where the type can, paused and from its .torrent file.
func severalFiles(t *clientTrial) {
	s := &several{clientTrial: t, client: t.Open(t.T), seed: t.SeedFiles(t.T, fileSizes...), wanted: []int{0, 1, 2}}
	s.hash, s.contents = s.seed.Magnet.InfoHash(), split(s.seed.Content, fileSizes)
	if t.can(domain.CapabilityFileSelection) {
		s.wanted, s.unwanted = []int{1}, []int{0, 2}
	}
	s.torrent = t.follow(s.seed.Magnet, s.whole)
	s.seed.Complete(t.T)
	s.add()
	s.complete()
	if t.can(domain.CapabilityFiles) {
		t.row("files are told in the order of the metainfo, with what is wanted and what is there", s.files)
	}
	if t.can(domain.CapabilityFileSelection) {
		t.row("completion: files that are chosen later have to come before it is complete", s.choose)
	}
	if t.can(domain.CapabilityDeleteData) {
		t.row("removing with the data deletes all files", func(t *clientTrial) {
			ok(t.T, s.client.Remove(t.Context(), []domain.InfoHash{s.hash}, true))
			t.eventually("all files to be gone", func() bool {
				return !slices.ContainsFunc([]int{0, 1, 2}, func(i int) bool { return s.seed.File(t.T, "", i) != nil })
			})
		})
	}
}

// whole reports whether what is wanted is there.
func (s *several) whole() bool {
	return !slices.ContainsFunc(s.wanted, func(i int) bool { return !bytes.Equal(s.seed.File(s.T, "", i), s.contents[i]) })
}

func (s *several) add() {
	s.handover = domain.Handover{Magnet: s.seed.Magnet, Paused: s.can(domain.CapabilityPause)}
	if s.can(domain.CapabilityTorrentFiles) {
		s.handover.Metainfo = s.seed.Metainfo
		if s.unwanted != nil {
			s.handover.Settings.Unwanted = &s.unwanted
		}
	}
	reported, err := s.client.Add(s.Context(), s.handover)
	ok(s.T, err)
	if reported != s.hash {
		s.Fatalf("added as %s; its infohash is %s", reported, s.hash)
	}
	if s.handover.Paused {
		what := "what is added paused stays paused until it is resumed"
		if s.handover.Metainfo != nil {
			what = "what is added paused, from its .torrent file, stays paused until it is resumed"
		}
		s.row(what, func(t *clientTrial) {
			t.stopped(s.client, s.hash)
			s.seed.Connect(t.T)
			t.steady("it is paused, and nothing comes", func() bool {
				transfer := t.report(s.client, s.hash).Transfers[s.hash]
				return transfer.Phase == domain.PhaseStopped && transfer.BytesLeft == transfer.BytesWanted
			})
			s.torrent.incomplete(t)
			ok(t.T, s.client.Resume(t.Context(), []domain.InfoHash{s.hash}))
		})
	} else {
		s.seed.Connect(s.T)
	}
}

func (s *several) complete() {
	what := "completion: several files are complete when all of them are there"
	if s.unwanted != nil {
		what = "completion: a choice of files is complete when the chosen ones are there"
	}
	s.row(what, func(t *clientTrial) {
		if s.unwanted != nil && s.handover.Metainfo == nil {
			t.eventually("the files to be chosen", func() bool {
				err := s.client.Configure(t.Context(), s.hash, domain.TransferSettings{Unwanted: &s.unwanted})
				if err != nil && domain.KindOf(err) != domain.KindConflict {
					t.Fatal(err)
				}
				return err == nil
			})
		}
		chosen := t.untilOne(s.client, "what is wanted to be there", s.hash, domain.Transfer.Finished)
		want := 0
		for _, i := range s.wanted {
			want += fileSizes[i]
		}
		if chosen.BytesWanted != int64(want) || !s.whole() {
			t.Fatalf("%d bytes are wanted: %+v", want, chosen)
		}
		s.torrent.complete(t)
		if s.unwanted != nil && bytes.Equal(s.seed.File(t.T, "", 0), s.contents[0]) {
			t.Fatal("what was not wanted came, too")
		}
	})
}

func (s *several) files(t *clientTrial) {
	files, err := s.client.Files(t.Context(), s.hash)
	ok(t.T, err)
	if len(files) != len(fileSizes) {
		t.Fatalf("%d files: %+v", len(files), files)
	}
	for i, file := range files {
		wanted := slices.Contains(s.wanted, i)
		if file.Index != i || file.Path != s.seed.Paths[i] || file.Size != int64(fileSizes[i]) ||
			file.Wanted != wanted || wanted != (file.BytesDone == file.Size) {
			t.Errorf("file %d, %q, wanted: %v: %+v", i, s.seed.Paths[i], wanted, file)
		}
	}
}

// choose has all files come, after a choice that there is not.
func (s *several) choose(t *clientTrial) {
	for _, wrong := range [][]int{{0, 3}, {-1}} {
		fails(t.T, s.client.Configure(t.Context(), s.hash, domain.TransferSettings{Unwanted: &wrong}), domain.KindInvalid)
	}
	if chosen := t.report(s.client, s.hash).Transfers[s.hash]; chosen.BytesWanted != int64(fileSizes[1]) {
		t.Fatalf("what was refused has changed something: %+v", chosen)
	}
	s.wanted = []int{0, 1, 2}
	ok(t.T, s.client.Configure(t.Context(), s.hash, domain.TransferSettings{Unwanted: &[]int{}}))
	all := func(transfer domain.Transfer) bool { return transfer.BytesWanted == int64(len(s.seed.Content)) }
	t.untilOne(s.client, "all to be wanted", s.hash, all)
	again := t.follow(s.seed.Magnet, s.whole)
	t.untilOne(s.client, "all files to be there", s.hash, domain.Transfer.Finished)
	if !s.whole() {
		t.Fatal("not all files are there")
	}
	again.complete(t)
	s.torrent.complete(t)
}

// split cuts content into parts of these sizes.
func split(content []byte, sizes []int) [][]byte {
	parts := make([][]byte, len(sizes))
	for i, size := range sizes {
		parts[i], content = content[:size], content[size:]
	}
	return parts
}
