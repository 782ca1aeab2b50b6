package rtorrent

import "github.com/clarion-app/download-manager/domain"

// Capabilities are what the daemon can do through this client: all but to show a
// torrent by another name than that of its metainfo.
var Capabilities = domain.AllCapabilities().Without(domain.CapabilityRename)
