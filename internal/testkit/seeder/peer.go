package seeder

import (
	"context"
	"net"
	"slices"
	"sync"
	"time"
)

// A peer that says nothing for this long is gone; the protocol asks for a keep-alive every two minutes.
const silence = 5 * time.Minute

// peer is one connection: a reader that queues what is asked for, and a writer that answers it.
type peer struct {
	seeder *Seeder
	conn   net.Conn

	writing sync.Mutex

	mu     sync.Mutex
	wanted []block
	more   chan struct{} // holds a token when wanted may have grown
}

// converse greets the other side and serves it until the connection or the context ends.
func (s *Seeder) converse(ctx context.Context, conn net.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	defer func() { _ = conn.Close() }()

	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if writeHandshake(conn, s.infoHash, s.peerID) != nil {
		return
	}
	extensions, err := readHandshake(conn, s.infoHash)
	if err != nil {
		return
	}
	_ = conn.SetDeadline(time.Time{})

	p := &peer{seeder: s, conn: conn, more: make(chan struct{}, 1)}
	if p.introduce(extensions) != nil {
		return
	}
	defer s.forget(p)

	answered := make(chan struct{})
	go func() {
		defer close(answered)
		defer cancel()
		p.answer(ctx)
	}()
	p.listen()
	cancel()
	<-answered
}

// introduce says what we can do, what we have, and that the peer may ask.
func (p *peer) introduce(extensions bool) error {
	if extensions {
		if err := p.send(frame(messageExtended, []byte{extendedHandshake}, encode(map[string]any{
			"m":             map[string]any{"ut_metadata": extendedMetadata},
			"metadata_size": len(p.seeder.info),
		}))); err != nil {
			return err
		}
	}
	// Remembered and told in one go, so that no piece offered meanwhile is missed.
	p.seeder.mu.Lock()
	defer p.seeder.mu.Unlock()
	p.seeder.peers[p] = true
	if err := p.send(frame(messageBitfield, p.seeder.bitfield())); err != nil {
		delete(p.seeder.peers, p)
		return err
	}
	return p.send(frame(messageUnchoke))
}

// listen reads until the connection ends or the peer talks nonsense.
func (p *peer) listen() {
	theirMetadata := 0
	for {
		_ = p.conn.SetReadDeadline(time.Now().Add(silence))
		id, payload, err := readMessage(p.conn)
		if err != nil {
			return
		}
		switch id {
		case messageInterested:
			err = p.send(frame(messageUnchoke))
		case messageRequest:
			err = p.want(payload)
		case messageCancel:
			err = p.unwant(payload)
		case messageExtended:
			theirMetadata, err = p.extended(payload, theirMetadata)
		}
		if err != nil {
			return
		}
	}
}

// extended answers the extension protocol: their handshake tells the id they want metadata under (BEP 10), a metadata
// request gets its 16 KiB of the info dictionary (BEP 9).
func (p *peer) extended(payload []byte, theirMetadata int) (int, error) {
	if len(payload) == 0 {
		return 0, errWire
	}
	value, _, err := decode(payload[1:])
	message, ok := value.(map[string]any)
	if err != nil || !ok {
		return 0, errWire
	}
	if payload[0] == extendedHandshake {
		extensions, _ := message["m"].(map[string]any)
		if id, ok := extensions["ut_metadata"].(int); ok {
			theirMetadata = id
		}
		return theirMetadata, nil
	}
	piece, _ := message["piece"].(int)
	start := piece * metadataPiece
	if payload[0] != extendedMetadata || message["msg_type"] != metadataRequest || theirMetadata == 0 ||
		start < 0 || start >= len(p.seeder.info) {
		return theirMetadata, nil
	}
	header := encode(map[string]any{
		"msg_type": metadataResponse, "piece": piece, "total_size": len(p.seeder.info),
	})
	part := p.seeder.info[start:min(start+metadataPiece, len(p.seeder.info))]
	return theirMetadata, p.send(frame(messageExtended, []byte{byte(theirMetadata)}, header, part))
}

func (p *peer) want(payload []byte) error {
	b, err := parseBlock(payload)
	if err != nil || p.seeder.bytes(b) == nil {
		return errWire
	}
	p.mu.Lock()
	p.wanted = append(p.wanted, b)
	p.mu.Unlock()
	select {
	case p.more <- struct{}{}:
	default:
	}
	return nil
}

func (p *peer) unwant(payload []byte) error {
	b, err := parseBlock(payload)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wanted = slices.DeleteFunc(p.wanted, func(other block) bool { return other == b })
	return nil
}

// next takes the oldest block that is wanted.
func (p *peer) next() (block, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.wanted) == 0 {
		return block{}, false
	}
	b := p.wanted[0]
	p.wanted = p.wanted[1:]
	return b, true
}

// answer sends what is wanted, as the supply allows.
func (p *peer) answer(ctx context.Context) {
	for {
		b, ok := p.next()
		if !ok {
			select {
			case <-p.more:
				continue
			case <-ctx.Done():
				return
			}
		}
		if p.seeder.supply.await(ctx, b.length) != nil {
			return
		}
		if p.send(frame(messagePiece, uint32s(b.piece, b.begin), p.seeder.bytes(b))) != nil {
			return
		}
	}
}

func (p *peer) send(message []byte) error {
	p.writing.Lock()
	defer p.writing.Unlock()
	_, err := p.conn.Write(message)
	return err
}
