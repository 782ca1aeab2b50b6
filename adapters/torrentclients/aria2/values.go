package aria2

import "github.com/clarion-app/download-manager/internal/jsonscan"

// readText reads a text for keeping.
func readText(s *jsonscan.Scanner) (string, error) {
	text, err := s.Text()
	return string(text), err
}

// readCount reads a whole number that is not negative, as aria2 writes them: in a
// string.
func readCount(s *jsonscan.Scanner) (n int64, err error) {
	text, err := s.Text()
	if err != nil || len(text) == 0 || len(text) > 18 {
		return 0, errMalformed
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, errMalformed
		}
		n = n*10 + int64(c-'0')
	}
	return n, nil
}

// readFlag reads a "true" or a "false", which aria2 writes as strings as well.
func readFlag(s *jsonscan.Scanner) (bool, error) {
	text, err := s.Text()
	switch {
	case err != nil:
		return false, err
	case string(text) == "true":
		return true, nil
	case string(text) == "false":
		return false, nil
	}
	return false, errMalformed
}
