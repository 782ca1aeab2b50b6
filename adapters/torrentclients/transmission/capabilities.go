package transmission

import "github.com/clarion-app/download-manager/domain"

// Capabilities are what the daemon can do through this client.
var Capabilities = domain.Capabilities{domain.CapabilityDeleteData, domain.CapabilityFreeSpace}
