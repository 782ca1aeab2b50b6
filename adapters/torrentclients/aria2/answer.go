package aria2

import (
	"encoding/json"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/jsonscan"
)

// refusal is the daemon saying no, in an answer that is otherwise well.
type refusal struct{ message string }

func (r *refusal) Error() string { return "the daemon says: " + r.message }

// unauthorized reports whether it is about the secret. aria2 has one code for all
// of its errors, so that only their texts tell them apart.
func (r *refusal) unauthorized() bool { return r.message == "Unauthorized" }

// readAnswer lets result read the result of an answer, or returns the refusal that
// it is.
func readAnswer(body []byte, result func(*jsonscan.Scanner) error) (no *refusal, err error) {
	told := false
	s := jsonscan.New(body)
	err = s.Object(func(key []byte) (err error) {
		switch string(key) {
		case "result":
			told = true
			err = result(s)
		case "error":
			no, err = readRefusal(s)
		default:
			_, err = s.Skip()
		}
		return err
	})
	if err == nil {
		err = s.End()
	}
	if err == nil && no == nil && !told {
		err = errMalformed
	}
	return no, err
}

// readReplies reads the result of several calls in one: for each a list with one
// value, which result reads, or the refusal of that call.
func readReplies(s *jsonscan.Scanner, result func(i int) error, refused func(i int, no *refusal)) error {
	i := -1
	return s.Array(func() error {
		i++
		if s.Peek() == '{' {
			no, err := readRefusal(s)
			if err == nil {
				refused(i, no)
			}
			return err
		}
		values := 0
		err := s.Array(func() error {
			values++
			return result(i)
		})
		if err == nil && values != 1 {
			err = errMalformed
		}
		return err
	})
}

// pass reads a value and drops it.
func pass(s *jsonscan.Scanner) error {
	_, err := s.Skip()
	return err
}

func readRefusal(s *jsonscan.Scanner) (*refusal, error) {
	var failure struct {
		Message string `json:"message"`
	}
	raw, err := s.Skip()
	if err != nil || raw[0] != '{' || json.Unmarshal(raw, &failure) != nil {
		return nil, errMalformed
	}
	if text := shorten(failure.Message); text != "" {
		return &refusal{text}, nil
	}
	return &refusal{"no, without a reason"}, nil
}

// shorten makes a daemon's text fit to show.
func shorten(text string) string {
	text = domain.CleanText(text)
	if len(text) > 300 {
		text = domain.CleanText(text[:300]) + "…"
	}
	return text
}

// decode reads a small result.
func decode(result []byte, into any) error {
	if err := json.Unmarshal(result, into); err != nil {
		return nonsense(errMalformed)
	}
	return nil
}
