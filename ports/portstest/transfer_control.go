package portstest

import (
	"slices"
	"strings"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/ports"
)

// setting is what can be set of a transfer, and the capability that it takes.
type setting struct {
	capability domain.Capability
	// settings are tried one after another; the last ones take it back where it can be.
	settings []domain.TransferSettings
}

// settable are the settings, but for folders and files.
func settable() []setting {
	return []setting{
		{domain.CapabilityRename, []domain.TransferSettings{{Name: ptr("Another – name")}, {Name: ptr("one")}}},
		{domain.CapabilityLabel, []domain.TransferSettings{{Label: ptr("films")}, {Label: ptr("music")}, {Label: ptr("")}}},
		{domain.CapabilityPriority, []domain.TransferSettings{
			{Priority: ptr(domain.PriorityHigh)}, {Priority: ptr(domain.PriorityLow)}, {Priority: ptr(domain.PriorityNormal)},
		}},
		// They are whole numbers of 1000 bytes and of 1024.
		{domain.CapabilitySpeedLimits, []domain.TransferSettings{
			{DownloadLimit: ptr(int64(1_024_000))},
			{UploadLimit: ptr(int64(512_000))},
			{DownloadLimit: ptr(int64(256_000)), UploadLimit: ptr(int64(128_000))},
			{DownloadLimit: ptr(int64(0)), UploadLimit: ptr(int64(0))},
		}},
	}
}

func controllingTransfers(harness TorrentClientHarness) clientFacts {
	facts := clientFacts{}
	if harness.Declared.Has(domain.CapabilityPause) {
		facts["what is paused is stopped until it is resumed, and nothing else is"] = pausing
	}
	if harness.Declared.Has(domain.CapabilityVerify) {
		facts["verifying what is not there, and nothing, is fine"] = func(t *clientTrial) {
			client := t.Open(t.T)
			hashes := t.crowd(client)
			for _, some := range [][]domain.InfoHash{nil, {}, {t.strange()}, {t.strange(), hashes[0]}} {
				ok(t.T, client.Verify(t.Context(), some))
			}
			t.has(client, hashes...)
		}
	}
	if settings := some(harness.Declared); len(settings) > 0 {
		facts["settings of a transfer are taken, and stay"] = func(t *clientTrial) {
			client := t.Open(t.T)
			hashes := t.crowd(client)
			for _, settings := range settings {
				for range 2 { // it may be repeated
					ok(t.T, client.Configure(t.Context(), hashes[3], settings))
				}
				t.treated(hashes[3], settings)
			}
			ok(t.T, client.Configure(t.Context(), hashes[3], domain.TransferSettings{}))
			t.treated(hashes[3], settings[len(settings)-1])
			t.has(client, hashes...)
		}
		facts["settings of what is not there are KindNotFound"] = func(t *clientTrial) {
			client := t.settled()
			for _, settings := range append(settings, domain.TransferSettings{}) {
				fails(t.T, client.Configure(t.Context(), t.strange(), settings), domain.KindNotFound)
			}
		}
	}
	if harness.Declared.Has(domain.CapabilityFolder) {
		facts["a folder of a transfer without data is taken, and stays"] = func(t *clientTrial) {
			client := t.Open(t.T)
			hash := t.add(client, unserved(t.T))
			for range 2 {
				settings := domain.TransferSettings{Folder: ptr(t.NewFolder(t.T))}
				for range 2 {
					ok(t.T, client.Configure(t.Context(), hash, settings))
				}
				t.treated(hash, settings)
			}
			relative, magnet := domain.TransferSettings{Folder: ptr("not/absolute")}, unserved(t.T)
			before := t.Settings(t.T, hash)
			fails(t.T, client.Configure(t.Context(), hash, relative), domain.KindInvalid, "folder")
			t.treated(hash, before)
			_, err := client.Add(t.Context(), domain.Handover{Magnet: magnet, Settings: relative})
			fails(t.T, err, domain.KindInvalid, "folder")
			if report := t.report(client, magnet.InfoHash()); len(report.Transfers) > 0 {
				t.Fatal("what was refused is there")
			}
		}
	}
	if harness.Declared.Has(domain.CapabilityFileSelection) {
		facts["a choice of files that comes before the metadata is refused, or kept"] = choosingEarly
	}
	return facts
}

// choosingEarly chooses among files that are not known yet, by Add and by Configure.
func choosingEarly(t *clientTrial) {
	client, settings := t.Open(t.T), domain.TransferSettings{Unwanted: &[]int{0, 2}}
	for name, choose := range map[string]func(magnet domain.Magnet) error{
		"Add": func(magnet domain.Magnet) error {
			_, err := client.Add(t.Context(), domain.Handover{Magnet: magnet, Settings: settings})
			if err != nil && len(t.report(client, magnet.InfoHash()).Transfers) > 0 {
				t.Error("what was refused is there")
			}
			return err
		},
		"Configure": func(magnet domain.Magnet) error {
			return client.Configure(t.Context(), t.add(client, magnet), settings)
		},
	} {
		seed := t.SeedFiles(t.T, fileSizes...)
		if err := choose(seed.Magnet); err != nil {
			fails(t.T, err, domain.KindConflict)
			continue
		}
		seed.Complete(t.T)
		seed.Connect(t.T)
		chosen := t.untilOne(client, "what is wanted to be there", seed.Magnet.InfoHash(), domain.Transfer.Finished)
		if chosen.BytesWanted != int64(fileSizes[1]) {
			t.Fatalf("chosen by %s: %+v", name, chosen)
		}
	}
}

// some are settings that a type takes, one after another.
func some(can domain.Capabilities) []domain.TransferSettings {
	var all []domain.TransferSettings
	for _, one := range settable() {
		if can.Has(one.capability) {
			all = append(all, one.settings...)
		}
	}
	return all
}

func pausing(t *clientTrial) {
	client := t.Open(t.T)
	hashes := t.crowd(client)
	stopped := func(some []domain.InfoHash) func(domain.Report) bool {
		return func(r domain.Report) bool {
			for _, hash := range hashes {
				if (r.Transfers[hash].Phase == domain.PhaseStopped) != slices.Contains(some, hash) {
					return false
				}
			}
			return len(r.Transfers) == len(hashes)
		}
	}
	for range 2 { // it may be repeated
		ok(t.T, client.Pause(t.Context(), append(slices.Clone(hashes[:8]), t.strange())))
		t.until(client, "eight to be paused", hashes, stopped(hashes[:8]))
	}
	for _, none := range [][]domain.InfoHash{nil, {}, {t.strange()}} {
		ok(t.T, client.Pause(t.Context(), none))
		ok(t.T, client.Resume(t.Context(), none))
	}
	t.until(client, "eight to be paused still", hashes, stopped(hashes[:8]))
	for range 2 {
		ok(t.T, client.Resume(t.Context(), append([]domain.InfoHash{t.strange()}, hashes[:3]...)))
		t.until(client, "five to be paused", hashes, stopped(hashes[3:8]))
	}
}

// treated proves that the daemon treats a transfer as it was told.
func (t *clientTrial) treated(hash domain.InfoHash, want domain.TransferSettings) {
	t.Helper()
	t.eventually("the daemon to take "+spelled(want), func() bool {
		got := t.Settings(t.T, hash)
		return agree(want.Name, got.Name) && agree(want.Label, got.Label) && agree(want.Folder, got.Folder) &&
			agree(want.Priority, got.Priority) && agree(want.DownloadLimit, got.DownloadLimit) && agree(want.UploadLimit, got.UploadLimit)
	})
}

// agree reports whether a setting is as it should be; nil is not told.
func agree[T comparable](want, got *T) bool { return want == nil || (got != nil && *want == *got) }

// spelled writes settings down.
func spelled(settings domain.TransferSettings) string {
	text := ""
	for _, line := range remember(settings) {
		if name, value, _ := strings.Cut(line, " = "); value != "nil" {
			text += name + " = " + value + " "
		}
	}
	return text
}

func handingOver(harness TorrentClientHarness) clientFacts {
	facts := clientFacts{}
	if begin := first(harness.Declared); !begin.IsZero() {
		facts["what is handed over with settings has them"] = func(t *clientTrial) {
			client, magnet := t.Open(t.T), unserved(t.T)
			handover := domain.Handover{Magnet: magnet, Settings: begin, Paused: t.can(domain.CapabilityPause)}
			if t.can(domain.CapabilityFolder) {
				handover.Settings.Folder = ptr(t.NewFolder(t.T))
			}
			hash, err := client.Add(t.Context(), handover)
			ok(t.T, err)
			t.treated(hash, handover.Settings)
			if handover.Paused {
				t.stopped(client, hash)
			}
			// Adding what is there changes nothing.
			_, err = client.Add(t.Context(), domain.Handover{Magnet: magnet})
			ok(t.T, err)
			t.treated(hash, handover.Settings)
			if handover.Paused {
				t.stopped(client, hash)
			}
			handover = domain.Handover{Magnet: unserved(t.T), Settings: begin}
			hash, err = client.Add(t.Context(), handover)
			ok(t.T, err)
			t.treated(hash, handover.Settings)
			t.untilOne(client, "it to run", hash, func(transfer domain.Transfer) bool { return transfer.Phase != domain.PhaseStopped })
		}
	}
	return facts
}

// stopped waits until a transfer is stopped.
func (t *clientTrial) stopped(client ports.OpenClient, hash domain.InfoHash) {
	t.Helper()
	t.untilOne(client, "it to be stopped", hash, func(transfer domain.Transfer) bool { return transfer.Phase == domain.PhaseStopped })
}

// first are settings of all kinds that a type takes.
func first(can domain.Capabilities) domain.TransferSettings {
	var s domain.TransferSettings
	if can.Has(domain.CapabilityRename) {
		s.Name = ptr("A name")
	}
	if can.Has(domain.CapabilityLabel) {
		s.Label = ptr("films")
	}
	if can.Has(domain.CapabilityPriority) {
		s.Priority = ptr(domain.PriorityHigh)
	}
	if can.Has(domain.CapabilitySpeedLimits) {
		s.DownloadLimit, s.UploadLimit = ptr(int64(1_024_000)), ptr(int64(512_000))
	}
	return s
}
