package portstest

import (
	"testing"
	"time"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// TorrentClientHarness is what the suite must be given of one kind of client.
// Whatever touches a daemon, a disk or a peer comes in here.
type TorrentClientHarness struct {
	// Start starts a daemon that holds nothing and ends it with the test.
	Start func(t *testing.T) TorrentDaemon
	// Refused are magnets that this client does not take, by what they are.
	Refused map[string]string
	// Type is the client's type, and Declared what its adapter says that it can do: each
	// of them is proven to work, and each other one to be refused.
	Type     domain.ClientType
	Declared domain.Capabilities
	// Version is that of the daemon. Proven is a file, testdata/proven-VERSION.txt, that
	// says what has been proven of it: it is compared, or written if Update says so.
	Version string
	Proven  string
	Update  bool
	// Capabilities are in what clients, and harnesses, differ beside that.
	Capabilities TorrentClientCapabilities
	// Requests is the most that a look at any number of transfers takes; 0 is one.
	Requests int
	// Wrong are answers that are no answers in this protocol, by what they are: bodies, if
	// HTTP is spoken, else all that is said. Endless is the begin of one that goes on and
	// on with blanks.
	Wrong   map[string]string
	Endless string
	// Patience bounds every wait of the suite; 0 is a minute.
	Patience time.Duration
}

// TorrentClientCapabilities are what not every client can do, or not every
// harness can bring about. The suite proves what is declared.
type TorrentClientCapabilities struct {
	// Remote: the client is another program, which can be unreachable and can
	// hang. Needs Hang and Wake.
	Remote bool
	// Credentials: wrong ones are noticed. Needs OpenWrongly.
	Credentials bool
	// Stops: a transfer can be stopped by hand. Needs StopByHand.
	Stops bool
	// DiskErrors: the harness can break the disk. Needs BreakDisk.
	DiskErrors bool
	// TellsFinishTime: a finished transfer has its FinishedAt.
	TellsFinishTime bool
	// Proxied: there can be a proxy before the daemon. Needs Proxy and OpenAt.
	Proxied bool
	// HTTP is what is spoken there.
	HTTP bool
	// Deltas: the protocol tells what has changed, from the second look on. Needs Proxied.
	Deltas bool
	// TakesV2: magnets of torrents of version 2 only are taken.
	TakesV2 bool
	// TellsTrackerTrouble: TransferDetails tells why a tracker does not answer. Of account
	// only with domain.CapabilityTrackers.
	TellsTrackerTrouble bool
	// Warns: the trouble of trackers is the Warning of a transfer.
	Warns bool
	// LosesMagnets: the daemon forgets magnets without metadata when it is restarted.
	LosesMagnets bool
	// HidesMagnetNames: what a magnet calls its content is not told.
	HidesMagnetNames bool
	// RatioStops: the daemon can stop by itself what has been given away enough. Needs
	// StopAtRatio.
	RatioStops bool
}

// TorrentDaemon is one running daemon, or what stands in its place for a client
// that is no program of its own.
type TorrentDaemon struct {
	// Open opens one more client of the daemon and closes it with the test.
	Open func(t *testing.T) ports.OpenClient
	// OpenSettled opens a client that takes a daemon that has just started for one that
	// has loaded all of its transfers; nil when Open does.
	OpenSettled func(t *testing.T) ports.OpenClient
	// OpenWrongly opens a client with wrong credentials.
	OpenWrongly func(t *testing.T) ports.OpenClient

	// Proxy starts a proxy in front of the daemon, which passes everything on. OpenAt opens
	// a client of what is at an address (host:port), with little patience if its adapter
	// can be told: some seconds.
	Proxy  func(t *testing.T) FaultProxy
	OpenAt func(t *testing.T, address string) ports.OpenClient

	// Stop ends the daemon, in good order; its clients stay open where they are
	// Remote, else they are closed. Restart starts it again.
	Stop, Restart func(t *testing.T)
	// Hang makes the daemon accept requests and not answer; Wake ends that.
	Hang, Wake func(t *testing.T)

	// AddByHand, RemoveByHand (data kept) and StopByHand go past the clients of
	// Open: they are what somebody does at the daemon itself.
	AddByHand    func(t *testing.T, magnet domain.Magnet)
	RemoveByHand func(t *testing.T, hash domain.InfoHash)
	StopByHand   func(t *testing.T, hash domain.InfoHash)

	// Settings reads at the daemon itself how it treats a transfer: of what is declared,
	// its name, label, folder, priority and limits. Needed with domain.CapabilityFolder and
	// with any of those that Configure changes.
	Settings func(t *testing.T, hash domain.InfoHash) domain.TransferSettings
	// NewFolder makes a folder that the daemon can write to, and returns its path there.
	// Needed with domain.CapabilityFolder.
	NewFolder func(t *testing.T) string
	// StopAtRatio makes the daemon stop transfers as soon as they are finished. Needed with
	// RatioStops.
	StopAtRatio func(t *testing.T)

	// Seed makes new content of that many bytes, a single file, for this daemon to
	// download, in pieces of 64 KiB or less.
	Seed func(t *testing.T, size int) TorrentSeed
	// SeedFiles is Seed for several files of these sizes, in a folder.
	SeedFiles func(t *testing.T, sizes ...int) TorrentSeed
	// BreakDisk makes that what is added from now on cannot be written.
	BreakDisk func(t *testing.T)
}

// TorrentSeed is content that can be downloaded: at first a part of it, so that
// a download goes on but does not finish.
type TorrentSeed struct {
	// Magnet names it; Name is what its metadata calls it.
	Magnet domain.Magnet
	Name   string
	// Metainfo is its .torrent file.
	Metainfo []byte
	// Content is all of it, one file after another.
	Content []byte
	// Paths are those of the files, as domain.TransferFile has them.
	Paths []string
	// Connect brings the daemon, which has been given the magnet, and the seed
	// together.
	Connect func(t *testing.T)
	// AllButLast offers all but the last piece, and Complete the whole content. They may
	// be called before Connect.
	AllButLast, Complete func(t *testing.T)
	// File reads the daemon's copy of a file, by its index, below a folder as NewFolder
	// returns them; "" is the one that the daemon uses by itself. nil when there is none.
	// Of a file that is not wanted there may be a part.
	File func(t *testing.T, folder string, index int) []byte
	// Damage alters the first byte of the daemon's copy. Needed with domain.CapabilityVerify.
	Damage func(t *testing.T)
}
