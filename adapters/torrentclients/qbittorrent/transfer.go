package qbittorrent

import (
	"time"

	"github.com/clarion-app/download-manager/domain"
)

const (
	// noETA, in seconds, is where an estimate stops to be one.
	noETA = 8640000
	// mostRatio is what the daemon counts up to; it tells -1 for more.
	mostRatio = 9999
)

// transfer translates t to the vocabulary of the domain, all but its infohash.
func (t *torrent) transfer() domain.Transfer {
	result := domain.Transfer{
		Name: t.name, Phase: t.phase(), MetadataKnown: t.metadataKnown(),
		BytesWanted: t.size, BytesLeft: min(t.left, t.size),
		LocalError: localErrors[t.state], Warning: t.warning.text(),
		DownloadRate: max(0, t.downloadRate), UploadRate: max(0, t.uploadRate),
		Peers: int(max(0, t.seeds) + max(0, t.leechers)),
		Ratio: t.ratio, UploadedBytes: max(0, t.uploaded),
	}
	if t.ratio < 0 {
		result.Ratio = 0
		if t.uploaded > 0 {
			result.Ratio = mostRatio
		}
	}
	if t.completedAt > 0 && t.left == 0 && t.size > 0 {
		at := time.Unix(t.completedAt, 0).UTC()
		result.FinishedAt = &at
	}
	if t.eta >= 0 && t.eta < noETA && t.left > 0 {
		eta := time.Duration(t.eta) * time.Second
		result.ETA = &eta
	}
	return result
}
