package domain

import (
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
)

// ClientType names a kind of torrent client ("Transmission"). It is opaque:
// only the list of client adapters knows which there are.
type ClientType string

// OnComplete is what a server does with a torrent that has completed.
type OnComplete string

// What can be done on completion.
const (
	// OnCompleteKeep leaves the torrent in the client, seeding.
	OnCompleteKeep OnComplete = "KEEP"
	// OnCompleteStop pauses it, once it has given enough to others.
	OnCompleteStop OnComplete = "STOP"
	// OnCompleteRemove takes it out of the client and keeps the data, once it has given
	// enough to others.
	OnCompleteRemove OnComplete = "REMOVE"
)

// ParseOnComplete reads a policy. Errors are of KindInvalid, field "onComplete".
func ParseOnComplete(text string) (OnComplete, error) {
	switch policy := OnComplete(strings.ToUpper(text)); policy {
	case OnCompleteKeep, OnCompleteStop, OnCompleteRemove:
		return policy, nil
	}
	return "", Invalid("onComplete", "must be KEEP, STOP or REMOVE")
}

// Credentials open a server's client. They are never shown and are encrypted
// where they rest.
type Credentials struct{ Username, Password string }

// IsZero reports whether there are none.
func (c Credentials) IsZero() bool { return c == Credentials{} }

// String hides the password from logs.
func (c Credentials) String() string { return "[credentials hidden]" }

// GoString hides the password from %#v.
func (c Credentials) GoString() string { return c.String() }

// ServerHealth is a server as it was last seen by a check.
type ServerHealth struct {
	// LastSeenAt is when it last answered well; nil if never.
	LastSeenAt *time.Time
	// Problem is why it does not; nil while it does.
	Problem *Problem
	// Latency is how long its client took to answer the last check's request; nil if
	// it did not, or was never checked.
	Latency *time.Duration
	// Probed is what its client last said about itself; nil if it was never asked.
	Probed *Probed
}

// Reachable reports whether the last check found the server well. A server
// that was never checked is given the benefit of the doubt.
func (h ServerHealth) Reachable() bool { return h.Problem == nil }

// LooksLike reports whether h and other are the same to people: as reachable, and
// for the same reason if not. Every check changes the rest.
func (h ServerHealth) LooksLike(other ServerHealth) bool {
	if h.Problem == nil || other.Problem == nil {
		return h.Problem == other.Problem
	}
	return h.Problem.Code == other.Problem.Code && h.Problem.Message == other.Problem.Message
}

// Server is a torrent client that downloads for us.
type Server struct {
	ID uuid.UUID
	// LocalNode is the node that looks after the server; others leave it alone.
	LocalNode string
	// Address is where the client is, as its type reads it; no credentials.
	Address     string
	Type        ClientType
	Credentials Credentials
	OnComplete  OnComplete
	// Labels are those of the torrents that the server is for; none is any.
	Labels []string
	// MaxActive is how many torrents that are not complete its client is given at a
	// time; 0 is no limit.
	MaxActive int
	// SeedRatio and SeedTime are how much a completed torrent gives to others before
	// OnComplete is done, the first of those that are given; see SeedingPolicy.
	SeedRatio *float64
	SeedTime  *time.Duration
	// Folders are those that torrents may be put into, and what is in them; with none,
	// all torrents go to where the client puts them by itself.
	Folders []string
	Health  ServerHealth
	// NextCheckAt is when the next check is due.
	NextCheckAt time.Time
	CreatedAt   time.Time
	UpdatedAt   time.Time
	// DeletedAt is when it was removed; nil while it lives.
	DeletedAt *time.Time
}

// NewServer makes a server of node. Credentials in the address
// (http://user:secret@host) are moved to where they are kept safe. Errors are of
// KindInvalid; all that is wrong is told at once.
func NewServer(node, address string, kind ClientType, now time.Time) (*Server, error) {
	now = Instant(now)
	s := &Server{
		ID: uuid.New(), LocalNode: node, OnComplete: OnCompleteKeep,
		NextCheckAt: now, CreatedAt: now, UpdatedAt: now,
	}
	return s, s.Readdress(address, kind, now)
}

// Readdress changes where the server is and of what type. Credentials of the
// old address stay unless the new one brings its own.
func (s *Server) Readdress(address string, kind ClientType, now time.Time) error {
	address, credentials, err := splitCredentials(strings.TrimSpace(address))
	switch {
	case err != nil:
		return err
	case address == "":
		return Invalid("address", "is required")
	case kind == "":
		return Invalid("type", "is required")
	case address != CleanText(address):
		return Invalid("address", "must be plain text without control characters")
	}
	if err := checkLength("address", address); err != nil {
		return err
	}
	if !credentials.IsZero() {
		s.Credentials = credentials
	}
	s.Address, s.Type = address, kind
	s.Health.Probed = nil // that was another client
	s.checkSoon(now)
	return nil
}

// splitCredentials takes user:secret@ out of a URL. What looks like that and
// cannot be read is refused: the address is shown.
func splitCredentials(address string) (string, Credentials, error) {
	u, err := url.Parse(address)
	if strings.Contains(address, "@") && (err != nil || strings.Contains(u.Opaque, "@")) {
		return "", Credentials{}, Invalid("address", "must be a URL like http://host:port, with special characters of its credentials as %%XX")
	}
	if err == nil && u.User != nil {
		password, _ := u.User.Password()
		credentials := Credentials{Username: u.User.Username(), Password: password}
		u.User = nil
		return u.String(), credentials, nil
	}
	return address, Credentials{}, nil
}

// Authenticate changes the credentials.
func (s *Server) Authenticate(credentials Credentials, now time.Time) {
	s.Credentials = credentials
	s.checkSoon(now)
}

// SetOnComplete changes what is done with torrents that complete from now on, and
// with those that have completed and not reached their goal yet.
func (s *Server) SetOnComplete(policy OnComplete, now time.Time) {
	s.OnComplete, s.UpdatedAt = policy, Instant(now)
}

// SetFolders changes which folders torrents may be put into; those that are elsewhere
// stay there. Errors are of KindInvalid, field "folders".
func (s *Server) SetFolders(folders []string, now time.Time) error {
	parsed, err := parseFolders(folders)
	if err != nil {
		return err
	}
	s.Folders, s.UpdatedAt = parsed, Instant(now)
	return nil
}

// checkSoon makes a changed server due at once, its old trouble forgotten.
func (s *Server) checkSoon(now time.Time) {
	now = Instant(now)
	s.UpdatedAt, s.NextCheckAt, s.Health.Problem = now, now, nil
}

// Remove ends the server. It is a Conflict while open torrents are on it.
func (s *Server) Remove(openTorrents int, now time.Time) error {
	if openTorrents > 0 {
		return Conflict("server %s still holds %d open torrents; move them to another server or remove them first", s.ID, openTorrents)
	}
	now = Instant(now)
	s.DeletedAt, s.UpdatedAt = &now, now
	return nil
}

// Back-off of a server that does not answer: quick at first, and never so slow
// that its waiting torrents notice its return late.
const (
	serverRetryFirst = time.Second
	serverRetryMost  = 5 * time.Second
)

// Seen records a check that the server answered; the next is due at next.
func (s *Server) Seen(now, next time.Time) {
	now = Instant(now)
	s.Health = ServerHealth{LastSeenAt: &now, Probed: s.Health.Probed}
	s.NextCheckAt = Instant(next)
}

// Answered records how long the client took to answer the check that was Seen.
func (s *Server) Answered(took time.Duration) {
	took = max(took.Truncate(time.Microsecond), 0)
	s.Health.Latency = &took
}

// Failed records a check that the server did not answer well; the next is due
// after a back-off.
func (s *Server) Failed(message string, now time.Time) {
	now = Instant(now)
	s.Health.Latency = nil
	s.Health.Problem = failedAgain(s.Health.Problem, ProblemUnavailable, message, now, serverRetryFirst, serverRetryMost)
	s.NextCheckAt = *s.Health.Problem.RetryAt
}

// Lease is the right of one process to check one server until a moment. Writes
// that come of a check are refused once its lease is lost.
type Lease struct {
	// ID tells this lease from every other, also of the same owner.
	ID       uuid.UUID
	ServerID uuid.UUID
	// Owner names the process, for people to see.
	Owner string
	// Until is the end that was agreed on at first; renewals do not show here.
	Until time.Time
}

// ServerFilter narrows a list of servers; a zero field does not.
type ServerFilter struct {
	// IDs: only these; nil for all. Those that do not exist are passed over.
	IDs []uuid.UUID
	// LocalNode: only this node's.
	LocalNode string
	// WithRemoved: removed ones, too.
	WithRemoved bool
}
