package embedded

import (
	"net"
	"time"

	"github.com/anacrolix/dht/v2"
	"github.com/anacrolix/torrent"

	"github.com/clarion-app/download-manager/ports"
)

// Hurried is a Config whose housekeeping does not let tests wait.
func (c Config) Hurried() Config {
	c.pace = pace{
		tick: 10 * time.Millisecond, save: 20 * time.Millisecond, retry: 50 * time.Millisecond,
		redial: 20 * time.Millisecond, stall: 300 * time.Millisecond, silence: 2 * time.Second,
		nudge: 200 * time.Millisecond, lonely: 100 * time.Millisecond,
	}
	return c
}

// EnteringDHT is a Config that uses the DHT and enters it at an address.
func (c Config) EnteringDHT(router net.Addr) Config {
	c.DHT, c.routers = true, []dht.Addr{dht.NewAddr(router)}
	return c
}

// PeerPortOf tells where the engine of a client listens; it must have been used.
func PeerPortOf(client ports.TorrentClient) int {
	return client.(*Client).engine.client.LocalPort()
}

// LibraryOf returns the library's client behind a client that was used.
func LibraryOf(client ports.TorrentClient) *torrent.Client { return client.(*Client).engine.client }

// ReadInfo is readInfo without its result.
func ReadInfo(raw []byte) error {
	_, err := readInfo(raw)
	return err
}

// ErrRefused is errRefused.
var ErrRefused = errRefused
