package torrentclients_test

import (
	"errors"
	"io"
	"log/slog"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/adapters/torrentclients"
	"github.com/clarion-app/download-manager/adapters/torrentclients/aria2"
	"github.com/clarion-app/download-manager/adapters/torrentclients/deluge"
	"github.com/clarion-app/download-manager/adapters/torrentclients/embedded"
	"github.com/clarion-app/download-manager/adapters/torrentclients/qbittorrent"
	"github.com/clarion-app/download-manager/adapters/torrentclients/rtorrent"
	"github.com/clarion-app/download-manager/adapters/torrentclients/transmission"
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
	"github.com/clarion-app/download-manager/ports/portstest"
)

// addresses are two examples for each type; docs/torrent-clients.md shows them.
var addresses = map[domain.ClientType][2]string{
	transmission.Type: {"127.0.0.1:9091", "https://seedbox.example/transmission/rpc"},
	qbittorrent.Type:  {"127.0.0.1:8080", "https://seedbox.example/qbittorrent/"},
	deluge.Type:       {"127.0.0.1", "deluge://seedbox.example:58846"},
	rtorrent.Type:     {"127.0.0.1:5000", "unix:///run/rtorrent/rpc.sock"},
	aria2.Type:        {"127.0.0.1:6800", "https://seedbox.example/jsonrpc"},
	embedded.Type:     {"downloads", "films"},
}

// engine configures an embedded engine that keeps to itself.
func engine(t *testing.T) *embedded.Config {
	t.Helper()
	return &embedded.Config{
		DataDir: t.TempDir(), BindAddress: "127.0.0.1", Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
}

func list(t *testing.T, config torrentclients.Config) *torrentclients.Clients {
	t.Helper()
	clients := torrentclients.New(config)
	t.Cleanup(func() {
		if err := clients.Close(); err != nil {
			t.Error(err)
		}
	})
	return clients
}

func TestTorrentClients(t *testing.T) {
	t.Parallel()
	portstest.TorrentClients(t, portstest.TorrentClientsHarness{
		New: func(t *testing.T) ports.TorrentClients {
			return list(t, torrentclients.Config{Embedded: engine(t)})
		},
		Addresses: addresses,
		Wrong: map[domain.ClientType][]string{
			transmission.Type: {"", "ftp://seedbox", "seedbox:0", "two words"},
			qbittorrent.Type:  {"", "ftp://seedbox", "seedbox:0", "two words", "http://me@seedbox", "http://seedbox/?a"},
			deluge.Type:       {"", "http://seedbox:8112", "seedbox:0", "two words", "seedbox#sha256=1"},
			rtorrent.Type:     {"", "ftp://seedbox", "seedbox:0", "unix://rpc.sock"},
			aria2.Type:        {"", "ws://seedbox:6800/jsonrpc", "seedbox:0", "two words"},
			embedded.Type:     {"", "../elsewhere", "/etc", ".hidden"},
		},
	})
}

func TestTheEmbeddedEngineCanBeOff(t *testing.T) {
	t.Parallel()
	clients := list(t, torrentclients.Config{})
	if types := clients.Types(); len(types) == 0 || slices.Contains(types, embedded.Type) {
		t.Fatalf("types %q", types)
	}
	_, err := clients.Open(domain.Server{ID: uuid.New(), Type: embedded.Type, Address: "downloads"})
	if !errors.Is(err, &domain.Error{Kind: domain.KindInvalid}) {
		t.Fatalf("error %v; want one of kind %s", err, domain.KindInvalid)
	}
}

func TestClosingClosesAllClients(t *testing.T) {
	t.Parallel()
	clients := list(t, torrentclients.Config{Embedded: engine(t)})
	server := domain.Server{ID: uuid.New(), Type: embedded.Type, Address: "downloads"}
	client, err := clients.Open(server)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := clients.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := client.Probe(t.Context()); err == nil {
		t.Fatal("the client is still open")
	}
	if _, err := clients.Open(server); domain.KindOf(err) != domain.KindUnavailable {
		t.Fatalf("error %v; want one of kind %s", err, domain.KindUnavailable)
	}
}
