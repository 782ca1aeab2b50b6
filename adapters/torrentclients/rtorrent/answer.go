package rtorrent

import (
	"fmt"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// The daemon's codes for what it cannot do, as far as they are told apart.
const (
	faultUnknownMethod = -506
	faultUnknownHash   = -501 // of 0.9; 0.16 says -503, as for much else
)

// fault is the daemon's no to a call.
type fault struct {
	code    int64
	message string
}

func (f *fault) Error() string { return fmt.Sprintf("rtorrent's fault %d: %s", f.code, f.message) }

// unknownHash reports whether the call was about a torrent that is not there.
func (f *fault) unknownHash() bool {
	return f.code == faultUnknownHash && strings.Contains(f.message, "info-hash") ||
		strings.Contains(f.message, "info-hash not found")
}

// readAnswer reads the body of an answer. The error is a *fault where the daemon
// answered with one, else errMalformed.
func readAnswer(body []byte) (value, error) {
	s := &scanner{data: body}
	if err := s.prolog(); err != nil {
		return value{}, err
	}
	if err := s.expect("<methodResponse>"); err != nil {
		return value{}, err
	}
	s.blank()
	failed := s.accept("<fault>")
	if !failed {
		if err := s.expect("<params>"); err != nil {
			return value{}, err
		}
		if err := s.expect("<param>"); err != nil {
			return value{}, err
		}
	}
	answer, err := s.value(0)
	if err != nil {
		return value{}, err
	}
	ends := []string{"</param>", "</params>"}
	if failed {
		ends = []string{"</fault>"}
	}
	for _, end := range append(ends, "</methodResponse>") {
		if err := s.expect(end); err != nil {
			return value{}, err
		}
	}
	if s.blank(); s.at != len(s.data) {
		return value{}, malformed("more than an answer")
	}
	if failed {
		return value{}, answer.fault()
	}
	return answer, nil
}

// fault reads a struct of a fault; errMalformed if it is none.
func (v value) fault() error {
	code, ok := v.member("faultCode").integer()
	if v.kind != kindStruct || !ok {
		return malformed("a fault without code")
	}
	return &fault{code: code, message: shorten(v.member("faultString").String())}
}

// results takes the answers to calls made together apart: for each its value, or
// its fault.
func results(answer value, calls int) ([]result, error) {
	if answer.kind != kindList || len(answer.list) != calls {
		return nil, malformed("another number of answers")
	}
	all := make([]result, calls)
	for i, item := range answer.list {
		switch {
		case item.kind == kindList && len(item.list) == 1:
			all[i].value = item.list[0]
		case item.kind == kindStruct:
			if all[i].err = item.fault(); !isFault(all[i].err) {
				return nil, all[i].err
			}
		default:
			return nil, malformed("an answer that is none")
		}
	}
	return all, nil
}

// result is the answer to one of several calls.
type result struct {
	value value
	err   error // a *fault
}

// shorten makes a text from elsewhere fit for a message.
func shorten(text string) string {
	const most = 300
	if len(text) > 4*most {
		text = text[:4*most]
	}
	text = domain.CleanText(text)
	if len(text) > most {
		text = domain.CleanText(text[:most]) + "…"
	}
	return text
}
