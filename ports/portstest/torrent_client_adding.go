package portstest

import (
	"strings"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// aHash returns 40 hex digits that name nothing.
func aHash() string {
	return strings.ReplaceAll(uuid.NewString()+uuid.NewString(), "-", "")[:40]
}

func addingTransfers(harness TorrentClientHarness) clientFacts {
	facts := clientFacts{
		"adding tells the infohash that is reported": func(t *clientTrial) {
			client, magnet := t.Open(t.T), unserved(t.T)
			if hash := t.add(client, magnet); hash != magnet.InfoHash() {
				t.Fatalf("added as %s; the magnet names %s", hash, magnet.InfoHash())
			}
		},
		"adding twice is one transfer and changes nothing": func(t *clientTrial) {
			client, magnet := t.Open(t.T), unserved(t.T)
			first := t.add(client, magnet)
			again := parse(t.T, magnet.String()+"&dn=another+name")
			if second := t.add(client, again); second != first {
				t.Fatalf("added as %s, then as %s", first, second)
			}
			ok(t.T, client.Remove(t.Context(), []domain.InfoHash{first}, false))
			t.until(client, "the only transfer to be gone", []domain.InfoHash{first}, absent)
		},
		"a magnet with v1 and v2 infohash goes by the first": func(t *clientTrial) {
			magnet := parse(t.T, "magnet:?xt=urn:btmh:1220"+strings.Repeat("ab", 32)+"&xt=urn:btih:"+aHash())
			if hash := t.add(t.Open(t.T), magnet); hash != magnet.InfoHash() {
				t.Fatalf("added as %s; the magnet names %s", hash, magnet.InfoHash())
			}
		},
	}
	for spelling, text := range map[string]string{
		"base32":                "magnet:?xt=urn:btih:mfrggzdfmztwq2lknnwg23tpobyxe43u",
		"capitals":              "MAGNET:?XT=URN:BTIH:" + strings.ToUpper(aHash()) + "&DN=Name",
		"percent-encoded":       "magnet:?xt=urn%3Abtih%3A" + aHash() + "&dn=a%20b+c",
		"behind other topics":   "magnet:?xl=5&xt=urn:sha1:mfrggzdfmztwq2lknnwg23tpobyxe43u&xt=urn:btih:" + aHash(),
		"with an unusual name":  "magnet:?xt=urn:btih:" + aHash() + "&dn=%E2%98%83%20%22%2F..%2F%3C%F0%9F%8D%89",
		"with numbered topics":  "magnet:?xt.1=urn:btih:" + aHash(),
		"with hundreds of keys": "magnet:?xt=urn:btih:" + aHash() + strings.Repeat("&x.unknown=1", 300),
	} {
		facts["a magnet is taken in spite of its spelling: "+spelling] = func(t *clientTrial) {
			magnet := parse(t.T, text)
			if hash := t.add(t.Open(t.T), magnet); hash != magnet.InfoHash() {
				t.Fatalf("added as %s; the magnet names %s", hash, magnet.InfoHash())
			}
		}
	}
	v2 := "magnet:?xt=urn:btmh:1220" + strings.Repeat("cd", 32)
	if harness.Capabilities.TakesV2 {
		facts["a magnet with a v2 infohash alone is taken"] = func(t *clientTrial) {
			t.add(t.Open(t.T), parse(t.T, v2))
		}
	} else {
		facts["a magnet with a v2 infohash alone is refused as such"] = refused(v2)
	}
	for what, text := range harness.Refused {
		facts["a magnet is refused as such: "+what] = refused(text)
	}
	return facts
}

// refused proves that a magnet is found to be at fault, and that this does the
// client no harm.
func refused(text string) func(t *clientTrial) {
	return func(t *clientTrial) {
		client, magnet := t.Open(t.T), parse(t.T, text)
		_, err := client.Add(t.Context(), domain.Handover{Magnet: magnet})
		if kind := domain.KindOf(err); err == nil || (kind != domain.KindInvalid && kind != domain.KindConflict) {
			t.Fatalf("error %v of kind %s; want one that says that the magnet is refused", err, kind)
		}
		if refusal := domain.Errors(err)[0]; refusal.Kind == domain.KindInvalid && refusal.Field != "magnetURI" {
			t.Fatalf("error %v is about the field %q; want magnetURI", err, refusal.Field)
		}
		if report := t.report(client, magnet.InfoHash()); len(report.Transfers) > 0 {
			t.Fatal("what was refused is there")
		}
		t.add(client, unserved(t.T))
	}
}

// absent likes a report that proves that there is nothing of what was asked for.
func absent(report domain.Report) bool { return len(report.Transfers) == 0 && !report.Settling }
