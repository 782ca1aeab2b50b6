package aria2

import (
	"context"
	"encoding/hex"
	"math/bits"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// peer is what the daemon reports of a peer. Numbers are texts.
type peer struct {
	ID           string `json:"peerId"`
	IP           string `json:"ip"`
	Port         string `json:"port"`
	Bitfield     string `json:"bitfield"`
	Seeder       string `json:"seeder"`
	DownloadRate string `json:"downloadSpeed"`
	UploadRate   string `json:"uploadSpeed"`
}

// Peers implements ports.TransferDetails. Peers that have called the daemon have the
// port 0: it does not tell theirs.
func (c *Client) Peers(ctx context.Context, hash domain.InfoHash) ([]domain.Peer, error) {
	d, err := c.find(ctx, hash)
	if err != nil || d.state != stateActive {
		return nil, err
	}
	replies, err := c.rpc.all(ctx, []request{
		{"aria2.getPeers", []any{d.gid}},
		{"aria2.tellStatus", []any{d.gid, []string{"numPieces"}}},
	}, maxInside)
	if err != nil {
		return nil, unavailable(err)
	}
	if replies[0].result == nil || replies[1].result == nil { // refused: it has stopped in between
		return nil, nil
	}
	var peers []peer
	var about struct {
		Pieces string `json:"numPieces"`
	}
	if err := decode(replies[0].result, &peers); err != nil {
		return nil, err
	}
	if err := decode(replies[1].result, &about); err != nil {
		return nil, err
	}
	result := make([]domain.Peer, 0, len(peers))
	for _, p := range peers {
		result = append(result, p.peer(number(about.Pieces)))
	}
	return result, nil
}

// peer translates p, of a torrent that has so many pieces.
func (p peer) peer(pieces int64) domain.Peer {
	return domain.Peer{
		Address: net.JoinHostPort(domain.CleanText(p.IP), strconv.FormatInt(number(p.Port), 10)), Client: program(p.ID),
		FractionDone: p.fraction(pieces), DownloadRate: number(p.DownloadRate), UploadRate: number(p.UploadRate),
	}
}

func (p peer) fraction(pieces int64) float64 {
	if p.Seeder == "true" {
		return 1
	}
	field, err := hex.DecodeString(p.Bitfield)
	if err != nil || pieces <= 0 {
		return 0
	}
	has := 0
	for _, b := range field {
		has += bits.OnesCount8(b)
	}
	return min(float64(has)/float64(pieces), 1)
}

// number reads a number that is not negative; anything else is 0.
func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return max(n, 0)
}

// programs are the letters that the usual programs begin their peer ids with
// (BEP 20).
var programs = map[string]string{
	"A2": "aria2", "AZ": "Vuze", "BC": "BitComet", "BI": "BiglyBT", "DE": "Deluge", "KT": "KTorrent", "LT": "libtorrent",
	"lt": "rTorrent", "qB": "qBittorrent", "TR": "Transmission", "UM": "µTorrent", "UT": "µTorrent", "WW": "WebTorrent",
}

// program reads the name and the version out of a percent-encoded peer id
// ("-qB4520-..."); "" when they are not in it.
func program(id string) string {
	id, err := url.PathUnescape(id)
	if err != nil || len(id) < 8 {
		return ""
	}
	if version, found := strings.CutPrefix(id, "A2-"); found { // "A2-1-36-0-..."
		parts := strings.SplitN(version, "-", 4)
		return domain.CleanText("aria2 " + strings.Join(parts[:min(len(parts), 3)], "."))
	}
	name, known := programs[id[1:3]]
	if !known || id[0] != '-' || id[7] != '-' {
		return ""
	}
	version := strings.TrimRight(strings.Join(strings.Split(id[3:7], ""), "."), ".0")
	return domain.CleanText(strings.TrimSpace(name + " " + version))
}
