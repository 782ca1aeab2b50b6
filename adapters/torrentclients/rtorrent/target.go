package rtorrent

import (
	"strconv"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// target is how the daemon names a torrent.
func target(hash domain.InfoHash) string { return strings.ToUpper(hash.String()) }

// fileTarget names a file of a torrent.
func fileTarget(hash domain.InfoHash, index int) string {
	return target(hash) + ":f" + strconv.Itoa(index)
}

// evaluate has the daemon run a command on a target: what a call's own parameters
// say is taken as it is, while $ in a command stands for what the daemon knows.
// So paths need not come here and go back, which not all of them survive.
func evaluate(target, text string) call {
	return call{"branch", []any{target, "cat=1", text}}
}

// quote makes a text an argument of a command. It must not begin with $, which the
// daemon would take for a command even so.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
