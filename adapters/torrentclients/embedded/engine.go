package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/storage"
	"golang.org/x/time/rate"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

type storageTorrent = storage.TorrentImpl

// engine runs the torrents of one folder.
type engine struct {
	config Config
	folder string
	log    *slog.Logger
	root   *os.Root // the folder
	state  state    // its .state folder
	lock   *os.File
	names  *names
	client *torrent.Client
	// dhtSockets are read by the DHT until a deadline tells it to stop.
	dhtSockets []net.PacketConn

	// running ends when the engine is closed.
	running context.Context //nolint:containedctx // it is the life of the engine, not of a call
	cancel  context.CancelFunc
	workMu  sync.Mutex // held while work is begun, and when running ends
	work    sync.WaitGroup
	loaded  chan struct{} // closed when all torrents of the state are there
	wakeup  chan struct{}

	// changing is held by whoever starts, stops or changes downloads.
	changing chan struct{}

	mu        sync.Mutex
	downloads map[domain.InfoHash]*download

	announcing atomic.Int32 // rounds that the DHT is at

	peersMu sync.Mutex
	peers   map[*torrent.PeerConn]*peer
}

// startEngine locks a folder and starts its engine; the torrents are loaded
// meanwhile.
func startEngine(config Config, folder string, down, up *rate.Limiter) (_ *engine, err error) {
	e := &engine{
		config: config, folder: folder,
		log:    config.Logger.With("component", "embedded"),
		loaded: make(chan struct{}), wakeup: make(chan struct{}, 1), changing: make(chan struct{}, 1),
		downloads: make(map[domain.InfoHash]*download), peers: make(map[*torrent.PeerConn]*peer),
	}
	e.running, e.cancel = context.WithCancel(context.Background())
	defer func() {
		if err != nil {
			e.cancel()
			e.closeFolders()
		}
	}()
	if err := e.openFolders(); err != nil {
		return nil, unavailable(folder, err)
	}
	if e.names, err = loadNames(e.root, e.state); err != nil {
		return nil, unavailable(folder, err)
	}
	hashes, err := e.state.list(recordFile)
	if err != nil {
		return nil, unavailable(folder, err)
	}
	if e.client, err = e.newClient(down, up); err != nil {
		return nil, unavailable(folder, err)
	}
	e.work.Go(func() { e.load(hashes) })
	e.work.Go(e.keepHouse)
	return e, nil
}

func unavailable(folder string, err error) error {
	if _, ok := errors.AsType[*domain.Error](err); ok {
		return err
	}
	return domain.Unavailable(err, "the embedded engine cannot use its folder %q", folder)
}

// openFolders makes and opens the folders and takes their lock.
func (e *engine) openFolders() error {
	if err := os.MkdirAll(e.config.DataDir, folderMode); err != nil {
		return err
	}
	data, err := os.OpenRoot(e.config.DataDir)
	if err != nil {
		return err
	}
	defer data.Close()
	if err := data.MkdirAll(e.folder, folderMode); err != nil {
		return err
	}
	if e.root, err = data.OpenRoot(e.folder); err != nil {
		return err
	}
	if err := e.root.MkdirAll(stateFolder, folderMode); err != nil {
		return err
	}
	if e.state.root, err = e.root.OpenRoot(stateFolder); err != nil {
		return err
	}
	if e.lock, err = e.state.root.OpenFile("lock", os.O_CREATE|os.O_RDWR, 0o644); err != nil {
		return err
	}
	held, err := lockFile(e.lock)
	if held {
		return domain.Unavailable(ports.ErrHeldElsewhere, "the folder %q is in use", e.folder)
	}
	return err
}

func (e *engine) closeFolders() {
	if e.lock != nil {
		_ = unlockFile(e.lock) // not held, or freed by Close
		e.lock.Close()
	}
	for _, root := range []*os.Root{e.state.root, e.root} {
		if root != nil {
			root.Close()
		}
	}
}

func (e *engine) find(hash domain.InfoHash) *download {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.downloads[hash]
}

func (e *engine) put(d *download) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.downloads[d.hash] = d
}

func (e *engine) all() []*download {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := make([]*download, 0, len(e.downloads))
	for _, d := range e.downloads {
		all = append(all, d)
	}
	return all
}

// lockChanges waits for the right to change downloads.
func (e *engine) lockChanges(ctx context.Context) error {
	select {
	case e.changing <- struct{}{}:
	case <-ctx.Done():
		return contextError(ctx)
	case <-e.running.Done():
		return errClosed()
	}
	if e.running.Err() != nil {
		e.unlockChanges()
		return errClosed()
	}
	return nil
}

func (e *engine) unlockChanges() { <-e.changing }

// ready waits until all torrents are loaded, and for the right to change them.
func (e *engine) ready(ctx context.Context) error {
	if err := e.waitLoaded(ctx); err != nil {
		return err
	}
	return e.lockChanges(ctx)
}

// waitLoaded waits until all torrents are loaded.
func (e *engine) waitLoaded(ctx context.Context) error {
	select {
	case <-e.loaded:
		return nil
	case <-ctx.Done():
		return contextError(ctx)
	case <-e.running.Done():
		return errClosed()
	}
}

func (e *engine) probe() (domain.ClientInfo, error) {
	if err := e.state.replace("probe", nil, false); err != nil {
		return domain.ClientInfo{}, unavailable(e.folder, err)
	}
	info := domain.ClientInfo{Version: version()}
	if free, ok := freeSpace(e.lock); ok {
		info.FreeSpace = &free
	}
	return info, e.state.root.Remove("probe")
}

// close stops everything, saves it and frees the folder.
func (e *engine) close() error {
	e.workMu.Lock()
	e.cancel()
	e.workMu.Unlock()
	var errs []error
	for _, err := range e.client.Close() {
		errs = append(errs, fmt.Errorf("closing the engine: %w", err))
	}
	for _, socket := range e.dhtSockets {
		errs = append(errs, socket.SetReadDeadline(time.Unix(1, 0)))
	}
	e.work.Wait()
	for _, d := range e.all() {
		if err := e.park(d); err != nil {
			errs = append(errs, fmt.Errorf("saving %s: %w", d.hash, err))
		}
	}
	e.closeFolders()
	return errors.Join(errs...)
}

// shortLog is for the one line at start.
func (e *engine) shortLog() string {
	var addresses []string
	for _, address := range e.client.ListenAddrs() {
		addresses = append(addresses, address.Network()+" "+address.String())
	}
	return strings.Join(addresses, ", ")
}
