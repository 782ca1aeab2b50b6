package domain

import (
	"slices"
	"time"
)

// What a client is told of how to treat a torrent. Where several torrents of a server
// are one transfer, what was wished last holds.

// wished is what t has that no client does by itself.
func (t *Torrent) wished() Settings {
	var s Settings
	for which, is := range map[Settings]bool{
		SettingPaused: t.Paused, SettingName: t.Renamed && t.Name != "", SettingLabel: t.Label != "",
		SettingFolder: t.Folder != "", SettingPriority: t.Priority != PriorityNormal && t.Priority != "",
		SettingDownloadLimit: t.DownloadLimit != nil, SettingUploadLimit: t.UploadLimit != nil,
		SettingUnwanted: len(t.Unwanted) > 0,
	} {
		if is {
			s |= which
		}
	}
	return s
}

// PendingChanges is what the client has not been told yet.
func (t *Torrent) PendingChanges() []TorrentSetting { return t.Unapplied.Names() }

// Handover is what a client that can do so much is given of t; metainfo is nil where
// there is only the magnet. What the client lacks is passed over.
func (t *Torrent) Handover(metainfo []byte, can Capabilities) Handover {
	what := t.wished().Within(can)
	if metainfo == nil {
		what &^= settingsOfMetadata
	}
	return Handover{
		Magnet: t.MagnetURI, Metainfo: metainfo,
		Settings: t.SettingsOf(what), Paused: what.Has(SettingPaused),
	}
}

// SettingsOf returns those of t's settings; pausing and verifying are none.
func (t *Torrent) SettingsOf(those Settings) TransferSettings {
	var s TransferSettings
	if name := t.Name; those.Has(SettingName) && name != "" {
		s.Name = &name
	}
	if label := t.Label; those.Has(SettingLabel) {
		s.Label = &label
	}
	if folder := t.Folder; those.Has(SettingFolder) && folder != "" {
		s.Folder = &folder
	}
	if priority := t.Priority; those.Has(SettingPriority) {
		s.Priority = &priority
	}
	if those.Has(SettingDownloadLimit) {
		s.DownloadLimit = orNoLimit(t.DownloadLimit)
	}
	if those.Has(SettingUploadLimit) {
		s.UploadLimit = orNoLimit(t.UploadLimit)
	}
	if unwanted := append([]int{}, t.Unwanted...); those.Has(SettingUnwanted) {
		s.Unwanted = &unwanted
	}
	return s
}

func orNoLimit(limit *int64) *int64 {
	var bytes int64
	if limit != nil {
		bytes = *limit
	}
	return &bytes
}

// tellable leaves out what the client cannot be told yet of a transfer.
func (s Settings) tellable(transfer Transfer) Settings {
	if !transfer.MetadataKnown {
		s &^= settingsOfMetadata
	}
	return s
}

// ToTell is what the client, of which this is the report, can be told of t now; nothing
// while it does not hold it.
func (t *Torrent) ToTell(report Report) Settings {
	transfer, found := report.Transfers[t.InfoHash()]
	if !found || t.AcceptedAt == nil || t.Removed() {
		return 0
	}
	return t.Unapplied.tellable(transfer)
}

// Told records that the client of server was told those settings of told, which is t
// as it was then. What is wished otherwise since is still to be told.
func (t *Torrent) Told(server Server, told *Torrent, those Settings, now time.Time) {
	left := t.Unapplied &^ (those & t.alike(told))
	if !t.with(server, told) || left == t.Unapplied {
		return
	}
	now = Instant(now)
	t.Unapplied = left
	if left == 0 && t.has(ProblemSettingRefused) {
		t.clearProblem(now)
	}
	t.settle()
	t.recordOnce(EventChanged, now)
}

// settle ends what only a check that attends to t needs to know.
func (t *Torrent) settle() {
	if t.CompletedAt != nil && !t.Attended() {
		t.MissingSince = nil
	}
}

// HandedOver is Told of all that went along when the client, which can do so much, was
// given the content of t as given wishes. What means something only to one that knows
// what is in the torrent is told again, to be sure.
//
// A transfer that is not fresh was there before: it has not changed, and may be stopped,
// or lack files that t wants. So t's client is told of these even where t wishes only
// what any client does by itself; and so it is where given wishes otherwise.
func (t *Torrent) HandedOver(server Server, given *Torrent, fresh bool, can Capabilities, now time.Time) {
	if !t.with(server, given) {
		return
	}
	untold := (SettingPaused | SettingUnwanted).Within(can)
	if fresh {
		untold &^= t.alike(given)
		t.Told(server, given, allSettings&^SettingVerify&^settingsOfMetadata, now)
	}
	if untold&^t.Unapplied != 0 {
		t.Unapplied |= untold
		t.recordOnce(EventChanged, Instant(now))
	}
}

// RefuseSettings records that the client of server did not take those settings of
// told, which is t as it was then; they are tried again with exponential back-off. While
// t is in worse trouble, that is what is shown, and they are tried by every check.
func (t *Torrent) RefuseSettings(server Server, told *Torrent, those Settings, message string, now time.Time) {
	if !t.with(server, told) || t.Unapplied&those&t.alike(told) == 0 || t.Problem != nil && !t.has(ProblemSettingRefused) {
		return
	}
	t.raise(failedAgain(t.Problem, ProblemSettingRefused, message, Instant(now), refusedRetryFirst, refusedRetryMost), now)
}

// with reports whether the client of server still has t as it was when it was told.
func (t *Torrent) with(server Server, told *Torrent) bool {
	return !t.Removed() && t.AcceptedAt != nil && t.ServerID == server.ID && t.InfoHash() == told.InfoHash()
}

const allSettings = SettingUnwanted<<1 - 1

// alike is what t and other have alike.
func (t *Torrent) alike(other *Torrent) Settings {
	alike := allSettings
	for which, is := range map[Settings]bool{
		SettingPaused: t.Paused == other.Paused, SettingName: t.Name == other.Name, SettingLabel: t.Label == other.Label,
		SettingFolder: t.Folder == other.Folder, SettingPriority: t.Priority == other.Priority,
		SettingDownloadLimit: equal(t.DownloadLimit, other.DownloadLimit), SettingUploadLimit: equal(t.UploadLimit, other.UploadLimit),
		SettingUnwanted: slices.Equal(t.Unwanted, other.Unwanted),
	} {
		if !is {
			alike &^= which
		}
	}
	return alike
}
