package embedded

import "github.com/clarion-app/download-manager/domain"

// Capabilities are what the engine can do. Its limits of speed are those of the whole
// engine (Config), its folder is its server's address, and labels and names are shown
// by whoever asks it.
var Capabilities = domain.Capabilities{
	domain.CapabilityPause, domain.CapabilityVerify, domain.CapabilityFileSelection,
	domain.CapabilityFiles, domain.CapabilityTrackers, domain.CapabilityPeers,
	domain.CapabilityTorrentFiles, domain.CapabilityDeleteData, domain.CapabilityFreeSpace,
}

// lacking refuses settings that the engine cannot keep.
func lacking(s domain.TransferSettings) error {
	for capability, asked := range map[domain.Capability]bool{
		domain.CapabilityRename: s.Name != nil, domain.CapabilityLabel: s.Label != nil, domain.CapabilityFolder: s.Folder != nil,
		domain.CapabilityPriority: s.Priority != nil, domain.CapabilitySpeedLimits: s.DownloadLimit != nil || s.UploadLimit != nil,
	} {
		if asked {
			return domain.Lacks(Type, capability)
		}
	}
	return nil
}
