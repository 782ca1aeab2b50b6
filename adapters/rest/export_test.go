package rest

import (
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// What cannot be reached well through the door alone.
var (
	Decode        = decode
	ParseDate     = parseDate
	AppendTorrent = appendTorrent
	AppendServer  = appendServer
)

// TimeLayout is how times are shown.
const TimeLayout = timeLayout

// StatusOf returns the status of a kind in the error table, 0 if it was forgotten.
func StatusOf(kind domain.Kind) int {
	for _, s := range statuses {
		if s.kind == kind {
			return s.status
		}
	}
	return 0
}

// DateLayouts lists every layout that dates are read by.
func DateLayouts() (all []string) {
	for _, day := range dayLayouts {
		all = append(all, day)
		for _, clock := range clockLayouts {
			for _, offset := range offsetLayouts {
				all = append(all, day+clock+offset)
			}
		}
	}
	return append(all, wholeLayouts...)
}

// Whole is a moment that every layout can tell.
var Whole = time.Date(2025, 6, 20, 10, 30, 0, 0, time.UTC)
