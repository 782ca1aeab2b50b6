package graph

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/clarion-app/download-manager/domain"
)

// Bounds of the queries that are kept for clients to ask for by hash.
const (
	persistedQueries     = 1_000
	persistedQueryLength = cachedQueryLength
)

// persistedQueryNotFound is what Apollo's clients and urql look for to send the text
// as well. Apollo's look for a code of PERSISTED_QUERY_NOT_FOUND, too, but the text
// is enough for all of them, so that the code can be one of the closed set. The
// status is 200 as with Apollo's server: to some clients any other is no answer.
const persistedQueryNotFound = "PersistedQueryNotFound"

// persisted finds the text of an operation that is asked for by hash or by id. Where
// there are trusted documents, nothing else runs; else (automatic persisted queries)
// a client that sends both hash and text once may send the hash alone from then on.
type persisted struct {
	trusted *TrustedDocuments // nil: all documents are welcome

	mu      sync.RWMutex
	queries map[string]string // by hash
}

var _ graphql.OperationParameterMutator = (*persisted)(nil)

// ExtensionName implements graphql.HandlerExtension.
func (p *persisted) ExtensionName() string { return "PersistedQueries" }

// Validate implements graphql.HandlerExtension.
func (p *persisted) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters implements graphql.OperationParameterMutator.
func (p *persisted) MutateOperationParameters(ctx context.Context, params *graphql.RawParams) *gqlerror.Error {
	id, err := documentID(ctx, params)
	switch {
	case err != nil:
	case p.trusted != nil:
		err = p.trust(params, id)
	case id != "":
		err = p.exchange(ctx, params, strings.ToLower(id))
	}
	if err == nil {
		return nil
	}
	return refusal(err)
}

// documentID reads extensions.persistedQuery.sha256Hash, or documentId, which HTTP's
// transports leave to us; "" where there is neither.
func documentID(ctx context.Context, params *graphql.RawParams) (string, *domain.Error) {
	extension := params.Extensions["persistedQuery"]
	if extension == nil {
		return callOf(ctx).documentID, nil
	}
	fields, _ := extension.(map[string]any)
	hash, _ := fields["sha256Hash"].(string)
	version, err := graphql.UnmarshalInt(fields["version"])
	if hash == "" || fields["version"] != nil && (err != nil || version != 1) {
		return "", domain.Invalid("extensions", "persistedQuery must have version 1 and a sha256Hash")
	}
	return hash, nil
}

func (p *persisted) trust(params *graphql.RawParams, id string) *domain.Error {
	text, known := p.trusted.find(id, params.Query)
	if !known {
		return domain.Forbidden("only documents that this server was given may be run, asked for by hash or by their exact text")
	}
	params.Query = text
	return nil
}

func (p *persisted) exchange(ctx context.Context, params *graphql.RawParams, hash string) *domain.Error {
	if params.Query == "" {
		text, known := p.recall(hash)
		if !known {
			if sessionOf(ctx) == nil {
				callOf(ctx).status = http.StatusOK
			}
			return domain.NotFound(persistedQueryNotFound)
		}
		params.Query = text
		return nil
	}
	if hashOf(params.Query) != hash {
		return domain.Invalid("extensions", "sha256Hash is not the hash of the query")
	}
	p.keep(hash, params.Query)
	return nil
}

func (p *persisted) recall(hash string) (string, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	text, known := p.queries[hash]
	return text, known
}

// keep starts anew when it is full, as the queryCache does: clients send again what
// is missing.
func (p *persisted) keep(hash, text string) {
	if len(text) > persistedQueryLength {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.queries == nil || len(p.queries) >= persistedQueries {
		p.queries = map[string]string{}
	}
	p.queries[hash] = text
}

// hashOf is how clients call a text.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
