package database

import (
	"time"

	"github.com/clarion-app/download-manager/domain"
)

// problemColumns are how torrents and servers keep a problem; without a code
// there is none.
type problemColumns struct {
	ProblemCode     string    `bun:"problem_code,nullzero"`
	ProblemMessage  string    `bun:"problem_message,nullzero"`
	ProblemSince    time.Time `bun:"problem_since,nullzero"`
	ProblemAttempts int       `bun:"problem_attempts"`
	RetryAt         time.Time `bun:"retry_at,nullzero"`
}

func fromProblem(p *domain.Problem) problemColumns {
	if p == nil {
		return problemColumns{}
	}
	return problemColumns{
		ProblemCode: string(p.Code), ProblemMessage: p.Message, ProblemSince: p.Since.UTC(),
		ProblemAttempts: p.Attempts, RetryAt: orZero(p.RetryAt),
	}
}

func (c problemColumns) toProblem() *domain.Problem {
	if c.ProblemCode == "" {
		return nil
	}
	return &domain.Problem{
		Code: domain.ProblemCode(c.ProblemCode), Message: c.ProblemMessage, Since: c.ProblemSince.UTC(),
		Attempts: c.ProblemAttempts, RetryAt: orNil(c.RetryAt),
	}
}
