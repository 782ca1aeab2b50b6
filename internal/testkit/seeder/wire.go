package seeder

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The messages of BEP 3 and BEP 10 that a seeder reads or writes.
const (
	messageUnchoke    = 1
	messageInterested = 2
	messageHave       = 4
	messageBitfield   = 5
	messageRequest    = 6
	messagePiece      = 7
	messageCancel     = 8
	messageExtended   = 20
)

// The extended message ids that we ask the peer to use towards us (BEP 10); 0 is the extension handshake itself.
const (
	extendedHandshake = 0
	extendedMetadata  = 1
)

const (
	protocol         = "\x13BitTorrent protocol"
	metadataPiece    = 16 << 10
	longestBlock     = 128 << 10
	longestMessage   = 1 << 20
	extensionsByte   = 5
	extensionsBit    = 0x10
	metadataRequest  = 0
	metadataResponse = 1
)

var errWire = errors.New("not a BitTorrent peer of this torrent")

// writeHandshake opens a connection: the protocol, "I speak extensions", the torrent and who we are.
func writeHandshake(w io.Writer, infoHash, peerID [20]byte) error {
	reserved := [8]byte{extensionsByte: extensionsBit}
	greeting := append([]byte(protocol), reserved[:]...)
	greeting = append(greeting, infoHash[:]...)
	greeting = append(greeting, peerID[:]...)
	_, err := w.Write(greeting)
	return err
}

// readHandshake reads the peer's and reports whether it speaks extensions.
func readHandshake(r io.Reader, infoHash [20]byte) (extensions bool, err error) {
	var greeting [68]byte
	if _, err := io.ReadFull(r, greeting[:]); err != nil {
		return false, err
	}
	if string(greeting[:20]) != protocol || [20]byte(greeting[28:48]) != infoHash {
		return false, errWire
	}
	return greeting[20+extensionsByte]&extensionsBit != 0, nil
}

// frame puts the length and the id before a payload.
func frame(id byte, payload ...[]byte) []byte {
	length := 1
	for _, part := range payload {
		length += len(part)
	}
	message := make([]byte, 0, 4+length)
	message = binary.BigEndian.AppendUint32(message, uint32(length))
	message = append(message, id)
	for _, part := range payload {
		message = append(message, part...)
	}
	return message
}

// readMessage returns the next message; keep-alives are skipped.
func readMessage(r io.Reader) (id byte, payload []byte, err error) {
	var length uint32
	for length == 0 {
		var prefix [4]byte
		if _, err := io.ReadFull(r, prefix[:]); err != nil {
			return 0, nil, err
		}
		length = binary.BigEndian.Uint32(prefix[:])
	}
	if length > longestMessage {
		return 0, nil, fmt.Errorf("a message of %d bytes: %w", length, errWire)
	}
	message := make([]byte, length)
	if _, err := io.ReadFull(r, message); err != nil {
		return 0, nil, err
	}
	return message[0], message[1:], nil
}

// block is a part of a piece, as asked for and as answered.
type block struct{ piece, begin, length int }

func parseBlock(payload []byte) (block, error) {
	if len(payload) != 12 {
		return block{}, errWire
	}
	return block{
		piece:  int(binary.BigEndian.Uint32(payload)),
		begin:  int(binary.BigEndian.Uint32(payload[4:])),
		length: int(binary.BigEndian.Uint32(payload[8:])),
	}, nil
}

func uint32s(numbers ...int) []byte {
	var text []byte
	for _, n := range numbers {
		text = binary.BigEndian.AppendUint32(text, uint32(n))
	}
	return text
}
