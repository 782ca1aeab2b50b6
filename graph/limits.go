package graph

import (
	"cmp"
	"time"
)

// Limits bound what one request, and one socket, may cost.
type Limits struct {
	// Complexity is the most fields that an operation may ask for, each counted as
	// often as the lists around it are long.
	Complexity int
	// Depth is how deep fields may be nested.
	Depth int
	// Aliases is how many fields may be renamed.
	Aliases int
	// RootFields is how many fields may be asked of Query, Mutation or Subscription.
	RootFields int
	// Tokens is how many words and signs a document may have.
	Tokens int
	// BodyBytes bounds a request's body or address, and each message on a socket.
	BodyBytes int64
	// UploadBytes bounds the files of a multipart form, all together, beside BodyBytes
	// for the rest of it. Each file has a bound of its own.
	UploadBytes int64
	// OperationsPerSocket is how many operations may be under way on one socket.
	OperationsPerSocket int
	// SubscriptionsPerUser is how many subscriptions one user may have under way in this
	// process, over all sockets and event streams.
	SubscriptionsPerUser int
	// Timeout is how long a query or a mutation may take, and each answer of a
	// subscription.
	Timeout time.Duration
	// InitTimeout is how long a new socket may take to say who it is.
	InitTimeout time.Duration
	// PingInterval is how often a silent connection is given a sign of life. A socket
	// whose client has not answered after two of them is closed.
	PingInterval time.Duration
	// Reauthenticate is how often the credential behind a socket or an event stream is
	// looked at again: so long may one that was revoked still be told things.
	Reauthenticate time.Duration
	// ReadTimeout is how long a client may take to send its body.
	ReadTimeout time.Duration
	// WriteTimeout is how long a client may take to read what it is sent; one that
	// does not read is dropped.
	WriteTimeout time.Duration
}

// DefaultLimits is what applies where Config says nothing: a page of 500 torrents
// with every field passes, and so does the introspection query of common tools.
func DefaultLimits() Limits {
	return Limits{
		Complexity:           30_000,
		Depth:                15,
		Aliases:              50,
		RootFields:           20,
		Tokens:               5_000,
		BodyBytes:            1 << 20,
		UploadBytes:          16 << 20,
		OperationsPerSocket:  100,
		SubscriptionsPerUser: 200,
		Timeout:              30 * time.Second,
		InitTimeout:          10 * time.Second,
		PingInterval:         20 * time.Second,
		Reauthenticate:       5 * time.Second,
		ReadTimeout:          30 * time.Second,
		WriteTimeout:         10 * time.Second,
	}
}

// orDefaults fills in what was not said.
func (l Limits) orDefaults() Limits {
	d := DefaultLimits()
	return Limits{
		Complexity:           cmp.Or(l.Complexity, d.Complexity),
		Depth:                cmp.Or(l.Depth, d.Depth),
		Aliases:              cmp.Or(l.Aliases, d.Aliases),
		RootFields:           cmp.Or(l.RootFields, d.RootFields),
		Tokens:               cmp.Or(l.Tokens, d.Tokens),
		BodyBytes:            cmp.Or(l.BodyBytes, d.BodyBytes),
		UploadBytes:          cmp.Or(l.UploadBytes, d.UploadBytes),
		OperationsPerSocket:  cmp.Or(l.OperationsPerSocket, d.OperationsPerSocket),
		SubscriptionsPerUser: cmp.Or(l.SubscriptionsPerUser, d.SubscriptionsPerUser),
		Timeout:              cmp.Or(l.Timeout, d.Timeout),
		InitTimeout:          cmp.Or(l.InitTimeout, d.InitTimeout),
		PingInterval:         cmp.Or(l.PingInterval, d.PingInterval),
		Reauthenticate:       cmp.Or(l.Reauthenticate, d.Reauthenticate),
		ReadTimeout:          cmp.Or(l.ReadTimeout, d.ReadTimeout),
		WriteTimeout:         cmp.Or(l.WriteTimeout, d.WriteTimeout),
	}
}
