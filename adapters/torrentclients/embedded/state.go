package embedded

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/anacrolix/torrent/bencode"

	"github.com/clarion-app/download-manager/domain"
)

// stateFolder is where a folder's state lies. No torrent may have this name.
const stateFolder = ".state"

// The files of the state of one torrent, behind its infohash.
const (
	recordFile = ".json"
	infoFile   = ".torrent"
	piecesFile = ".pieces"
	keptFile   = ".kept"
)

// maxLinks bounds how many trackers, web seeds and peers of one torrent are
// remembered, however many magnets name them.
const maxLinks = 500

// record is what is remembered of a torrent from the moment it was added.
type record struct {
	Name     string   `json:"name,omitempty"` // of its magnet
	Trackers []string `json:"trackers,omitempty"`
	WebSeeds []string `json:"webSeeds,omitempty"`
	Peers    []string `json:"peers,omitempty"`
	// Folder is the name of its data on disk; "" before that is settled.
	Folder string `json:"folder,omitempty"`
	// Paused: it is not to be given to the library.
	Paused bool `json:"paused,omitempty"`
	// Unwanted are the indexes of the files that are not to be downloaded, in order.
	Unwanted   []int      `json:"unwanted,omitempty"`
	AddedAt    time.Time  `json:"addedAt"`
	FinishedAt *time.Time `json:"finishedAt,omitempty"`
	// Downloaded and Uploaded count bytes over all runs.
	Downloaded int64 `json:"downloaded,omitempty"`
	Uploaded   int64 `json:"uploaded,omitempty"`
}

// merge takes what a magnet adds and reports whether that is anything.
func (r *record) merge(links links) bool {
	before := len(r.Trackers) + len(r.WebSeeds) + len(r.Peers) + len(r.Name)
	r.Trackers = union(r.Trackers, links.trackers)
	r.WebSeeds = union(r.WebSeeds, links.webSeeds)
	r.Peers = union(r.Peers, links.peers)
	if r.Name == "" {
		r.Name = links.name
	}
	return len(r.Trackers)+len(r.WebSeeds)+len(r.Peers)+len(r.Name) != before
}

func union(have, more []string) []string {
	for _, text := range more {
		if len(have) < maxLinks && !slices.Contains(have, text) {
			have = append(slices.Clip(have), text)
		}
	}
	return have
}

// torrentFile is the info dictionary as it is kept: a file that any client
// reads. It repeats the folder and the links, for when the record is broken.
type torrentFile struct {
	Announce [][]string    `bencode:"announce-list,omitempty"`
	Folder   string        `bencode:"clarion-folder,omitempty"`
	Info     bencode.Bytes `bencode:"info"`
	WebSeeds []string      `bencode:"url-list,omitempty"`
}

// state is the .state folder.
type state struct{ root *os.Root }

// write replaces a file, all or nothing, and returns when that is on disk.
func (s state) write(name string, content []byte) error {
	return errors.Join(s.replace(name, content, true), s.sync())
}

func (s state) replace(name string, content []byte, sync bool) error {
	temporary := name + ".tmp"
	file, err := s.root.OpenFile(temporary, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if sync && err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return s.root.Rename(temporary, name)
}

// sync makes the names of files durable.
func (s state) sync() error { return syncFolder(s.root, ".") }

func syncFolder(root *os.Root, name string) error {
	folder, err := root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func (s state) saveRecord(hash domain.InfoHash, r record) error {
	content, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return s.write(hash.String()+recordFile, content)
}

// loadRecord reads what was added. A broken record is no error: what it said is
// in part in the torrent file, and the rest is gone.
func (s state) loadRecord(hash domain.InfoHash) (r record, broken bool) {
	content, err := s.root.ReadFile(hash.String() + recordFile)
	if err == nil && json.Unmarshal(content, &r) == nil && (r.Folder == "" || safeFolder(r.Folder)) {
		return r, false
	}
	return record{AddedAt: domain.Instant(time.Now())}, true
}

func (s state) saveInfo(hash domain.InfoHash, info []byte, r record) error {
	file := torrentFile{Folder: r.Folder, Info: info, WebSeeds: r.WebSeeds}
	if len(r.Trackers) > 0 {
		file.Announce = [][]string{r.Trackers}
	}
	content, err := bencode.Marshal(file)
	if err != nil {
		return err
	}
	return s.write(hash.String()+infoFile, content)
}

// loadInfo reads the info dictionary, or none when there is none that has this
// infohash: it is fetched again then.
func (s state) loadInfo(hash domain.InfoHash) (info []byte, file torrentFile) {
	content, err := s.root.ReadFile(hash.String() + infoFile)
	if err != nil || checkNesting(content) != nil || bencode.Unmarshal(content, &file) != nil || !hasHash(file.Info, hash) {
		return nil, torrentFile{}
	}
	return file.Info, file
}

var piecesMagic = []byte("clarion pieces 1\n")

// savePieces keeps which pieces are there. clean says that nothing else was
// written: the pieces that are not there need not be looked for.
func (s state) savePieces(hash domain.InfoHash, have bitfield, clean bool) error {
	content := append(bytes.Clone(piecesMagic), 0)
	if clean {
		content[len(content)-1] = 1
	}
	content = append(content, have...)
	sum := sha256.Sum256(content)
	return s.replace(hash.String()+piecesFile, append(content, sum[:]...), true)
}

// loadPieces returns nil when nothing that can be trusted is known.
func (s state) loadPieces(hash domain.InfoHash, count int) (have bitfield, clean bool) {
	content, err := s.root.ReadFile(hash.String() + piecesFile)
	head := len(piecesMagic) + 1
	if err != nil || len(content) != head+len(newBitfield(count))+sha256.Size || !bytes.HasPrefix(content, piecesMagic) {
		return nil, false
	}
	content, sum := content[:len(content)-sha256.Size], content[len(content)-sha256.Size:]
	if sha256.Sum256(content) != [sha256.Size]byte(sum) {
		return nil, false
	}
	return bitfield(content[head:]), content[head-1] == 1
}

// forget removes what is known of a torrent. The record goes first: without it
// the rest means nothing.
func (s state) forget(hash domain.InfoHash) error {
	var errs []error
	for _, ending := range []string{recordFile, infoFile, piecesFile} {
		if err := s.root.Remove(hash.String() + ending); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, s.sync())...)
}

// list returns the infohashes of all files with an ending.
func (s state) list(ending string) ([]domain.InfoHash, error) {
	folder, err := s.root.Open(".")
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	names, err := folder.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("reading the state folder: %w", err)
	}
	slices.Sort(names)
	var hashes []domain.InfoHash
	for _, name := range names {
		text, found := strings.CutSuffix(name, ending)
		if hash, err := domain.ParseInfoHash(text); found && err == nil && hash.String() == text {
			hashes = append(hashes, hash)
		}
	}
	return hashes, nil
}
