package domain_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// candidate is a server for tables: well and without labels or a limit.
type candidate struct {
	name       string
	labels     string
	most       int
	open       int
	active     int
	down       bool
	closed     bool
	free       int64 // in GiB; 0 is not told
	owed, gave int64 // what is outstanding and promised of it
}

const gib = 1 << 30

func (c candidate) of() domain.Candidate {
	server := &domain.Server{
		ID: uuid.NewSHA1(uuid.Nil, []byte(c.name)), Address: c.name, Labels: strings.Fields(c.labels), MaxActive: c.most,
	}
	if c.down {
		server.Failed("gone", noon)
	}
	if c.free != 0 {
		free := c.free * gib
		server.Health.Probed = &domain.Probed{At: noon, FreeSpace: &free, Outstanding: c.owed * gib}
	}
	return domain.Candidate{
		Server: server, Closed: c.closed,
		ServerLoad: domain.ServerLoad{Open: c.open, Active: c.active, Promised: c.gave * gib},
	}
}

func candidates(list []candidate) (all []domain.Candidate) {
	for _, c := range list {
		all = append(all, c.of())
	}
	return all
}

func TestPlacement(t *testing.T) {
	t.Parallel()
	const active, space = domain.PlacementLeastActive, domain.PlacementMostFreeSpace
	for fact, test := range map[string]struct {
		policy  domain.PlacementPolicy
		servers []candidate
		label   string
		size    int64 // in GiB
		want    string
		refused string // of what the error tells
	}{
		"the fewest open torrents":                 {"", []candidate{{name: "a", open: 2}, {name: "b", open: 1}, {name: "c", open: 1}}, "", 0, "b", ""},
		"the oldest of those with as few":          {"", []candidate{{name: "a"}, {name: "b"}}, "", 0, "a", ""},
		"one that is well before an idle one":      {"", []candidate{{name: "a", down: true}, {name: "b", open: 9}}, "", 0, "b", ""},
		"one that is not well before none":         {"", []candidate{{name: "a", down: true}}, "", 0, "a", ""},
		"no server":                                {"", nil, "", 0, "", "add one first"},
		"what is in trouble makes nobody active":   {active, []candidate{{name: "a", open: 3, active: 3}, {name: "b", open: 9, active: 2}}, "", 0, "b", ""},
		"as active, but with less trouble":         {active, []candidate{{name: "a", open: 3, active: 1}, {name: "b", open: 2, active: 1}}, "", 0, "b", ""},
		"the most room":                            {space, []candidate{{name: "a", free: 50}, {name: "b", free: 90, open: 7}, {name: "c", free: 70}}, "", 0, "b", ""},
		"room that is outstanding is no room":      {space, []candidate{{name: "a", free: 50}, {name: "b", free: 90, owed: 45}}, "", 0, "a", ""},
		"room that is promised is no room":         {space, []candidate{{name: "a", free: 50}, {name: "b", free: 90, gave: 45}}, "", 0, "a", ""},
		"one that tells before one that does not":  {space, []candidate{{name: "a"}, {name: "b", free: 11, open: 9}}, "", 0, "b", ""},
		"one that does not tell before one full":   {space, []candidate{{name: "a", free: 9}, {name: "b", open: 9}}, "", 0, "b", ""},
		"of those that do not tell, the idlest":    {space, []candidate{{name: "a", open: 1}, {name: "b"}}, "", 0, "b", ""},
		"the margin stays free":                    {space, []candidate{{name: "a", free: 10}, {name: "b", free: 9}}, "", 0, "a", ""},
		"the margin and the size":                  {space, []candidate{{name: "a", free: 15}, {name: "b", free: 16}}, "", 6, "b", ""},
		"no room":                                  {space, []candidate{{name: "a", free: 15}, {name: "b", free: 12}}, "", 6, "", "it needs 6.0 GiB, and 10.0 GiB must stay free, while a has 15.0 GiB, b has 12.0 GiB"},
		"no room, with less than nothing":          {space, []candidate{{name: "a", free: 1, gave: 5}}, "", 0, "", "a has 0 B"},
		"a size that nothing has":                  {space, []candidate{{name: "a", free: 15, owed: 16}}, "", math.MaxInt64 / gib, "", "a has 0 B"},
		"room counts with that policy only":        {"", []candidate{{name: "a", free: 1}}, "", 5, "a", ""},
		"one that is well before one with room":    {space, []candidate{{name: "a", free: 99, down: true}, {name: "b", free: 20}}, "", 0, "b", ""},
		"a full one takes none":                    {"", []candidate{{name: "a", most: 2, open: 2}, {name: "b", open: 9}}, "", 0, "b", ""},
		"of full ones, the least full":             {"", []candidate{{name: "a", most: 2, open: 6}, {name: "b", most: 10, open: 20}, {name: "c", most: 1, open: 2}}, "", 0, "b", ""},
		"a full one before one that is not well":   {"", []candidate{{name: "a", down: true}, {name: "b", most: 1, open: 5}}, "", 0, "b", ""},
		"one that carries the label":               {"", []candidate{{name: "a"}, {name: "b", labels: "tv films", open: 9}}, "films", 0, "b", ""},
		"whatever the case of the label":           {"", []candidate{{name: "a"}, {name: "b", labels: "TV", open: 9}}, "tv", 0, "b", ""},
		"only one that carries the label":          {"", []candidate{{name: "a"}, {name: "b", labels: "tv", open: 9, most: 1, down: true}}, "tv", 0, "b", ""},
		"of several, by the policy":                {"", []candidate{{name: "a", labels: "tv", open: 2}, {name: "b", labels: "tv", open: 1}, {name: "c"}}, "tv", 0, "b", ""},
		"without a label, one without labels":      {"", []candidate{{name: "a", labels: "tv"}, {name: "b", open: 9, down: true}}, "", 0, "b", ""},
		"a label that nobody carries is as none":   {"", []candidate{{name: "a", labels: "tv"}, {name: "b", open: 9}}, "films", 0, "b", ""},
		"one with labels, if there are no others":  {"", []candidate{{name: "a", labels: "tv", open: 1}, {name: "b", labels: "films"}}, "", 0, "b", ""},
		"no room where the label is":               {space, []candidate{{name: "a", free: 99}, {name: "b", labels: "tv", free: 1}}, "tv", 0, "", "b has 1.0 GiB"},
		"nothing on one that is closed":            {"", []candidate{{name: "a", closed: true}, {name: "b", open: 1}}, "", 0, "b", ""},
		"a closed one keeps its labels to itself":  {"", []candidate{{name: "a", closed: true, labels: "tv"}, {name: "b"}}, "tv", 0, "", "no server that it may go to can take it"},
		"labels are for others while one is there": {"", []candidate{{name: "a", closed: true}, {name: "b", labels: "tv"}}, "", 0, "", "no server that it may go to can take it"},
	} {
		t.Run(fact, func(t *testing.T) {
			t.Parallel()
			placement := domain.Placement{Policy: test.policy, Margin: 10 * gib}
			size := test.size
			if size < math.MaxInt64/gib {
				size *= gib
			} else {
				size = math.MaxInt64
			}
			server, err := placement.Place(candidates(test.servers), domain.PlacementWish{Label: test.label, Size: size})
			if test.refused != "" {
				if err == nil || !strings.Contains(err.Error(), test.refused) || domain.Errors(err)[0].Field != "serverId" {
					t.Fatalf("%v, %v", server, err)
				}
				return
			}
			if err != nil || server.Address != test.want {
				t.Fatalf("%v, %v; want %s", server, err, test.want)
			}
		})
	}
}

func TestPlacementOfWhatIsThere(t *testing.T) {
	t.Parallel()
	servers := []candidate{
		{name: "idle"}, {name: "down", open: 1, down: true}, {name: "has", open: 5, most: 1}, {name: "tv", labels: "tv", open: 9},
	}
	for fact, test := range map[string]struct {
		named, holders, label string
		ifHeld                domain.IfHeldElsewhere
		want                  string // "" is refused
	}{
		"it is joined although that server is full":       {"", "has", "", "", "has"},
		"it is joined where it is well, if there is one":  {"", "down has", "", domain.HeldJoin, "has"},
		"it is joined where it is not well, else":         {"", "down", "", "", "down"},
		"it is joined although that server has labels":    {"", "tv", "", "", "tv"},
		"a label that is carried is stronger":             {"", "has", "tv", "", "tv"},
		"a label that nobody carries is not":              {"", "has", "films", "", "has"},
		"it can be refused":                               {"", "has", "", domain.HeldRefuse, ""},
		"it can be added once more":                       {"", "has", "", domain.HeldAdd, "idle"},
		"what is nowhere is not refused":                  {"", "", "", domain.HeldRefuse, "idle"},
		"a named server gets it":                          {"idle", "has", "", "", "idle"},
		"a named server may give way":                     {"idle", "has", "tv", domain.HeldJoin, "has"},
		"a named server that has it, too, does not":       {"down", "has down", "", domain.HeldJoin, "down"},
		"a named server may leave the matter":             {"idle", "has", "", domain.HeldRefuse, ""},
		"a named server that has it is no matter to mind": {"has", "has", "", domain.HeldRefuse, "has"},
		"what is only on another node's is not joined":    {"", "elsewhere", "", "", "idle"},
	} {
		t.Run(fact, func(t *testing.T) {
			t.Parallel()
			all := candidates(servers)
			wish := domain.PlacementWish{Label: test.label, IfHeld: test.ifHeld}
			for _, name := range strings.Fields(test.holders) {
				wish.Holders = append(wish.Holders, candidate{name: name}.of().ID)
			}
			for i := range all {
				if all[i].Address == test.named {
					wish.Named = all[i].Server
				}
			}
			server, err := domain.Placement{}.Place(all, wish)
			switch {
			case test.want == "":
				if domain.KindOf(err) != domain.KindConflict || domain.Errors(err)[0].Field != "ifHeldElsewhere" {
					t.Fatalf("%v, %v", server, err)
				}
			case err != nil || server.Address != test.want:
				t.Fatalf("%v, %v; want %s", server, err, test.want)
			}
		})
	}
}

func TestPlacementPolicies(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]domain.PlacementPolicy{
		"": "default", "default": "default", "LEAST-ACTIVE": "least-active", "most-free-space": "most-free-space",
	} {
		if got, err := domain.ParsePlacementPolicy(text); err != nil || got != want {
			t.Errorf("%q is %q, %v", text, got, err)
		}
	}
	_, err := domain.ParsePlacementPolicy("random")
	isInvalid(t, err, "placement")
}

func TestLabelsAndLimitsOfServers(t *testing.T) {
	t.Parallel()
	server, later := newServer(t), noon.Add(time.Hour)
	if err := server.SetLabels([]string{" tv ", "Films", "TV"}, later); err != nil || fmt.Sprint(server.Labels) != "[tv Films]" {
		t.Errorf("%v, %v", server.Labels, err)
	}
	if !server.Carries("films") || server.Carries("") || server.Carries("film") || server.UpdatedAt != domain.Instant(later) {
		t.Errorf("%+v", server)
	}
	many := make([]string, domain.MaxLabels+1)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	for _, bad := range [][]string{{""}, {"a", " \t"}, {strings.Repeat("x", 256)}, many} {
		isInvalid(t, server.SetLabels(bad, later), "labels")
	}
	if len(server.Labels) != 2 {
		t.Errorf("bad labels changed them to %v", server.Labels)
	}
	if err := server.SetLabels(nil, later); err != nil || server.Carries("tv") {
		t.Error("labels cannot be taken away", err)
	}
	for _, bad := range []int{-1, domain.MostActive + 1} {
		isInvalid(t, server.SetMaxActive(bad, later), "maxActive")
	}
	if err := server.SetMaxActive(3, later); err != nil || server.MaxActive != 3 {
		t.Error(server.MaxActive, err)
	}
}

func TestWhatAClientSaysOfItself(t *testing.T) {
	t.Parallel()
	server, later := newServer(t), noon.Add(time.Hour)
	free := int64(gib)
	report := domain.Report{Transfers: map[domain.InfoHash]domain.Transfer{
		numbered(1): {MetadataKnown: true, BytesWanted: 9, BytesLeft: 4},
		numbered(2): {MetadataKnown: true, BytesWanted: 9, BytesLeft: 5},
		numbered(3): {BytesLeft: 7},
	}}
	if !server.ProbeDue(noon) {
		t.Error("a new server is not asked")
	}
	server.Answers(nil, report, noon)
	if probed := server.Health.Probed; probed == nil || probed.FreeSpace != nil || server.ProbeDue(noon.Add(59*time.Second)) {
		t.Errorf("%+v", probed)
	}
	server.Answers(&domain.ClientInfo{Version: "4.1\x00", FreeSpace: &free}, report, noon.Add(time.Minute))
	server.Answers(nil, domain.Report{}, noon.Add(2*time.Minute))
	server.Seen(later, later)
	probed := server.Health.Probed
	if probed.Version != "4.1" || *probed.FreeSpace != gib || probed.Outstanding != 9 || probed.At != domain.Instant(noon.Add(2*time.Minute)) {
		t.Errorf("%+v", probed)
	}
	if server.PromiseKept(noon.Add(90*time.Second)) || !server.PromiseKept(domain.Instant(noon.Add(time.Minute))) {
		t.Error("a promise is kept when the client has been asked a minute later")
	}
	if err := server.Readdress("elsewhere", "other", later); err != nil || server.Health.Probed != nil {
		t.Error("another client has said nothing yet", err)
	}
}

func TestSumsOfWhatStrangersClaimDoNotOverflow(t *testing.T) {
	t.Parallel()
	var load domain.ServerLoad
	for range 100 {
		load.Promise(math.MaxInt64)
	}
	if load.Promised <= 0 {
		t.Errorf("promised %d", load.Promised)
	}
	load.Promise(-math.MaxInt64)
	load.Promise(-math.MaxInt64)
	if load.Promised != 0 {
		t.Errorf("promised %d", load.Promised)
	}
}

// numbered is an infohash.
func numbered(n int) domain.InfoHash {
	hash, err := domain.ParseInfoHash(fmt.Sprintf("%040d", n))
	if err != nil {
		panic(err)
	}
	return hash
}
