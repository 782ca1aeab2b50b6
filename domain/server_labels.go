package domain

import (
	"slices"
	"time"
)

// MaxLabels is how many labels a server may carry.
const MaxLabels = 50

// SetLabels changes which torrents s is for: those with one of these labels. Blanks
// around them, and those that differ in case only, do not count. Errors are of
// KindInvalid, field "labels".
func (s *Server) SetLabels(labels []string, now time.Time) error {
	var cleaned []string
	for _, label := range labels {
		label = CleanText(label)
		if label == "" {
			return Invalid("labels", "must not be empty")
		}
		if err := checkLength("labels", label); err != nil {
			return err
		}
		if !carries(cleaned, label) {
			cleaned = append(cleaned, label)
		}
	}
	if len(cleaned) > MaxLabels {
		return Invalid("labels", "must not be more than %d", MaxLabels)
	}
	s.Labels, s.UpdatedAt = cleaned, Instant(now)
	return nil
}

// Carries reports whether s is for torrents with this label, whatever its case.
func (s *Server) Carries(label string) bool { return label != "" && carries(s.Labels, label) }

func carries(labels []string, label string) bool {
	folded := Fold(label)
	return slices.ContainsFunc(labels, func(other string) bool { return Fold(other) == folded })
}
