package domain

import (
	"errors"
	"slices"
	"time"
)

// Wish changes how t is treated, all or nothing. Its client, which can do so much, is
// told by the next check; server is t's own. Errors are those of Wishes.Check; those
// of Lacks for what the client cannot do, unless it is only taken back, or is kept here
// as well (name and label); and KindInvalid for a folder that the server does not allow.
func (t *Torrent) Wish(w Wishes, server Server, can Capabilities, now time.Time) error {
	changed, err := t.wish(w, server, can)
	if err != nil || !changed {
		return err
	}
	now = Instant(now)
	if t.has(ProblemSettingRefused) || t.has(ProblemRefused) {
		t.clearProblem(now) // it may have been the old wish that was refused, so this one is tried at once
	}
	t.recordOnce(EventChanged, now)
	return nil
}

// BeginWith is Wish for a new torrent that is not saved yet: its birth is all that is
// told of it.
func (t *Torrent) BeginWith(w Wishes, server Server, can Capabilities) error {
	_, err := t.wish(w, server, can)
	return err
}

// CheckOn returns what a server, or its type of client, cannot do of w for a new
// torrent; errors are those of Torrent.BeginWith.
func (w Wishes) CheckOn(server Server, capabilities func(ClientType) Capabilities) error {
	if w.IsZero() {
		return nil
	}
	return new(Torrent).BeginWith(w, server, capabilities(server.Type))
}

func (t *Torrent) wish(w Wishes, server Server, can Capabilities) (changed bool, err error) {
	if t.Removed() || w.IsZero() {
		return false, nil
	}
	if err := w.Check(); err != nil {
		return false, err
	}
	after := *t
	g := granting{server: server, can: can, torrent: &after}
	if g.grants(SettingPaused, w.Paused.Set && g.pauses(w.Paused.Value), !w.Paused.Value) {
		after.Paused = w.Paused.Value
	}
	g.grants(SettingVerify, w.Verify, false)
	if name := CleanText(w.Name.Value); g.grants(SettingName, w.Name.Set && name != t.Name, true) {
		after.Name, after.Renamed = name, name != ""
	}
	if g.grants(SettingLabel, w.Label.Set && w.Label.Value != t.Label, true) {
		after.Label = w.Label.Value
	}
	if g.grants(SettingPriority, w.Priority.Set && w.Priority.Value != t.Priority, w.Priority.Value == PriorityNormal) {
		after.Priority = w.Priority.Value
	}
	if limit := limitOf(w.DownloadLimit.Value); g.grants(SettingDownloadLimit, w.DownloadLimit.Set && !equal(limit, t.DownloadLimit), limit == nil) {
		after.DownloadLimit = limit
	}
	if limit := limitOf(w.UploadLimit.Value); g.grants(SettingUploadLimit, w.UploadLimit.Set && !equal(limit, t.UploadLimit), limit == nil) {
		after.UploadLimit = limit
	}
	unwanted := slices.Compact(slices.Sorted(slices.Values(w.Unwanted.Value)))
	if g.grants(SettingUnwanted, w.Unwanted.Set && !slices.Equal(unwanted, t.Unwanted), len(unwanted) == 0) {
		after.Unwanted = unwanted
	}
	g.folder(w)
	g.seeding(w)
	if err := errors.Join(g.errs...); err != nil {
		return false, err
	}
	changed = after.alike(t) != allSettings || after.Unapplied != t.Unapplied || !after.SeedingWish.equal(t.SeedingWish) ||
		after.Seeding != t.Seeding
	after.settle()
	*t = after
	return changed, nil
}

// granting is one Wish while it is made.
type granting struct {
	server  Server
	can     Capabilities
	torrent *Torrent
	errs    []error
}

// grants reports whether a setting may change, if it is to; then the client is to be
// told. Plain is what any client does by itself.
func (g *granting) grants(which Settings, changes, plain bool) bool {
	if !changes {
		return false
	}
	t, able := g.torrent, which.Within(g.can) != 0
	if !able && !plain && !which.Has(settingsOfOurs) {
		g.errs = append(g.errs, which.lacks(g.server.Type))
		return false
	}
	if able && (t.CompletedAt == nil || t.AcceptedAt != nil) {
		t.Unapplied |= which
	}
	return true
}

// pauses reports whether there is something to do about pausing: a client that has
// the torrent is told again, since somebody may have done otherwise there.
func (g *granting) pauses(paused bool) bool {
	return paused != g.torrent.Paused || g.torrent.AcceptedAt != nil && g.can.Has(CapabilityPause)
}

func (g *granting) folder(w Wishes) {
	t := g.torrent
	folder, _ := w.folder() // which was checked
	switch {
	case !g.grants(SettingFolder, w.Folder.Set && folder != t.Folder, folder == ""):
	case folder == "":
		t.Folder = ""
		t.Unapplied &^= SettingFolder // there is nothing to tell
	case g.server.AllowsFolder(folder):
		t.Folder = folder
	case len(g.server.Folders) == 0:
		g.errs = append(g.errs, Invalid("folder", "cannot be chosen on this server, for which no folders are allowed"))
	default:
		g.errs = append(g.errs, Invalid("folder", "must be one of %q, or in one of them", g.server.Folders))
	}
}

// seeding changes what becomes of the torrent when it has completed. If it has, that
// is carried out anew.
func (g *granting) seeding(w Wishes) {
	t := g.torrent
	wish := t.SeedingWish
	if w.OnComplete.Set {
		wish.OnComplete = w.OnComplete.Value
	}
	if w.SeedRatio.Set {
		wish.SeedRatio = w.SeedRatio.Value
	}
	if w.SeedTime.Set {
		wish.SeedTime = inSeconds(w.SeedTime.Value)
	}
	if wish.equal(t.SeedingWish) {
		return
	}
	policy := wish.PolicyOn(g.server)
	if w.OnComplete.Value != nil && policy.OnComplete == OnCompleteStop && !g.can.Has(CapabilityPause) {
		g.errs = append(g.errs, cannotStop(g.server.Type))
		return
	}
	t.SeedingWish = wish
	t.Seeding = t.CompletedAt != nil && t.AcceptedAt != nil && policy.OnComplete != OnCompleteKeep
}

func (w SeedingWish) equal(other SeedingWish) bool {
	return equal(w.OnComplete, other.OnComplete) && equal(w.SeedRatio, other.SeedRatio) && equal(w.SeedTime, other.SeedTime)
}

// limitOf takes 0 for no limit.
func limitOf(limit int64) *int64 {
	if limit == 0 {
		return nil
	}
	return &limit
}

func equal[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }
