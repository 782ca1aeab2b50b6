package embedded

import (
	"cmp"
	"fmt"
	"os"
	"path"
	"strings"
	"sync"

	"github.com/clarion-app/download-manager/domain"
)

// names gives every torrent a place of its own in the folder.
type names struct {
	root  *os.Root
	state state

	mu sync.Mutex
	// owners tells whose a name is, by the name in lower case: file systems differ
	// in whether case matters. Torrents that were taken out keep the name of what
	// they left.
	owners map[string]domain.InfoHash
	kept   map[domain.InfoHash]string
}

// loadNames reads which names are kept for torrents that were taken out, and
// forgets those whose data is gone.
func loadNames(root *os.Root, state state) (*names, error) {
	n := &names{root: root, state: state, owners: make(map[string]domain.InfoHash), kept: make(map[domain.InfoHash]string)}
	hashes, err := state.list(keptFile)
	if err != nil {
		return nil, err
	}
	for _, hash := range hashes {
		content, err := state.root.ReadFile(hash.String() + keptFile)
		name := strings.TrimSuffix(string(content), "\n")
		if err != nil || !safeFolder(name) || !n.onDisk(name) {
			_ = state.root.Remove(hash.String() + keptFile)
			continue
		}
		n.kept[hash] = name
		n.owners[strings.ToLower(name)] = hash
	}
	return n, nil
}

// safeFolder reports whether data may lie under a name.
func safeFolder(name string) bool {
	return safeName(name) && len(name) <= maxNameBytes && !strings.EqualFold(name, stateFolder)
}

func (n *names) onDisk(name string) bool {
	_, err := n.root.Lstat(name)
	return err == nil
}

// hold notes the name that a torrent has.
func (n *names) hold(name string, hash domain.InfoHash) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.owners[strings.ToLower(name)] = hash
}

// claim finds a name for a torrent: its own, or that with a piece of its
// infohash when it is not free.
func (n *names) claim(l *layout, hash domain.InfoHash) (string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if name, found := n.kept[hash]; found && n.onDisk(name) {
		return name, nil
	}
	wish := shorten(strings.ToValidUTF8(cmp.Or(l.name, hash.String()), "_"), maxNameBytes-len("-12345678"))
	candidates := []string{wish, withSuffix(wish, hash.String()[:8], l.single), hash.String()}
	for i, name := range candidates {
		owner, owned := n.owners[strings.ToLower(name)]
		switch {
		case owned && owner != hash || !safeFolder(name):
		case i == 0 && !owned && n.onDisk(name): // not ours: keep off
		default:
			n.owners[strings.ToLower(name)] = hash
			return name, nil
		}
	}
	return "", fmt.Errorf("no name is free for %q", l.name)
}

// withSuffix keeps the ending of a file's name.
func withSuffix(name, suffix string, single bool) string {
	ending := ""
	if single {
		ending = path.Ext(name)
	}
	return strings.TrimSuffix(name, ending) + "-" + suffix + ending
}

// leave keeps a name for data that stays while its torrent goes.
func (n *names) leave(name string, hash domain.InfoHash) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.onDisk(name) {
		delete(n.owners, strings.ToLower(name))
		return nil
	}
	n.kept[hash] = name
	return n.state.write(hash.String()+keptFile, []byte(name+"\n"))
}

// free gives a name back once its data is deleted.
func (n *names) free(name string, hash domain.InfoHash) error {
	if n.onDisk(name) {
		return n.leave(name, hash) // files of others are in it
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.owners[strings.ToLower(name)] == hash {
		delete(n.owners, strings.ToLower(name))
	}
	if _, found := n.kept[hash]; found {
		delete(n.kept, hash)
		return n.state.root.Remove(hash.String() + keptFile)
	}
	return nil
}
