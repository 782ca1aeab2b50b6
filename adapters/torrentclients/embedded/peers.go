package embedded

import (
	"time"

	"github.com/anacrolix/torrent"
	pp "github.com/anacrolix/torrent/peer_protocol"
	utHolepunch "github.com/anacrolix/torrent/peer_protocol/ut-holepunch"

	"github.com/clarion-app/download-manager/domain"
)

// peer is what is known of a connection.
type peer struct {
	conn     *torrent.PeerConn
	download *download

	// size of the metadata that it offers, in bytes; 0 for none.
	size    int
	part    *partial
	retryAt time.Time
	served  int

	// asked is how many blocks it was asked for and has not given; heardAt is when
	// it last gave one, or was asked after having given all.
	asked   int
	heardAt time.Time
}

// watchPeers sets what the library calls while it holds its own lock: nothing
// here may call it back.
func (e *engine) watchPeers(callbacks *torrent.Callbacks) {
	callbacks.PeerConnAdded = append(callbacks.PeerConnAdded, e.peerCame)
	callbacks.PeerConnClosed = e.peerWent
	callbacks.ReadMessage = func(_ *torrent.PeerConn, message *pp.Message) { tame(message) }
	callbacks.ReadExtendedHandshake = e.peerShookHands
	callbacks.SentRequest = append(callbacks.SentRequest, func(event torrent.PeerRequestEvent) { e.asked(event.Peer, 1) })
	callbacks.DeletedRequest = append(callbacks.DeletedRequest, func(event torrent.PeerRequestEvent) { e.asked(event.Peer, -1) })
	callbacks.ReceivedUsefulData = append(callbacks.ReceivedUsefulData, func(event torrent.ReceivedUsefulDataEvent) { e.asked(event.Peer, 0) })
	callbacks.PeerConnReadExtensionMessage = append(callbacks.PeerConnReadExtensionMessage, e.peerSent)
}

// tame passes over messages of BitTorrent version 2: pieces are verified by
// their hashes of version 1, and the library trusts these messages too far.
func tame(message *pp.Message) {
	switch message.Type {
	case pp.HashRequest, pp.Hashes, pp.HashReject:
		*message = pp.Message{Keepalive: true}
	}
}

func (e *engine) peerCame(conn *torrent.PeerConn) {
	hash, err := domain.ParseInfoHash(conn.Torrent().InfoHash().HexString())
	if err != nil {
		return
	}
	d := e.find(hash)
	if d == nil {
		return
	}
	protocols := torrent.LocalLtepProtocolMap{Index: []pp.ExtensionName{utHolepunch.ExtensionName}}
	if e.config.PEX && !d.isPrivate() {
		protocols.Index = append(protocols.Index, pp.ExtensionNamePex)
	}
	protocols.NumBuiltin = len(protocols.Index)
	protocols.Index = append(protocols.Index, pp.ExtensionNameMetadata)
	conn.LocalLtepProtocolMap = &protocols

	e.peersMu.Lock()
	defer e.peersMu.Unlock()
	p := &peer{conn: conn, download: d}
	e.peers[conn] = p
	d.peers++
	if len(e.peers) > e.config.MaxPeers {
		e.hangUp(p)
	}
}

func (d *download) isPrivate() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.layout != nil && d.layout.private
}

func (e *engine) peerWent(conn *torrent.PeerConn) {
	e.peersMu.Lock()
	defer e.peersMu.Unlock()
	if p := e.peers[conn]; p != nil {
		delete(e.peers, conn)
		p.download.peers--
		if p.part != nil {
			e.giveUp(p, time.Now())
		}
	}
}

func (e *engine) peerShookHands(conn *torrent.PeerConn, hands *pp.ExtendedHandshakeMessage) {
	size := hands.MetadataSize
	hands.MetadataSize = 0 // the library shall not fetch it
	e.peersMu.Lock()
	defer e.peersMu.Unlock()
	p := e.peers[conn]
	if p == nil {
		return
	}
	if p.download.isPrivate() {
		delete(hands.M, pp.ExtensionNamePex)
	}
	if size > 0 && size <= maxInfoBytes && hands.M[pp.ExtensionNameMetadata] != 0 && p.size == 0 && p.part == nil {
		e.offered(p, size)
	}
}

func (e *engine) peerSent(event torrent.PeerConnReadExtensionMessageEvent) {
	if event.ExtensionNumber == pp.HandshakeExtendedID {
		return
	}
	name, _, err := event.PeerConn.LocalLtepProtocolMap.LookupId(event.ExtensionNumber)
	if err != nil || name != pp.ExtensionNameMetadata {
		return
	}
	e.peersMu.Lock()
	defer e.peersMu.Unlock()
	if p := e.peers[event.PeerConn]; p != nil {
		e.metadataArrived(p, event.Payload)
	}
}

// peersOf counts the connected peers of a download.
func (e *engine) peersOf(d *download) int {
	e.peersMu.Lock()
	defer e.peersMu.Unlock()
	return d.peers
}

// asked notes that a peer was asked for blocks more than before; 0 when it gave
// one.
func (e *engine) asked(from *torrent.Peer, more int) {
	conn, ok := from.TryAsPeerConn()
	if !ok {
		return
	}
	e.peersMu.Lock()
	defer e.peersMu.Unlock()
	if p := e.peers[conn]; p != nil {
		if more == 0 || p.asked == 0 {
			p.heardAt = time.Now()
		}
		p.asked += more
	}
}

// dropSilent hangs up on peers that sit on blocks which another peer of the same
// torrent may have: the library leaves the last blocks to whom it asked first.
func (e *engine) dropSilent(now time.Time) {
	e.peersMu.Lock()
	defer e.peersMu.Unlock()
	others := make(map[*download]bool)
	for _, p := range e.peers {
		if !p.silent(now, e.config.pace.silence) {
			others[p.download] = true
		}
	}
	for _, p := range e.peers {
		if others[p.download] && p.silent(now, e.config.pace.silence) {
			e.hangUp(p)
		}
	}
}

func (p *peer) silent(now time.Time, most time.Duration) bool {
	return p.asked > 0 && now.Sub(p.heardAt) > most
}
