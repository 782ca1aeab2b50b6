package rtorrent

import (
	"encoding/xml"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzAnswer proves that no answer makes us panic, or is taken for what it is not.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		"<value><string>a&amp;b</string></value>", "<value><i8>1</i8></value>", "<value/>", "<value><base64>YQ==</base64></value>",
		"<value><array><data><value><string>AA:0:1</string></value><value>x</value><value/></data></array></value>",
		"<value><struct><member><name>faultCode</name><value><i4>-501</i4></value></member></struct></value>", "<value><", "<value>&#x;",
	} {
		f.Add(response(seed))
	}
	f.Add([]byte("<methodResponse><fault><value><struct/></value></fault></methodResponse>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		answer, err := readAnswer(body)
		if err != nil {
			if !errors.Is(err, errMalformed) && !isFault(err) {
				t.Fatalf("%q: %v", body, err)
			}
			return
		}
		if !strings.Contains(string(body), "</methodResponse>") {
			t.Fatalf("%q is an answer", body)
		}
		_, _ = results(answer, len(answer.list))
		rows, err := readRows(answer)
		for i := range rows {
			if transfer := rows[i].transfer(-1); err == nil && (transfer.BytesLeft < 0 || transfer.BytesLeft > transfer.BytesWanted) {
				t.Fatalf("%+v", transfer)
			}
		}
	})
}

// FuzzText proves that a text survives being written, for us and for encoding/xml.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"", " a ", "<&>\"'", "]]>", "\r\n", "☃", "$d.hash="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var b strings.Builder
		encodeValue(&b, text)
		answer, err := readAnswer(response(b.String()))
		if err != nil || string(answer.text) != text {
			t.Fatalf("%q is read as %q, error %v", text, answer.text, err)
		}
		if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0xFFFE || r == 0xFFFF }) {
			return // which XML has not
		}
		var read struct {
			String string `xml:"string"`
		}
		if err := xml.Unmarshal([]byte(b.String()), &read); err != nil || read.String != text {
			t.Fatalf("%q is read as %q by encoding/xml, error %v", text, read.String, err)
		}
	})
}
