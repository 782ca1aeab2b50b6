package domain_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/clarion-app/download-manager/domain"
)

var phases = []domain.Phase{
	domain.PhaseMetadata, domain.PhaseQueued, domain.PhaseChecking, domain.PhaseDownloading,
	domain.PhaseSeeding, domain.PhaseMoving, domain.PhaseStopped,
}

// TestTransferFinished goes through the whole truth table.
func TestTransferFinished(t *testing.T) {
	t.Parallel()
	t.Run("a transfer is finished exactly when all of it is there and at rest", func(t *testing.T) {
		t.Parallel()
		settled := map[domain.Phase]bool{
			domain.PhaseQueued: true, domain.PhaseDownloading: true, domain.PhaseSeeding: true, domain.PhaseStopped: true,
		}
		finished := 0
		for _, phase := range phases {
			for _, known := range []bool{false, true} {
				for _, wanted := range []int64{0, 1, 1 << 50} {
					for _, left := range []int64{0, 1} {
						for _, trouble := range []string{"", "disk full"} {
							for _, warning := range []string{"", "tracker down"} {
								transfer := domain.Transfer{
									Phase: phase, MetadataKnown: known, BytesWanted: wanted, BytesLeft: left,
									LocalError: trouble, Warning: warning,
								}
								want := settled[phase] && known && wanted > 0 && left == 0 && trouble == ""
								if transfer.Finished() != want {
									t.Errorf("finished is %t of %+v", !want, transfer)
								}
								if want {
									finished++
								}
							}
						}
					}
				}
			}
		}
		if finished != 4*2*2 {
			t.Errorf("%d lines of the table are finished", finished)
		}
	})
}

func TestTransferFractionDone(t *testing.T) {
	t.Parallel()
	t.Run("the fraction is within 0 and 1, and 1 only when nothing is left", rapid.MakeCheck(func(t *rapid.T) {
		transfer := domain.Transfer{
			MetadataKnown: rapid.Bool().Draw(t, "known"),
			BytesWanted:   rapid.Int64Range(-1, 1<<62).Draw(t, "wanted"),
			BytesLeft:     rapid.Int64Range(-1, 1<<62).Draw(t, "left"),
		}
		fraction := transfer.FractionDone()
		if fraction < 0 || fraction > 1 {
			t.Fatalf("fraction %v", fraction)
		}
		if fraction == 1 && transfer.BytesLeft > 0 {
			t.Fatalf("1 with %d bytes left of %d", transfer.BytesLeft, transfer.BytesWanted)
		}
	}))
	t.Run("a half is a half", func(t *testing.T) {
		t.Parallel()
		if got := (domain.Transfer{MetadataKnown: true, BytesWanted: 10, BytesLeft: 5}).FractionDone(); got != 0.5 {
			t.Errorf("fraction %v", got)
		}
	})
	t.Run("one byte left of a huge torrent is not done", func(t *testing.T) {
		t.Parallel()
		if got := (domain.Transfer{MetadataKnown: true, BytesWanted: 1 << 60, BytesLeft: 1}).FractionDone(); got >= 1 {
			t.Errorf("fraction %v", got)
		}
	})
}
