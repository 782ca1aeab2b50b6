package domain

import (
	"strings"
	"time"
)

// ProblemCode says what kind of trouble a torrent or a server has.
type ProblemCode string

// The problems that are told apart.
const (
	// ProblemRefused: the client does not take the torrent; retried with back-off.
	ProblemRefused ProblemCode = "REFUSED"
	// ProblemSettingRefused: the client has the torrent and refuses to treat it as is
	// wished; retried with back-off.
	ProblemSettingRefused ProblemCode = "SETTING_REFUSED"
	// ProblemMissing: the client took the torrent and no longer holds it.
	ProblemMissing ProblemCode = "MISSING"
	// ProblemLocalError: the client cannot write or read the torrent's data.
	ProblemLocalError ProblemCode = "LOCAL_ERROR"
	// ProblemUnavailable: the server's client does not answer, or not sensibly.
	ProblemUnavailable ProblemCode = "UNAVAILABLE"
)

// Problem is trouble that stands beside a torrent's or a server's state until
// it goes away.
type Problem struct {
	Code ProblemCode
	// Message is written for the user.
	Message string
	// Since is when the trouble began.
	Since time.Time
	// Attempts counts the failures in a row; 0 where nothing is tried again.
	Attempts int
	// RetryAt is when it is tried again; nil where nothing is.
	RetryAt *time.Time
}

// maxProblemMessage bounds what a daemon can make us store, in bytes.
const maxProblemMessage = 1000

// failedAgain returns the problem that follows p (which may be nil) after one
// more failure: since and attempts go on, and the next try backs off.
func failedAgain(p *Problem, code ProblemCode, message string, now time.Time, first, most time.Duration) *Problem {
	next := Problem{Code: code, Message: truncate(message, maxProblemMessage), Since: now, Attempts: 1}
	if p != nil && p.Code == code {
		next.Since, next.Attempts = p.Since, p.Attempts+1
	}
	retryAt := now.Add(backOff(next.Attempts, first, most))
	next.RetryAt = &retryAt
	return &next
}

// backOff is first doubled for each further attempt, at most most.
func backOff(attempts int, first, most time.Duration) time.Duration {
	delay := first
	for i := 1; i < attempts && delay < most; i++ {
		delay *= 2
	}
	return min(delay, most)
}

func truncate(text string, limit int) string {
	text = CleanText(text)
	if len(text) > limit {
		text = strings.TrimSpace(strings.ToValidUTF8(text[:limit], "")) // no half a character
	}
	return text
}
