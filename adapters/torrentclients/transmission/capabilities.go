package transmission

import "github.com/clarion-app/download-manager/domain"

// Capabilities are what the daemon can do through this client. It can rename, too,
// but by that the files on the disk are called otherwise: it shows no name of its own.
var Capabilities = domain.AllCapabilities().Without(domain.CapabilityRename)
