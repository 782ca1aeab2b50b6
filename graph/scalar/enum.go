package scalar

import (
	"github.com/99designs/gqlgen/graphql"

	"github.com/clarion-app/download-manager/domain"
)

// The enums of the schema have the very names of domain's constants, and the
// executor has checked an input's before it gets here.

// MarshalTorrentStatus writes a status.
func MarshalTorrentStatus(status domain.Status) graphql.Marshaler { return name(status) }

// UnmarshalTorrentStatus reads a status.
func UnmarshalTorrentStatus(value any) (domain.Status, error) { return read[domain.Status](value) }

// MarshalPhase writes a phase.
func MarshalPhase(phase domain.Phase) graphql.Marshaler { return name(phase) }

// UnmarshalPhase reads a phase.
func UnmarshalPhase(value any) (domain.Phase, error) { return read[domain.Phase](value) }

// MarshalProblemCode writes a kind of trouble.
func MarshalProblemCode(code domain.ProblemCode) graphql.Marshaler { return name(code) }

// UnmarshalProblemCode reads a kind of trouble.
func UnmarshalProblemCode(value any) (domain.ProblemCode, error) {
	return read[domain.ProblemCode](value)
}

// MarshalOnComplete writes what is done on completion.
func MarshalOnComplete(policy domain.OnComplete) graphql.Marshaler { return name(policy) }

// UnmarshalOnComplete reads what is done on completion.
func UnmarshalOnComplete(value any) (domain.OnComplete, error) { return read[domain.OnComplete](value) }

// MarshalIfHeldElsewhere writes what becomes of content that is elsewhere.
func MarshalIfHeldElsewhere(what domain.IfHeldElsewhere) graphql.Marshaler { return name(what) }

// UnmarshalIfHeldElsewhere reads what becomes of content that is elsewhere.
func UnmarshalIfHeldElsewhere(value any) (domain.IfHeldElsewhere, error) {
	return read[domain.IfHeldElsewhere](value)
}

// MarshalEventType writes what happened.
func MarshalEventType(kind domain.EventType) graphql.Marshaler { return name(kind) }

// UnmarshalEventType reads what happened.
func UnmarshalEventType(value any) (domain.EventType, error) { return read[domain.EventType](value) }

// MarshalRole writes a role; "" is null.
func MarshalRole(role domain.Role) graphql.Marshaler { return name(role) }

// UnmarshalRole reads a role.
func UnmarshalRole(value any) (domain.Role, error) { return read[domain.Role](value) }

// MarshalTorrentOrderField writes what torrents are ordered by.
func MarshalTorrentOrderField(by domain.TorrentOrderBy) graphql.Marshaler { return name(by) }

// UnmarshalTorrentOrderField reads what torrents are ordered by.
func UnmarshalTorrentOrderField(value any) (domain.TorrentOrderBy, error) {
	return read[domain.TorrentOrderBy](value)
}

const ascending, descending = "ASC", "DESC"

// MarshalOrderDirection writes whether an order ascends.
func MarshalOrderDirection(ascends bool) graphql.Marshaler {
	if ascends {
		return plain(ascending)
	}
	return plain(descending)
}

// UnmarshalOrderDirection reads whether an order ascends.
func UnmarshalOrderDirection(value any) (bool, error) {
	direction, err := read[string](value)
	return direction == ascending, err
}

// MarshalErrorCode writes a kind of error.
func MarshalErrorCode(kind domain.Kind) graphql.Marshaler { return name(kind) }

// UnmarshalErrorCode reads a kind of error.
func UnmarshalErrorCode(value any) (domain.Kind, error) { return read[domain.Kind](value) }

// MarshalClientType writes the name of a client type. It is a scalar, not an enum,
// and only the list of client types knows which there are.
func MarshalClientType(kind domain.ClientType) graphql.Marshaler {
	return graphql.MarshalString(string(kind))
}

// UnmarshalClientType reads the name of a client type.
func UnmarshalClientType(value any) (domain.ClientType, error) { return read[domain.ClientType](value) }

func name[T ~string](value T) graphql.Marshaler {
	if value == "" {
		return graphql.Null
	}
	return plain(string(value))
}

// read takes null, which the executor lets through where the schema does, for none.
func read[T ~string](value any) (T, error) {
	if text, ok := value.(string); ok || value == nil {
		return T(text), nil
	}
	return "", domain.Invalid("", "must be a text")
}
