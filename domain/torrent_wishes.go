package domain

import (
	"errors"
	"time"
)

// Wishes say what of how a torrent is treated to change; what is not set stays.
type Wishes struct {
	// Paused stops the torrent, or lets it go on. It is told to the client even where
	// it is so already: somebody may have done otherwise there.
	Paused Optional[bool]
	// Verify has the data held against its hashes.
	Verify bool
	// Name "" means none.
	Name Optional[string]
	// Label "" takes it off.
	Label Optional[string]
	// Folder "" is for wherever the client puts things; what is elsewhere stays there.
	Folder   Optional[string]
	Priority Optional[Priority]
	// DownloadLimit and UploadLimit are in bytes per second; 0 lifts them.
	DownloadLimit, UploadLimit Optional[int64]
	// Unwanted are the indexes of the files to leave out; none brings all back.
	Unwanted Optional[[]int]
	// OnComplete, SeedRatio and SeedTime are wished in place of what the server has; nil
	// leaves it to that.
	OnComplete Optional[*OnComplete]
	SeedRatio  Optional[*float64]
	SeedTime   Optional[*time.Duration]
}

// IsZero reports whether w changes nothing.
func (w Wishes) IsZero() bool {
	return !w.Paused.Set && !w.Verify && !w.Name.Set && !w.Label.Set && !w.Folder.Set && !w.Priority.Set &&
		!w.DownloadLimit.Set && !w.UploadLimit.Set && !w.Unwanted.Set &&
		!w.OnComplete.Set && !w.SeedRatio.Set && !w.SeedTime.Set
}

// Wishes are those of how t is treated that depend on its server, or on what its client
// can do.
func (t *Torrent) Wishes() Wishes {
	return Wishes{
		Paused:        Optional[bool]{Value: t.Paused, Set: t.Paused},
		Folder:        Optional[string]{Value: t.Folder, Set: t.Folder != ""},
		Priority:      Optional[Priority]{Value: t.Priority, Set: t.wished().Has(SettingPriority)},
		DownloadLimit: orUnset(t.DownloadLimit), UploadLimit: orUnset(t.UploadLimit),
		Unwanted:   Optional[[]int]{Value: t.Unwanted, Set: len(t.Unwanted) > 0},
		OnComplete: Optional[*OnComplete]{Value: t.OnComplete, Set: t.OnComplete != nil},
	}
}

func orUnset[T any](value *T) Optional[T] {
	if value == nil {
		return Optional[T]{}
	}
	return Some(*value)
}

// OfOurs reports whether no client need be told of w.
func (w Wishes) OfOurs() bool {
	w.Name, w.Label = Optional[string]{}, Optional[string]{}
	return w.IsZero()
}

const (
	// maxSpeedLimit is a terabyte per second: as good as none.
	maxSpeedLimit = 1_000_000_000_000
	// MostUnwanted is how many files can be left out of a torrent.
	MostUnwanted = 100_000
	// maxFileIndex is more than any torrent has.
	maxFileIndex = 10_000_000
)

// Check returns what is wrong with w whatever torrent it is for: errors of
// KindInvalid, all at once.
func (w Wishes) Check() error {
	_, folderErr := w.folder()
	return errors.Join(
		checkText("name", CleanText(w.Name.Value)), checkText("label", w.Label.Value), folderErr, w.checkPriority(),
		checkSpeed("downloadLimit", w.DownloadLimit.Value), checkSpeed("uploadLimit", w.UploadLimit.Value),
		w.checkUnwanted(), w.checkOnComplete(), checkGoals(w.SeedRatio.Value, w.SeedTime.Value),
	)
}

func checkText(field, text string) error {
	if text != CleanText(text) {
		return Invalid(field, "must be plain text without control characters or blanks around it")
	}
	return checkLength(field, text)
}

func (w Wishes) folder() (string, error) {
	if w.Folder.Value == "" {
		return "", nil
	}
	return ParseFolder("folder", w.Folder.Value)
}

func (w Wishes) checkPriority() error {
	if !w.Priority.Set {
		return nil
	}
	_, err := ParsePriority(string(w.Priority.Value))
	return err
}

func checkSpeed(field string, limit int64) error {
	if limit < 0 || limit > maxSpeedLimit {
		return Invalid(field, "must be between 0 (no limit) and %d bytes per second", maxSpeedLimit)
	}
	return nil
}

func (w Wishes) checkUnwanted() error {
	if len(w.Unwanted.Value) > MostUnwanted {
		return Invalid("unwantedFiles", "must not be more than %d", MostUnwanted)
	}
	for _, index := range w.Unwanted.Value {
		if index < 0 || index > maxFileIndex {
			return Invalid("unwantedFiles", "must be indexes of files, counted from 0")
		}
	}
	return nil
}

func (w Wishes) checkOnComplete() error {
	if w.OnComplete.Value == nil {
		return nil
	}
	_, err := ParseOnComplete(string(*w.OnComplete.Value))
	return err
}
