package domain

import "strings"

// TransferSettings are how a client is to treat a transfer. What is nil stays as it
// is.
type TransferSettings struct {
	// Name is what the client shows.
	Name *string
	// Label is what the client groups transfers by: a label, or a category; "" takes
	// it off.
	Label *string
	// Folder is where the data is, or goes, in the client's own file system.
	Folder *string
	// Priority is which transfers get bandwidth first.
	Priority *Priority
	// DownloadLimit and UploadLimit are in bytes per second; 0 lifts the limit.
	DownloadLimit, UploadLimit *int64
	// Unwanted are the indexes, in the order of the metainfo, of the files that are
	// not to be downloaded; all others are wanted.
	Unwanted *[]int
}

// IsZero reports whether s changes nothing.
func (s TransferSettings) IsZero() bool { return s == TransferSettings{} }

// Priority is how much of the bandwidth a transfer gets beside others.
type Priority string

// The priorities.
const (
	PriorityLow    Priority = "LOW"
	PriorityNormal Priority = "NORMAL"
	PriorityHigh   Priority = "HIGH"
)

// ParsePriority reads a priority. Errors are of KindInvalid, field "priority".
func ParsePriority(text string) (Priority, error) {
	switch priority := Priority(strings.ToUpper(text)); priority {
	case PriorityLow, PriorityNormal, PriorityHigh:
		return priority, nil
	}
	return "", Invalid("priority", "must be LOW, NORMAL or HIGH")
}
