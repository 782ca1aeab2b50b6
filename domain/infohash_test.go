package domain_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/clarion-app/download-manager/domain"
)

func TestParseInfoHash(t *testing.T) {
	t.Parallel()
	for fact, one := range map[string]struct{ text, want string }{
		"lower-case hex is itself":      {bunnyHex, bunnyHex},
		"upper-case hex is lowered":     {strings.ToUpper(bunnyHex), bunnyHex},
		"base32 is read":                {bunnyBase32, bunnyHex},
		"lower-case base32 is read":     {strings.ToLower(bunnyBase32), bunnyHex},
		"a v2 infohash is cut":          {v2Hex, v2Hex[:40]},
		"zeros are an infohash":         {strings.Repeat("0", 40), strings.Repeat("0", 40)},
		"base32 of zeros is read":       {strings.Repeat("A", 32), strings.Repeat("0", 40)},
		"nothing is none":               {"", ""},
		"blanks around are not dropped": {" " + bunnyHex[1:], ""},
		"39 digits are none":            {bunnyHex[1:], ""},
		"63 digits are none":            {v2Hex[1:], ""},
		"other letters are none":        {"z" + bunnyHex[1:], ""},
		"padded base32 is none":         {bunnyBase32[:26] + "======", ""},
		"base32 of 0 and 1 is none":     {"01" + bunnyBase32[2:], ""},
		"base32 with breaks is none":    {bunnyBase32[:24] + strings.Repeat("\n", 8), ""},
		"a long s is no s":              {strings.Repeat("ſ", 16), ""},
	} {
		t.Run(fact, func(t *testing.T) {
			t.Parallel()
			hash, err := domain.ParseInfoHash(one.text)
			if hash.String() != one.want || (err != nil) != (one.want == "") || hash.IsZero() != (one.want == "") {
				t.Errorf("got %q, error %v", hash, err)
			}
			if err != nil && domain.KindOf(err) != domain.KindInvalid {
				t.Errorf("error of kind %s", domain.KindOf(err))
			}
		})
	}
	t.Run("an infohash survives JSON, also as a key and as none", func(t *testing.T) {
		t.Parallel()
		hash, _ := domain.ParseInfoHash(bunnyHex)
		for _, want := range []domain.InfoHash{hash, {}} {
			raw, err := json.Marshal(map[domain.InfoHash]domain.InfoHash{hash: want})
			if err != nil {
				t.Fatal(err)
			}
			var got map[domain.InfoHash]domain.InfoHash
			if err := json.Unmarshal(raw, &got); err != nil || got[hash] != want {
				t.Errorf("%s became %v: %v", raw, got, err)
			}
		}
		if err := json.Unmarshal([]byte(`"broken"`), &hash); err == nil {
			t.Error("a broken text was read")
		}
		if hash.String() != bunnyHex {
			t.Error("a broken text altered the infohash")
		}
	})
}

func FuzzParseInfoHash(f *testing.F) {
	for _, seed := range []string{bunnyHex, bunnyBase32, v2Hex, bunnyBase32[:26] + "======", strings.Repeat("\n", 32), "ſ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		hash, err := domain.ParseInfoHash(text)
		if err != nil {
			if !hash.IsZero() || domain.KindOf(err) != domain.KindInvalid {
				t.Fatalf("error %v beside %v", err, hash)
			}
			return
		}
		if len(hash.String()) != 40 || hash.String() != strings.ToLower(hash.String()) {
			t.Fatalf("%q became %q", text, hash)
		}
		if again, err := domain.ParseInfoHash(hash.String()); err != nil || again != hash {
			t.Fatalf("%q became %q: %v", hash, again, err)
		}
		if upper, err := domain.ParseInfoHash(strings.ToUpper(text)); err != nil || upper != hash {
			t.Fatalf("in upper case %q: %v", upper, err)
		}
	})
}
