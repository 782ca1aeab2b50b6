package portstest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

// given proves that the harness gives what its facts are going to call. Calling what
// is missing would end them all, and not say what it was.
func (d TorrentDaemon) given(t *testing.T, harness TorrentClientHarness) {
	t.Helper()
	can, has := harness.Capabilities, harness.Declared.Has
	var missing []string
	for _, one := range []struct {
		field, why    string
		needed, given bool
	}{
		{"Open", "always", true, d.Open != nil},
		{"Stop", "always", true, d.Stop != nil},
		{"Restart", "always", true, d.Restart != nil},
		{"AddByHand", "always", true, d.AddByHand != nil},
		{"RemoveByHand", "always", true, d.RemoveByHand != nil},
		{"Seed", "always", true, d.Seed != nil},
		{"SeedFiles", "always", true, d.SeedFiles != nil},
		{"Hang", "with Remote", can.Remote, d.Hang != nil},
		{"Wake", "with Remote", can.Remote, d.Wake != nil},
		{"OpenWrongly", "with Credentials", can.Credentials, d.OpenWrongly != nil},
		{"StopByHand", "with Stops", can.Stops, d.StopByHand != nil},
		{"BreakDisk", "with DiskErrors", can.DiskErrors, d.BreakDisk != nil},
		{"StopAtRatio", "with RatioStops", can.RatioStops, d.StopAtRatio != nil},
		{"Proxy", "with Proxied", can.Proxied, d.Proxy != nil},
		{"OpenAt", "with Proxied", can.Proxied, d.OpenAt != nil},
		{"NewFolder", "with FOLDER", has(domain.CapabilityFolder), d.NewFolder != nil},
		{"Settings", "with FOLDER, or any setting", has(domain.CapabilityFolder) || len(some(harness.Declared)) > 0, d.Settings != nil},
	} {
		if one.needed && !one.given {
			missing = append(missing, fmt.Sprintf("%s (needed %s)", one.field, one.why))
		}
	}
	if can.Deltas && !can.Proxied {
		missing = append(missing, "Capabilities.Proxied (needed with Deltas)")
	}
	if len(missing) > 0 {
		t.Fatalf("the harness does not give %s", strings.Join(missing, ", "))
	}
}

// summary is a report as somebody reads it whose fact has failed: a line for each
// transfer, without what is nil or empty.
func summary(report domain.Report) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d transfers, settling: %t", len(report.Transfers), report.Settling)
	for hash, transfer := range report.Transfers {
		fmt.Fprintf(&text, "\n  %s %s, metadata %t, %d bytes left of %d, %d peers", hash, transfer.Phase, transfer.MetadataKnown,
			transfer.BytesLeft, transfer.BytesWanted, transfer.Peers)
		if transfer.LocalError != "" {
			fmt.Fprintf(&text, ", local error %q", transfer.LocalError)
		}
		if transfer.Warning != "" {
			fmt.Fprintf(&text, ", warning %q", transfer.Warning)
		}
		if transfer.FinishedAt != nil {
			fmt.Fprintf(&text, ", finished at %s", transfer.FinishedAt)
		}
	}
	return text.String()
}
