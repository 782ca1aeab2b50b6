package embedded

import (
	"errors"
	"slices"
	"time"

	"github.com/anacrolix/torrent/bencode"
	pp "github.com/anacrolix/torrent/peer_protocol"
)

// Metadata is exchanged with peers (BEP 9) here and not by the library: that
// believes what peers say about sizes and piece numbers, and what an info
// dictionary says about itself, and panics where they lie. See readInfo.

const (
	metadataPiece    = 16 << 10
	metadataAtOnce   = 3 // peers of one torrent asked at the same time
	metadataAhead    = 4 // pieces asked of a peer at the same time
	metadataGiveaway = 3 // how often a peer may have the whole from us
)

// partial is metadata that is coming from one peer, so that one lie spoils
// nothing but its own.
type partial struct {
	data     []byte
	have     bitfield
	missing  int
	next     int // the first piece that was not asked for
	lastTook time.Time
}

// fetching are the peers of a download that give metadata at present.
type fetching map[*peer]bool

// metadataMessage is the dictionary in front of a metadata piece.
type metadataMessage struct {
	Type  int `bencode:"msg_type"`
	Piece int `bencode:"piece"`
	Total int `bencode:"total_size,omitempty"`
}

// offered is told what metadata a peer has.
func (e *engine) offered(p *peer, size int) {
	p.size = size
	if p.download.hasInfo() {
		return
	}
	e.fetchFrom(p, time.Now())
}

func (d *download) hasInfo() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.info != nil
}

// fetchFrom asks a peer for metadata if it is its turn; peersMu is held.
func (e *engine) fetchFrom(p *peer, now time.Time) {
	d := p.download
	if p.size == 0 || p.part != nil || now.Before(p.retryAt) || len(d.fetching) >= metadataAtOnce {
		return
	}
	pieces := (p.size + metadataPiece - 1) / metadataPiece
	p.part = &partial{data: make([]byte, p.size), have: newBitfield(pieces), missing: pieces, lastTook: now}
	if d.fetching == nil {
		d.fetching = make(fetching)
	}
	d.fetching[p] = true
	for range metadataAhead {
		e.askNext(p)
	}
}

func (e *engine) askNext(p *peer) {
	if p.part.next*metadataPiece < p.size {
		e.send(p, metadataMessage{Type: 0, Piece: p.part.next}, nil)
		p.part.next++
	}
}

// giveUp lets another peer have the turn of this one; peersMu is held.
func (e *engine) giveUp(p *peer, now time.Time) {
	p.part = nil
	p.retryAt = now.Add(e.config.pace.stall)
	delete(p.download.fetching, p)
}

// send writes a message, later: the caller is called back under the lock of the
// library.
func (e *engine) send(p *peer, message metadataMessage, data []byte) {
	payload := append(bencode.MustMarshal(message), data...)
	e.background(func() { _ = p.conn.WriteExtendedMessage(pp.ExtensionNameMetadata, payload) })
}

func (e *engine) hangUp(p *peer) {
	e.background(func() { _ = p.conn.Close() })
}

// background runs work that close waits for.
func (e *engine) background(work func()) {
	e.workMu.Lock()
	defer e.workMu.Unlock()
	if e.running.Err() == nil {
		e.work.Go(work)
	}
}

// metadataArrived handles one message of a peer; peersMu is held.
func (e *engine) metadataArrived(p *peer, payload []byte) {
	var message metadataMessage
	var rest bencode.ErrUnusedTrailingBytes
	err := bencode.Unmarshal(payload, &message)
	if errors.As(err, &rest) {
		err = nil
	}
	if err != nil {
		e.hangUp(p)
		return
	}
	switch message.Type {
	case 0:
		e.give(p, message.Piece)
	case 1:
		e.take(p, message.Piece, payload[len(payload)-rest.NumUnusedBytes:])
	case 2:
		if p.part != nil {
			e.giveUp(p, time.Now())
		}
	}
}

// give answers a request for metadata.
func (e *engine) give(p *peer, piece int) {
	p.download.mu.Lock()
	info := p.download.info
	if p.download.content == nil {
		info = nil // refused, or not looked at yet
	}
	p.download.mu.Unlock()
	pieces := (len(info) + metadataPiece - 1) / metadataPiece
	if p.served++; p.served > max(pieces, 16)*metadataGiveaway {
		return
	}
	if piece < 0 || piece >= pieces {
		e.send(p, metadataMessage{Type: 2, Piece: piece}, nil)
		return
	}
	from := piece * metadataPiece
	e.send(p, metadataMessage{Type: 1, Piece: piece, Total: len(info)}, info[from:min(from+metadataPiece, len(info))])
}

// take keeps a piece of metadata, and the whole when it was the last.
func (e *engine) take(p *peer, piece int, data []byte) {
	part := p.part
	if part == nil {
		return // late
	}
	from := piece * metadataPiece
	if piece < 0 || piece >= part.next || len(data) != min(metadataPiece, p.size-from) {
		e.hangUp(p)
		return
	}
	if part.have.has(piece) {
		return
	}
	copy(part.data[from:], data)
	part.have.add(piece)
	part.lastTook = time.Now()
	if part.missing--; part.missing > 0 {
		e.askNext(p)
		return
	}
	d := p.download
	if !hasHash(part.data, d.hash) {
		p.size = 0 // never again
		e.giveUp(p, part.lastTook)
		e.hangUp(p)
		return
	}
	for other := range d.fetching {
		other.part = nil
	}
	clear(d.fetching)
	data = slices.Clone(part.data)
	e.background(func() { e.gotInfo(d, data) })
}

// fetchMetadata passes the turn on from peers that are silent.
func (e *engine) fetchMetadata(now time.Time) {
	e.peersMu.Lock()
	defer e.peersMu.Unlock()
	for _, p := range e.peers {
		if p.part != nil && now.Sub(p.part.lastTook) > e.config.pace.stall {
			e.giveUp(p, now)
		}
	}
	for _, p := range e.peers {
		if p.size > 0 && p.part == nil && !p.download.hasInfo() {
			e.fetchFrom(p, now)
		}
	}
}
