package domain

import "slices"

// Capability is something that not every type of client can do. Handing over
// magnets, telling when they are done and taking them out again all can.
type Capability string

// The capabilities.
const (
	// CapabilityPause: a transfer can be paused and resumed.
	CapabilityPause Capability = "PAUSE"
	// CapabilityVerify: the data can be held against its hashes on demand.
	CapabilityVerify Capability = "VERIFY"
	// CapabilityRename: the name that the client itself shows follows ours.
	CapabilityRename Capability = "RENAME"
	// CapabilityLabel: the client is told of the label.
	CapabilityLabel Capability = "LABEL"
	// CapabilityFolder: a new transfer can be put into a folder, and one that is held
	// can be moved with its data.
	CapabilityFolder Capability = "FOLDER"
	// CapabilityPriority: a transfer can go before others.
	CapabilityPriority Capability = "PRIORITY"
	// CapabilitySpeedLimits: a transfer can be slowed down.
	CapabilitySpeedLimits Capability = "SPEED_LIMITS"
	// CapabilityFileSelection: some of the files can be left out.
	CapabilityFileSelection Capability = "FILE_SELECTION"
	// CapabilityFiles, CapabilityTrackers and CapabilityPeers: they are told.
	CapabilityFiles    Capability = "FILES"
	CapabilityTrackers Capability = "TRACKERS"
	CapabilityPeers    Capability = "PEERS"
	// CapabilityTorrentFiles: .torrent files are taken as well as magnets.
	CapabilityTorrentFiles Capability = "TORRENT_FILES"
	// CapabilityDeleteData: the data can be deleted with the transfer.
	CapabilityDeleteData Capability = "DELETE_DATA"
	// CapabilityFreeSpace: the room in the download folder is told.
	CapabilityFreeSpace Capability = "FREE_SPACE"
)

// Capabilities are what a type of client can do.
type Capabilities []Capability

// AllCapabilities lists everything that some client can do, in the order to show it.
func AllCapabilities() Capabilities {
	return Capabilities{
		CapabilityPause, CapabilityVerify, CapabilityRename, CapabilityLabel, CapabilityFolder, CapabilityPriority,
		CapabilitySpeedLimits, CapabilityFileSelection, CapabilityFiles, CapabilityTrackers, CapabilityPeers,
		CapabilityTorrentFiles, CapabilityDeleteData, CapabilityFreeSpace,
	}
}

// Has reports whether c is among them.
func (all Capabilities) Has(c Capability) bool { return slices.Contains(all, c) }

// Without returns all but some.
func (all Capabilities) Without(some ...Capability) Capabilities {
	return slices.DeleteFunc(slices.Clone(all), Capabilities(some).Has)
}

// capabilityFields says of what field of an input a capability is asked.
var capabilityFields = map[Capability]string{
	CapabilityPause: "paused", CapabilityVerify: "verify", CapabilityRename: "name", CapabilityLabel: "label",
	CapabilityFolder: "folder", CapabilityPriority: "priority", CapabilitySpeedLimits: "downloadLimit",
	CapabilityFileSelection: "unwantedFiles", CapabilityTorrentFiles: "file", CapabilityDeleteData: "deleteData",
}

// Lacks is the error of asking a type of client for what it cannot do, of
// KindInvalid.
func Lacks(kind ClientType, c Capability) *Error {
	return Invalid(capabilityFields[c], "%s clients cannot do this (%s)", kind, c)
}
