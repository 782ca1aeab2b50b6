package domain

import (
	"slices"
	"strings"

	"github.com/google/uuid"
)

// PlacementPolicy is what makes one server better than another for a torrent that
// names none.
type PlacementPolicy string

// The policies.
const (
	// PlacementDefault: the fewest open torrents.
	PlacementDefault PlacementPolicy = "default"
	// PlacementLeastActive: the fewest open torrents that are neither paused nor in
	// trouble, so that only what loads, or is about to, makes a server busy.
	PlacementLeastActive PlacementPolicy = "least-active"
	// PlacementMostFreeSpace: the most room that is promised to nothing yet. Servers
	// that do not tell come after those that do.
	PlacementMostFreeSpace PlacementPolicy = "most-free-space"
)

// ParsePlacementPolicy reads a policy; "" is PlacementDefault. Errors are of
// KindInvalid, field "placement".
func ParsePlacementPolicy(text string) (PlacementPolicy, error) {
	switch policy := PlacementPolicy(strings.ToLower(text)); policy {
	case "":
		return PlacementDefault, nil
	case PlacementDefault, PlacementLeastActive, PlacementMostFreeSpace:
		return policy, nil
	}
	return "", Invalid("placement", "must be default, least-active or most-free-space")
}

// IfHeldElsewhere is what becomes of a torrent whose content some other server has
// than the one that it would go to.
type IfHeldElsewhere string

// What can be done then; "" is HeldJoin where no server is named, and HeldAdd where
// one is.
const (
	// HeldJoin puts the torrent on the server that has the content.
	HeldJoin IfHeldElsewhere = "JOIN"
	// HeldRefuse refuses the torrent.
	HeldRefuse IfHeldElsewhere = "REFUSE"
	// HeldAdd downloads the content a second time.
	HeldAdd IfHeldElsewhere = "ADD"
)

// Placement decides which server a torrent goes to: see
// docs/decisions/0018-where-a-torrent-goes.md. The zero value has the default policy.
type Placement struct {
	Policy PlacementPolicy
	// Margin is how many bytes must stay free on a server; it counts for
	// PlacementMostFreeSpace only.
	Margin int64
}

// PlacementWish is what is known of a torrent that needs a server.
type PlacementWish struct {
	// Named is the server that was asked for; nil for any.
	Named *Server
	// Label is the torrent's own; "" for none.
	Label string
	// Size is how many bytes it needs; 0 if unknown.
	Size int64
	// Holders are the servers that have its content.
	Holders []uuid.UUID
	// IfHeld is what to do if Holders are not where it would go.
	IfHeld IfHeldElsewhere
}

// Place returns the server for a torrent, one of candidates, which come in the order
// of their age, or the one that was named. KindInvalid when there are no candidates,
// KindConflict when none of them has room, or for HeldRefuse.
func (p Placement) Place(candidates []Candidate, wish PlacementWish) (*Server, error) {
	if wish.Named != nil && (len(wish.Holders) == 0 || slices.Contains(wish.Holders, wish.Named.ID)) {
		return wish.Named, nil
	}
	switch wish.ifHeld() {
	case HeldRefuse:
		if len(wish.Holders) > 0 {
			return nil, &Error{Kind: KindConflict, Field: "ifHeldElsewhere", Message: "another server has this content already"}
		}
	case HeldJoin:
		if holder := p.holder(candidates, wish); holder != nil {
			return holder, nil
		}
	}
	if wish.Named != nil {
		return wish.Named, nil
	}
	return p.choose(candidates, wish)
}

func (w PlacementWish) ifHeld() IfHeldElsewhere {
	switch {
	case w.IfHeld != "":
		return w.IfHeld
	case w.Named != nil:
		return HeldAdd
	}
	return HeldJoin
}

// holder returns the best of those that have the content, whether it has room or is
// full: its client downloads nothing more. Only a label that some server carries is
// stronger. Nil for none.
func (p Placement) holder(candidates []Candidate, wish PlacementWish) *Server {
	if wish.Named == nil {
		candidates = carriers(candidates, wish.Label)
	}
	var best *Candidate
	for i := range candidates {
		c := &candidates[i]
		if !c.Closed && slices.Contains(wish.Holders, c.ID) && (best == nil || c.Health.Reachable() && !best.Health.Reachable()) {
			best = c
		}
	}
	if best == nil {
		return nil
	}
	return best.Server
}

func (p Placement) choose(candidates []Candidate, wish PlacementWish) (*Server, error) {
	if len(candidates) == 0 {
		return nil, Invalid("serverId", "no torrent server of this node to default to; add one first")
	}
	fitting := byLabel(candidates, wish.Label)
	var best *Candidate
	for i := range fitting {
		c := &fitting[i]
		if !c.Closed && p.hasRoom(c, wish.Size) && (best == nil || p.better(c, best)) {
			best = c
		}
	}
	if best == nil {
		return nil, p.noRoom(fitting, wish)
	}
	return best.Server, nil
}

// carriers returns the servers that carry a label, or all when none does.
func carriers(candidates []Candidate, label string) []Candidate {
	var carrying []Candidate
	for _, c := range candidates {
		if c.Carries(label) {
			carrying = append(carrying, c)
		}
	}
	if len(carrying) > 0 {
		return carrying
	}
	return candidates
}

// byLabel returns the servers that a torrent may go to. What has no label, or one
// that no server carries, leaves the servers with labels to those that they are for,
// unless there are no others.
func byLabel(candidates []Candidate, label string) []Candidate {
	fitting := carriers(candidates, label)
	if fitting[0].Carries(label) {
		return fitting
	}
	var plain []Candidate
	for _, c := range candidates {
		if len(c.Labels) == 0 {
			plain = append(plain, c)
		}
	}
	if len(plain) > 0 {
		return plain
	}
	return candidates
}

func (p Placement) hasRoom(c *Candidate, size int64) bool {
	if p.Policy != PlacementMostFreeSpace {
		return true
	}
	room, known := c.Room()
	return !known || room-min(size, mostBytes) >= p.Margin
}

// better reports whether a is to be preferred to b, which is older: it is well and b
// is not, it can begin at once and b cannot, or the policy says so.
func (p Placement) better(a, b *Candidate) bool {
	switch {
	case a.Health.Reachable() != b.Health.Reachable():
		return a.Health.Reachable()
	case a.Full() != b.Full():
		return !a.Full()
	case a.Full(): // so is b; where it waits the shortest, as far as one can tell
		left, right := int64(a.Open)*int64(b.MaxActive), int64(b.Open)*int64(a.MaxActive)
		return left < right
	}
	switch p.Policy {
	case PlacementLeastActive:
		return a.Active < b.Active || a.Active == b.Active && a.Open < b.Open
	case PlacementMostFreeSpace:
		roomA, knownA := a.Room()
		roomB, knownB := b.Room()
		if knownA != knownB {
			return knownA
		}
		if knownA {
			return roomA > roomB
		}
	}
	return a.Open < b.Open
}

// mostToldOfRoom bounds how many servers an error tells of.
const mostToldOfRoom = 5

// noRoom says of each server why it cannot take the torrent.
func (p Placement) noRoom(fitting []Candidate, wish PlacementWish) error {
	fitting = slices.DeleteFunc(slices.Clone(fitting), func(c Candidate) bool { return c.Closed })
	if len(fitting) == 0 {
		return &Error{Kind: KindConflict, Field: "serverId", Message: "no server that it may go to can take it"}
	}
	var why []string
	for i := range fitting[:min(len(fitting), mostToldOfRoom)] {
		room, _ := fitting[i].Room()
		why = append(why, fitting[i].Address+" has "+FormatBytes(max(room, 0)))
	}
	if more := len(fitting) - len(why); more > 0 {
		why = append(why, "and others have no more")
	}
	needs := ""
	if wish.Size > 0 {
		needs = "it needs " + FormatBytes(wish.Size) + ", and "
	}
	return &Error{
		Kind: KindConflict, Field: "serverId",
		Message: "no server has room for it: " + needs + FormatBytes(p.Margin) + " must stay free, while " + strings.Join(why, ", ") +
			"; make room, or name a server",
	}
}
