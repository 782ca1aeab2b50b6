// Package embedded is a BitTorrent client inside this process: a
// ports.TorrentClient for whoever has no daemon to talk to.
//
// The engine is github.com/anacrolix/torrent; docs/decisions/0004 says why. It is
// given peers, and it is given pieces to fetch; what must not go wrong is done
// here: what is on disk (content.go, layout.go), what is remembered (state.go),
// and what an info dictionary may say (info.go, metadata.go).
//
// A server's address is the name of a folder of Config.DataDir:
//
//	<DataDir>/<address>/<name of a torrent>   its data
//	<DataDir>/<address>/.state/               what survives a restart
//	    lock                 held by the one process that runs this folder
//	    <infohash>.json      that the torrent was added, and with what trackers
//	    <infohash>.torrent   its info dictionary, once known
//	    <infohash>.pieces    which pieces are there
//	    <infohash>.kept      the name its data has, though it was taken out
//
// Data is written under the torrent's own name. When that is taken by another
// infohash, or by something that is not ours, "-" and the first eight digits of
// the infohash are added to it.
package embedded
