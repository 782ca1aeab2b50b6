package deluge

import "github.com/clarion-app/download-manager/domain"

// Capabilities are what the daemon can do through this client. It knows no priorities
// among torrents. Labels need its Label plug-in, which comes with it and is off at
// first: where it is off, a label is refused.
var Capabilities = domain.AllCapabilities().Without(domain.CapabilityPriority)
