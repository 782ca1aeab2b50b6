package portstest

import (
	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// lacking proves, for each capability that is not declared, that it is refused as
// lacking and that nothing has changed.
func lacking(harness TorrentClientHarness) clientFacts {
	facts := clientFacts{}
	for _, capability := range domain.AllCapabilities() {
		if harness.Declared.Has(capability) || capability == domain.CapabilityFreeSpace {
			continue // that one is told by Probe or not
		}
		facts["what is not declared is refused, and changes nothing: "+string(capability)] = func(t *clientTrial) {
			client := t.Open(t.T)
			hashes := t.crowd(client)
			for name, err := range t.attempts(client, capability, hashes[2]) {
				lacks := domain.Lacks(harness.Type, capability)
				if all := domain.Errors(err); domain.KindOf(err) != domain.KindInvalid || all[0].Field != lacks.Field || all[0].Message != lacks.Message {
					t.Errorf("%s: error %v; want %v", name, err, lacks)
				}
			}
			t.has(client, hashes...)
			t.until(client, "nothing to be stopped", hashes, func(r domain.Report) bool { return r.Transfers[hashes[2]].Phase != domain.PhaseStopped })
		}
	}
	return facts
}

// attempts tries all that takes a capability, and returns what came of it.
func (t *clientTrial) attempts(client ports.OpenClient, capability domain.Capability, hash domain.InfoHash) map[string]error {
	t.Helper()
	errs, only, handover := map[string]error{}, []domain.InfoHash{hash}, domain.Handover{Magnet: unserved(t.T)}
	var settings domain.TransferSettings
	for _, one := range settable() {
		if one.capability == capability {
			settings = one.settings[0]
		}
	}
	switch capability {
	case domain.CapabilityPause:
		errs["Pause"], errs["Resume"] = client.Pause(t.Context(), only), client.Resume(t.Context(), only)
		handover.Paused = true
	case domain.CapabilityVerify:
		errs["Verify"] = client.Verify(t.Context(), only)
	case domain.CapabilityFiles:
		_, errs["Files"] = client.Files(t.Context(), hash)
	case domain.CapabilityTrackers:
		_, errs["Trackers"] = client.Trackers(t.Context(), hash)
	case domain.CapabilityPeers:
		_, errs["Peers"] = client.Peers(t.Context(), hash)
	case domain.CapabilityDeleteData:
		errs["Remove"] = client.Remove(t.Context(), only, true)
	case domain.CapabilityTorrentFiles:
		seed := t.Seed(t.T, seedSize)
		handover = domain.Handover{Magnet: seed.Magnet, Metainfo: seed.Metainfo}
	case domain.CapabilityFolder:
		settings.Folder = ptr("/somewhere/else")
	case domain.CapabilityFileSelection:
		settings.Unwanted = &[]int{0}
	default: // what is only a setting
	}
	if !settings.IsZero() {
		errs["Configure"] = client.Configure(t.Context(), hash, settings)
	}
	handover.Settings = settings
	if !settings.IsZero() || handover.Paused || handover.Metainfo != nil {
		_, errs["Add"] = client.Add(t.Context(), handover)
		if report := t.report(client, handover.InfoHash()); len(report.Transfers) > 0 {
			t.Error("what was refused is there")
		}
	}
	return errs
}
