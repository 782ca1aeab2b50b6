package qbittorrent

import (
	"regexp"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// checkSettings refuses what the daemon would not refuse, but take for something
// else: a label that cannot be a category is dropped from an add, and a folder
// that is no whole path is put below the daemon's own.
func checkSettings(settings domain.TransferSettings) error {
	switch {
	case settings.Priority != nil:
		return domain.Lacks(Type, domain.CapabilityPriority)
	case settings.Label != nil && *settings.Label != "" && !isCategory(*settings.Label):
		return domain.Invalid("label", "must not contain a backslash, nor a slash but between two names: that is what a category may be called in qbittorrent")
	case settings.Folder != nil && !wholePath.MatchString(*settings.Folder):
		return domain.Invalid("folder", "must be a whole path on the machine of qbittorrent, such as /downloads/films")
	}
	return nil
}

// wholePath is how paths begin, on Windows, too.
var wholePath = regexp.MustCompile(`^(/|\\\\|[A-Za-z]:[\\/])`)

func isCategory(label string) bool {
	return !strings.ContainsRune(label, '\\') && !strings.HasPrefix(label, "/") && !strings.HasSuffix(label, "/") &&
		!strings.Contains(label, "//")
}
