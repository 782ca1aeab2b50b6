package qbittorrent

import "github.com/clarion-app/download-manager/domain"

// Capabilities are what the daemon can do through this client: all but
// priorities. Its own order of torrents exists only while its queue is in use,
// and says who starts first, not who gets the bandwidth.
var Capabilities = domain.AllCapabilities().Without(domain.CapabilityPriority)
