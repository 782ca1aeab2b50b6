package domain_test

import (
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

func TestSlots(t *testing.T) {
	t.Parallel()
	loading := domain.Transfer{MetadataKnown: true, BytesWanted: 2, BytesLeft: 1}
	done := domain.Transfer{MetadataKnown: true, BytesWanted: 2}
	accepted := func(n int) domain.OpenTorrent { return domain.OpenTorrent{InfoHash: numbered(n), Accepted: true} }
	stopped, broken := loading, loading
	stopped.Phase, broken.Phase, broken.LocalError = domain.PhaseStopped, domain.PhaseStopped, "disk full"
	lost := accepted(4)
	lost.ProblemCode = domain.ProblemMissing
	open := []domain.OpenTorrent{accepted(1), accepted(1), accepted(2), accepted(3), accepted(8), lost, {InfoHash: numbered(5)}}
	report := domain.Report{Transfers: map[domain.InfoHash]domain.Transfer{numbered(1): loading, numbered(2): done, numbered(3): broken, numbered(8): stopped}}
	for fact, test := range map[string]struct {
		most int
		ask  []int
		want string
	}{
		"no limit":                             {0, []int{5, 6, 7, 8}, "yyyy"},
		"what is not done takes one":           {2, []int{5}, "n"},
		"the same content takes no second one": {3, []int{1, 5, 5, 6, 3}, "yyyny"},
		"fewer than are taken already":         {1, []int{5, 1}, "ny"},
	} {
		t.Run(fact, func(t *testing.T) {
			t.Parallel()
			slots, got := domain.NewSlots(domain.Server{MaxActive: test.most}, open, report), ""
			for _, n := range test.ask {
				if slots.Take(numbered(n)) {
					got += "y"
				} else {
					got += "n"
				}
			}
			if got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
	t.Run("what is refused gives its slot back", func(t *testing.T) {
		t.Parallel()
		slots := domain.NewSlots(domain.Server{MaxActive: 1}, nil, domain.Report{})
		slots.Take(numbered(1))
		slots.Free(numbered(1))
		if !slots.Take(numbered(2)) || slots.Take(numbered(1)) {
			t.Error("it did not")
		}
	})
}
