package embedded

import "github.com/clarion-app/download-manager/domain"

// Capabilities are what the engine can do.
var Capabilities = domain.Capabilities{domain.CapabilityDeleteData, domain.CapabilityFreeSpace}
