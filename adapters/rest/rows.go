package rest

import (
	"bytes"
	"encoding/json"
	"io"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// Rows are written by hand, since a list may be 100,000 of them: what comes out is
// what encoding/json would make of a struct of the documented columns.

// timeLayout is how every time is shown, in UTC.
const timeLayout = "2006-01-02 15:04:05"

// appendTorrent appends the documented columns of a torrent.
func appendTorrent(b []byte, t *domain.Torrent) []byte {
	b = appendUUID(append(b, `{"id":`...), &t.ID)
	b = appendText(append(b, `,"local_node":`...), t.LocalNode)
	b = appendUUID(append(b, `,"server_id":`...), &t.ServerID)
	b = appendUUID(append(b, `,"user_id":`...), t.UserID)
	b = appendText(append(b, `,"magnetURI":`...), t.MagnetURI.String())
	b = appendTextOrNull(append(b, `,"hash_string":`...), t.HashString)
	b = appendTime(append(b, `,"completed_at":`...), t.CompletedAt)
	b = appendTextOrNull(append(b, `,"name":`...), t.Name)
	b = appendTime(append(b, `,"created_at":`...), &t.CreatedAt)
	b = appendTime(append(b, `,"updated_at":`...), &t.UpdatedAt)
	b = appendTime(append(b, `,"deleted_at":`...), t.DeletedAt)
	return append(b, '}')
}

// appendServer appends the documented columns of a server. What it does on
// completion is not one of them, and its credentials are nobody's to see.
func appendServer(b []byte, s *domain.Server) []byte {
	b = appendServerColumns(b, s)
	b = appendTime(append(b, `,"deleted_at":`...), s.DeletedAt)
	return append(b, '}')
}

// appendNewServer is appendServer for the answer to POST, which has no deleted_at.
func appendNewServer(b []byte, s *domain.Server) []byte {
	return append(appendServerColumns(b, s), '}')
}

func appendServerColumns(b []byte, s *domain.Server) []byte {
	b = appendUUID(append(b, `{"id":`...), &s.ID)
	b = appendText(append(b, `,"local_node":`...), s.LocalNode)
	b = appendText(append(b, `,"address":`...), s.Address)
	b = appendText(append(b, `,"type":`...), string(s.Type))
	b = appendTime(append(b, `,"created_at":`...), &s.CreatedAt)
	return appendTime(append(b, `,"updated_at":`...), &s.UpdatedAt)
}

func appendUUID(b []byte, id *uuid.UUID) []byte {
	if id == nil {
		return append(b, "null"...)
	}
	const digits = "0123456789abcdef"
	b = append(b, '"')
	for i, octet := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b = append(b, '-')
		}
		b = append(b, digits[octet>>4], digits[octet&0xf])
	}
	return append(b, '"')
}

func appendTime(b []byte, t *time.Time) []byte {
	if t == nil {
		return append(b, "null"...)
	}
	b = t.UTC().AppendFormat(append(b, '"'), timeLayout)
	return append(b, '"')
}

func appendTextOrNull(b []byte, text string) []byte {
	if text == "" {
		return append(b, "null"...)
	}
	return appendText(b, text)
}

// appendText appends a JSON string. Most need no escapes and are copied; for the
// others encoding/json knows how. (0xE2 may begin U+2028, which it escapes.)
func appendText(b []byte, text string) []byte {
	ascii := true
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ', c == '"', c == '\\', c == 0xE2:
			return appendEscaped(b, text)
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	if !ascii && !utf8.ValidString(text) {
		return appendEscaped(b, text)
	}
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}

func appendEscaped(b []byte, text string) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string into memory: cannot fail
	return append(b, bytes.TrimSuffix(out.Bytes(), []byte("\n"))...)
}

func appendList[T any](b []byte, rows []T, appendRow func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, row := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendRow(b, row)
	}
	return append(b, ']')
}

// streamChunk is about how much of a long list is put together before it is sent.
const streamChunk = 64 << 10

// list is the answer of a bare array, sent as it is made.
func list[T any](rows []T, appendRow func([]byte, T) []byte) reply {
	answer := ok(nil)
	answer.stream = func(w io.Writer) {
		b := make([]byte, 0, streamChunk+4<<10)
		b = append(b, '[')
		for i, row := range rows {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendRow(b, row)
			if len(b) >= streamChunk {
				if _, err := w.Write(b); err != nil {
					return // the caller has gone
				}
				b = b[:0]
			}
		}
		_, _ = w.Write(append(b, ']'))
	}
	return answer
}
