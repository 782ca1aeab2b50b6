package embedded

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/time/rate"

	"github.com/clarion-app/download-manager/domain"
)

// Type is the client type of this package.
const Type domain.ClientType = "Embedded"

// Factory opens the embedded clients of one process: one engine for each
// folder, shared by all clients of that folder.
type Factory struct {
	config           Config
	download, upload *rate.Limiter

	mu      sync.Mutex
	engines map[string]*sharedEngine
}

// sharedEngine is an engine and the clients that have used it.
type sharedEngine struct {
	// mu is held while the engine starts and stops, so that the next one of the
	// same folder finds it unlocked.
	mu     sync.Mutex
	engine *engine
	users  int
}

// New returns a Factory. Nothing is started and nothing is written before a
// client is used.
func New(config Config) *Factory {
	config = config.complete()
	return &Factory{
		config:   config,
		download: newLimiter(config.DownloadRate),
		upload:   newLimiter(config.UploadRate),
		engines:  make(map[string]*sharedEngine),
	}
}

// Open returns the client of a server, whose address is the name of a folder
// of Config.DataDir. KindInvalid, field "address", for any other address, and
// when the folder is a symbolic link that leads elsewhere.
func (f *Factory) Open(server domain.Server) (*Client, error) {
	folder, err := checkAddress(server.Address)
	if err != nil {
		return nil, err
	}
	if err := f.checkFolder(folder); err != nil {
		return nil, err
	}
	return &Client{factory: f, folder: folder}, nil
}

// checkAddress returns the name of the folder that an address means.
func checkAddress(address string) (string, error) {
	name := strings.TrimSuffix(address, "/")
	switch {
	case name == "" || strings.ContainsAny(name, `/\`) || !filepath.IsLocal(name):
		return "", domain.Invalid("address", "must be the name of a folder in the data directory, such as \"downloads\", not a path")
	case strings.HasPrefix(name, "."):
		return "", domain.Invalid("address", "must not start with a dot")
	case domain.CleanText(name) != name || strings.ContainsRune(name, ':') || len(name) > maxNameBytes:
		return "", domain.Invalid("address", "must be a plain folder name of at most %d bytes", maxNameBytes)
	}
	return name, nil
}

// checkFolder looks whether the folder, if it is there, is one and stays inside.
// The engine opens it with os.Root, which sees to it again.
func (f *Factory) checkFolder(folder string) error {
	root, err := os.OpenRoot(f.config.DataDir)
	if err != nil {
		return nil // not there yet, or the engine will say what is wrong
	}
	defer root.Close()
	info, err := root.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission):
		return nil
	case err != nil:
		return domain.Invalid("address", "must be a folder that stays inside the data directory")
	case !info.IsDir():
		return domain.Invalid("address", "names a file, not a folder")
	}
	return nil
}

// take returns the running engine of a folder, starting it if need be, for one
// more user.
func (f *Factory) take(folder string) (*engine, error) {
	f.mu.Lock()
	shared := f.engines[folder]
	if shared == nil {
		shared = &sharedEngine{}
		f.engines[folder] = shared
	}
	f.mu.Unlock()

	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.engine == nil {
		started, err := startEngine(f.config, folder, f.download, f.upload)
		if err != nil {
			return nil, err
		}
		shared.engine = started
	}
	shared.users++
	return shared.engine, nil
}

// release takes back one take; the last one stops the engine.
func (f *Factory) release(folder string) error {
	f.mu.Lock()
	shared := f.engines[folder]
	f.mu.Unlock()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.users--; shared.users > 0 {
		return nil
	}
	stopping := shared.engine
	shared.engine = nil
	return stopping.close()
}
