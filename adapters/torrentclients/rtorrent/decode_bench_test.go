package rtorrent

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// BenchmarkDecode compares reading a list of 5,000 torrents with what encoding/xml
// takes for the tokens alone, of the same answer and of one with a value per field.
func BenchmarkDecode(b *testing.B) {
	var ours, plain strings.Builder
	for i := range 5_000 {
		row := fmt.Sprintf("%040X:0:1:1:1:0:0:1:1048576:0:262144:4:4:0:1700000000:0:0:0:0:0::", i)
		name := fmt.Sprintf("<value><string>Some.Torrent.Name.2024.1080p.%d</string></value>\r\n", i)
		const begin, end = "<value><array><data>\r\n", "<value><string></string></value>\r\n</data></array></value>\r\n"
		ours.WriteString(begin + "<value><string>" + row + "</string></value>\r\n" + name + end)
		plain.WriteString(begin + name)
		for field := range strings.SplitSeq(row, ":") {
			plain.WriteString("<value><i8>" + field + "</i8></value>\r\n")
		}
		plain.WriteString(end)
	}
	whole := func(rows string) []byte { return response("<value><array><data>" + rows + "</data></array></value>") }
	b.Run("scanner", func(b *testing.B) {
		body := whole(ours.String())
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			answer, err := readAnswer(body)
			if err != nil {
				b.Fatal(err)
			}
			if rows, err := readRows(answer); err != nil || len(rows) != 5_000 {
				b.Fatal(len(rows), err)
			}
		}
	})
	for name, body := range map[string][]byte{"encoding-xml": whole(ours.String()), "encoding-xml-plain": whole(plain.String())} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				decoder := xml.NewDecoder(bytes.NewReader(body))
				for {
					if _, err := decoder.RawToken(); errors.Is(err, io.EOF) {
						break
					} else if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
