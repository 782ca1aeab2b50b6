package deluge

import (
	"errors"

	"github.com/clarion-app/download-manager/domain"
)

// refusal is the daemon saying no: an exception of its Python.
type refusal struct {
	// kind is the exception's class, such as "AddTorrentError".
	kind    string
	message string
}

func (r *refusal) Error() string { return "the daemon says: " + r.message + " (" + r.kind + ")" }

// refused reports whether err is a refusal of one of these kinds.
func refused(err error, kinds ...string) bool {
	no, ok := errors.AsType[*refusal](err)
	if !ok {
		return false
	}
	for _, kind := range kinds {
		if no.kind == kind {
			return true
		}
	}
	return false
}

// readRefusal reads what is behind the number in a message of a refusal: the class,
// its arguments, keywords, and a traceback. Classes that are not Deluge's own come
// wrapped: then the arguments are the text, the class and another traceback.
func readRefusal(r *reader) (no *refusal, err error) {
	class, err := r.text()
	if err != nil {
		return nil, err
	}
	var arguments []string
	if err := r.list(func() error {
		if !r.atText() {
			return r.skip()
		}
		text, err := r.text()
		arguments = append(arguments, string(text))
		return err
	}); err != nil {
		return nil, err
	}
	if err := r.skip(); err != nil {
		return nil, err
	}
	if err := r.skip(); err != nil {
		return nil, err
	}
	no = &refusal{kind: shorten(string(class))}
	if len(arguments) > 0 {
		no.message = shorten(arguments[0])
	}
	if no.kind == "WrappedException" && len(arguments) > 1 {
		no.kind = shorten(arguments[1])
	}
	if no.message == "" {
		no.message = no.kind
	}
	return no, nil
}

// shorten makes a daemon's text fit to show.
func shorten(text string) string {
	text = domain.CleanText(text)
	if len(text) > 300 {
		text = domain.CleanText(text[:300]) + "…"
	}
	return text
}
