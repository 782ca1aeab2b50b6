package domain

import (
	"slices"
	"strconv"
	"time"
)

// MaxLabels is how many labels a server may carry.
const MaxLabels = 50

// MostActive bounds what a server's MaxActive may be.
const MostActive = 1_000_000

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

// SetMaxActive changes how many torrents the client may have at a time that are not
// complete; 0 is no limit. Errors are of KindInvalid, field "maxActive".
func (s *Server) SetMaxActive(most int, now time.Time) error {
	if most < 0 || most > MostActive {
		return Invalid("maxActive", "must be from 0, which is no limit, to %d", MostActive)
	}
	s.MaxActive, s.UpdatedAt = most, Instant(now)
	return nil
}

// formatBytes writes a number of bytes for people to read.
func formatBytes(n int64) string {
	const step = 1024
	if n < step {
		return strconv.FormatInt(n, 10) + " B"
	}
	value, units := float64(n), "KMGTPE"
	unit := -1
	for value >= step && unit < len(units)-1 {
		value, unit = value/step, unit+1
	}
	return strconv.FormatFloat(value, 'f', 1, 64) + " " + units[unit:unit+1] + "iB"
}
