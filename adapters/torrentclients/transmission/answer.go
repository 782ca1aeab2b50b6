package transmission

import (
	"encoding/json"

	"github.com/clarion-app/download-manager/domain"
	"github.com/clarion-app/download-manager/internal/jsonscan"
)

// refusal is the daemon saying no, in an answer that is otherwise well.
type refusal struct {
	message string
	// notOurs: it is about the protocol, not about what was asked for.
	notOurs bool
}

func (r *refusal) Error() string { return "the daemon says: " + r.message }

// readAnswer takes an answer of either dialect out of its envelope and returns
// the arguments in it, or a *refusal.
func readAnswer(body []byte) (arguments []byte, err error) {
	var result, failure []byte
	s := jsonscan.New(body)
	err = s.Object(func(key []byte) (err error) {
		switch string(key) {
		case "result":
			result, err = s.Skip()
		case "arguments":
			arguments, err = s.Skip()
		case "error":
			failure, err = s.Skip()
		default:
			_, err = s.Skip()
		}
		return err
	})
	if err == nil {
		err = s.End()
	}
	switch {
	case err != nil:
		return nil, err
	case len(failure) > 0 && failure[0] == '{':
		return nil, readError(failure)
	case len(result) > 0 && result[0] == '{':
		return result, nil
	case len(result) == 0 || result[0] != '"':
		return nil, errMalformed
	}
	var said string
	if err := json.Unmarshal(result, &said); err != nil {
		return nil, errMalformed
	}
	if said != "success" {
		said = shorten(said)
		return nil, &refusal{message: said, notOurs: said == "no method name" || said == "method name not recognized"}
	}
	return arguments, nil
}

// readError reads the error of a JSON-RPC answer. Codes of the protocol itself
// are far below zero.
func readError(raw []byte) error {
	var failure struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Data    struct {
			Text string `json:"error_string"`
		} `json:"data"`
	}
	if err := json.Unmarshal(raw, &failure); err != nil {
		return errMalformed
	}
	message := shorten(failure.Message)
	if text := shorten(failure.Data.Text); text != "" && text != message {
		message += " (" + text + ")"
	}
	return &refusal{message: message, notOurs: failure.Code <= -32000}
}

// shorten makes a daemon's text fit to show.
func shorten(text string) string {
	text = domain.CleanText(text)
	if len(text) > 300 {
		text = domain.CleanText(text[:300]) + "…"
	}
	return text
}

// decode reads a small answer. With encoding/json names match without regard to
// case, which no dialect minds.
func decode(arguments []byte, into any) error {
	if err := json.Unmarshal(arguments, into); err != nil {
		return nonsense(errMalformed)
	}
	return nil
}
