package graph

import (
	"encoding/json"

	"github.com/99designs/gqlgen/graphql"
)

// message is the envelope of the protocol.
type message struct {
	ID      string          `json:"id"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload"`
}

// toClient writes a message of the protocol. What is empty is left out.
func toClient(id, kind string, payload []byte) []byte {
	text := make([]byte, 0, len(id)+len(kind)+len(payload)+len(`{"id":"","type":"","payload":}`))
	text = append(text, '{')
	if id != "" {
		text = append(append(append(text, `"id":`...), asJSON(id)...), ',')
	}
	text = append(append(append(text, `"type":"`...), kind...), '"')
	if len(payload) > 0 {
		text = append(append(text, `,"payload":`...), payload...)
	}
	return append(text, '}')
}

// answerOf writes a response. What the executor has written is JSON already.
func answerOf(r *graphql.Response) []byte {
	if len(r.Errors) > 0 || len(r.Extensions) > 0 || len(r.Data) == 0 {
		return asJSON(r)
	}
	return append(append([]byte(`{"data":`), r.Data...), '}')
}

// asJSON writes what can always be written.
func asJSON(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}
