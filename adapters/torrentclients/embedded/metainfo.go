package embedded

import (
	"errors"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"

	"github.com/clarion-app/download-manager/domain"
)

// readMetainfo takes the info dictionary, and where its torrent is found, out of a
// .torrent file. KindInvalid when the file is not that of hash, or is refused.
func readMetainfo(file []byte, hash domain.InfoHash) (info []byte, found links, err error) {
	refused := func(err error) ([]byte, links, error) {
		return nil, links{}, domain.Invalid("file", "is refused: %v", err)
	}
	if err := checkNesting(file); err != nil {
		return refused(errors.New("it is malformed, or nested too deeply"))
	}
	var read metainfo.MetaInfo
	if err := bencode.Unmarshal(file, &read); err != nil {
		return refused(errors.New("it cannot be read"))
	}
	if !hasHash(read.InfoBytes, hash) {
		return refused(errors.New("it is the file of another torrent"))
	}
	if _, err := readInfo(read.InfoBytes); err != nil {
		return refused(err)
	}
	for _, tier := range read.UpvertedAnnounceList() {
		for _, tracker := range tier {
			if isURL(tracker, "http", "https", "udp") {
				found.trackers = append(found.trackers, tracker)
			}
		}
	}
	for _, seed := range read.UrlList {
		if isURL(seed, "http", "https") {
			found.webSeeds = append(found.webSeeds, seed)
		}
	}
	return read.InfoBytes, found, nil
}
