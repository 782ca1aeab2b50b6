package domain

import (
	"net/url"
	"strings"
	"time"
)

// TransferFile is a file of a transfer.
type TransferFile struct {
	// Index is its place in the metainfo, from 0.
	Index int
	// Path as the metainfo has it, with the torrent's own folder, its elements
	// separated by slashes.
	Path string
	// Size is of the whole file, BytesDone what of it is there.
	Size, BytesDone int64
	// Wanted: it is to be downloaded.
	Wanted bool
}

// FractionDone is the share of the file that is there, 0 to 1. It is 1 only when all
// of it is.
func (f TransferFile) FractionDone() float64 { return fraction(f.Size-f.BytesDone, f.Size) }

// Tracker is a tracker of a transfer as its client sees it.
type Tracker struct {
	URL string
	// Tier is the group that it is in; lower ones are asked first.
	Tier int
	// Working: it has answered, and the last answer was good.
	Working bool
	// Message is its last error or warning; "" for none.
	Message string
	// Seeders and Leechers are what it counts; nil if unknown.
	Seeders, Leechers *int
}

// Outline is the tracker without what may be somebody's passkey in it: of its URL,
// scheme and host are left.
func (t Tracker) Outline() Tracker {
	u, err := url.Parse(t.URL)
	if err != nil || u.Host == "" {
		t.URL, t.Message = "", ""
		return t
	}
	outline := (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
	t.Message = strings.ReplaceAll(t.Message, t.URL, outline)
	for _, secret := range append(strings.Split(u.EscapedPath(), "/"), u.RawQuery) {
		if len(secret) > len("announce") && strings.Contains(t.Message, secret) {
			t.Message = ""
		}
	}
	t.URL = outline
	return t
}

// Peer is who a client is connected with over a transfer.
type Peer struct {
	// Address is host:port.
	Address string
	// Client is the program that the peer runs; "" if unknown.
	Client string
	// FractionDone is how much of the torrent the peer has, 0 to 1.
	FractionDone float64
	// DownloadRate and UploadRate are in bytes per second, seen from here.
	DownloadRate, UploadRate int64
}

// HeldTransfer is a transfer with all that is needed to adopt it.
type HeldTransfer struct {
	Transfer
	// Magnet names the content, with the trackers that the client tells.
	Magnet Magnet
	// AddedAt is when the client was given it; nil if unknown.
	AddedAt *time.Time
	// Label and Folder are as in TransferSettings; "" for none, and unknown.
	Label, Folder string
}
