// Package domain says what this product talks about: torrents, the servers
// that download them, the users who want them, and the events that tell of it.
// It knows no database, no protocol and no clock of its own.
//
// # Glossary
//
//   - Magnet: a link that names a torrent by its infohash.
//   - InfoHash: the name of a torrent's content, 40 lower-case hex digits.
//   - Torrent: one user's wish that one server downloads one magnet.
//   - Server: a torrent client (a Transmission daemon, the embedded engine, …)
//     that downloads.
//   - Transfer: what a server's client reports about one infohash, in the one
//     vocabulary that all client types are translated to.
//   - Wishes: how a torrent is to be treated: paused, under which label, how
//     fast, … What its client was not told of them yet is Unapplied.
//   - SeedingPolicy: what becomes of a torrent that has completed, and when.
//   - Removal: the wish that a server's client no longer holds an infohash.
//   - Event: a fact about a torrent, kept in an ordered log.
//
// # The life line of a torrent
//
//	            Accept            Observe(finished)
//	QUEUED ---------------> DOWNLOADING ---------------> COMPLETED
//	  ^  \--Refuse (problem,    |  ^ Observe(missing:       |
//	  |     retried later)      |  |  problem, stays)       |
//	  +--------- MarkIncomplete, AssignServer, Replace -----+
//
// Remove ends the line from every state. A problem may stand beside any state.
// A torrent completes at most once for each time it is (re)queued.
package domain
