package domain

// TorrentSetting names one of the things that a client is told of how to treat a
// torrent.
type TorrentSetting string

// Settings is a set of such things. It is stored as a number: bits keep their
// meaning for ever.
type Settings uint16

// What a client is told.
const (
	// SettingPaused: to stop, or to go on.
	SettingPaused Settings = 1 << iota
	// SettingVerify: to hold the data against its hashes, once.
	SettingVerify
	// SettingName, SettingLabel, SettingFolder and SettingPriority: as TransferSettings
	// has them.
	SettingName
	SettingLabel
	SettingFolder
	SettingPriority
	// SettingDownloadLimit and SettingUploadLimit: how fast it may be.
	SettingDownloadLimit
	SettingUploadLimit
	// SettingUnwanted: which files are left out.
	SettingUnwanted
)

// settings are all of them, in the order to show them.
var settings = [...]struct {
	Settings

	name  TorrentSetting
	needs Capability
	// field of an input, where it is asked for.
	field string
}{
	{SettingPaused, "PAUSED", CapabilityPause, "paused"},
	{SettingVerify, "VERIFY", CapabilityVerify, "verify"},
	{SettingName, "NAME", CapabilityRename, "name"},
	{SettingLabel, "LABEL", CapabilityLabel, "label"},
	{SettingFolder, "FOLDER", CapabilityFolder, "folder"},
	{SettingPriority, "PRIORITY", CapabilityPriority, "priority"},
	{SettingDownloadLimit, "DOWNLOAD_LIMIT", CapabilitySpeedLimits, "downloadLimit"},
	{SettingUploadLimit, "UPLOAD_LIMIT", CapabilitySpeedLimits, "uploadLimit"},
	{SettingUnwanted, "UNWANTED_FILES", CapabilityFileSelection, "unwantedFiles"},
}

// settingsOfMetadata mean something only to a client that knows what is in the
// torrent.
const settingsOfMetadata = SettingName | SettingUnwanted

// settingsOfOurs are kept here as well, so that they are fine with a client that
// cannot be told.
const settingsOfOurs = SettingName | SettingLabel

// Has reports whether some of those are in s.
func (s Settings) Has(those Settings) bool { return s&those != 0 }

// Within leaves out what a client cannot do.
func (s Settings) Within(can Capabilities) Settings {
	for _, one := range settings {
		if s.Has(one.Settings) && !can.Has(one.needs) {
			s &^= one.Settings
		}
	}
	return s
}

// Names lists what is in s.
func (s Settings) Names() []TorrentSetting {
	names := []TorrentSetting{}
	for _, one := range settings {
		if s.Has(one.Settings) {
			names = append(names, one.name)
		}
	}
	return names
}

// lacks is the error of asking a type of client for one setting that it lacks.
func (s Settings) lacks(kind ClientType) *Error {
	for _, one := range settings {
		if s == one.Settings {
			err := Lacks(kind, one.needs)
			err.Field = one.field
			return err
		}
	}
	return Invalid("", "no such setting")
}
